"""Runs in Blender's Python: installs the add-on from its zip, runs a script, leaves without a trace.

    python inside_blender.py ADDON.zip SCRIPT ARGS...

The script sees its own arguments in `sys.argv`. It ends with the script's exit status, 1 where it raised.
"""

import os
import runpy
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

MODULE = "bl_ext.user_default.mien"


@contextmanager
def installed_addon(archive: str) -> Iterator[None]:
    """Blender with the add-on installed and enabled in a user folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="mien-blender-", ignore_cleanup_errors=True) as user_folder:
        os.environ["BLENDER_USER_RESOURCES"] = user_folder  # must stand before bpy is loaded
        import bpy

        with redirect_stdout(sys.stderr):  # stdout is the script's
            bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
        if MODULE not in bpy.context.preferences.addons:
            raise RuntimeError(f"{archive} was installed, but the add-on could not be enabled; see above")
        try:
            yield
        finally:
            bpy.ops.preferences.addon_disable(module=MODULE)
            shutil.rmtree(bpy.app.tempdir, ignore_errors=True)  # which Blender itself does at an ordinary exit


def run_as_main(script: str) -> int:
    """Run the script like `python SCRIPT`, and return what would be its exit status."""
    sys.path[0] = str(Path(script).parent)
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    except BaseException:  # noqa: BLE001 - the outermost edge: whatever it was is shown and ends the run
        traceback.print_exc()
        return 1
    return 0


def main() -> int:
    """Do what the command line asks; the exit status."""
    archive, script, *arguments = sys.argv[1:]
    sys.argv = [script, *arguments]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that it leaves without a trace then, too
    try:
        with installed_addon(archive):
            return run_as_main(script)
    except Exception:  # noqa: BLE001 - as above
        traceback.print_exc()
        return 1


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # an ordinary exit of a Python that loaded bpy crashes in 4.2 and can hang in 4.5
