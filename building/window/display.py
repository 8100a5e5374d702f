"""A virtual screen with a mouse, a keyboard, a camera, and eyes that read what is written on it."""

import csv
import difflib
import io
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..progress import BuildError, Command, clean_environ
from .window_close import announce, close_window

_MAGNIFIED = 3  # tesseract wants capitals of 20 pixels and more; Blender's have 8
_DISPLAY_NUMBERS = range(90, 110)
_ALIKE = 0.79  # of two labels, one of them read with a wrong letter or two


@dataclass(frozen=True)
class Area:
    """A rectangle on the screen, in pixels from its top left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        """Its middle."""
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True)
class Word:
    """What is written, and where."""

    text: str
    area: Area


class Display:
    """One X display; see `virtual_display`.

    server: the process whose network it is in.
    """

    def __init__(self, name: str, server: int) -> None:
        self.name = name
        self._server = server

    def beside(self, command: Command) -> Command:
        """The command that runs another one in the display's network, which is cut off from every other."""
        return ["nsenter", f"--net=/proc/{self._server}/ns/net", *command]

    def close_window(self, title: str) -> None:
        """Press the button for closing of the window with this title."""
        close_window(self.name, int(self._run("xdotool", "search", "--name", title).split()[-1]))

    def point_at(self, x: int, y: int) -> None:
        """Move the mouse there, in two moves: Blender highlights what the mouse comes to, not where it appears."""
        self._xdotool("mousemove", str(x - 3), str(y - 2))
        time.sleep(0.3)
        self._xdotool("mousemove", str(x), str(y))
        time.sleep(0.3)

    def click(self, x: int, y: int, *, times: int = 1) -> None:
        """Click with the left button, held as long as a finger does: a busy Blender may miss a shorter one."""
        self.point_at(x, y)
        for _ in range(times):
            self._xdotool("mousedown", "1", "sleep", "0.08", "mouseup", "1", "sleep", "0.05")

    def press(self, key: str) -> None:
        """Press a key or a chord by its X name, such as `n`, `Return` or `ctrl+a`."""
        self._xdotool("key", key)

    def type(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "15", text)

    def photograph(self, picture: Path, *options: str) -> Path:
        """A picture of the whole screen; `options` are those of ImageMagick's import."""
        self._run("import", "-window", "root", *options, str(picture))
        return picture

    def read(self, area: Area, *, turned: bool = False, bright: bool = False) -> list[Word]:
        """The words in an area; `turned` where they run from top to bottom, as in tabs.

        bright: only what is as bright as words on buttons of middle grey or blue, which are lost beside fainter things.
        """
        crop = f"{area.width}x{area.height}+{area.x}+{area.y}"
        contrast = ("-level", "40%,80%") if bright else ()
        looks = ("-colorspace", "Gray", "-resize", f"{_MAGNIFIED * 100}%", *contrast, "-negate")
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder) / "read.png"
            self.photograph(picture, "-crop", crop, "+repage")
            self._run("convert", str(picture), *looks, *(("-rotate", "-90") if turned else ()), str(picture))
            table = self._run("tesseract", str(picture), "-", "--psm", "11", "tsv")
        words = (
            Word(row["text"], Area(*(int(row[side]) // _MAGNIFIED for side in ("left", "top", "width", "height"))))
            for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
            if row["text"] and row["text"].strip()
        )
        return [Word(word.text, _on_screen(word.area, area, turned=turned)) for word in words]

    def _xdotool(self, *arguments: str) -> None:
        self._run("xdotool", *arguments)

    def _run(self, *command: str) -> str:
        outcome = subprocess.run(
            command,
            env=clean_environ({"DISPLAY": self.name, "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}),
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode != 0:
            raise BuildError(f"{command[0]} failed: {outcome.stderr.strip()}")
        return outcome.stdout


def find_label(words: list[Word], label: str) -> Area | None:
    """Where a label of one or several words stands in one line, allowing for a letter read wrongly.

    Of several, the one that is read best, and of equals the topmost: a hint below a button may name the button.
    """
    count = len(label.split())
    best, best_likeness = None, _ALIKE
    for line in _lines(words):
        for start in range(len(line) - count + 1):
            run = line[start : start + count]
            text = " ".join(word.text for word in run)
            likeness = difflib.SequenceMatcher(None, text.lower(), label.lower()).ratio()
            if likeness > best_likeness:
                best, best_likeness = _around([word.area for word in run]), likeness
    return best


@contextmanager
def virtual_display(width: int, height: int) -> Iterator[Display]:
    """A screen that nobody else looks at, for as long as the block runs, in a network that ends at this machine."""
    with tempfile.TemporaryFile() as errors:
        server, name = _start_server(f"{width}x{height}x24", errors)
        try:
            announce(name)
            yield Display(name, server.pid)
        finally:
            server.terminate()
            server.communicate()


def _start_server(screen: str, errors: IO[bytes]) -> tuple[subprocess.Popen[bytes], str]:
    """An X server, and the name by which programs find it.

    It is told its number, for which it then holds a lock that all networks of this machine share. One that it chooses
    by itself (`-displayfd`) is not locked, and mouse and camera could reach a server in another network.
    """
    for number in _DISPLAY_NUMBERS:
        serve = f"exec Xvfb :{number} -screen 0 {screen} -nolisten tcp -noreset"
        server = subprocess.Popen(["unshare", "--net", "sh", "-c", f"ip link set lo up && {serve}"], stderr=errors)
        while server.poll() is None:
            if _holds(server, number) and _answers(number):
                return server, f":{number}"
            time.sleep(0.05)
    errors.seek(0)
    raise BuildError(f"Xvfb did not start: {errors.read().decode(errors='replace')[-1000:]}")


def _holds(server: subprocess.Popen[bytes], number: int) -> bool:
    try:
        return int(Path(f"/tmp/.X{number}-lock").read_text("ascii")) == server.pid  # noqa: S108 - X has it there
    except (OSError, ValueError):  # not there yet, or not yet written
        return False


def _answers(number: int) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(f"/tmp/.X11-unix/X{number}") == 0  # noqa: S108 - X has it there


def _lines(words: list[Word]) -> list[list[Word]]:
    """Words side by side at the same height, each line from left to right."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.area.centre[1]):
        if lines and abs(lines[-1][-1].area.centre[1] - word.area.centre[1]) <= 5:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda word: word.area.x) for line in lines]


def _around(areas: list[Area]) -> Area:
    left, top = min(area.x for area in areas), min(area.y for area in areas)
    right, bottom = max(area.x + area.width for area in areas), max(area.y + area.height for area in areas)
    return Area(left, top, right - left, bottom - top)


def _on_screen(found: Area, read: Area, *, turned: bool) -> Area:
    """From the picture that was read back to the screen; turning it anticlockwise took (x, y) to (y, width - x)."""
    if not turned:
        return Area(read.x + found.x, read.y + found.y, found.width, found.height)
    left = read.width - found.y - found.height
    return Area(read.x + left, read.y + found.x, found.height, found.width)
