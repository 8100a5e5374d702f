"""Choosing files and folders in Blender's file browser, by mouse."""

import time

from ..progress import BuildError
from .display import Area
from .driven import Window

_PRESSES = 4
_ANSWER_S = 5.0
_FIELD_BUTTON = 27  # pixels from the right edge of the sidebar, without its tabs, to the middle of a field's button


def fill_by_browsing(window: Window, label: str, name: str) -> None:
    """Press the folder at the end of the sidebar's field in this row, and choose what has this name."""
    window.settle()
    bar = window.sidebar()
    height = window.find(label, bar).centre[1]
    for _ in range(_PRESSES):
        window.display.click(bar.x + bar.width - _FIELD_BUTTON, height)
        if _is_open(window):
            choose_file(window, name, "Accept")
            return
    window.photograph("failed")
    raise BuildError(f"The file browser does not open beside {label} (build/gui/*-failed.png).")


def choose_file(window: Window, name: str, button: str, *, picture: str = "") -> None:
    """Click on a file or folder in the file browser, which shows the user's home, and then on the button."""
    browser = window.other_window("FILE_BROWSER")
    names = Area(browser.x + browser.width // 5, browser.y + 40, browser.width // 3, 200)
    window.press(name, names)
    window.settle()
    if picture:
        window.photograph(picture)
    corner = Area(browser.x + browser.width * 3 // 4, browser.y + browser.height - 45, browser.width // 4, 45)
    place = window.find(button, corner, bright=True)
    for _ in range(_PRESSES):
        window.display.click(*place.centre)
        window.settle()
        if window.is_closed("FILE_BROWSER"):  # the browser takes no press while it reads a folder
            break
    window.wait_until_closed("FILE_BROWSER")


def _is_open(window: Window) -> bool:
    deadline = time.monotonic() + _ANSWER_S
    while window.is_closed("FILE_BROWSER") and time.monotonic() < deadline:
        time.sleep(0.1)
    return not window.is_closed("FILE_BROWSER")
