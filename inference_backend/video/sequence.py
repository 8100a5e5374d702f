"""Pictures that are the frames of a clip: a folder of them, a pattern such as `shot_%04d.png`, or one numbered file."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.clips import ClipInfo, frames_among, places_in_sequence
from blender_addon.core.errors import InputError

from ..engines import RgbPicture
from .frame import Bounds, FrameTable, Part, View

PICTURE_SUFFIXES: Final = frozenset({
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".avif", ".jp2", ".tga", ".ppm",
})  # fmt: skip
"""By these a picture is told from a video; what it really is, its content says."""
_PATTERN: Final = re.compile(r"%0?(\d*)d")
_LAST_NUMBER: Final = re.compile(r"(\d+)(?!.*\d)")
_MISSING_SECONDS: Final = 0.5


def is_sequence(path: Path) -> bool:
    """Whether the path names pictures rather than a video."""
    return is_folder(path) or bool(_PATTERN.search(path.name)) or path.suffix.lower() in PICTURE_SUFFIXES


def is_folder(path: Path) -> bool:
    """Whether it is one; a path that is too long is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def pictures_of(path: Path) -> tuple[Path, ...]:
    """The sequence's files in the order of their numbers; a picture without a number is a clip of one frame."""
    if is_folder(path):
        pictures = {file.name: file for file in _files_in(path) if file.suffix.lower() in PICTURE_SUFFIXES}
        files = [pictures[name] for name in frames_among(list(pictures))]
        files.sort(key=lambda file: (_number(file.name), file.name))
    elif _PATTERN.search(path.name):
        start, _, end = (re.escape(part) for part in re.split(r"(%0?\d*d)", path.name, maxsplit=1))
        files = _numbered(path.parent, re.compile(f"{start}(\\d+){end}"))
    elif (number := _LAST_NUMBER.search(path.stem)) is not None:
        name = f"{re.escape(path.name[: number.start()])}(\\d+){re.escape(path.name[number.end() :])}"
        # From the named file on: the animator points at the first one.
        files = [file for file in _numbered(path.parent, re.compile(name)) if _number(file.name) >= int(number[1])]
    else:
        files = [path]
    if not files:
        raise InputError(f"No pictures are found at {path}.", "Choose a folder of numbered pictures.")
    return tuple(files)


def _numbered(folder: Path, name: re.Pattern[str]) -> list[Path]:
    found = [(int(match[1]), file) for file in _files_in(folder) if (match := name.fullmatch(file.name))]
    return [file for _, file in sorted(found)]


def _files_in(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as fault:
        raise InputError(f"{folder} can't be read: {fault.strerror}.", "Check the path.") from fault


def _number(name: str) -> int:
    found = _LAST_NUMBER.search(Path(name).stem)
    return int(found[1]) if found else -1


@dataclass(frozen=True, eq=False)
class PictureFrame:
    """A picture as a frame (`ClipFrame`)."""

    index: int
    time: float
    size: tuple[int, int]
    pixels: RgbPicture

    def view(self, bounds: Bounds | None = None, *, most: int) -> View:
        """Its pixels within the bounds."""
        width, height = self.size
        left, top, right, bottom = bounds or (0, 0, width, height)
        left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
        right, bottom = min(max(right, left + 1), width), min(max(bottom, top + 1), height)
        part = self.pixels[top:bottom, left:right]
        shrink = min(1.0, most / max(part.shape[:2]))
        if shrink == 1.0:
            return View(part, left, top)
        from PIL import Image

        out = max(1, round((right - left) * shrink)), max(1, round((bottom - top) * shrink))
        small = np.asarray(Image.fromarray(np.ascontiguousarray(part)).resize(out, Image.Resampling.BOX))
        return View(small, left, top, out[0] / (right - left), out[1] / (bottom - top))


class PictureSequence:
    """Pictures as a clip (`Clip`). Each is read when its turn comes."""

    def __init__(self, files: tuple[Path, ...], *, fps: float) -> None:
        self._files, self._fps = files, fps
        self._places = np.array(places_in_sequence([file.name for file in files]))
        height, width = self._read(0).shape[:2]
        self.info = ClipInfo(width, height, fps, duration=float(self._places[-1] + 1) / fps, frames=len(files))

    def __enter__(self) -> "PictureSequence":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check_whole(
        self,
        times: NDArray[np.float64],  # noqa: ARG002 - the files themselves say what is missing
        part: Part,
        table: FrameTable | None,  # noqa: ARG002 - as above
    ) -> None:
        """See `Clip.check_whole`. Each picture that there is has been read, or has raised; but some may be missing."""
        end = math.inf if part.end is None else part.end
        holes = zip((self._places[:-1] + 1) / self._fps, self._places[1:] / self._fps, strict=True)
        within = ((max(float(first), part.start), min(float(behind), end)) for first, behind in holes)
        start, end = max(within, key=lambda hole: hole[1] - hole[0], default=(0.0, 0.0))
        if end - start > max(_MISSING_SECONDS, 2 / self._fps):
            raise InputError(
                f"The sequence has a hole: from {start:.1f} s to {end:.1f} s its pictures are missing.",
                "What was read keeps its place; put the missing pictures back and read the sequence anew.",
            )

    def close(self) -> None:
        """Nothing is held open."""

    def frames(self, part: Part) -> Iterator[PictureFrame]:
        """The pictures of a part."""
        yield from self.listed_frames(self.table(part).stamps, 0)

    def table(self, part: Part) -> FrameTable:
        """The stamps say which of the files they are."""
        times = self._places / self._fps
        kept = np.flatnonzero([part.holds(time) for time in times])
        if len(kept):  # a missing one doesn't shift those behind it
            kept = kept[(self._places[kept] - self._places[kept[0]]) % part.stride == 0]
        return FrameTable(kept.astype(np.int64), times[kept])

    def listed_frames(self, stamps: NDArray[np.int64], first_index: int) -> Iterator[PictureFrame]:
        """These of the pictures."""
        for index, which in enumerate(stamps, start=first_index):
            pixels = self._read(int(which))
            yield PictureFrame(
                index, float(self._places[which] / self._fps), (pixels.shape[1], pixels.shape[0]), pixels
            )

    def _read(self, which: int) -> RgbPicture:
        from ..pictures import decode_picture  # brings Pillow, for which a video has no use

        file = self._files[which]
        try:
            return decode_picture(file.read_bytes())
        except OSError as fault:
            raise InputError(f"{file} can't be read: {fault.strerror}.", "Check the path.") from fault
        except InputError as fault:
            if len(self._files) == 1:
                raise
            raise InputError(f"{file.name}: {fault.message}", fault.hint) from fault
