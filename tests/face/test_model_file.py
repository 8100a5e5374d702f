"""The task file is found, and checked before it is loaded."""

import shutil
from pathlib import Path

import pytest

from blender_addon.core.errors import EngineError
from building import carriers
from inference_backend.face.engine import FaceModelEngine
from inference_backend.face.model_file import SHA256, load_bundle, model_path
from tests.carriers import face_model_file
from tests.photos import astronaut


def test_the_setting_says_where_the_model_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MIEN_FACE_MODEL", str(tmp_path / "mine.task"))
    assert model_path() == tmp_path / "mine.task"
    monkeypatch.delenv("MIEN_FACE_MODEL")
    assert model_path().name == "face_landmarker.task"
    assert model_path().parent.name == "mien"


def test_it_is_found_where_the_setting_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    target = tmp_path / "model.task"
    monkeypatch.setenv("MIEN_FACE_MODEL", str(target))
    assert FaceModelEngine().status().state == "not installed"
    shutil.copy(face_model_file(), target)
    assert FaceModelEngine().status().state == "ready"
    assert load_bundle(target).detector


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not exist"):
        load_bundle(tmp_path / "nowhere.task")


def test_the_build_provides_the_very_file_that_the_engine_expects() -> None:
    assert carriers.FACE_MODEL_SHA256 == SHA256


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
