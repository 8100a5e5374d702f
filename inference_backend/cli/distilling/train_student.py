"""`distill train-student`: minutes on a processor."""

import argparse
import math
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from blender_addon.core.errors import EngineError

from .. import DONE
from .amounts import LARGEST_SEED, MOST_THREADS, minutes, whole

if TYPE_CHECKING:
    from ...distill.student.training import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the step."""
    parser.add_argument("manifest", type=Path, help="the manifest of the pictures, or its folder")
    parser.add_argument("-o", dest="output", type=Path, metavar="FOLDER", help="default: where the engine finds it")
    parser.add_argument(
        "--epochs", type=whole(1), default=40, help="times to go through the pictures (default: %(default)s)"
    )
    parser.add_argument(
        "--minutes", type=minutes, default=math.inf, help="the most that it may take; by default all epochs"
    )
    parser.add_argument(
        "--seed", type=whole(0, LARGEST_SEED), default=0, help="of all that is left to chance (default: %(default)s)"
    )
    parser.add_argument(
        "--threads", type=whole(0, MOST_THREADS), default=0, help="of the processor; 0 for as many as it has"
    )
    parser.add_argument("--no-mirror", action="store_true", help="for a character whose two sides are made differently")


def run(arguments: argparse.Namespace) -> int:
    """Teach it, and say what came of it."""
    from ...distill.manifest import Manifest
    from ...distill.student.engine import HOW_TO_INSTALL
    from ...distill.student.place import folder_for

    manifest = Manifest.read(arguments.manifest)
    if find_spec("torch") is None:
        raise EngineError("Teaching a student needs torch, which is not installed here.", HOW_TO_INSTALL)
    from ...distill.student.training import Course, train_student

    folder = arguments.output or folder_for(manifest.sources[0])
    course = Course(
        epochs=arguments.epochs,
        minutes=arguments.minutes,
        seed=arguments.seed,
        mirror=not arguments.no_mirror,
        threads=arguments.threads,
    )
    if manifest.why_points_are_unused:
        sys.stderr.write(f"{manifest.why_points_are_unused}\n")
    card = train_student(manifest, folder, course, _tell)
    sys.stdout.write(f"{card.told}\nIt is in {folder}.\n")
    return DONE


def _tell(progress: "Progress") -> None:
    alone = f", interpreter {progress.interpreted:.0%}" if progress.interpreted else ""
    sys.stderr.write(
        f"epoch {progress.epoch} of {progress.epochs}{alone}: loss {progress.loss:.3f}, error on kept pictures "
        f"{progress.error:.3f}, correlation {progress.correlation:.2f}\n"
    )
