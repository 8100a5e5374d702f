"""The command line: one file a verb.

Each verb's module has `add_arguments(parser)` and `run(arguments) -> int`; it is imported only when
its verb is called, so that `serve` does not wait for what `estimate` needs.
"""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence

from blender_addon.core.errors import MienError

VERBS = {
    "serve": "answer the add-on and other programs over HTTP, on this computer only",
    "estimate": "read the faces in pictures",
    "perform": "turn a script into described keyframes",
    "track": "follow a face through clips",
    "engines": "list the engines and whether they can be used",
}

DONE, COULD_NOT, STOPPED = 0, 1, 130
"""Exit statuses; wrong usage is 2, from argparse, and 130 what a shell expects of a program ended by Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and give its exit status."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    _print_what_can_be_printed()
    verb = arguments[0] if arguments and arguments[0] in VERBS else None
    parsed = _parser(verb).parse_args(arguments)
    try:
        status = int(importlib.import_module(f".{parsed.verb}", __name__).run(parsed))
        sys.stdout.flush()  # here, where a reader that has gone is no error, and not when the program ends
    except MienError as error:
        complain(error)
        return COULD_NOT
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        _drop_the_rest()
        return COULD_NOT
    else:
        return status


def _print_what_can_be_printed() -> None:
    """Let a terminal or pipe of a small character set show `?` for what it lacks, rather than end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _drop_the_rest() -> None:
    """The reader of our output, such as `head`, has enough: let Python flush what is left into nothing at its end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


def complain(error: MienError, *, about: str = "") -> None:
    """One line on the error stream: what happened, why, and what to do."""
    where = f"{about}: " if about else ""
    sys.stderr.write(f"mien: {where}{error}\n")


def _parser(verb: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien", description="Facial performance on an ARKit head.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, purpose in VERBS.items():
        subparser = verbs.add_parser(name, help=purpose, description=purpose.capitalize() + ".")
        if name == verb:
            importlib.import_module(f".{name}", __name__).add_arguments(subparser)
    return parser
