"""Binding on heads that users could bring."""

import bpy
import pytest
from bl_ext.user_default.mien.core.channels import SHAPES
from bl_ext.user_default.mien.core.curves import Curves
from bl_ext.user_default.mien.core.errors import CharacterError
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.scene.character import bind
from bl_ext.user_default.mien.scene.keys import write_curves
from bl_ext.user_default.mien.scene.stored_character import active_character
from mathutils import Vector

from .scenes import FACE, LEFT_EYE, activate, add_armature, add_mesh, digest, dress


def bound(part):
    """The character as it is used, which turns no eye twice."""
    activate(part)
    bpy.ops.mien.bind_character()
    return active_character(bpy.context.scene)


def test_the_example_head_has_everything_and_rests(scene):
    assert bpy.ops.mien.add_example_head() == {"FINISHED"}
    head = active_character(scene)
    values = {key.value for mesh in head.meshes for key in list(mesh.data.shape_keys.key_blocks)[1:]}
    assert values == {0.0}
    assert head.summary() == "52 of 52, head bone, 2 eyes"
    assert head.missing == ()
    assert len(head.meshes) > 3
    assert list(head.facing.forward) == pytest.approx([0, -1, 0])


def test_any_part_of_a_head_binds_all_of_it(head, scene):
    for part in (*head.meshes, head.anchor):
        activate(part)
        assert bpy.ops.mien.bind_character() == {"FINISHED"}
        again = active_character(scene)
        assert (again.summary(), set(again.meshes)) == (head.summary(), set(head.meshes))


def test_two_heads_stay_apart(head):
    bpy.ops.mien.add_example_head()
    second = active_character(bpy.context.scene)
    assert not set(head.meshes) & set(second.meshes)
    assert len(second.meshes) == len(head.meshes)


def test_an_armature_gathers_meshes_with_other_names():
    face = add_mesh("Face", [f"Face.M_F00_000_{name}" for name in SHAPES])
    teeth = add_mesh("Teeth", ["teeth_jawOpen", "teeth_jawForward"])
    body = add_mesh("Body", ["Breathe"])
    rig = add_armature()
    dress(rig, face, teeth, body)
    character = bind(body)
    assert (character.anchor, character.meshes) == (rig, (face, teeth))
    assert character.summary() == "52 of 52, head bone, 2 eyes"


def test_meshes_under_one_empty_are_one_head():
    empty = bpy.data.objects.new("Head", None)
    bpy.context.scene.collection.objects.link(empty)
    face, tongue = add_mesh("Face", ["jawOpen", "mouthClose"]), add_mesh("Tongue", ["tongueOut"])
    face.parent = tongue.parent = empty
    character = bind(tongue)
    assert (set(character.meshes), character.anchor) == ({face, tongue}, face)
    assert character.summary() == "3 of 52, no head bone, no eyes"


def test_loose_parts_belong_together_but_a_second_head_does_not():
    face, inside = add_mesh("Face", ["jawOpen", "mouthClose"]), add_mesh("Tongue", ["tongueOut"])
    beside = add_mesh("Other", ["jawOpen", "mouthClose"])
    beside.location.x = 0.5
    bpy.context.view_layer.update()
    assert set(bind(face).meshes) == {face, inside}


def test_eye_bones_turn_only_eyes_that_no_shape_turns():
    rig = add_armature(bones=("head", "eye.L", "eye.R"), rolls=(0,) * 3, tails=((0, 0, 0.1), (0, 0, 0.2), (0, 0, 0.3)))
    plain = [name for name in SHAPES if not name.startswith("eyeLook")]
    face = add_mesh("Face", plain)
    dress(rig, face)
    assert set(bound(face).turns) == {"head", "leftEye", "rightEye"}
    assert bound(face).summary() == "44 of 52, head bone, 2 eyes"
    other = add_mesh("Other", [*plain, "eyeLookUpLeft"])
    dress(rig, other)
    assert set(bound(other).turns) == {"head", "rightEye"}


def test_facing_is_read_from_the_face(scene):
    # An imported rig stands with Y up and looks along Z; its object turns it upright.
    points = [(x, z, -y) for x, y, z in ((0.03, -0.1, 0.05), (-0.03, -0.1, 0.05), (0, -0.11, -0.02), (0, 0, 0.1))]
    face = add_mesh("Face", SHAPES, points=[*points, (0, -0.1, 0)])
    rig = add_armature(up="Y")
    rig.rotation_euler.x = face.rotation_euler.x = 1.5708
    dress(rig, face)
    bpy.context.view_layer.update()
    facing = bind(face).facing
    assert [round(value) for value in facing.forward] == [0, 0, 1]
    assert [round(value) for value in facing.up] == [0, 1, 0]


def test_doubtful_names_are_suggested_and_not_used(scene):
    face = add_mesh("Face", ["jawOpen_fix", "mouthClose", "mouthPucker"])
    bpy.ops.mien.bind_character()
    character = active_character(scene)
    assert [(found.channel, found.mesh, found.key) for found in character.suggestions] == [
        ("jawOpen", "Face", "jawOpen_fix")
    ]
    assert "jawOpen" in character.missing
    assert character.meshes == (face,)


def test_a_mesh_without_shape_keys_is_refused_and_unchanged():
    add_mesh("Face", [])
    before = digest()
    with pytest.raises(RuntimeError, match="Face has no shape keys"):
        bpy.ops.mien.bind_character()
    assert digest() == before
    assert bpy.context.scene.mien_head is None


def test_nothing_selected_is_refused():
    bpy.context.view_layer.objects.active = None
    with pytest.raises(RuntimeError, match="Select the head or its armature first"):
        bpy.ops.mien.bind_character()
    with pytest.raises(CharacterError, match="No object is selected"):
        bind(None)


def test_the_binding_is_saved_with_the_file(head, tmp_path):
    path = str(tmp_path / "head.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert active_character(bpy.context.scene) is None
    bpy.ops.wm.open_mainfile(filepath=path)
    again = active_character(bpy.context.scene)
    assert again.summary() == "52 of 52, head bone, 2 eyes"
    assert list(again.facing.up) == pytest.approx([0, 0, 1])


def test_a_deleted_or_renamed_key_is_only_missing(scene):
    face = add_mesh("Face", ["jawOpen", "mouthClose"])
    bpy.ops.mien.bind_character()
    face.shape_key_remove(face.data.shape_keys.key_blocks["jawOpen"])
    assert active_character(scene).bound == ("mouthClose",)


def test_a_deleted_head_is_no_character(scene):
    face = add_mesh("Face", ["jawOpen"])
    bpy.ops.mien.bind_character()
    bpy.data.objects.remove(face)
    assert active_character(scene) is None


def in_collection_of_its_own(*things):
    for thing in things:
        collection = bpy.data.collections.new(thing.name)
        bpy.context.scene.collection.children.link(collection)
        bpy.context.scene.collection.objects.unlink(thing)
        collection.objects.link(thing)


def test_parts_in_different_collections_are_one_head():
    face, teeth, tongue = (add_mesh(name, [key]) for name, key in zip("ABC", SHAPES[:3], strict=True))
    rig = add_armature()
    dress(rig, face, teeth)
    tongue.parent = rig
    in_collection_of_its_own(face, teeth, tongue, rig)
    for part in (face, teeth, tongue, rig):
        assert set(bind(part).meshes) == {face, teeth, tongue}


def test_a_mirrored_armature_still_looks_forward():
    face, rig = add_mesh("Face", SHAPES), add_armature()
    dress(rig, face)
    rig.scale.x = -1
    bpy.context.view_layer.update()
    assert list(bind(face).facing.forward) == pytest.approx([0, -1, 0])


@pytest.mark.parametrize("is_child", [False, True], ids=["deformed only", "child"])
def test_a_mirrored_head_turns_to_the_side_of_its_left_eye(scene, is_child):
    face, rig = add_mesh("Face", SHAPES), add_armature()
    dress(rig, face)
    if is_child:
        face.parent = rig
    rig.scale.x = -1
    bpy.context.view_layer.update()
    activate(face)
    bpy.ops.mien.bind_character()
    character = active_character(scene)
    left_eye = (face.matrix_world @ Vector(FACE[LEFT_EYE])).x
    pose = {"headYaw": 0.3, "headPitch": 0.2, "headRoll": 0.1}
    write_curves(character, Curves.from_pose(Pose.from_mapping(pose)), 1, scene)
    scene.frame_set(1)
    bone = rig.pose.bones["head"]
    turned = rig.matrix_world.to_3x3() @ bone.matrix.to_3x3() @ bone.bone.matrix_local.to_3x3().inverted()
    nose, crown = (turned @ rig.matrix_world.to_3x3().inverted() @ Vector(axis) for axis in ((0, -1, 0), (0, 0, 1)))
    assert nose.x * left_eye > 0.2 * abs(left_eye)
    assert nose.z > 0.15  # up
    assert crown.x * left_eye > 0.02 * abs(left_eye)  # leans to the left as well


def test_of_two_keys_that_could_be_the_same_none_is_taken_and_both_are_suggested(scene):
    add_mesh("Face", ["JawOpen", "jaw_open"])
    bpy.ops.mien.bind_character()
    character = active_character(scene)
    assert character.shapes == ()
    assert [(found.key, found.is_alone) for found in character.suggestions if found.channel == "jawOpen"] == [
        ("JawOpen", False),
        ("jaw_open", False),
    ]


def test_of_two_keys_the_one_that_arkit_writes_is_taken():
    face = add_mesh("Face", ["JawOpen", "jawOpen"])
    assert [target.key for target in bind(face).shapes] == ["jawOpen"]


def test_an_armature_without_size_is_refused():
    face, rig = add_mesh("Face", SHAPES), add_armature()
    dress(rig, face)
    rig.scale = (0, 0, 0)
    bpy.context.view_layer.update()
    with pytest.raises(CharacterError, match="Rig has a scale of zero"):
        bind(face)


@pytest.fixture(params=[False, True], ids=["unbound", "bound"])
def linked_face(request, tmp_path):
    """A face with a rig, linked from another file in which it was bound or not."""
    face, rig = add_mesh("Face", ["jawOpen", "mouthClose"]), add_armature()
    dress(rig, face)
    collection = bpy.data.collections.new("Head")
    bpy.context.scene.collection.children.link(collection)
    for thing in (face, rig):
        bpy.context.scene.collection.objects.unlink(thing)
        collection.objects.link(thing)
    if request.param:
        bpy.ops.mien.bind_character()
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.collections = ["Head"]
    bpy.context.scene.collection.children.link(into.collections[0])
    bpy.context.view_layer.update()
    return next(thing for thing in bpy.data.objects if thing.name == "Face")


def test_a_linked_head_is_not_bound(linked_face):
    bpy.context.view_layer.objects.active = linked_face
    with pytest.raises(RuntimeError, match=r"Rig is linked from another file .* Make an editable library override"):
        bpy.ops.mien.bind_character()
    assert bpy.context.scene.mien_head is None


def test_an_override_is_bound_keyed_and_saved(linked_face, tmp_path):
    scene = bpy.context.scene
    linked = scene.collection.children[0]
    scene.collection.children.unlink(linked)
    linked.override_hierarchy_create(scene, bpy.context.view_layer, do_fully_editable=True)
    face = next(thing for thing in bpy.data.objects if thing.type == "MESH" and thing.override_library)
    bpy.context.view_layer.objects.active = face
    with pytest.raises(RuntimeError, match="The meshes of Rig are linked from another file"):
        bpy.ops.mien.bind_character()
    face.data.override_create(remap_local_usages=True)
    for _again in range(2):
        assert bpy.ops.mien.bind_character() == {"FINISHED"}
    write_curves(
        active_character(scene), Curves.from_pose(Pose.from_mapping({"jawOpen": 0.5, "headYaw": 0.2})), 1, scene
    )
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    head = active_character(bpy.context.scene)
    assert head.summary() == "2 of 52, head bone, no eyes"
    assert head.anchor.override_library is not None
    assert head.meshes[0].data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.5)
    assert (
        write_curves(head, Curves.from_pose(Pose.from_mapping({"jawOpen": 0.7})), 9, bpy.context.scene).left_alone == ()
    )


def test_a_head_with_the_name_of_a_linked_one_is_itself(linked_face, scene):
    other = add_mesh("Face", ["jawOpen"])
    assert other.name == linked_face.name
    bpy.ops.mien.bind_character()
    assert active_character(bpy.context.scene).anchor == other
