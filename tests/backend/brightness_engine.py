"""A small engine that needs no model, behind the server through the seam that any engine uses."""

import sys
import time

import numpy as np

from blender_addon.core.errors import EngineError
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.description import Description, Region
from blender_addon.core.wire import EngineStatus, FaceEstimate, HeadFrame
from inference_backend.engines import Cancelled, RgbPicture, never

BLACK_MEANS_NO_FACE = 8
SLOW_WIDTH, BROKEN_WIDTH, UNWILLING_WIDTH, FATAL_WIDTH = 33, 34, 35, 36
SLOW_SECONDS = 1.0


class BrightnessEngine:
    """Opens the jaw as far as the picture is bright; some widths make it slow, fail, or end the process."""

    name = "brightness"
    is_quick = True

    def __init__(self) -> None:
        self.loaded = False
        self.estimates = 0

    def status(self) -> EngineStatus:
        return EngineStatus(self.name, ("image",), "loaded" if self.loaded else "ready", "Reads how bright it is.")

    def estimate(
        self,
        picture: RgbPicture,
        *,
        max_faces: int,
        head_frame: HeadFrame = HeadFrame.CAMERA,
        cancelled: Cancelled = never,
    ) -> tuple[FaceEstimate, ...]:
        self.loaded = True
        self.estimates += 1
        height, width, _ = picture.shape
        self._misbehave(width)
        brightness = float(np.mean(picture)) / 255
        if brightness * 255 < BLACK_MEANS_NO_FACE:
            return ()
        faces = (brightness, brightness / 2)
        return tuple(self._face(jaw, width, height) for jaw in faces[:max_faces])

    def unload(self) -> None:
        self.loaded = False

    def _misbehave(self, width: int) -> None:
        if width == SLOW_WIDTH:
            time.sleep(SLOW_SECONDS)
        elif width == BROKEN_WIDTH:
            raise ZeroDivisionError("a bug with a secret in it")
        elif width == UNWILLING_WIDTH:
            raise EngineError("The engine is out of breath.", "Let it rest.")
        elif width == FATAL_WIDTH:
            time.sleep(0.2)
            sys.stderr.write("MemoryError: the last words\n")
            sys.stderr.flush()
            import os

            os._exit(3)

    @staticmethod
    def _face(jaw: float, width: int, height: int) -> FaceEstimate:
        words = Description("open mouth", {Region.JAW: "opens"}, "unclear", "both sides alike")
        return FaceEstimate((0.0, 0.0, width, height), 0.9, Pose.from_mapping({"jawOpen": jaw, "headYaw": -0.2}), words)
