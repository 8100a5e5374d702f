"""`distill tune`: a LoRA adapter for Qwen3-VL.

For several GPUs: `accelerate launch -m inference_backend distill tune ...`.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from blender_addon.core.errors import EngineError

from .. import DONE
from .amounts import LARGEST_SEED, rate, whole

if TYPE_CHECKING:
    from ...distill.tuning.training import TuningProgress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the step."""
    parser.add_argument("manifest", type=Path, help="the manifest of the pictures, or its folder")
    parser.add_argument("--base", type=Path, required=True, metavar="FOLDER", help="the model, such as Qwen3-VL-4B")
    parser.add_argument("-o", dest="output", type=Path, required=True, metavar="FOLDER", help="where the adapter goes")
    parser.add_argument("--steps", type=whole(1), default=1000, help="default: %(default)s")
    parser.add_argument("--gather", type=whole(1), default=8, help="examples a step (default: %(default)s)")
    parser.add_argument("--rank", type=whole(1), default=16, help="of the adapter (default: %(default)s)")
    parser.add_argument("--learning-rate", type=rate, default=2e-4, help="default: %(default)s")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32", help="bfloat16 is mixed")
    parser.add_argument(
        "--keep-every", type=whole(1), default=100, help="steps between checkpoints (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=whole(0, LARGEST_SEED), default=0, help="of all that is left to chance (default: %(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Teach it, going on from a checkpoint in the folder where there is one."""
    from ...distill.manifest import Manifest
    from ...language.local_model import HOW_TO_INSTALL, missing_packages

    if lacking := missing_packages():
        raise EngineError(f"The packages {', '.join(lacking)} are missing.", HOW_TO_INSTALL)
    from ...distill.tuning.training import TuningCourse, tune

    course = TuningCourse(
        steps=arguments.steps,
        rank=arguments.rank,
        learning_rate=arguments.learning_rate,
        gather=arguments.gather,
        precision=arguments.precision,
        seed=arguments.seed,
        keep_every=arguments.keep_every,
    )
    if tune(Manifest.read(arguments.manifest), arguments.base, arguments.output, course, _tell):
        sys.stdout.write(f"The adapter is in {arguments.output}.\n")
    return DONE


def _tell(progress: "TuningProgress") -> None:
    kept = "" if progress.kept_loss is None else f", on kept pictures {progress.kept_loss:.3f}"
    sys.stderr.write(f"step {progress.step} of {progress.steps}: loss {progress.loss:.3f}{kept}\n")
