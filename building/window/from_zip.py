"""The first chapter: the add-on from its zip, and its backend without a network, all by mouse."""

from ..progress import say
from .browsing import choose_file, fill_by_browsing
from .display import Area
from .driven import Window

_INSTALL_LIMIT_S = 300
_TOP_RIGHT = (19, 18)
"""The middle of the preferences' menu of extensions, from the window's top right corner; it shows an arrow only."""


def install_extension(window: Window, archive: str) -> None:
    """By the preferences' Install from Disk, which takes what dragging the file onto the window would."""
    say("Installing the add-on from its zip")
    window.press("Edit", Area(0, 0, 300, 28))
    window.press("Preferences", Area(60, 20, 240, 320))
    place = window.other_window("PREFERENCES")
    window.press("Get Extensions", Area(place.x, place.y + 150, place.width // 5, 200), bright=True)
    window.settle()
    window.display.click(place.x + place.width - _TOP_RIGHT[0], place.y + _TOP_RIGHT[1])
    window.press("Install from Disk", Area(place.x + place.width * 3 // 4, place.y + 20, place.width // 4, 130))
    choose_file(window, archive, "Install from Disk", picture="zip")
    window.wait_until("the add-on is enabled", lambda state: bool(state["addon"]))
    window.settle()
    window.photograph("extension")
    window.display.close_window("Preferences")
    window.wait_until_closed("PREFERENCES")


def install_backend(window: Window, wheels: str) -> None:
    """Blender stays offline, as every new one does; so the packages come from a folder."""
    say("Choosing the folder of wheels")
    fill_by_browsing(window, "Folder:", wheels)
    say("Pressing Install Backend")
    window.click_label("Install Backend")
    window.settle()
    window.photograph("question")
    window.answer("Install")
    window.wait_until("the packages are unpacked", lambda state: state["installed"] > 0.7)
    window.photograph("installing")
    window.wait_until("the backend is installed", lambda state: state["backend"] == "stopped", limit_s=_INSTALL_LIMIT_S)
    window.settle()
    window.photograph("installed")
