"""The command line: one file a verb.

Each verb's module has `add_arguments(parser)` and `run(arguments) -> int`; it is imported only when
its verb is called, so that `serve` does not wait for what `estimate` needs.
"""

import argparse
import contextlib
import importlib
import sys
from collections.abc import Sequence

from blender_addon.core.errors import MienError

from .streams import checked_streams

VERBS = {
    "serve": "answer the add-on and other programs over HTTP, on this computer only",
    "estimate": "read the faces in pictures",
    "perform": "turn a script into described keyframes",
    "track": "follow a face through clips",
    "distill": "teach a model to read a character, and see how well it does",
    "edit": "change a take as words say",
    "describe": "tell in words what a take shows, over time",
    "engines": "list the engines and whether they can be used",
}

DONE, COULD_NOT, STOPPED = 0, 1, 130
"""Exit statuses; wrong usage is 2, from argparse, and 130 what a shell expects of a program ended by Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and give its exit status."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        with checked_streams():
            return _run(arguments)
    except MienError as error:
        complain(error)
        return COULD_NOT
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:  # the reader of our output, such as `head`, has enough
        return COULD_NOT


def _run(arguments: Sequence[str]) -> int:
    verb = arguments[0] if arguments and arguments[0] in VERBS else None
    parsed = _parser(verb).parse_args(arguments)
    return int(importlib.import_module(f".{parsed.verb}", __name__).run(parsed))


def complain(error: MienError, *, about: str = "") -> None:
    """One line on the error stream: what happened, why, and what to do."""
    where = f"{about}: " if about else ""
    with contextlib.suppress(OSError):  # a full disk: the exit status still tells
        sys.stderr.write(f"mien: {where}{error}\n")


def _parser(verb: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien", description="Facial performance on an ARKit head.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, purpose in VERBS.items():
        subparser = verbs.add_parser(name, help=purpose, description=purpose.capitalize() + ".")
        if name == verb:
            importlib.import_module(f".{name}", __name__).add_arguments(subparser)
    return parser
