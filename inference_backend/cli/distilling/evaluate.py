"""`distill evaluate`: a table of engines against the truth."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from ...engines import IMAGE_ENGINES
from .. import DONE
from ..quiet import native_chatter_hidden


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the step."""
    parser.add_argument("manifest", type=Path, help="the manifest of pictures that no engine has learnt from")
    parser.add_argument(
        "--engine", action="append", choices=tuple(IMAGE_ENGINES), required=True, help="give it once for each engine"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(arguments: argparse.Namespace) -> int:
    """Let each engine read all pictures."""
    from ...distill.evaluation import evaluate, table
    from ...distill.manifest import Manifest

    manifest = Manifest.read(arguments.manifest)
    with native_chatter_hidden():
        scores = [evaluate(IMAGE_ENGINES[name](), manifest) for name in arguments.engine]
    sys.stdout.write(json.dumps([asdict(one) for one in scores], indent=1) if arguments.json else table(scores))
    sys.stdout.write("\n")
    return DONE
