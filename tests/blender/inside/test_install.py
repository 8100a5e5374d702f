"""The backend installed from the zip alone, offline, and what the panel says meanwhile."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.mien.client.job import JobState
from bl_ext.user_default.mien.core.errors import InstallError
from bl_ext.user_default.mien.ui.backend_install import Wishes, desk
from bl_ext.user_default.mien.ui.backend_place import install_place
from bl_ext.user_default.mien.ui.backend_session import session
from bl_ext.user_default.mien.ui.backend_status import BackendCondition
from bl_ext.user_default.mien.ui.operators.install import install_label, report_now
from bl_ext.user_default.mien.ui.work import now

FROM_ZIP = Path(__file__).parents[1] / "from_zip.py"
LIMIT_S = 300


def wheels() -> str:
    """The folder that `python build.py addon --wheelhouse` makes; the check names it."""
    return os.environ["MIEN_WHEELS"]


@pytest.fixture
def nothing_installed(monkeypatch):
    """Without the developer's backend."""
    session.stop()
    monkeypatch.delenv("MIEN_BACKEND_PYTHON")
    monkeypatch.delenv("MIEN_BACKEND_ROOT")
    now.error = ""
    yield
    desk.end()
    session.stop()
    install_place().remove()
    now.error = ""


def test_from_the_zip_alone_and_offline(photo):
    command = [sys.executable, FROM_ZIP, os.environ["MIEN_ADDON_ZIP"], wheels(), photo]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["at first"] == told["afterwards"] == "Backend not installed"
    assert told["installed"] == "Backend starts on first use"
    assert told["actions"] > 0
    assert told["running"] == "ready"
    assert told["bytes"] < 400_000_000
    assert told["left behind"] == []


def test_offline_is_respected(nothing_installed):
    assert not bpy.app.online_access
    with pytest.raises(RuntimeError, match="Blender is set to stay offline"):
        bpy.ops.mien.install_backend()
    assert not install_place().folder.exists()


def test_begun_it_is_shown_and_can_be_stopped_and_goes_on(nothing_installed):
    assert install_label() == "Install Backend"
    assert desk.describe(Wishes.of(wheelhouse=wheels())).wait(30) is JobState.DONE
    desk.begin(Wishes.of(wheelhouse=wheels()))
    assert not bpy.ops.mien.install_backend.poll()
    assert not bpy.ops.mien.uninstall_backend.poll()
    while install_place().folder.exists() is False or not install_place().temporary.exists():
        time.sleep(0.02)
    status = session.status()
    assert (status.condition, status.is_installed) == (BackendCondition.INSTALLING, False)
    assert status.words.startswith("Installing the backend: ")
    assert bpy.ops.mien.stop_install() == {"FINISHED"}
    assert desk._look() is None  # what Blender's timer calls; headless it never does
    assert session.status().condition is BackendCondition.INCOMPLETE
    assert install_label() == "Continue Installing"
    assert not bpy.ops.mien.stop_install.poll()


def test_a_failure_is_told_in_the_panel(nothing_installed, tmp_path):
    (tmp_path / "other-1.0-py3-none-any.whl").touch()
    now.is_about_take = True  # as after an order for one
    desk.begin(Wishes.of(wheelhouse=str(tmp_path))).job.wait(60)
    assert desk._look() is None
    assert now.error.startswith("The folder of wheels lacks ")
    assert not now.is_about_take
    assert now.error in report_now()


def test_the_folder_of_wheels_of_the_preferences_is_taken(nothing_installed, tmp_path):
    preferences = bpy.context.preferences.addons["bl_ext.user_default.mien"].preferences
    preferences.wheelhouse = str(tmp_path)
    try:
        with pytest.raises(InstallError, match="There are no wheels in"):
            desk.begin(Wishes.of())
    finally:
        preferences.wheelhouse = ""


def test_the_report_tells_versions_and_state():
    told = report_now()
    assert f"Blender: {bpy.app.version_string}" in told
    assert f"Backend: {session.status().words}" in told


def test_a_backend_that_crashes_is_started_again_once(head, photo):
    bpy.ops.mien.start_backend() if bpy.ops.mien.start_backend.poll() else None
    for _ in range(2):
        process = session.start()._process
        process.kill()
        process.wait()
        end = time.monotonic() + 5
        while session.status().condition is not BackendCondition.CRASHED:
            assert time.monotonic() < end
            time.sleep(0.02)
    with pytest.raises(RuntimeError, match=r"ended by itself .* started again once already; Start Backend tries again"):
        bpy.ops.mien.estimate_image(filepath=photo)
    assert bpy.ops.mien.start_backend() == {"FINISHED"}
    assert bpy.ops.mien.estimate_image(filepath=photo) == {"FINISHED"}
