import bpy
import pytest

from tests.carriers import astronaut_photo


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
    """The example head, bound; its armature."""
    assert bpy.ops.mien.add_example_head() == {"FINISHED"}
    return scene.mien_head


@pytest.fixture
def photo():
    return str(astronaut_photo())
