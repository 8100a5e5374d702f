"""`track`: a face through clips, as JSON or a table of numbers."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from blender_addon.core.clips import TrackRequest, is_hidden
from blender_addon.core.errors import CancelledError
from blender_addon.core.wire import HeadFrame

from ..engines import CLIP_ENGINES
from ..video.sequence import is_folder
from . import COULD_NOT, DONE, STOPPED, complain
from .track_clip import keep, track_clip
from .track_output import WRITERS, Outcome, Tracked, show_summary, to_json
from .track_progress import counting, metering

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
        "a folder: a file in it for each clip",
    )
    parser.add_argument(
        "--form",
        choices=[suffix.removeprefix(".") for suffix in WRITERS],
        default="json",
        help="of the files in the folder (default: %(default)s)",
    )
    parser.add_argument("--resume", action="store_true", help="leave out clips whose file is in the folder already")
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="read the clips on the Ray cluster at this address, such as auto; all its computers see the same folders",
    )


def _named(name: str) -> Path:
    if not name:  # which would be the folder that one stands in
        raise argparse.ArgumentTypeError("an empty name is no clip")
    return Path(name)


def run(arguments: argparse.Namespace) -> int:
    """Track each clip; one that fails does not keep the others from it. Ctrl-C keeps what has been read."""
    clips = [clip for path in arguments.clips for clip in _clips_of(path)]
    if fault := _wrong_usage(arguments, len(clips)):
        sys.stderr.write(f"mien: {fault}\n")
        return _WRONG_USAGE
    orders = list(zip(clips, _output_files(arguments.output, clips, arguments.form), strict=True))
    older = [Outcome(clip, is_older=True) for clip, output in orders if arguments.resume and _is_there(output)]
    orders = [(clip, output) for clip, output in orders if not (arguments.resume and _is_there(output))]
    outcomes = _on_cluster(arguments, orders) if arguments.ray else _one_by_one(arguments, orders)
    begun = {outcome.clip for outcome in outcomes}
    left = [Outcome(clip, error=CancelledError("Not begun.")) for clip, _ in orders if clip not in begun]
    if not arguments.json:
        show_summary([*older, *outcomes, *left])
    if left or any(outcome.is_stopped for outcome in outcomes):
        return STOPPED
    return COULD_NOT if any(outcome.error is not None for outcome in outcomes) else DONE


def _one_by_one(arguments: argparse.Namespace, orders: Sequence[tuple[Path, Path | None]]) -> list[Outcome]:
    """In this process and its own; with --json what was read is printed."""
    engine, request = CLIP_ENGINES[arguments.engine](), _request(arguments)
    outcomes: list[Outcome] = []
    printed: list[Tracked] = []  # otherwise no track stays in memory once it is written
    with metering() as meter:
        for clip, output in orders:
            meter.begin(clip.name)
            tracked = keep(track_clip(engine, clip, request, partial(meter.advance, request)), output)
            outcomes.append(Outcome.of(tracked))
            if arguments.json:
                printed.append(tracked)
            if tracked.error is not None:
                with meter.paused():
                    complain(tracked.error, about=str(clip))
            if tracked.is_stopped:
                break
    if arguments.json:
        left = [Tracked(clip, None, None, 0.0, CancelledError("Not begun.")) for clip, _ in orders[len(printed) :]]
        json.dump(to_json([*printed, *left]), sys.stdout)
        sys.stdout.write("\n")
    return outcomes


def _on_cluster(arguments: argparse.Namespace, orders: Sequence[tuple[Path, Path | None]]) -> list[Outcome]:
    """On the cluster's computers, as many clips at a time as it has cores; in the order of the clips."""
    from .track_cluster import tracked_on

    outcomes: dict[Path, Outcome] = {}
    written = [(clip, output) for clip, output in orders if output is not None]
    try:
        with counting(len(written), "clips") as count:
            for outcome in tracked_on(arguments.ray, arguments.engine, written, _request(arguments)):
                outcomes[outcome.clip] = outcome
                count()
                if outcome.error is not None:
                    complain(outcome.error, about=str(outcome.clip))
    except KeyboardInterrupt:
        sys.stderr.write("mien: Stopped. The same command with --resume goes on.\n")
    found = ((clip, outcomes.get(clip.absolute())) for clip, _ in orders)
    return [replace(outcome, clip=clip) for clip, outcome in found if outcome is not None]


def _is_there(output: Path | None) -> bool:
    """Whether the clip's file was written before; it is written whole or not at all."""
    return output is not None and output.is_file()


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
            files = (file for file in path.iterdir() if not is_hidden(file.name))
            videos = sorted(file for file in files if file.suffix.lower() in _VIDEO_SUFFIXES)
    yield from videos or [path]


def _wrong_usage(arguments: argparse.Namespace, clips: int) -> str:
    """What is wrong with -o and what goes with it, or nothing."""
    output = arguments.output
    is_to_folder = output is not None and _is_folder(output)
    if (arguments.ray or arguments.resume) and not is_to_folder:
        return f"{'--ray' if arguments.ray else '--resume'} needs a folder for the tracks. Give it with -o."
    if (arguments.ray or arguments.resume) and arguments.json:
        return "--json prints what this call reads; with --ray or --resume the tracks go to the folder alone."
    if output is None or is_to_folder:
        return ""
    if output.suffix.lower() not in WRITERS:
        return f"{output} ends in none of {', '.join(WRITERS)}."
    return f"{clips} clips do not go into one file. Give a folder with -o." if clips > 1 else ""


def _is_folder(output: Path) -> bool:
    return not output.suffix or is_folder(output)


def _output_files(output: Path | None, clips: Sequence[Path], form: str) -> list[Path | None]:
    """Where the track of each clip goes; no two go to the same place."""
    if output is None or not _is_folder(output):
        return [output for _ in clips]
    return [output / f"{label}.{form}" for label in _labels(clips)]


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
