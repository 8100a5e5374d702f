"""The takes of a head that is a library override: those that came with it are used like any other."""

import bpy
import pytest
from bl_ext.user_default.mien.core.errors import InputError
from bl_ext.user_default.mien.scene.stored_character import active_character
from bl_ext.user_default.mien.scene.stored_takes import active_take, add_take, take_of, takes_of
from bl_ext.user_default.mien.scene.takes import WritingMode, apply_take, revert_take

from .taken import JAW, TAKE, every_curve, is_same_take, key
from .whole_file import whole_file


@pytest.fixture
def overridden(face, tmp_path):
    """An override of a bound head whose library file holds two takes."""
    for _ in range(2):
        add_take(face.anchor, TAKE)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, here):
        here.objects = ["Face"]
    override = here.objects[0].override_create(remap_local_usages=True)
    override.data.override_create(remap_local_usages=True)
    bpy.context.scene.collection.objects.link(override)
    bpy.context.view_layer.objects.active = override
    return override


@pytest.mark.parametrize("is_bound_anew", [True, False])
@pytest.mark.parametrize("mode", list(WritingMode))
def test_an_inherited_take_is_written_kept_and_taken_back(overridden, tmp_path, mode, is_bound_anew):
    scene = bpy.context.scene
    if is_bound_anew:
        assert bpy.ops.mien.bind_character() == {"FINISHED"}
    else:
        scene.mien_head = overridden  # as chosen in the panel
    head = active_character(scene)
    assert head.anchor == overridden
    assert is_same_take(take_of(active_take(overridden)), TAKE)
    report = apply_take(head, active_take(overridden), scene, mode=mode)
    assert report.keys
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    scene, head = bpy.context.scene, active_character(bpy.context.scene)
    assert [record.is_written for record in takes_of(head.anchor).items] == [False, True]
    assert is_same_take(take_of(active_take(head.anchor)), TAKE)
    assert every_curve() or mode is WritingMode.LAYER
    scene.frame_set(20)
    assert head.anchor.data.shape_keys.key_blocks["jawOpen"].value > 0.05
    revert_take(head, active_take(head.anchor), scene)
    assert every_curve() == {}


def test_one_that_is_not_on_the_head_says_so(overridden):
    bpy.ops.mien.bind_character()
    with pytest.raises(InputError, match="is not on the head"):
        revert_take(active_character(bpy.context.scene), active_take(overridden), bpy.context.scene)


def test_a_script_joins_the_inherited_takes(overridden):
    bpy.ops.mien.bind_character()
    assert bpy.ops.mien.perform_script(script="She smiles.") == {"FINISHED"}
    assert [record.name for record in takes_of(overridden).items] == ["Clip", "Clip.001", "She smiles."]


@pytest.fixture
def with_linked_action(face, keys, tmp_path):
    """An override of a head that has an Action in its library."""
    key(keys, JAW, (1, 0.1), (60, 0.4))
    add_take(face.anchor, TAKE)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, here):
        here.objects = ["Face"]
    override = here.objects[0].override_create(remap_local_usages=True)
    override.data.override_create(remap_local_usages=True)
    bpy.context.scene.collection.objects.link(override)
    bpy.context.view_layer.objects.active = override
    assert bpy.ops.mien.bind_character() == {"FINISHED"}
    return override


@pytest.mark.parametrize("mode", [WritingMode.NEW_ACTION, WritingMode.LAYER])
def test_an_action_that_is_linked_stays_as_it_is(with_linked_action, tmp_path, mode):
    before = whole_file()
    bpy.context.scene.frame_set(20)
    shown = with_linked_action.data.shape_keys.key_blocks["jawOpen"].value
    assert bpy.ops.mien.apply_take(mode=mode.name) == {"FINISHED"}
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    scene = bpy.context.scene
    keys = active_character(scene).anchor.data.shape_keys
    scene.frame_set(20)
    assert abs(keys.key_blocks["jawOpen"].value - shown) > 0.1
    assert bpy.ops.mien.revert_take() == {"FINISHED"}
    assert whole_file() == before
    scene.frame_set(20)
    assert keys.key_blocks["jawOpen"].value == pytest.approx(shown)


def test_keys_cannot_be_replaced_in_an_action_that_is_linked(with_linked_action):
    before = whole_file()
    with pytest.raises(RuntimeError, match="New Action or as Layer on Top"):
        bpy.ops.mien.apply_take(mode="REPLACE", regions={"jaw"})
    assert whole_file() == before
