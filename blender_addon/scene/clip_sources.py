"""Clips as an animator has them at hand, and where they stand in the scene: files, Movie Clips, Sequencer strips."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import bpy
from bpy.types import MovieClip, Scene

from ..core.errors import InputError
from .actions import StripPlace
from .keys import frames_per_second
from .media import PICTURE_SUFFIXES, numbered, path_of_clip

_MOST_PICTURES = 100_000
_LONGEST_HOLE = 24
"""Pictures that may be missing from a sequence; behind a longer hole another one begins."""

_NEAR = 0.25
"""Of a frame of the clip; the clip's clock and ours differ by less."""


@dataclass(frozen=True)
class ClipSource:
    """A clip, and where it stands in the scene.

    files: the movie's file, a folder of pictures, or pictures in their order.
    frame: of the scene, at which second `start` of the clip stands.
    start, end: the part that is shown, in seconds of the clip; None for its end.
    speed: how many seconds of the clip pass in one of the scene.
    fps: frames a second of the clip; None where only its decoder knows.
    missing: the name of the picture that a sequence ends before although it goes on behind; else empty.
    """

    files: Path | tuple[Path, ...]
    title: str
    frame: float
    start: float = 0.0
    end: float | None = None
    speed: float = 1.0
    fps: float | None = None
    missing: str = ""

    @property
    def asked_part(self) -> tuple[float, float | None]:
        """Start and end as an engine is asked for them, where rounding cannot cost or bring a frame."""
        aside = _NEAR / self.fps if self.fps else 0.0
        return max(self.start - aside, 0.0), None if self.end is None else self.end - aside

    def within(self, start: float, end: float | None, scene_fps: float) -> Self:
        """The part of it between two seconds of the clip, which stays where it is in the scene."""
        ends = [moment for moment in (self.end, end) if moment is not None]
        first = max(self.start, start)
        last = min(ends, default=None)
        if last is not None and last <= first:
            raise InputError(f"The chosen part of {self.title} is empty.", "Let it end after its start.")
        frame = self.frame + (first - self.start) / self.speed * scene_fps
        return replace(self, start=first, end=last, frame=frame)


def source_of_file(filepath: str, frame: float, scene: Scene) -> ClipSource:
    """A movie, a folder of pictures, or the first picture of a numbered sequence, from a frame of the scene on.

    Seconds stay seconds; pictures, which have no rate of their own, stand for a frame of the scene each. Whether there
    is such a file is told when it is read, so that a missing one does not hold up the others of a queue.
    """
    path = Path(bpy.path.abspath(filepath))
    if path.is_dir():
        return ClipSource(path, path.name, frame, fps=frames_per_second(scene))
    if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file():
        files = tuple(_sequence_from(path, 1))
        if len(files) == 1:
            raise InputError(f"{path.name} is a single picture.", "Use Estimate from Image for it.")
        fps, missing = frames_per_second(scene), _missing_behind(path, len(files))
        return ClipSource(files, path.name, frame, fps=fps, missing=missing)
    return ClipSource(path, path.name, frame)


def source_of_movie_clip(clip: MovieClip, scene: Scene) -> ClipSource:
    """A Movie Clip in step with its editor, which shows one frame of it at each frame of the scene."""
    path, scene_fps = path_of_clip(clip), frames_per_second(scene)
    first = max(clip.frame_offset, 0)
    frame = clip.frame_start + first - clip.frame_offset
    if clip.source == "SEQUENCE":
        files = tuple(_sequence_from(path, first + 1, most=clip.frame_duration - first))
        return _pictures(files, clip.name, frame, scene_fps)
    if not path.is_file():
        raise InputError(f"There is no file {path.name}.", "Choose another clip.")
    fps = float(clip.fps) or scene_fps
    return ClipSource(path, clip.name, frame, start=first / fps, speed=scene_fps / fps, fps=fps)


def source_of_strip(strip: Any, scene: Scene) -> ClipSource:
    """What a strip shows of its movie or its pictures, in step with it."""
    if strip is None or strip.type not in {"MOVIE", "IMAGE"}:
        raise InputError("No movie strip is chosen.", "Select a movie or image strip in the Sequencer.")
    if strip.use_reverse_frames:
        raise InputError(f"{strip.name} plays backwards.", "Turn Reverse Frames off, or track its file.")
    place, scene_fps = StripPlace.of(strip), frames_per_second(scene)
    if strip.type == "IMAGE":
        return _source_of_image_strip(strip, place, scene_fps)
    path = Path(bpy.path.abspath(strip.filepath))
    if not path.is_file():
        raise InputError(f"There is no file {path.name}.", "Choose another strip.")
    fps = float(strip.fps) or scene_fps
    step = _movie_frames_a_frame(path, place, fps / scene_fps)
    first = max(place.left, place.content_start)
    start = (place.trim_start + (first - place.content_start) * step) / fps
    end = None
    if place.right < place.content_end or place.trim_end:
        last = min(place.right, place.content_end)
        end = (place.trim_start + (last - place.content_start) * step) / fps
    return ClipSource(path, strip.name, first, start, end, speed=step * scene_fps / fps, fps=fps)


def _source_of_image_strip(strip: Any, place: StripPlace, scene_fps: float) -> ClipSource:
    folder = Path(bpy.path.abspath(strip.directory))
    first, last = max(place.left, place.content_start), min(place.right, place.content_end)
    shown = slice(round(first - place.content_start), round(last - place.content_start))
    files = tuple(folder / element.filename for element in strip.elements)[place.trim_start :][shown]
    return _pictures(files, strip.name, first, scene_fps)


def _pictures(files: tuple[Path, ...], title: str, frame: float, scene_fps: float) -> ClipSource:
    if len(files) < 2:
        raise InputError(f"{title} shows a single picture.", "Use Estimate from Image for it.")
    missing = next((file for file in files if not file.is_file()), None)
    if missing is not None:
        raise InputError(f"There is no file {missing.name}.", f"Put it back: {title} shows it.")
    return ClipSource(files, title, frame, fps=scene_fps)


def _sequence_from(first: Path, number: int, most: int = _MOST_PICTURES) -> Iterator[Path]:
    """The files of a numbered sequence as far as they are there."""
    previous = None
    for place in range(number, number + most):
        file = numbered(first, place)
        if file == previous or not file.is_file():
            return
        yield file
        previous = file


def _missing_behind(first: Path, length: int) -> str:
    behind = (numbered(first, length + place) for place in range(2, _LONGEST_HOLE + 2))
    missing = numbered(first, length + 1)
    return missing.name if missing != first and any(map(Path.is_file, behind)) else ""


def _movie_frames_a_frame(path: Path, place: StripPlace, in_seconds: float) -> float:
    """How many frames of the movie a strip shows in one of the scene.

    A strip plays either frame by frame or, from the file dialog on, at the movie's own speed, and Blender does not tell
    which. But the strip's length does. in_seconds: the number where seconds stay seconds.
    """
    clip = bpy.data.movieclips.load(str(path), check_existing=False)
    try:
        shown = clip.frame_duration - place.trim_start - place.trim_end
    finally:
        bpy.data.movieclips.remove(clip)
    length = place.content_end - place.content_start
    for step in (1.0, in_seconds):
        if abs(shown / step - length) <= 1.0:  # lengths are whole frames
            return step
    return shown / length
