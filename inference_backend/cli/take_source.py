"""What the verbs that work on takes have in common: the file, and the frames of its scene."""

import argparse

import numpy as np

from blender_addon.core.formats.exchange import READABLE, ReadFile, read_take
from blender_addon.core.formats.file_text import MOST_BYTES
from blender_addon.core.take import Take
from blender_addon.core.track import FaceTrack

from .source import STANDARD_INPUT, bytes_of

_USUAL_RATE = 24.0


def add_take_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and the rate of its scene."""
    parser.add_argument("take", metavar="TAKE", help=f"a file of a take: {READABLE}; - reads the standard input")
    parser.add_argument(
        "--fps",
        type=_rate,
        metavar="RATE",
        help="frames a second of the scene; left out, those of the recording, or 24",
    )


def take_in(arguments: argparse.Namespace) -> ReadFile:
    """The take that the command line names."""
    name = arguments.take
    data = bytes_of(name, noun=f"The take {name}", most=MOST_BYTES)
    return read_take(data, "standard input" if name == STANDARD_INPUT else name)


def rate_of(take: Take, arguments: argparse.Namespace) -> float:
    """Frames a second of the scene."""
    if arguments.fps is not None:
        return float(arguments.fps)
    raw = take.raw
    if isinstance(raw, FaceTrack) and len(raw.times) > 1:
        return round(float(1.0 / np.median(np.diff(raw.times))), 3)
    return _USUAL_RATE


def _rate(text: str) -> float:
    rate = float(text)
    if not 1 <= rate <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not within 1 to 1000 frames a second")
    return rate
