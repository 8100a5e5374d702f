"""What an animator does, from the zip alone in a fresh user folder; tells what came of it as one line of JSON.

    from_zip.py ADDON.zip FOLDER_OF_WHEELS PHOTO

Runs in a Blender's Python of its own, with no network: every proxy is a dead one.
"""

import json
import os
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

SETTINGS = ("MIEN_BACKEND_PYTHON", "MIEN_BACKEND_ROOT", "MIEN_FACE_MODEL", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL")
DEAD = "http://127.0.0.1:9"


def listing(folder):
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*"))


def install_extension(archive):
    bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)


def remove_extension():
    repositories = [repository.module for repository in bpy.context.preferences.extensions.repos]
    bpy.ops.extensions.package_uninstall(repo_index=repositories.index("user_default"), pkg_id="mien")


def journey(user, archive, wheels, photo):
    install_extension(archive)  # Blender leaves some files of its own when it has had one extension
    remove_extension()
    before = listing(user)
    install_extension(archive)
    from bl_ext.user_default.mien.ui.backend_session import session

    told = {"at first": session.status().words}
    started = time.monotonic()
    bpy.ops.mien.install_backend(wheelhouse=wheels)
    told["install seconds"] = round(time.monotonic() - started, 1)
    told["installed"] = session.status().words
    bpy.ops.mien.add_example_head()
    bpy.ops.mien.estimate_image(filepath=photo)
    told["actions"] = len(bpy.data.actions)
    told["running"] = session.status().condition.value
    told["bytes"] = sum(path.lstat().st_size for path in Path(user).rglob("*") if path.is_file())
    bpy.ops.mien.uninstall_backend()
    told["afterwards"] = session.status().words
    remove_extension()
    told["left behind"] = sorted(set(listing(user)) ^ set(before))
    return told


if __name__ == "__main__":
    for name in SETTINGS:
        os.environ.pop(name, None)
    os.environ |= {"HTTP_PROXY": DEAD, "HTTPS_PROXY": DEAD, "ALL_PROXY": DEAD, "PIP_INDEX_URL": f"{DEAD}/simple"}
    status = 1
    with tempfile.TemporaryDirectory(prefix="mien-user-", ignore_cleanup_errors=True) as folder:
        os.environ["BLENDER_USER_RESOURCES"] = folder  # must stand before bpy is loaded
        import bpy

        try:
            with redirect_stdout(sys.stderr):
                result = journey(folder, *sys.argv[1:])
            print(json.dumps(result))
            status = 0
        except RuntimeError as fault:  # how an operator tells what it could not do
            print(fault, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # an ordinary exit of a Python that loaded bpy crashes in 4.2 and can hang in 4.5
