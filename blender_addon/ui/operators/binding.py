"""The table of a binding: rows, suggestions, what turns, and the table as a file."""

from pathlib import Path
from typing import Any, cast

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...core.binding import read_profile, write_profile
from ...core.binding.profile import SUFFIX
from ...core.errors import InputError
from ...core.formats.file_text import FormatError, text_of, write_whole
from ...scene.added_properties import RELATIVE
from ...scene.binding_editing import (
    accept,
    add_row,
    apply_profile,
    clear_approximations,
    clear_suggestions,
    profile_of,
    remove_row,
    remove_turn,
    set_turn,
)
from ...scene.key_targets import listed
from ...scene.stored_character import active_binding, active_character, has_character
from ...scene.turning import TurnPlace
from . import Outcome
from .waiting import Acts

TURN_ITEMS = (
    ("head", "Head", "The head's angles"),
    ("neck", "Neck", "A share of the head's angles"),
    ("leftEye", "Left Eye", "The left eye's angles"),
    ("rightEye", "Right Eye", "The right eye's angles"),
)


class ActsOnBinding(Acts):
    """An operator that needs a bound head."""

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return "" if has_character(context.scene) else "Bind a head first"


class MIEN_OT_add_binding_row(ActsOnBinding, Operator):
    bl_idname = "mien.add_binding_row"
    bl_label = "Add Row"
    bl_description = "Add a row to the table: a channel and a shape key that it moves"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, context: Context) -> str:
        add_row(active_binding(context.scene), active_character(context.scene))
        return ""


class MIEN_OT_remove_binding_row(ActsOnBinding, Operator):
    bl_idname = "mien.remove_binding_row"
    bl_label = "Remove Row"
    bl_description = "Take the chosen row out of the table; the shape key and its keys stay as they are"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, context: Context) -> str:
        remove_row(active_binding(context.scene))
        return ""


class MIEN_OT_accept_suggestion(ActsOnBinding, Operator):
    bl_idname = "mien.accept_suggestion"
    bl_label = "Accept Suggestion"
    bl_description = "Let the channel move this shape key, on every mesh that has it"
    bl_options = {"REGISTER", "UNDO"}

    index: IntProperty(name="Suggestion", description="Its place in the list, from 0", min=0)

    def act(self, context: Context) -> str:
        stored = active_binding(context.scene)
        if self.index >= len(stored.suggestions):
            raise InputError("There is no such suggestion.", "Choose one of the list.")
        chosen = stored.suggestions[self.index]
        same = (s for s in stored.suggestions if (s.channel, s.key) == (chosen.channel, chosen.key))
        (channel,) = accept(stored, list(same))
        return f"{channel} is bound"


class MIEN_OT_accept_suggestions(ActsOnBinding, Operator):
    bl_idname = "mien.accept_suggestions"
    bl_label = "Accept All"
    bl_description = "Accept each suggestion that stands alone for its channel; where several are as likely, choose one"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, context: Context) -> str:
        stored = active_binding(context.scene)
        channels = accept(stored, [suggestion for suggestion in stored.suggestions if suggestion.is_alone])
        left = len({suggestion.channel for suggestion in stored.suggestions})
        return f"{len(channels)} channels bound" + (f"; for {left} choose between several" if left else "")


class MIEN_OT_clear_suggestions(ActsOnBinding, Operator):
    bl_idname = "mien.clear_suggestions"
    bl_label = "Dismiss All"
    bl_description = "Forget the suggestions; Bind Character finds them again"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, context: Context) -> str:
        clear_suggestions(active_binding(context.scene))
        return ""


class MIEN_OT_clear_approximations(ActsOnBinding, Operator):
    bl_idname = "mien.clear_approximations"
    bl_label = "Remove Approximations"
    bl_description = "Take out of the table all parts of other shapes that stand for channels without one of their own"
    bl_options = {"REGISTER", "UNDO"}

    def act(self, context: Context) -> str:
        count = clear_approximations(active_binding(context.scene))
        return f"{count} channels are no longer approximated"


class MIEN_OT_set_turn(ActsOnBinding, Operator):
    bl_idname = "mien.set_turn"
    bl_label = "Set What Turns"
    bl_description = "Choose the bone or object that the angles of the head or of an eye turn"
    bl_options = {"REGISTER", "UNDO"}

    turns: EnumProperty(name="Turns", description="Whose angles", items=TURN_ITEMS)
    thing: StringProperty(name="Object", description="The armature of the bone, or the object itself")
    bone: StringProperty(name="Bone", description="The bone; empty to turn the object itself")

    def act(self, context: Context) -> str:
        character = active_character(context.scene)
        thing = context.scene.objects.get(self.thing) if self.thing else _likely(character)
        if thing is None:
            raise InputError(f"There is no object {self.thing} in the scene.", "Name one of the scene's objects.")
        if self.bone and (thing.type != "ARMATURE" or self.bone not in thing.pose.bones):
            raise InputError(f"{thing.name} has no bone {self.bone}.", "Name a bone of an armature.")
        set_turn(active_binding(context.scene), self.turns, TurnPlace(thing, self.bone))
        return ""


def _likely(character: Any) -> Any:
    """The armature; of a head without one its topmost object."""
    thing = character.anchor
    while thing.type != "ARMATURE" and thing.parent is not None:
        thing = thing.parent
    return thing


class MIEN_OT_remove_turn(ActsOnBinding, Operator):
    bl_idname = "mien.remove_turn"
    bl_label = "Turn Nothing"
    bl_description = "Let these angles turn nothing; the bone or object and its keys stay as they are"
    bl_options = {"REGISTER", "UNDO"}

    turns: EnumProperty(name="Turns", description="Whose angles", items=TURN_ITEMS)

    def act(self, context: Context) -> str:
        remove_turn(active_binding(context.scene), self.turns)
        return ""


class AsksForFile(ActsOnBinding):
    """Opens the file browser where no file was given."""

    filepath: Any

    def proposal(self, _context: Context) -> str:
        """What stands in the browser at first."""
        return ""

    def invoke(self, context: Context, _event: Event) -> Outcome:
        if self.filepath:
            return self.execute(context)
        self.filepath = self.proposal(context)
        context.window_manager.fileselect_add(cast(Operator, self))
        return {"RUNNING_MODAL"}

    @property
    def path(self) -> Path:
        """The file; raise InputError where none is named."""
        if not self.filepath:
            raise InputError("No file is named.", f"Name a file that ends in {SUFFIX}.")
        return Path(bpy.path.abspath(self.filepath))


class MIEN_OT_export_binding(AsksForFile, Operator):
    bl_idname = "mien.export_binding"
    bl_label = "Export Binding"
    bl_description = "Write the whole binding to a file, to use it on other heads of the same kind and to share it"
    bl_options = {"REGISTER"}

    filepath: StringProperty(
        name="File", description="The file that is written", subtype="FILE_PATH", options={"SKIP_SAVE"} | RELATIVE
    )
    filter_glob: StringProperty(default=f"*{SUFFIX}", options={"HIDDEN"})
    check_existing: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def proposal(self, context: Context) -> str:
        name = bpy.path.clean_name(context.scene.mien_head.name)  # type: ignore[attr-defined]
        return str(Path(bpy.data.filepath).parent / f"{name}{SUFFIX}")

    def act(self, context: Context) -> str:
        path = self.path if self.path.suffix else self.path.with_suffix(SUFFIX)
        profile = profile_of(active_binding(context.scene), path.stem)
        try:
            write_whole(path, write_profile(profile))
        except OSError as fault:
            raise InputError(f"{path} can't be written: {fault.strerror}.", "Choose another place.") from None
        return f"{len(profile.rows)} rows written to {path.name}"


class MIEN_OT_import_binding(AsksForFile, Operator):
    bl_idname = "mien.import_binding"
    bl_label = "Import Binding"
    bl_description = "Bind the head as a file says that Export Binding has written"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File", description="The file that is read", subtype="FILE_PATH", options={"SKIP_SAVE"} | RELATIVE
    )
    filter_glob: StringProperty(default=f"*{SUFFIX}", options={"HIDDEN"})

    def act(self, context: Context) -> str:
        path = self.path
        try:
            profile = read_profile(text_of(path.read_bytes()))
        except OSError as fault:
            raise InputError(f"{path} can't be read: {fault.strerror}.", "Choose another file.") from None
        except FormatError as fault:
            raise InputError(f"{path.name} can't be read: {fault}.", fault.hint) from None
        report = apply_profile(active_binding(context.scene), active_character(context.scene), profile)
        told = f"{report.rows} rows of {path.name} are bound"
        return told + (f"; not on this head: {listed(report.missing)}" if report.missing else "")


CLASSES = (
    MIEN_OT_add_binding_row,
    MIEN_OT_remove_binding_row,
    MIEN_OT_accept_suggestion,
    MIEN_OT_accept_suggestions,
    MIEN_OT_clear_suggestions,
    MIEN_OT_clear_approximations,
    MIEN_OT_set_turn,
    MIEN_OT_remove_turn,
    MIEN_OT_export_binding,
    MIEN_OT_import_binding,
)
