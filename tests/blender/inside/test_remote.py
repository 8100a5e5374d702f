"""A backend that somebody else started, named in the preferences."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import pytest
from bl_ext.user_default.mien.ui.backend_remote import remote_warnings
from bl_ext.user_default.mien.ui.backend_session import session
from bl_ext.user_default.mien.ui.work import now

from tests.carriers import astronaut_photo

TOKEN = "a-token-that-everybody-in-the-studio-has"


@pytest.fixture
def preferences() -> Iterator[Any]:
    """The add-on's, without a remote backend again at the end."""
    chosen: Any = bpy.context.preferences.addons["bl_ext.user_default.mien"].preferences
    yield chosen
    chosen.remote_url = chosen.remote_token = ""
    session.stop()


@contextmanager
def shared_backend(folder: Path) -> Iterator[int]:
    """The port of a backend started by hand, as one would on the other computer."""
    token_file = folder / "token"
    token_file.write_text(TOKEN)
    command = [os.environ["MIEN_BACKEND_PYTHON"], "-m", "inference_backend", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": os.environ["MIEN_BACKEND_ROOT"]}
    process = subprocess.Popen(
        [*command, "--read-token", str(token_file)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_a_photo_is_keyed_by_it_and_no_backend_is_started(preferences, tmp_path):
    session.stop()
    bpy.ops.mien.add_example_head()
    with shared_backend(tmp_path) as port:
        preferences.remote_url, preferences.remote_token = f"http://localhost:{port}", TOKEN
        bpy.ops.mien.estimate_image(filepath=str(astronaut_photo()))
        assert session._process is None
    face = bpy.data.objects["Face"].data.shape_keys
    assert face.key_blocks["mouthSmileLeft"].value > 0.6


def test_the_local_one_is_ended_when_a_remote_one_is_chosen(preferences):
    bpy.ops.mien.start_backend()
    local = session._process
    assert local is not None
    preferences.remote_url = "http://localhost:1"
    assert session._process is None
    assert local._process.poll() is not None


def test_a_local_one_at_work_is_ended_after_that(preferences):
    bpy.ops.mien.start_backend()
    local = session._process
    now.work = object()
    try:
        preferences.remote_url, preferences.remote_token = "http://localhost:1", TOKEN
        assert session._process is local
    finally:
        now.work = None
    session.connector()
    assert local._process.poll() is not None


def refusal() -> str:
    with pytest.raises(RuntimeError) as raised:
        bpy.ops.mien.estimate_image(filepath=str(astronaut_photo()))
    return str(raised.value)


def test_what_is_wrong_is_told_and_nothing_keyed(preferences):
    bpy.ops.mien.add_example_head()
    preferences.remote_url = "http://127.0.0.1:9"
    assert "needs its token" in refusal()
    preferences.remote_token = TOKEN
    assert "not running. Ask whoever runs" in refusal()
    preferences.remote_url = "nowhere"
    assert "no address of a backend" in refusal()
    preferences.remote_url = "https://faces.studio.example"
    assert "set to stay offline" in refusal()
    assert not bpy.data.actions


def test_who_sends_pictures_away_is_warned():
    assert remote_warnings("http://localhost:8765") == ()
    (leaving,) = remote_warnings("https://faces.studio.example/mien")
    assert "leave this computer: they are sent to faces.studio.example" in leaving
    assert "not encrypted" in remote_warnings("http://faces.studio.example")[1]
    assert "no address" in remote_warnings("faces")[0]
