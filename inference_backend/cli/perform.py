"""`perform`: a script as described keyframes."""

import argparse
import json
import sys

from blender_addon.core.errors import InputError
from blender_addon.core.formats.exchange import WRITERS, write_take
from blender_addon.core.performance import Performance
from blender_addon.core.take import Take, TakeKind, made_now
from blender_addon.core.wire import PerformRequest, performance_to_json

from ..engines import SCRIPT_ENGINES, performed
from ..language.making import LANGUAGE_ENGINES
from ..limits import DEFAULT_LIMITS
from . import DONE
from .beat_table import rows
from .language_options import add_language_arguments, make_engine
from .output_file import file_of_form, write_whole
from .source import STANDARD_INPUT, bytes_of

_JSON = ".json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `perform`."""
    parser.add_argument("script", metavar="SCRIPT", help="a text file; - reads the standard input")
    parser.add_argument("--engine", choices=tuple(SCRIPT_ENGINES), default=next(iter(SCRIPT_ENGINES)))
    add_language_arguments(parser)
    parser.add_argument("--background", default="", help="the scene, in words")
    parser.add_argument("--emotion", default="", help="its mood; colours what the script leaves open")
    parser.add_argument(
        "--plays", default="", metavar="NAME", help="play this person's part alone; the others take their time, unseen"
    )
    parser.add_argument("--duration", type=float, metavar="SECONDS", help="of the whole; left out, the script decides")
    parser.add_argument("--seed", type=int, default=0, help="another one gives another variation")
    parser.add_argument("--no-life", dest="life", action="store_false", help="add no blinks and shifts of the gaze")
    parser.add_argument(
        "--fps", type=float, metavar="RATE", help='frames in a second, for scripts that say "at frame 50"'
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "-o",
        dest="output",
        type=file_of_form((_JSON, *WRITERS)),
        metavar="FILE",
        help=".json: what --json prints; .csv: a Live Link Face table at 60 frames a second; "
        ".jsonl: KeyframeFace's form; .mien: a take file",
    )


def run(arguments: argparse.Namespace) -> int:
    """Perform one script."""
    request = PerformRequest(
        script=_text_of(arguments.script),
        background=arguments.background,
        emotion=arguments.emotion,
        plays=arguments.plays,
        duration=arguments.duration,
        seed=arguments.seed,
        life=arguments.life,
        fps=arguments.fps,
    )
    performance = performed(make_engine(arguments, SCRIPT_ENGINES, LANGUAGE_ENGINES), request)
    form = json.dumps(performance_to_json(performance), indent=2) + "\n"
    if arguments.output is not None:
        is_json = arguments.output.suffix.lower() == _JSON
        write_whole(arguments.output, form if is_json else _take_form(arguments, request, performance))
    if arguments.json:
        sys.stdout.write(form)
    elif arguments.output is None:
        _show(performance)
    return DONE


def _take_form(arguments: argparse.Namespace, request: PerformRequest, performance: Performance) -> str:
    """A form of `exchange.WRITERS`: a take file keeps the script, KeyframeFace's form what stands beside it."""
    suffix = arguments.output.suffix.lower()
    beside = {"Background": request.background, "Emotion": request.emotion}
    context = "\n".join(f"{name}: {' '.join(text.split())}" for name, text in beside.items() if text.strip())
    take = Take(
        name=arguments.output.stem,
        kind=TakeKind.SCRIPT,
        raw=performance,
        engine=arguments.engine,
        source="" if arguments.script == STANDARD_INPUT else arguments.script,
        words=context if suffix == ".jsonl" else request.script,
        span=(0.0, performance.duration),
        made_at=made_now(),
    )
    return write_take(take, suffix)


def _text_of(name: str) -> str:
    try:
        return bytes_of(name, noun=f"The script {name}", most=DEFAULT_LIMITS.script_bytes).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise InputError("The script is not text in UTF-8.", "Save it as plain text.") from fault


def _show(performance: Performance) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    table = Table("seconds", "what happens", "what moves, and to where", box=None, pad_edge=False)
    for row in rows(performance, ascii_only=console.options.ascii_only):
        table.add_row(*map(Text, row))
    console.print(table)
    console.print(f"{performance.duration:.2f} s, {performance.key_count()} keys")
    for clause in performance.not_understood:
        console.print(f"not understood: {clause}", markup=False)
    for note in performance.notes:
        console.print(note, markup=False)
