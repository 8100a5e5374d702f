"""What the base install knows of students, which has no torch."""

import sys

import numpy as np
import pytest

from blender_addon.core.errors import EngineError
from inference_backend.distill.student.engine import HOW_TO_INSTALL, StudentEngine
from inference_backend.distill.student.place import folder_for, students_folder


@pytest.fixture
def no_torch(monkeypatch):
    """Python finds no torch, whether or not it is installed."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    for name in [name for name in sys.modules if name.partition(".")[0] in ("torch", "safetensors")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("no_torch")
def test_it_says_what_to_install(tmp_path):
    engine = StudentEngine(tmp_path)
    with pytest.raises(EngineError, match="cannot be used") as told:
        engine.estimate(np.zeros((8, 8, 3), dtype=np.uint8), max_faces=1)
    assert HOW_TO_INSTALL in str(told.value)


def test_each_character_has_a_folder_of_its_own():
    names = ("a b", "a-b", "A b", "", ".", "..", "/", "\u732b", "x" * 300, "x" * 301)
    folders = {str(folder_for(name)).lower() for name in names}
    assert len(folders) == len(names)
    assert all(folder_for(name).parent == students_folder() for name in names)
    assert all(len(folder_for(name).name) < 60 for name in names)
    assert folder_for("a b") == folder_for("a b")
