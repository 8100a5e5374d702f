"""A small Debian system under `build/gui/root` with a released Blender and the backend's packages in it.

The `bpy` module has no window. Debian's unstable release has the current Blender, with one.
"""

import hashlib
import shutil
from pathlib import Path

from ..environments import BACKEND, ensure, lock_hash
from ..exclusive import only_one
from ..layout import BUILD, ROOT
from ..progress import Command, run_logged, say

FOLDER = BUILD / "gui" / "root"
_STAMP = FOLDER / "mien-complete"

_RELEASE = "sid"
_PACKAGES = (
    *("blender", "libgl1", "libgl1-mesa-dri", "libegl1", "libegl-mesa0", "libglx-mesa0"),
    *("python3-numpy", "python3-requests", "python3-zstandard", "python3-cattr", "python3-venv"),
)

# As the processes inside see them.
HOME = "/opt/mien"
BACKEND_PYTHON = f"{HOME}/venv/bin/python"


def ensure_debian_root() -> Path:
    """Make the system once; it takes about two minutes and 1.5 GB."""
    if not _is_complete():
        with only_one("gui"):
            if not _is_complete():
                _make()
    return FOLDER


def bring_in(source: Path, name: str) -> str:
    """Copy a file or folder to where the processes inside can read it; returns its path there."""
    target = inside(f"{HOME}/{name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)
    return f"{HOME}/{name}"


def bring_in_backend() -> None:
    """The backend as it stands in the working tree."""
    for package in ("inference_backend", "blender_addon"):
        bring_in(ROOT / package, package)


def inside(path: str) -> Path:
    """Where a path of the processes inside lies for us."""
    return FOLDER / path.lstrip("/")


def chroot(*arguments: str) -> Command:
    """The command that runs another one inside."""
    return ["chroot", FOLDER, *arguments]


def _is_complete() -> bool:
    return _STAMP.is_file() and _STAMP.read_text() == _wanted()


def _wanted() -> str:
    return hashlib.sha256("\n".join([_RELEASE, *_PACKAGES, lock_hash(BACKEND.lock)]).encode()).hexdigest()


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
    _install_backend_packages()
    _STAMP.write_text(_wanted())


def _install_backend_packages() -> None:
    """The backend's packages for the Python of that system, fetched with ours: it has no certificates of its own."""
    say("Installing the backend's packages in it")
    run_logged(chroot("python3", "-m", "venv", "--without-pip", f"{HOME}/venv"), "gui-venv")
    (site_packages,) = inside(f"{HOME}/venv/lib").glob("python3.*/site-packages")
    version = site_packages.parent.name.removeprefix("python")
    pip: Command = [ensure(BACKEND), "-m", "pip", "--disable-pip-version-check", "install", "--no-compile"]
    source: Command = ["--require-hashes", "-r", BACKEND.lock]
    run_logged(
        [*pip, "--python-version", version, "--only-binary", ":all:", "--target", site_packages, *source], "gui-backend"
    )


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
