"""Takes kept in the .blend through everything a file goes through, and the list of them."""

import bpy
import pytest
from bl_ext.user_default.mien.core.errors import CharacterError
from bl_ext.user_default.mien.scene.character import bind
from bl_ext.user_default.mien.scene.stored_character import active_character, store
from bl_ext.user_default.mien.scene.stored_takes import (
    active_take,
    add_take,
    duplicate_take,
    name_take,
    remove_take,
    take_of,
    takes_of,
)
from bl_ext.user_default.mien.scene.takes import apply_take, revert_take

from .scenes import activate
from .taken import TAKE, every_curve, is_same_take, video


class TestKept:
    def test_all_of_it(self, face):
        record = add_take(face.anchor, TAKE)
        assert is_same_take(take_of(record), TAKE)
        assert active_take(face.anchor) == record

    def test_saved_and_opened(self, face, tmp_path):
        apply_take(face, add_take(face.anchor, TAKE), bpy.context.scene)
        before, path = every_curve(), str(tmp_path / "takes.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.open_mainfile(filepath=path)
        character = active_character(bpy.context.scene)
        record = active_take(character.anchor)
        assert is_same_take(take_of(record), TAKE)
        assert every_curve() == before
        revert_take(character, record, bpy.context.scene)
        assert every_curve() == {}

    def test_undone_and_redone(self, face):
        name = face.anchor.name
        bpy.ops.ed.undo_push(message="bound")
        add_take(face.anchor, TAKE)
        bpy.ops.ed.undo_push(message="added")
        assert bpy.ops.mien.apply_take() == {"FINISHED"}
        bpy.ops.ed.undo_push(message="applied")
        written = every_curve()
        bpy.ops.ed.undo()
        assert every_curve() == {}
        assert not active_take(bpy.data.objects[name]).is_written
        bpy.ops.ed.undo()
        assert len(takes_of(bpy.data.objects[name]).items) == 0
        bpy.ops.ed.redo()
        bpy.ops.ed.redo()
        assert every_curve() == written
        assert is_same_take(take_of(active_take(bpy.data.objects[name])), TAKE)
        assert bpy.ops.mien.revert_take() == {"FINISHED"}
        assert every_curve() == {}

    def test_copied_with_the_head(self, face, scene):
        apply_take(face, add_take(face.anchor, TAKE), scene)
        before = every_curve()
        activate(face.anchor)
        bpy.ops.object.duplicate()
        copy = bpy.context.view_layer.objects.active
        assert is_same_take(take_of(active_take(copy)), TAKE)
        other = bind(copy)
        store(other, scene)
        apply_take(other, active_take(copy), scene)
        revert_take(other, active_take(copy), scene)
        assert {place: state for place, state in every_curve().items() if place in before} == before

    def test_appended(self, face, tmp_path):
        apply_take(face, add_take(face.anchor, TAKE), bpy.context.scene)
        written, path = every_curve(), str(tmp_path / "library.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        with bpy.data.libraries.load(path) as (_, here):
            here.objects = ["Face"]
        scene = bpy.context.scene
        scene.collection.objects.link(here.objects[0])
        scene.mien_head = here.objects[0]
        character = active_character(scene)
        assert is_same_take(take_of(active_take(character.anchor)), TAKE)
        assert every_curve().keys() == written.keys()
        revert_take(character, active_take(character.anchor), scene)
        assert every_curve() == {}

    def test_linked(self, face, tmp_path):
        add_take(face.anchor, TAKE)
        path = str(tmp_path / "library.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        with bpy.data.libraries.load(path, link=True) as (_, here):
            here.objects = ["Face"]
        linked = here.objects[0]
        assert is_same_take(take_of(active_take(linked)), TAKE)
        with pytest.raises(CharacterError, match="linked"):
            add_take(linked, TAKE)
        override = linked.override_create(remap_local_usages=True)
        bpy.context.scene.collection.objects.link(override)
        assert is_same_take(take_of(active_take(override)), TAKE)
        record = add_take(override, TAKE, scene=bpy.context.scene)  # its own takes are kept on the scene
        assert is_same_take(take_of(record), TAKE)
        assert active_take(override) == record


class TestList:
    def test_names_are_unique_and_the_script_names_a_take(self, face):
        anchor = face.anchor
        names = [add_take(anchor, TAKE).name for _ in range(3)]
        assert names == ["Clip", "Clip.001", "Clip.002"]
        record = takes_of(anchor).items[1]
        name_take(anchor, record, "Clip")
        assert record.name == "Clip.001"
        name_take(anchor, record, "  a good   one ")
        assert record.name == "a good one"
        name_take(anchor, record, "")
        assert record.name == "Video"

    def test_a_duplicate_is_another_take(self, face, scene):
        record = add_take(face.anchor, TAKE)
        apply_take(face, record, scene)
        copy = duplicate_take(face.anchor, active_take(face.anchor))
        original = takes_of(face.anchor).items[0]
        assert (copy.name, copy.is_written, original.is_written) == ("Clip.001", False, True)
        assert copy.take_id != original.take_id
        assert is_same_take(take_of(copy), TAKE)
        assert active_take(face.anchor) == copy

    def test_the_active_one_stays_chosen_when_another_goes(self, face):
        anchor = face.anchor
        for name in "abc":
            add_take(anchor, video()).name = name
        takes = takes_of(anchor)
        takes.index = 1
        remove_take(anchor, takes.items[0])
        assert active_take(anchor).name == "b"
        remove_take(anchor, takes.items[0])
        remove_take(anchor, takes.items[0])
        assert active_take(anchor) is None
