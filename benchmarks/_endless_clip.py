"""A backend whose engine gives the frames of an hour at once, so that only the way of the frames is measured."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from blender_addon.core.channels import CHANNEL_COUNT
from blender_addon.core.clips import ClipInfo, TrackedFrames, TrackRequest
from blender_addon.core.track import FaceTrack
from blender_addon.core.wire import EngineStatus
from inference_backend.attachment import Attachment
from inference_backend.engines import EVERY_FRAME, Cancelled, never
from inference_backend.serving import listen, serve

FRAMES = 108_000
FPS = 30
_FRAMES_AT_ONCE = 8


class EndlessClip:
    """Needs no clip."""

    name = "endless"

    def status(self) -> EngineStatus:
        """Always ready."""
        return EngineStatus(self.name, ("video",), "ready", "Gives an hour of frames.")

    def unload(self) -> None:
        """Nothing is loaded."""

    def track(
        self,
        clip: Path,  # noqa: ARG002
        request: TrackRequest = EVERY_FRAME,  # noqa: ARG002
        *,
        on_open: Callable[[ClipInfo], None] = lambda _info: None,
        cancelled: Cancelled = never,  # noqa: ARG002
    ) -> Iterator[TrackedFrames]:
        """An hour of the same few frames."""
        on_open(ClipInfo(640, 480, FPS, FRAMES / FPS, FRAMES))
        values = np.random.default_rng(0).random((_FRAMES_AT_ONCE, CHANNEL_COUNT))
        sure, boxes = np.ones(_FRAMES_AT_ONCE), np.zeros((_FRAMES_AT_ONCE, 4), np.float32)
        for first in range(0, FRAMES, _FRAMES_AT_ONCE):
            times = np.arange(first, first + _FRAMES_AT_ONCE) / FPS
            yield TrackedFrames(FaceTrack(times, values, sure), boxes)


def main() -> None:
    """Serve, attached to the program that measures."""
    listener = listen(0)
    parent = Attachment.from_standard_streams()
    ready = {"port": listener.getsockname()[1], "version": "0.0.0", "protocol": 1}
    serve(
        listener,
        parent.token,
        dict,
        make_clip_engines=lambda: {"endless": EndlessClip()},
        on_ready=lambda: parent.announce(ready),
        on_start=parent.end_with_parent,
    )


if __name__ == "__main__":
    sys.exit(main())
