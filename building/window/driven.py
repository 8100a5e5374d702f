"""The window of a Blender that is driven: what is done to it by mouse and keyboard, and what it says about itself."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..layout import BUILD
from ..progress import BuildError
from .display import Area, Display, find_label

PICTURES = BUILD / "gui"
WIDTH, HEIGHT = 1600, 1000

_STEP_LIMIT_S = 60
_CLICKS, _CLICK_S = 2, 15
_TAB_STRIP = 24  # pixels at the sidebar's right edge

State = dict[str, Any]


@dataclass
class Window:
    """Blender's window: what to do to it, and what it says about itself.

    seconds: when each step was photographed, since the beginning.
    """

    display: Display
    state_file: Path
    process: "subprocess.Popen[bytes]"
    steps: dict[str, State] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

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
        while self.state()["tick"] < tick + 2 and time.monotonic() < deadline:
            time.sleep(0.1)

    def settle(self) -> None:
        """Let what was pressed take effect and be drawn."""
        time.sleep(0.3)
        self._let_it_draw(self.state()["tick"])

    def photograph(self, name: str) -> Path:
        """A picture of the screen, numbered in the order of the story, with what Blender told at that moment."""
        self.steps[name] = self.state()
        self.seconds[name] = round(time.monotonic() - self.began, 1)
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
        return on_screen(self.state()[name])

    def other_window(self, space: str) -> Area:
        """A window of its own that shows this editor alone, such as the preferences; waited for."""

        def found(state: State) -> list[int] | None:
            return next((window["place"] for window in state["windows"][1:] if space in window["spaces"]), None)

        state = self.wait_until(f"there is a window with {space}", lambda state: found(state) is not None)
        place = found(state)
        assert place is not None
        return on_screen(place)

    def is_closed(self, space: str) -> bool:
        """Whether no other window shows this editor."""
        return not any(space in window["spaces"] for window in self.state()["windows"][1:])

    def wait_until_closed(self, space: str) -> None:
        """Wait until no other window shows this editor."""
        self.wait_until(f"the window with {space} is gone", lambda _: self.is_closed(space))

    def find(self, label: str, area: Area, *, turned: bool = False, bright: bool = False) -> Area:
        """Where a label is to be read, with `bright` on a button; more looks where the first was too early."""
        for attempt in range(8):
            words = self.display.read(area, turned=turned, bright=attempt % 2 != bright)
            if place := find_label(words, label):
                return place
            time.sleep(attempt % 2)
        self.photograph("failed")
        seen = " | ".join(word.text for word in words)
        raise BuildError(f"'{label}' is not to be read in the window (build/gui/*-failed.png). Seen: {seen}")

    def press(self, label: str, area: Area, *, bright: bool = False) -> None:
        """Click on what says so in a part of the screen."""
        self.settle()
        self.display.click(*self.find(label, area, bright=bright).centre)

    def answer(self, label: str) -> None:
        """Press the button that says so in the row of a dialog's Cancel."""
        self.settle()
        middle = Area(WIDTH // 4, HEIGHT // 4, WIDTH // 2, HEIGHT // 2)
        cancel = self.find("Cancel", middle, bright=True)
        row = Area(middle.x, cancel.y - 10, middle.width, cancel.height + 20)
        self.display.click(*self.find(label, row, bright=True).centre)

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
        self.press(label, self.sidebar())

    def click_label_until(self, label: str, what: str, holds: Callable[[State], bool]) -> None:
        """Press what may be pressed twice, and again where nothing came of it: a busy Blender can miss a click."""
        for _ in range(_CLICKS):
            self.click_label(label)
            deadline = time.monotonic() + _CLICK_S
            while time.monotonic() < deadline:
                if holds(self.state()):
                    return
                time.sleep(0.2)
        self.wait_until(what, holds)


def on_screen(place: list[int]) -> Area:
    """Blender counts from the bottom left, a screen from the top left."""
    x, y, width, height = place
    return Area(x, HEIGHT - y - height, width, height)
