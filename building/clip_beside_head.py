"""Makes a video of a clip beside the head that took its take.

Runs in the backend's Python, which has PyAV and Pillow; reads what to do as JSON from its standard input.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

_HEIGHT = 360
_GAP = 8
_PAPER = (250, 249, 246)
_ENCODERS = ("libx264", "mpeg4")  # the second one is in every build of FFmpeg


@dataclass(frozen=True)
class Order:
    """What to put together. pictures: of the head, with the second of the clip that each shows."""

    clip: Path
    pictures: list[tuple[Path, float]]
    frames_per_second: Fraction
    output: Path


def compose(order: Order) -> None:
    """Write the video."""
    pages = pages_of(order)
    first = next(pages)
    with av.open(str(order.output), "w") as container:
        stream = container.add_stream(_encoder(), rate=order.frames_per_second)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, "yuv420p"
        stream.bit_rate = 2_000_000
        for page in (first, *pages):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(page), format="rgb24")))
        container.mux(stream.encode(None))


def pages_of(order: Order) -> Iterator[Image.Image]:
    """Clip and head side by side at each moment of the head's pictures."""
    frames = frames_at(order.clip, [second for _, second in order.pictures])
    for (path, _), frame in zip(order.pictures, frames, strict=True):
        with Image.open(path) as head:
            yield _page(frame, head.convert("RGB"))


def frames_at(clip: Path, seconds: list[float]) -> Iterator[Image.Image]:
    """The frame that is shown at each of some rising seconds."""
    with av.open(str(clip)) as container:
        frames = container.decode(video=0)
        shown = next(frames)
        upcoming: av.VideoFrame | None = shown
        start = shown.time or 0.0
        for second in seconds:
            while upcoming is not None and (upcoming.time or 0.0) - start <= second + 1e-6:
                shown, upcoming = upcoming, next(frames, None)
            yield Image.fromarray(shown.to_ndarray(format="rgb24"))


def _encoder() -> str:
    return next(name for name in _ENCODERS if name in av.codecs_available)


def _page(clip: Image.Image, head: Image.Image) -> Image.Image:
    """Both at the same height; encoders want even sizes."""
    width = 2 * round(clip.width * _HEIGHT / clip.height / 2)
    page = Image.new("RGB", (width + _GAP + _HEIGHT, _HEIGHT), _PAPER)
    page.paste(clip.resize((width, _HEIGHT), Image.Resampling.LANCZOS), (0, 0))
    page.paste(head.resize((_HEIGHT, _HEIGHT), Image.Resampling.LANCZOS), (width + _GAP, 0))
    return page


def main() -> None:
    """Make the video that the standard input asks for."""
    asked = json.load(sys.stdin)
    compose(
        Order(
            clip=Path(asked["clip"]),
            pictures=[(Path(picture["file"]), picture["second"]) for picture in asked["pictures"]],
            frames_per_second=Fraction(asked["frames_per_second"]).limit_denominator(1001),
            output=Path(asked["output"]),
        )
    )


if __name__ == "__main__":
    main()
