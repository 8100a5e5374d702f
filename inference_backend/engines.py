"""The engines: what turns a source into a raw result. Everyone's engine goes through this protocol."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.wire import EngineStatus, FaceEstimate, HeadFrame

RgbPicture = NDArray[np.uint8]
"""An upright picture: uint8 of shape (height, width, 3), sRGB."""


class ImageEngine(Protocol):
    """Reads faces in a picture. Not thread-safe: the caller serialises `estimate`."""

    name: str

    def status(self) -> EngineStatus:
        """Say whether the engine can be used, without loading it."""

    def estimate(
        self, picture: RgbPicture, *, max_faces: int, head_frame: HeadFrame = HeadFrame.CAMERA
    ) -> tuple[FaceEstimate, ...]:
        """Read at most `max_faces` faces, largest first; an empty tuple where there is none.

        Loads the model at the first call. Raises EngineError where the engine cannot do its work.
        """

    def unload(self) -> None:
        """Give the model's memory back; the next `estimate` loads it again."""


def _face_model() -> ImageEngine:
    from .face.engine import FaceModelEngine

    return FaceModelEngine()


IMAGE_ENGINES: Mapping[str, Callable[[], ImageEngine]] = {
    "face": _face_model,
}
"""The engines that read pictures, by name; the first one is the default."""
