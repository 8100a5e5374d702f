"""A Blender that is killed while its backend tracks a clip: nothing of it is left running."""

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

from .clips import movie

BUSY = Path(__file__).parents[1] / "busy.py"
MARK = "MIEN_TEST_MARK"


def marked(mark):
    """The commands of the living processes that have inherited the mark, by their ids."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has ended meanwhile, or is another user's
            continue
    return found


def test_no_process_is_left_after_5_seconds(tmp_path):
    clip, mark, work = movie(tmp_path / "long.mp4", count=600), uuid.uuid4().hex, tmp_path / "work"
    environ = {**os.environ, MARK: mark, "MIEN_WORK_FOLDER": str(work), "TMPDIR": str(tmp_path)}
    blender = subprocess.Popen([sys.executable, BUSY, os.environ["MIEN_ADDON_ZIP"], clip], env=environ)
    try:
        wait_for(lambda: any("piece_worker" in command for command in marked(mark).values()), seconds=60)
        assert any("serve" in command for command in marked(mark).values())
        blender.kill()
        blender.wait()
        wait_for(lambda: not marked(mark), seconds=5)
    finally:
        blender.kill()
        blender.wait()


def wait_for(is_so, seconds):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)
