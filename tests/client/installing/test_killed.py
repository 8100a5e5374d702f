"""Killed at random moments, with no chance to tidy up: the next press ends in a working backend."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from blender_addon.client.installing.payload import Payload
from blender_addon.client.installing.place import InstallState

ROOT = Path(__file__).parents[3]
MOMENTS = 20
PRESSED_AGAIN = 4
"""After so many moments the next press is let come to its end; otherwise it is the next to be killed."""
LIMIT_S = 90


@contextmanager
def pressed_button(shelf, place) -> "Iterator[subprocess.Popen[str]]":
    """The process that installs, once it has begun; waited for at the end."""
    command = [sys.executable, "-m", "tests.client.installing.press_button", shelf.payload, place.folder, shelf.wheels]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as pressed:
        assert pressed.stdout.readline() == "begun\n"
        yield pressed


def seconds_of_a_whole_installation(shelf, place) -> float:
    started = time.monotonic()
    with pressed_button(shelf, place) as pressed:
        assert pressed.wait(LIMIT_S) == 0
    return time.monotonic() - started


def works(python: Path) -> bool:
    told = subprocess.run([python, "-I", "-m", "inference_backend"], capture_output=True, text=True, check=False)
    return "ready" in told.stdout


def children_in(folder: Path) -> list[int]:
    """Processes that run out of the folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and str(folder) in (process / "cmdline").read_text(errors="replace"):
                found.append(int(process.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="the processes of an installation are found by /proc")
def test_killed_at_20_random_moments(shelf, place):
    payload = Payload(shelf.payload, "0.1.0")
    whole = seconds_of_a_whole_installation(shelf, place)
    place.remove()
    moments = random.Random(7)
    seen = set()
    for number in range(1, MOMENTS + 1):
        with pressed_button(shelf, place) as pressed:
            time.sleep(moments.uniform(0, whole))
            pressed.kill()
        _wait_until_alone(place.folder)
        seen.add(place.state(payload))
        if place.state(payload) is not InstallState.INSTALLED and number % PRESSED_AGAIN == 0:
            seconds_of_a_whole_installation(shelf, place)
        if place.state(payload) is InstallState.INSTALLED:
            assert works(place.installed(payload).python)
            place.remove()
            assert not place.folder.exists()
    assert seen <= {InstallState.NOTHING, InstallState.INCOMPLETE, InstallState.INSTALLED}
    assert InstallState.INCOMPLETE in seen


def _wait_until_alone(folder: Path) -> None:
    """What the killed one had started ends by itself, within two seconds."""
    end = time.monotonic() + 2
    while children := children_in(folder):
        assert time.monotonic() < end, f"processes {children} are left of {os.getpid()}"
        time.sleep(0.02)
