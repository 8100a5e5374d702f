"""`distill plan`: random plausible faces, lights, cameras and backdrops."""

import argparse
from pathlib import Path

from blender_addon.core.training import write_lines

from .. import DONE
from ..output_file import file_of_form, write_whole
from .amounts import LARGEST_SEED, share, whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the step."""
    parser.add_argument("-o", dest="output", type=file_of_form((".jsonl",)), required=True, metavar="SHOTS.jsonl")
    parser.add_argument("--count", type=whole(1), default=2500, help="so many pictures (default: %(default)s)")
    parser.add_argument(
        "--seed", type=whole(0, LARGEST_SEED), default=1, help="another one gives other shots (default: %(default)s)"
    )
    parser.add_argument(
        "--poses-of", type=Path, action="append", default=[], metavar="FILE",
        help="mix in poses of a recording, such as a Live Link Face CSV",
    )  # fmt: skip
    parser.add_argument(
        "--drills", type=share, default=0.0, metavar="SHARE",
        help="share of faces that mix any movements, 0 to 1, so that those that acted faces rarely show are learnt "
        "too (default: %(default)s)",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Write the list."""
    from ...distill.recordings import recorded_poses
    from ...distill.shots import plan_shots

    recorded = recorded_poses(arguments.poses_of)
    shots = plan_shots(arguments.count, arguments.seed, recorded, drills=arguments.drills)
    write_whole(arguments.output, write_lines(shots))
    return DONE
