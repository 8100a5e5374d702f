"""The table of a binding: edited, kept, used by every writer of keys, and written to files."""

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.curve_sums import values_at
from bl_ext.user_default.mien.core.curves import Curve, Curves
from bl_ext.user_default.mien.core.pose import Pose
from bl_ext.user_default.mien.core.take import Take, TakeKind
from bl_ext.user_default.mien.core.track import FaceTrack
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.binding_obstacles import obstacles
from bl_ext.user_default.mien.scene.keys import with_all_shapes, write_curves
from bl_ext.user_default.mien.scene.pose_assets import shown_pose
from bl_ext.user_default.mien.scene.preview import Preview
from bl_ext.user_default.mien.scene.stored_character import active_binding, active_character
from bl_ext.user_default.mien.scene.stored_takes import add_take
from bl_ext.user_default.mien.scene.takes import apply_take, revert_take

from .rigs import bound, remove_keys, show, unbound
from .scenes import activate, add_armature, add_mesh, curves, dress


def stored():
    return active_binding(bpy.context.scene)


def now():
    return active_character(bpy.context.scene)


def row_of(channel):
    return next(row for row in stored().shapes if row.channel == channel)


def value(mesh, key):
    return mesh.data.shape_keys.key_blocks[key].value


def curve_of(mesh, key):
    path = f'key_blocks["{key}"].value'
    return next(fcurve for fcurve in fcurves_of(mesh.data.shape_keys) if fcurve.data_path == path)


@pytest.fixture
def face(scene):
    return bound(add_mesh("Face", ["jawOpen", "mouthClose", "mouthPucker", "Extra"])).meshes[0]


def test_gain_and_offset_reach_the_keys_and_the_preview(face):
    row = row_of("jawOpen")
    row.gain, row.offset = 0.5, 0.1
    show(now(), jawOpen=0.6)
    assert value(face, "jawOpen") == pytest.approx(0.4)
    with Preview(now()) as preview:
        preview.show(Pose.from_mapping({"jawOpen": 1.0}))
        assert value(face, "jawOpen") == pytest.approx(0.6)


def test_all_channels_keep_what_a_shape_with_gain_shows(face):
    row = row_of("mouthPucker")
    row.gain, row.offset = 0.5, 0.1
    face.data.shape_keys.key_blocks["mouthPucker"].value = 0.3
    jaw = Curves({"jawOpen": Curve([0.0, 1.0], [0.0, 0.5])})
    every = with_all_shapes(now(), jaw, 0.0, is_layer=False)
    assert every["mouthPucker"].values.tolist() == pytest.approx([0.4])
    assert shown_pose(now())["mouthPucker"] == pytest.approx(0.4)


def test_a_gain_above_1_goes_as_far_as_the_slider_and_says_where_it_ends(face):
    row_of("jawOpen").gain = 1.6
    assert "beyond the slider's range: jawOpen" in obstacles(now())[0]
    report = show(now(), jawOpen=1.0)
    assert value(face, "jawOpen") == 1.0
    assert report.limited == ("Kept within the range of its slider: jawOpen.",)
    face.data.shape_keys.key_blocks["jawOpen"].slider_max = 2.0
    assert obstacles(now()) == []
    assert show(now(), jawOpen=1.0).limited == ()
    assert value(face, "jawOpen") == pytest.approx(1.6)


def test_one_channel_drives_shape_keys_on_several_meshes(face, scene):
    beard = add_mesh("Beard", ["grow"])
    assert bpy.ops.mien.add_binding_row() == {"FINISHED"}
    row = stored().shapes[stored().index]
    row.channel, row.mesh, row.key, row.gain = "jawOpen", beard, "grow", -1.0
    beard.data.shape_keys.key_blocks["grow"].slider_min = -1.0
    show(now(), jawOpen=0.75)
    assert (value(face, "jawOpen"), value(beard, "grow")) == pytest.approx((0.75, -0.75))


EASED = Curve([0, 0.5, 1], [0, 1, 0.2], handles=[[[-0.1, 0], [0.1, 0]], [[0.4, 1], [0.6, 1]], [[0.9, 0.2], [1.1, 0.2]]])
LATER = Curve([0.25, 0.75], [0.0, 0.5], handles=[[[0.2, 0], [0.4, 0]], [[0.6, 0.5], [0.8, 0.5]]])


def test_several_channels_on_one_shape_key_are_added(face, scene):
    assert bpy.ops.mien.add_binding_row() == {"FINISHED"}
    row = stored().shapes[stored().index]
    row.channel, row.mesh, row.key, row.gain = "mouthPucker", face, "jawOpen", -0.4
    write_curves(now(), Curves({"jawOpen": EASED, "mouthPucker": LATER}), 1, scene)
    added = curve_of(face, "jawOpen")
    times = np.arange(25) / 24
    wanted = np.clip(values_at(EASED, times) - 0.4 * values_at(LATER, times), 0, 1)
    assert [added.evaluate(frame) for frame in range(1, 26)] == pytest.approx(wanted, abs=0.0021)
    assert len(added.keyframe_points) < 12


def test_a_scaled_curve_keeps_its_keys_and_handles(face, scene):
    row_of("jawOpen").gain = 0.5
    write_curves(now(), Curves({"jawOpen": EASED}), 1, scene)
    points = curve_of(face, "jawOpen").keyframe_points
    assert np.array([point.co for point in points]) == pytest.approx(np.array([(1, 0), (13, 0.5), (25, 0.1)]), abs=1e-5)
    assert tuple(points[1].handle_left) == pytest.approx((1 + 0.4 * 24, 0.5), abs=1e-4)


def test_what_is_set_by_hand_survives_finding_the_names_anew(face):
    row_of("jawOpen").gain = 0.7
    row = row_of("mouthPucker")
    row.key = "Extra"
    stored().neck_share = 0.25
    activate(face)
    assert bpy.ops.mien.bind_character() == {"FINISHED"}
    assert row_of("jawOpen").gain == pytest.approx(0.7)
    assert [row.key for row in stored().shapes if row.channel == "mouthPucker"] == ["Extra"]
    assert stored().neck_share == 0.25


def test_other_meshes_keep_their_rows_when_one_was_set_by_hand(scene):
    face, teeth = add_mesh("Face", ["jawOpen", "mouthClose"]), add_mesh("Teeth", ["jawOpen"])
    bound(face)
    next(row for row in stored().shapes if row.mesh == face and row.channel == "jawOpen").gain = 0.5
    bound(face)
    assert {(row.mesh, row.gain) for row in now().shapes if row.channel == "jawOpen"} == {(face, 0.5), (teeth, 1.0)}


def test_a_stand_in_with_another_gain_is_still_one(head):
    rig, parts = unbound(head)
    for mesh in [part for part in parts.values() if part.type == "MESH" and part.data.shape_keys]:
        remove_keys(mesh, lambda name: name == "mouthClose")
    bound(rig)
    for row in [row for row in stored().shapes if row.channel == "mouthClose"]:
        row.gain = -0.5
    bound(rig)
    assert now().approximated == ("mouthClose",)
    assert {row.gain for row in now().shapes if row.channel == "mouthClose"} == {-0.5}


def test_a_row_is_removed_and_its_keys_stay(face):
    show(now(), jawOpen=0.5)
    stored().index = next(index for index, row in enumerate(stored().shapes) if row.channel == "jawOpen")
    assert bpy.ops.mien.remove_binding_row() == {"FINISHED"}
    assert "jawOpen" not in now().bound
    assert curve_of(face, "jawOpen").evaluate(1) == pytest.approx(0.5)


def test_a_take_is_taken_back_although_the_table_has_changed_since(face, scene):
    show(now(), jawOpen=0.25, mouthPucker=0.5)
    before = curves()
    track = FaceTrack.from_pose(Pose.from_mapping({"jawOpen": 0.9, "mouthPucker": 0.1}), confidence=1.0)
    record = add_take(now().anchor, Take("Take", TakeKind.IMAGE, track, frame_start=1.0), scene=scene)
    apply_take(now(), record, scene)
    assert value(face, "jawOpen") == pytest.approx(0.9)
    while len(stored().shapes):
        bpy.ops.mien.remove_binding_row()
    revert_take(now(), record, scene)
    after = curves()
    assert after.keys() == before.keys()
    assert all(np.array_equal(after[key], before[key]) for key in before)


def test_the_table_is_saved_undone_and_appended(face, tmp_path):
    row_of("jawOpen").gain = 0.5
    row_of("jawOpen").offset = 0.125
    stored().neck_share = 0.5
    path = str(tmp_path / "head.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    table = [(row.channel, row.key, row.gain, row.offset) for row in now().shapes]
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.mien.remove_binding_row()
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert [(row.channel, row.key, row.gain, row.offset) for row in now().shapes] == table
    bpy.ops.ed.redo()
    assert len(now().shapes) == len(table) - 1
    bpy.ops.wm.open_mainfile(filepath=path)
    assert [(row.channel, row.key, row.gain, row.offset) for row in now().shapes] == table
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(path) as (_, here):
        here.objects = ["Face"]
    bpy.context.scene.collection.objects.link(here.objects[0])
    bpy.context.scene.mien_head = here.objects[0]
    assert [(row.channel, row.key, row.gain, row.offset) for row in now().shapes] == table


def test_the_test_slider_shows_a_channel_and_leaves_nothing(face):
    stored().index = next(index for index, row in enumerate(stored().shapes) if row.channel == "jawOpen")
    manager = bpy.context.window_manager
    manager.mien_binding_test = 0.75
    assert value(face, "jawOpen") == pytest.approx(0.75)
    assert manager.mien_binding_test == pytest.approx(0.75)
    manager.mien_binding_test = 0.0
    assert value(face, "jawOpen") == 0.0
    assert curves() == {}


def test_an_operator_ends_the_test(face):
    stored().index = next(index for index, row in enumerate(stored().shapes) if row.channel == "jawOpen")
    bpy.context.window_manager.mien_binding_test = 0.75
    activate(face)
    assert bpy.ops.mien.bind_character() == {"FINISHED"}
    assert (value(face, "jawOpen"), bpy.context.window_manager.mien_binding_test) == (0.0, 0.0)


def test_a_suggestion_is_accepted_on_every_mesh_that_has_the_key(scene):
    face, beard = add_mesh("Face", ["kiss", "other"]), add_mesh("Beard", ["kiss"])
    activate(face)
    bpy.ops.mien.bind_character()
    index = [suggestion.channel for suggestion in stored().suggestions].index("mouthPucker")
    assert bpy.ops.mien.accept_suggestion(index=index) == {"FINISHED"}
    assert {row.mesh for row in now().shapes if row.channel == "mouthPucker"} == {face, beard}
    assert "mouthPucker" not in [suggestion.channel for suggestion in stored().suggestions]


def heads_with_bones():
    face = add_mesh("Face", ["Jaw", "Pucker", "Grin"])
    rig = add_armature(bones=("neck", "head"))
    dress(rig, face)
    return bound(face), face


def test_a_binding_goes_through_a_file_to_another_head(scene, tmp_path):
    _, face = heads_with_bones()
    for channel, key, gain, offset in (("jawOpen", "Jaw", 1.2, 0.0), ("mouthPucker", "Pucker", 0.3, 0.05)):
        bpy.ops.mien.add_binding_row()
        row = stored().shapes[stored().index]
        row.channel, row.mesh, row.key, row.gain, row.offset = channel, face, key, gain, offset
    stored().neck_share = 0.4
    turn = next(turn for turn in stored().turns if turn.turns == "head")
    turn.gains, turn.up_axis = (1.0, -1.0, 0.5), "Z"
    path = str(tmp_path / "rig.mienbinding")
    assert bpy.ops.mien.export_binding(filepath=path) == {"FINISHED"}
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    add_mesh("Cube", ["Key"])
    heads_with_bones()
    assert now().bound == ()
    assert bpy.ops.mien.import_binding(filepath=path) == {"FINISHED"}
    assert [(row.channel, row.mesh.name, row.key, row.gain, row.offset) for row in now().shapes] == [
        ("jawOpen", "Face", "Jaw", 1.2, 0.0),
        ("mouthPucker", "Face", "Pucker", 0.3, 0.05),
    ]
    assert now().neck_share == pytest.approx(0.4)
    assert now().turns["head"].gains == (1.0, -1.0, 0.5)
    again = str(tmp_path / "again.mienbinding")
    assert bpy.ops.mien.export_binding(filepath=again) == {"FINISHED"}
    texts = [json.loads(Path(name).read_text(encoding="utf-8")) for name in (path, again)]
    assert {**texts[0], "name": ""} == {**texts[1], "name": ""}


def test_a_profile_for_another_mesh_name_finds_the_same_shape_key(face, tmp_path):
    path = str(tmp_path / "rig")
    assert bpy.ops.mien.export_binding(filepath=path) == {"FINISHED"}
    face.name = "Face of another shot"
    row_of("jawOpen").gain = 0.1
    assert bpy.ops.mien.import_binding(filepath=f"{path}.mienbinding") == {"FINISHED"}
    assert now().bound == ("jawOpen", "mouthClose", "mouthPucker")
    assert row_of("jawOpen").gain == 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", r"it is no binding of Mien\. Choose a file that Export Binding has written"),
        ('{"format": "mien binding", "version": 9}', r"written by a newer Mien .* Update Mien"),
        (None, r"can't be read: No such file"),
        (
            '{"format": "mien binding", "version": 1, "rows": [{"channel": "jawOpen", "mesh": "A", "key": "B"}]}',
            r"Face has none of the shape keys of this binding",
        ),
    ],
)
def test_a_file_that_does_not_fit_says_so_and_changes_nothing(face, tmp_path, text, words):
    path = tmp_path / "rig.mienbinding"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    before = [(row.channel, row.key) for row in now().shapes]
    with pytest.raises(RuntimeError, match=words):
        bpy.ops.mien.import_binding(filepath=str(path))
    assert [(row.channel, row.key) for row in now().shapes] == before


def test_buttons_say_that_a_head_is_needed(scene):
    for name in ("add_binding_row", "accept_suggestions", "export_binding", "import_binding", "set_turn"):
        with pytest.raises(RuntimeError, match="Bind a head first"):
            getattr(bpy.ops.mien, name)()


def test_a_row_without_its_shape_key_is_passed_over(face):
    row_of("jawOpen").key = "gone"
    assert "jawOpen" not in now().bound
    show(now(), jawOpen=0.5, mouthPucker=0.5)
    assert value(face, "mouthPucker") == 0.5
