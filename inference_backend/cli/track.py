"""`track`: a face through clips, as JSON or a table of numbers."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import cast

from blender_addon.core.clips import ClipInfo, TrackedFrames, TrackRequest
from blender_addon.core.errors import CancelledError, MienError
from blender_addon.core.track import FaceTrack
from blender_addon.core.wire import HeadFrame

from ..engines import CLIP_ENGINES, ClipEngine
from ..video.sequence import is_folder
from . import COULD_NOT, DONE, STOPPED, complain
from .output_file import write_whole
from .track_output import WRITERS, Tracked, show_summary, to_json
from .track_progress import Meter, metering

_WRONG_USAGE = 2
_LABEL_FORMS: tuple[Callable[[Path], str], ...] = (
    lambda clip: clip.stem,
    lambda clip: clip.name,
    lambda clip: f"{clip.absolute().parent.name}_{clip.name}",
)
_VIDEO_SUFFIXES = frozenset({
    ".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".mts", ".m2ts", ".ogv", ".wmv", ".flv", ".3gp",
})  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `track`."""
    parser.add_argument(
        "clips",
        nargs="+",
        type=_named,
        metavar="VIDEO",
        help="a video, a folder of videos, or numbered pictures: their folder, the first one, or shot_%%04d.png",
    )
    parser.add_argument("--engine", choices=tuple(CLIP_ENGINES), default=next(iter(CLIP_ENGINES)))
    parser.add_argument("--start", type=float, default=0.0, metavar="SECONDS", help="leave out what comes before")
    parser.add_argument("--end", type=float, metavar="SECONDS", help="leave out this and what comes after")
    parser.add_argument("--stride", type=int, default=1, metavar="N", help="read every N-th frame")
    parser.add_argument("--face", type=int, default=0, metavar="N", help="which face: 0 is the largest one (default)")
    parser.add_argument(
        "--fps", type=float, default=24.0, help="frame rate of numbered pictures (default: %(default)s)"
    )
    parser.add_argument(
        "--head-frame",
        type=HeadFrame,
        choices=tuple(HeadFrame),
        default=HeadFrame.CAMERA,
        metavar="|".join(frame.value for frame in HeadFrame),
        help="what the head's angles are measured from: the camera's axes, or the line from the viewer to the face",
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON: an object, or a list of objects for several clips"
    )
    parser.add_argument(
        "-o",
        dest="output",
        type=Path,
        metavar="FILE|FOLDER",
        help=".json: what --json prints; .csv: a Live Link Face table, a row for each frame; .mien: a take file; "
        "a folder: a .json file in it for each clip",
    )


def _named(name: str) -> Path:
    if not name:  # which would be the folder that one stands in
        raise argparse.ArgumentTypeError("an empty name is no clip")
    return Path(name)


def run(arguments: argparse.Namespace) -> int:
    """Track each clip; one that fails does not keep the others from it. Ctrl-C keeps what has been read."""
    clips = [clip for path in arguments.clips for clip in _clips_of(path)]
    fault = _wrong_output(arguments.output, len(clips))
    if fault:
        sys.stderr.write(f"mien: {fault}\n")
        return _WRONG_USAGE
    engine, request = CLIP_ENGINES[arguments.engine](), _request(arguments)
    done: list[Tracked] = []
    with metering() as meter:
        for clip, output in zip(clips, _output_files(arguments.output, clips), strict=True):
            done.append(_finished(_track(engine, clip, request, meter), output, meter))
            if done[-1].is_stopped:
                break
    left = [Tracked(clip, None, None, 0.0, CancelledError("Not begun.")) for clip in clips[len(done) :]]
    if arguments.json:
        json.dump(to_json([*done, *left]), sys.stdout)
        sys.stdout.write("\n")
    else:
        show_summary([*done, *left])
    if done and done[-1].is_stopped:
        return STOPPED
    return COULD_NOT if any(tracked.error is not None for tracked in done) else DONE


def _request(arguments: argparse.Namespace) -> TrackRequest:
    return TrackRequest(
        start=arguments.start,
        end=arguments.end,
        stride=arguments.stride,
        face=arguments.face,
        head_frame=arguments.head_frame,
        sequence_fps=arguments.fps,
    )


def _clips_of(path: Path) -> Iterator[Path]:
    """The videos of a folder; a folder without any is a clip of pictures. What can't be read is told when it is."""
    videos: list[Path] = []
    if is_folder(path):
        with suppress(OSError):
            videos = sorted(file for file in path.iterdir() if file.suffix.lower() in _VIDEO_SUFFIXES)
    yield from videos or [path]


def _wrong_output(output: Path | None, clips: int) -> str:
    """What is wrong with -o, or nothing."""
    if output is None or _is_folder(output):
        return ""
    if output.suffix.lower() not in WRITERS:
        return f"{output} ends in none of {', '.join(WRITERS)}."
    return f"{clips} clips do not go into one file. Give a folder with -o." if clips > 1 else ""


def _is_folder(output: Path) -> bool:
    return not output.suffix or is_folder(output)


def _output_files(output: Path | None, clips: Sequence[Path]) -> list[Path | None]:
    """Where the track of each clip goes; no two go to the same place."""
    if output is None or not _is_folder(output):
        return [output for _ in clips]
    return [output / f"{label}.json" for label in _labels(clips)]


def _labels(clips: Sequence[Path]) -> list[str]:
    """Each clip's name, as short as tells it from the others: `take`, `take.mov`, `monday_take.mov`, or numbered."""
    forms = [[form(clip) for clip in clips] for form in _LABEL_FORMS]
    counts = [Counter(label.casefold() for label in labels) for labels in forms]  # some disks know no small letters
    found: list[str] = []
    taken: set[str] = set()
    for of_clip in zip(*forms, strict=True):
        alone = (label for label, count in zip(of_clip, counts, strict=True) if count[label.casefold()] == 1)
        wanted = label = next(alone, of_clip[-1])
        number = 1
        while label.casefold() in taken:
            number += 1
            label = f"{wanted}.{number}"
        taken.add(label.casefold())
        found.append(label)
    return found


def _track(engine: ClipEngine, clip: Path, request: TrackRequest, meter: Meter) -> Tracked:
    """All frames that can be read, and what ended them early, if anything did."""
    infos: list[ClipInfo] = []
    batches: list[TrackedFrames] = []
    error: MienError | None = None
    begun = time.perf_counter()
    meter.begin(clip.name)
    try:
        frames = engine.track(clip, request, on_open=infos.append)
        with closing(cast("Generator[TrackedFrames]", frames)):  # it can be closed, says the protocol
            for batch in frames:
                batches.append(batch)
                meter.advance(infos[0], request, batch)
    except MienError as fault:
        error = fault
    except KeyboardInterrupt:
        error = _stopped(batches)
    track = FaceTrack.joined(*(batch.track for batch in batches)) if batches else None
    return Tracked(clip, infos[0] if infos else None, track, time.perf_counter() - begun, error)


def _stopped(batches: Sequence[TrackedFrames]) -> CancelledError:
    if not batches:
        return CancelledError("Stopped before its first frame.")
    last = float(batches[-1].track.times[-1])
    return CancelledError(f"Stopped at {last:.2f} s.", f"--start {last:.2f} goes on from there.")


def _finished(tracked: Tracked, output: Path | None, meter: Meter) -> Tracked:
    """Write the clip's file at once, so that a later clip cannot cost it, and tell what went wrong."""
    if output is not None and tracked.track is not None and tracked.track.confidence.any():
        try:
            write_whole(output, WRITERS[output.suffix.lower()](tracked))
        except MienError as fault:
            tracked = tracked.failed(fault)
        else:
            tracked = tracked.kept_in(output)
    if tracked.error is not None:
        with meter.paused():
            complain(tracked.error, about=str(tracked.clip))
    return tracked
