"""What is done with the takes of a head: their keys, exactly what was there before, and forgetting them."""

from dataclasses import replace
from typing import Any

from bpy.props import EnumProperty
from bpy.types import Context, Operator

from ...core.errors import MienError
from ...core.shaping.regions import REGIONS
from ...scene.heads import copy_take, other_head, other_heads
from ...scene.keys import KeyReport
from ...scene.stored_character import active_character
from ...scene.stored_takes import (
    WRITING_MODES,
    active_take,
    duplicate_take,
    keep_shaping,
    shaping_of,
)
from ...scene.takes import WritingMode, apply_take, delete_take, revert_take
from ..shape_sliders import REGION_ITEMS
from .waiting import Acts

NO_HEAD = "Bind a head first: select it and use Bind Character, or use Add Example Head"


def disabled_reason(context: Context) -> str:
    """Why Apply Take is grey; empty where it is not."""
    character = active_character(context.scene)
    if character is None:
        return NO_HEAD
    return "" if active_take(character.anchor) is not None else "This head has no takes yet"


def revert_disabled_reason(context: Context) -> str:
    """The same for Revert Take."""
    if reason := disabled_reason(context):
        return reason
    return "" if _chosen(context)[1].is_written else "This take is not on the head"


def _chosen(context: Context) -> tuple[Any, Any]:
    character = active_character(context.scene)
    return character, active_take(character.anchor) if character else None


class MIEN_OT_apply_take(Acts, Operator):
    bl_idname = "mien.apply_take"
    bl_label = "Apply Take"
    bl_description = "Key the chosen take on the head; what was there before can be had back"
    bl_options = {"REGISTER", "UNDO"}
    is_about_take = True

    mode: EnumProperty(
        name="Write",
        description="Where the keys go",
        items=(("AS_BEFORE", "As Before", "As it was written last, or as is chosen for the take"), *WRITING_MODES),
        options={"SKIP_SAVE"},
    )
    channels: EnumProperty(
        name="Channels",
        description="Which of the head's channels get keys",
        items=(
            ("AS_BEFORE", "As Before", "As is chosen for the take"),
            ("MOVING", "Only What Moves", "What stays at rest, and nothing else moves, gets no key"),
            ("ALL", "All Bound Channels", "Every bound shape gets keys, as exporters such as glTF want it"),
        ),
        options={"SKIP_SAVE"},
    )
    regions: EnumProperty(
        name="Regions",
        description="Which parts of the face are keyed; without a choice those that are chosen for the take",
        items=REGION_ITEMS,
        options={"SKIP_SAVE", "ENUM_FLAG"},
    )

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return disabled_reason(context)

    def act(self, context: Context) -> str:
        character, record = _chosen(context)
        before = record.shaping, record.all_channels
        if self.regions:
            chosen = tuple(region for region in REGIONS if region in self.regions)
            keep_shaping(record, replace(shaping_of(record), regions=chosen))
        if self.channels != "AS_BEFORE":
            record.all_channels = self.channels == "ALL"
        mode = None if self.mode == "AS_BEFORE" else WritingMode[self.mode]
        try:
            report = apply_take(character, record, context.scene, mode=mode)
        except MienError:
            record.shaping, record.all_channels = before
            raise
        return told_of(record, report)


def told_of(record: Any, report: KeyReport) -> str:
    """What was keyed, and what is to be known of it."""
    told = [f"{record.name}: {report.keys} keys on {report.channels} channels.", *report.left_alone]
    return " ".join([*told, *report.limited])


class MIEN_OT_revert_take(Acts, Operator):
    bl_idname = "mien.revert_take"
    bl_label = "Revert Take"
    bl_description = "Make the curves what they were before the chosen take was written; work elsewhere stays"
    bl_options = {"REGISTER", "UNDO"}
    is_about_take = True

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return revert_disabled_reason(context)

    def act(self, context: Context) -> str:
        character, record = _chosen(context)
        report = revert_take(character, record, context.scene)
        told = f"{record.name} is off the head; {report.curves} curves are what they were."
        return " ".join([told, *report.left_alone])


class MIEN_OT_duplicate_take(Acts, Operator):
    bl_idname = "mien.duplicate_take"
    bl_label = "Duplicate Take"
    bl_description = "Keep a second take like the chosen one, to shape it differently; nothing is keyed"
    bl_options = {"REGISTER", "UNDO"}
    is_about_take = True

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return disabled_reason(context)

    def act(self, context: Context) -> str:
        character, record = _chosen(context)
        return f"{duplicate_take(character.anchor, record, scene=context.scene).name} is the chosen take now"


_head_items: list[tuple[str, str, str]] = []
"""Blender keeps no reference to what a function lists for it."""


def _other_heads(_operator: Any, context: Context | None) -> list[tuple[str, str, str]]:
    character = active_character(context.scene) if context else None
    heads = other_heads(character, context.scene) if character else []
    _head_items[:] = [(head.name, head.name, head.summary()) for head in heads]
    return _head_items


class MIEN_OT_copy_take(Acts, Operator):
    bl_idname = "mien.copy_take"
    bl_label = "Copy Take to Head"
    bl_description = "Key the chosen take on another bound head too, at the same frames, to compare takes side by side"
    bl_options = {"REGISTER", "UNDO"}
    is_about_take = True

    head: EnumProperty(name="Head", description="The head that gets the take", items=_other_heads)

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        if reason := disabled_reason(context):
            return reason
        character = active_character(context.scene)
        return "" if other_heads(character, context.scene) else "Bind a second head first, to key the take on that too"

    def act(self, context: Context) -> str:
        character, record = _chosen(context)
        other = other_head(character, self.head, context.scene)
        copied = copy_take(character, record, other, context.scene)
        return f"On {other.name}: {told_of(copied.record, copied.report)}"


class MIEN_OT_delete_take(Acts, Operator):
    bl_idname = "mien.delete_take"
    bl_label = "Delete Take"
    bl_description = "Forget the chosen take. Its keys stay on the head; Revert Take takes them away first"
    bl_options = {"REGISTER", "UNDO"}
    is_about_take = True

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return disabled_reason(context)

    def act(self, context: Context) -> str:
        character, record = _chosen(context)
        name, stays = record.name, record.is_written
        kept = delete_take(character, record)
        told = f"{name} is forgotten{'; its keys stay' if stays else ''}"
        return f"{told}. {kept}" if kept else told


CLASSES = (
    MIEN_OT_apply_take,
    MIEN_OT_duplicate_take,
    MIEN_OT_copy_take,
    MIEN_OT_revert_take,
    MIEN_OT_delete_take,
)
