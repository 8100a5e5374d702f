"""What users do wrong, or what breaks: a clear sentence, and nothing has changed."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.mien.ui.backend_session import session
from bl_ext.user_default.mien.ui.work import now

from tests.carriers import carrier

from .scenes import add_mesh, digest


@pytest.fixture
def refused():
    """Calls Estimate from Image and checks the sentence, in the error and in the panel, and that nothing changed."""

    def call(sentence, **options):
        before = digest()
        with pytest.raises(RuntimeError, match=sentence):
            bpy.ops.mien.estimate_image(**options)
        assert digest() == before
        return now.error

    return call


@pytest.mark.parametrize(
    "content", [b"", b"this is no picture", b"\x89PNG\r\n\x1a\nbroken"], ids=["empty", "text", "broken"]
)
def test_not_a_picture(head, refused, tmp_path, content):
    path = tmp_path / "face.png"
    path.write_bytes(content)
    assert refused("picture|image", filepath=str(path))


def test_a_truncated_picture(head, refused, tmp_path, photo):
    path = tmp_path / "face.png"
    path.write_bytes(Path(photo).read_bytes()[:20_000])
    assert refused("Error", filepath=str(path))


def test_a_clip_or_a_folder_is_no_picture(head, refused, movie, tmp_path):
    assert refused("is a clip.*Track Video", filepath=str(movie))
    assert refused("is a folder", filepath=str(tmp_path))


def test_a_picture_without_a_face(head, refused):
    coffee = carrier("scikit-image") / "skimage" / "data" / "coffee.png"
    assert "face" in refused("No face", filepath=str(coffee))


def test_no_head_is_bound(refused, photo):
    refused("Bind a head first", filepath=photo)
    assert not bpy.ops.mien.estimate_image.poll()


def test_a_mesh_without_shape_keys_stays_unbound(refused, photo):
    add_mesh("Face", [])
    with pytest.raises(RuntimeError, match="Face has no shape keys"):
        bpy.ops.mien.bind_character()
    refused("Bind a head first", filepath=photo)


def test_a_success_takes_the_error_away():
    add_mesh("Face", [])
    with pytest.raises(RuntimeError, match="Face has no shape keys"):
        bpy.ops.mien.bind_character()
    assert now.error
    add_mesh("Good", ["jawOpen"]).location.x = 5
    bpy.ops.mien.bind_character()
    assert now.error == ""


def test_the_log_folder_cannot_be_made(head, refused, photo, tmp_path, monkeypatch):
    session.stop()
    logs = Path(bpy.utils.extension_path_user("bl_ext.user_default.mien", create=True), "logs")
    kept = logs.rename(logs.with_name("kept")) if logs.exists() else None
    logs.touch()
    (tmp_path / "backend-mine.log").touch()
    monkeypatch.chdir(tmp_path)
    try:
        assert refused("The folder of the backend's logs can't be", filepath=photo)
    finally:
        logs.unlink()
        if kept is not None:
            kept.rename(logs)
    assert [path.name for path in tmp_path.iterdir()] == ["backend-mine.log"]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("FILE", "No picture is chosen"),
        ("IMAGE", "No image is chosen"),
        ("RENDER", "There is no render yet"),
        ("CLIP", "No Movie Clip is chosen"),
        ("STRIP", "No picture strip is under the playhead"),
    ],
)
def test_a_source_with_nothing_in_it(head, refused, source, sentence):
    assert sentence in refused(sentence, source=source)


def test_the_backend_is_not_installed(head, refused, photo, monkeypatch):
    session.stop()
    monkeypatch.setenv("MIEN_BACKEND_PYTHON", "/nowhere/python")
    refused("The backend is not installed", filepath=photo)
    with pytest.raises(RuntimeError, match="The backend is not installed"):
        bpy.ops.mien.start_backend()
    assert session.status().words == "Backend not installed"


def test_the_backend_does_not_start(head, refused, photo, monkeypatch, tmp_path):
    session.stop()
    monkeypatch.setenv("MIEN_BACKEND_ROOT", str(tmp_path))  # there is no package here
    assert "inference_backend" in refused("The backend ended by itself", filepath=photo)


def test_the_backend_is_killed_while_it_reads(head, refused, photo):
    bpy.ops.mien.start_backend() if bpy.ops.mien.start_backend.poll() else None
    process = session.start()._process  # the test has to be as rude as the system can be
    os.kill(process.pid, signal.SIGSTOP)  # so that the request is surely under way
    killer = threading.Timer(0.5, lambda: os.kill(process.pid, signal.SIGKILL))
    killer.start()
    try:
        assert refused("The backend ended", filepath=photo)
    finally:
        killer.join()
    time.sleep(0.2)
    assert "ended by itself" in session.status().words
    assert bpy.ops.mien.estimate_image(filepath=photo) == {"FINISHED"}  # a new one is started


def test_start_and_stop_by_hand(head, photo):
    if bpy.ops.mien.stop_backend.poll():
        bpy.ops.mien.stop_backend()
    assert session.status().words == "Backend starts on first use"
    assert bpy.ops.mien.start_backend() == {"FINISHED"}
    assert session.status().words == "Backend ready"
    assert not bpy.ops.mien.start_backend.poll()
    process = session.start()._process
    assert bpy.ops.mien.stop_backend() == {"FINISHED"}
    assert process.poll() is not None
    assert not bpy.ops.mien.stop_backend.poll()


def test_the_preferences_come_before_the_environment(monkeypatch):
    session.stop()
    preferences = bpy.context.preferences.addons["bl_ext.user_default.mien"].preferences
    monkeypatch.setenv("MIEN_BACKEND_PYTHON", sys.executable)
    preferences.backend_python = "/nowhere/python"
    try:
        assert not session.status().is_installed
    finally:
        preferences.backend_python = ""
    assert session.status().is_installed
