"""`edit`: a take changed as the words say."""

import argparse
import json
import sys
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from blender_addon.core.channels import CHANNELS
from blender_addon.core.errors import InputError
from blender_addon.core.formats.exchange import WRITERS, WritingChoices, write_take
from blender_addon.core.formats.sampling import sampled_track
from blender_addon.core.formats.take_file import SUFFIX
from blender_addon.core.shaping.edits.edit_json import word_edit_to_json
from blender_addon.core.take import Take
from blender_addon.core.track import FaceTrack
from blender_addon.core.word_edits import request_for, with_edits

from ..editing.reader import read_edits
from . import DONE
from .output_file import file_of_form, write_whole
from .take_source import add_take_arguments, rate_of, take_in

_JSON = ".json"
_DECIMALS = 5
_EXACT = 2e-4
"""Of a shape, or radians: the largest distance from what is seen to what is written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `edit`."""
    add_take_arguments(parser)
    parser.add_argument("words", metavar="WORDS", help='what to change, such as "half the smile, no blinks after 60"')
    parser.add_argument(
        "--frames", type=_frame, nargs=2, metavar=("FIRST", "LAST"), help="change nothing outside of these frames"
    )
    parser.add_argument("--json", action="store_true", help="print what was done and the edited take as JSON")
    parser.add_argument(
        "-o",
        dest="output",
        type=file_of_form((_JSON, *WRITERS)),
        metavar="FILE",
        help=".mien: a take file with its edits, which can be taken back; .csv: a Live Link Face table, edited; "
        ".json: what --json prints",
    )


def run(arguments: argparse.Namespace) -> int:
    """Edit one take."""
    read = take_in(arguments)
    take, rate = read.take, rate_of(read.take, arguments)
    limits = (None, None) if arguments.frames is None else (arguments.frames[0], arguments.frames[1])
    reply = read_edits(request_for(take, arguments.words, rate, playhead=take.frame_start, limits=limits))
    if not reply.edits:
        raise InputError(_lost(reply.not_understood), reply.hint)
    edited = with_edits(take, reply.edits, rate)
    if arguments.output is not None:
        write_whole(arguments.output, _text(edited, arguments.output.suffix.lower(), rate, take, reply.not_understood))
    if arguments.json:
        sys.stdout.write(_form(edited, rate, take, reply.not_understood))
    else:
        for edit in _added(edited, take):
            sys.stdout.write("".join(f"{sentence}\n" for sentence in edit.did))
    if reply.not_understood and not arguments.json:
        sys.stdout.write(f"{_lost(reply.not_understood)}\n")
    return DONE


def _frame(text: str) -> float:
    frame = float(text)
    if not isfinite(frame):
        raise argparse.ArgumentTypeError(f"{text} is no frame")
    return frame


def _lost(clauses: tuple[str, ...]) -> str:
    return f"Not understood: {', '.join(clauses)}."


def _added(edited: Take, take: Take) -> tuple[Any, ...]:
    return edited.shaping.edits[len(take.shaping.edits) :]


def _text(edited: Take, suffix: str, rate: float, take: Take, lost: tuple[str, ...]) -> str:
    if suffix == _JSON:
        return _form(edited, rate, take, lost)
    if suffix == SUFFIX:
        return write_take(edited, suffix)
    # A table has a row for each frame, so there is nothing to reduce.
    return write_take(_exact(edited), suffix, WritingChoices(is_shaped=True))


def _form(edited: Take, rate: float, take: Take, lost: tuple[str, ...]) -> str:
    track = edited_frames(edited, rate)
    form = {
        "fps": rate,
        "times": np.round(track.times, 6).tolist(),
        "channels": list(CHANNELS),
        "values": np.round(track.values.astype(np.float64), _DECIMALS).tolist(),
        "confidence": np.round(track.confidence.astype(np.float64), _DECIMALS).tolist(),
        "edits": [word_edit_to_json(edit) for edit in _added(edited, take)],
        "not_understood": list(lost),
    }
    return json.dumps(form) + "\n"


def edited_frames(take: Take, rate: float) -> FaceTrack:
    """Every frame of the scene as it is seen; a performance as its keys have it."""
    return sampled_track(_exact(take).curves(rate), duration=take.shown_duration, frames_per_second=rate)


def _exact(take: Take) -> Take:
    """With keys as close to what is seen as can be written."""
    return replace(take, shaping=replace(take.shaping, error=_EXACT, angle_error=_EXACT))
