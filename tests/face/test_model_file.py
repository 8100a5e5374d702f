"""The task file is installed whole or not at all, and checked before it is loaded."""

import shutil
from pathlib import Path

import pytest

from blender_addon.core.errors import EngineError
from inference_backend.face.engine import FaceModelEngine
from inference_backend.face.model_file import install_model_file, load_bundle, model_path
from tests.carriers import face_model_file
from tests.photos import astronaut


def test_the_setting_says_where_the_model_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MIEN_FACE_MODEL", str(tmp_path / "mine.task"))
    assert model_path() == tmp_path / "mine.task"
    monkeypatch.delenv("MIEN_FACE_MODEL")
    assert model_path().name == "face_landmarker.task"
    assert model_path().parent.name == "mien"


def test_it_is_installed_and_then_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "model.task"
    monkeypatch.setenv("MIEN_FACE_MODEL", str(target))
    assert FaceModelEngine().status().state == "not installed"
    assert install_model_file(face_model_file()) == target
    assert target.read_bytes() == face_model_file().read_bytes()
    assert list(target.parent.iterdir()) == [target]
    assert FaceModelEngine().status().state == "ready"


def test_another_file_is_not_installed(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.task"
    wrong.write_bytes(face_model_file().read_bytes()[:-1])
    installed = install_model_file(face_model_file(), tmp_path / "model.task")
    with pytest.raises(EngineError, match="SHA-256"):
        install_model_file(wrong, installed)
    assert installed.read_bytes() == face_model_file().read_bytes()
    with pytest.raises(EngineError, match="does not exist"):
        install_model_file(tmp_path / "nowhere.task", installed)


def test_a_changed_file_is_never_loaded(tmp_path: Path) -> None:
    changed = tmp_path / "model.task"
    shutil.copy(face_model_file(), changed)
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    with pytest.raises(EngineError, match="SHA-256"):
        load_bundle(changed)
    with pytest.raises(EngineError, match="SHA-256"):
        FaceModelEngine(path=changed).estimate(astronaut(), max_faces=1)


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        load_bundle(tmp_path)
