"""Runs the tests of `inside/` in the Python of one Blender, with the add-on installed from its built zip.

    .venv/blender-5.0/bin/python tests/blender/run_in_blender.py --zip dist/mien-0.1.0.zip [PYTEST ARGS...]

Ends with pytest's exit status. What the add-on needs to find the backend comes by the environment:
MIEN_BACKEND_PYTHON, MIEN_BACKEND_ROOT, MIEN_FACE_MODEL; and MIEN_WHEELS, the folder that
`python build.py addon --wheelhouse` makes, for the test that installs the backend.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))

from building.inside_blender import installed_addon  # noqa: E402


@contextmanager
def seeing_one_core() -> Iterator[None]:
    """Linux tells one core alone of this process, for as long as Blender counts them.

    It makes no threads then, whose waiting for work, in the many small evaluations here, would take a fifth of all time
    from the check that runs beside this one.
    """
    cores = os.sched_getaffinity(0) if sys.platform == "linux" else set()
    if cores:
        os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        if cores:
            os.sched_setaffinity(0, cores)


def main() -> int:
    """The status of the tests, or 1 where the add-on could not be installed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zip", type=Path, required=True, help="the built add-on")
    arguments, for_pytest = parser.parse_known_args()
    os.environ["MIEN_ADDON_ZIP"] = str(arguments.zip.resolve())
    inside = Path(__file__).parent / "inside"
    options = ["--import-mode=importlib", "-p", "no:cacheprovider", f"--rootdir={ROOT}", "-W", "error"]
    try:
        with ExitStack() as opened:
            with seeing_one_core():
                opened.enter_context(installed_addon(str(arguments.zip.resolve())))
            return int(pytest.main([*options, *(for_pytest or [str(inside)])]))
    except Exception:  # noqa: BLE001 - the outermost edge: what it was is shown, and Blender must still end as below
        traceback.print_exc()
        return 1


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # an ordinary exit of a Python that loaded bpy crashes in 4.2 and can hang in 4.5
