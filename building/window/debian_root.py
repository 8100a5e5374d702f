"""A small Debian system under `build/gui/root` with a released Blender in it, and nothing of Mien.

The `bpy` module has no window. Debian's unstable release has the current Blender, with one.
"""

import hashlib
import shutil
from pathlib import Path

from ..exclusive import only_one
from ..layout import BUILD
from ..progress import Command, run_logged, say

FOLDER = BUILD / "gui" / "root"
_STAMP = FOLDER / "mien-complete"

_RELEASE = "sid"
_PACKAGES = (
    *("blender", "libgl1", "libgl1-mesa-dri", "libegl1", "libegl-mesa0", "libglx-mesa0"),
    *("python3-numpy", "python3-requests", "python3-zstandard", "python3-cattr"),
)

# As the processes inside see it.
HOME = "/home/anna"


def ensure_debian_root() -> Path:
    """Make the system once; it takes about two minutes and 1.5 GB."""
    if not _is_complete():
        with only_one("gui"):
            if not _is_complete():
                _make()
    return FOLDER


def fresh_home() -> None:
    """The home of somebody who has never started Blender."""
    shutil.rmtree(inside(HOME), ignore_errors=True)
    inside(HOME).mkdir(parents=True)


def bring_in(source: Path, path: str) -> str:
    """Copy a file or folder to a path of the processes inside, and return that."""
    target = inside(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, copy_function=_linked_or_copied)
    else:
        shutil.copyfile(source, target)
    return path


def python_version() -> str:
    """The Python that Blender runs on there, such as "3.14"."""
    return inside("/usr/bin/python3").resolve().name.removeprefix("python")


def inside(path: str) -> Path:
    """Where a path of the processes inside lies for us."""
    return FOLDER / path.lstrip("/")


def chroot(*arguments: str) -> Command:
    """The command that runs another one inside."""
    return ["chroot", FOLDER, *arguments]


def _is_complete() -> bool:
    return _STAMP.is_file() and _STAMP.read_text() == _wanted()


def _wanted() -> str:
    return hashlib.sha256("\n".join([_RELEASE, *_PACKAGES]).encode()).hexdigest()


def _make() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    say("Making a Debian system for the window under build/gui/root (downloads about 500 MB, once)")
    FOLDER.mkdir(parents=True)
    run_logged(["debootstrap", "--variant=minbase", _RELEASE, FOLDER], "gui-debootstrap")
    # A mirror may lag behind the date that the release file promises.
    inside("/etc/apt/apt.conf.d/90mien").write_text('Acquire::Check-Valid-Until "false";\n')
    say("Installing Blender in it")
    run_logged(chroot("apt-get", "update"), "gui-apt-update")
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive")
    install = ("apt-get", "install", "--yes", "--no-install-recommends", *_PACKAGES)
    run_logged(chroot(*quiet, *install), "gui-apt-install")
    run_logged(chroot("apt-get", "clean"), "gui-apt-clean")
    _STAMP.write_text(_wanted())


def processes_inside() -> dict[int, str]:
    """The processes that live in the system now: their command lines by id."""
    return {
        int(folder.name): (folder / "cmdline").read_text(errors="replace").replace("\0", " ")
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and _lives_inside(folder)
    }


def _lives_inside(process: Path) -> bool:
    try:
        return (process / "root").readlink() == FOLDER
    except OSError:  # it ended meanwhile
        return False


def _linked_or_copied(source: str, target: str) -> str:
    """The same file twice, where both lie on one disk: wheels are large, and nobody writes to them."""
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
    return target
