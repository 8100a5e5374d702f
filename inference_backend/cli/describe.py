"""`describe`: a take in words, over time."""

import argparse
import json
import sys

from blender_addon.core.semantics.over_time import Stretch, stretches_of
from blender_addon.core.shaping import Shaping
from blender_addon.core.take import Take

from . import DONE
from .take_source import add_take_arguments, rate_of, take_in

_MOST_REGIONS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `describe`."""
    add_take_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Describe one take."""
    read = take_in(arguments)
    take, rate = read.take, rate_of(read.take, arguments)
    speed = take.shaping.speed
    stretches = stretches_of(take.motion(rate))
    if arguments.json:
        form = {"name": take.name, "fps": rate, "duration": round(take.shown_duration, 3), "speed": speed,
                "stretches": [stretch.to_json() for stretch in stretches], "notes": list(read.notes)}  # fmt: skip
        sys.stdout.write(json.dumps(form, indent=2) + "\n")
        return DONE
    sys.stdout.write(f"{take.name}: {take.shown_duration:.2f} s{_edited(take.shaping)}\n")
    for stretch in stretches:
        sys.stdout.write(f"{_when(take, stretch, rate)}  {_said(stretch)}\n")
    for note in read.notes:
        sys.stdout.write(f"note: {note}\n")
    return DONE


def _edited(shaping: Shaping) -> str:
    return f", edited: {', '.join(edit.words for edit in shaping.edits)}" if shaping.edits else ""


def _when(take: Take, stretch: Stretch, rate: float) -> str:
    first, last = (take.frame_start + second / take.shaping.speed * rate for second in (stretch.start, stretch.end))
    return f"frame {first:4.0f} to {last:4.0f}"


def _said(stretch: Stretch) -> str:
    words = stretch.description
    regions = [f"{region.value}: {said}" for region, said in list(words.movements.items())[:_MOST_REGIONS]]
    count = len(stretch.blinks)
    blinks = [f"{count} blink{'s' if count > 1 else ''}"] if count else []
    return "; ".join([words.summary, *regions, *blinks])
