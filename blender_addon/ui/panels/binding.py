"""The binding: what each channel drives, what else it might drive, and what turns."""

from typing import Any, Final

from bpy.types import Context, Panel, UI_UL_list, UILayout, UIList

from ...scene.binding_editing import axes_agree
from ...scene.binding_obstacles import obstacles, why_not_keyed
from ...scene.binding_targets import ShapeTarget
from ...scene.character import Character
from ...scene.stored_character import active_binding, active_character, has_character
from ..binding_test import chosen_channel
from ..operators.binding import (
    TURN_ITEMS,
    MIEN_OT_accept_suggestion,
    MIEN_OT_accept_suggestions,
    MIEN_OT_add_binding_row,
    MIEN_OT_clear_approximations,
    MIEN_OT_clear_suggestions,
    MIEN_OT_export_binding,
    MIEN_OT_import_binding,
    MIEN_OT_remove_binding_row,
    MIEN_OT_remove_turn,
    MIEN_OT_set_turn,
)
from ..operators.example_head import MIEN_OT_add_example_head
from .wrapped import draw_wrapped

_ICONS: Final[dict[str, Any]] = {"driven": "DRIVER", "linked": "LINKED", "muted": "HIDE_ON"}
_MOST_SHOWN: Final = 12
"""Suggestions that are listed at once; accepting some makes room for the others."""


class MIEN_UL_binding(UIList):
    """Channel, shape key and gain; the search looks at both names."""

    bl_idname = "MIEN_UL_binding"

    def draw_item(
        self,
        _context: Context,
        layout: UILayout,
        _data: Any,
        item: Any,
        _icon: int | None,
        _active_data: Any,
        _active_property: str | None,
        _index: int | None = 0,
        _flt_flag: int | None = 0,
    ) -> None:
        row = layout.split(factor=0.52)  # a sidebar of the usual width shows "eyeBlinkLeft" whole
        row.active = not item.is_approximated
        row.label(text=item.channel)
        row = row.split(factor=0.55)
        if not _is_there(item):
            row.label(text=item.key or "no shape key", icon="ERROR")
        else:
            reason = why_not_keyed(ShapeTarget(item.channel, item.mesh, item.key))
            row.label(text=item.key, icon=_ICONS.get(reason, "NONE"))
        row.prop(item, "gain", text="", emboss=False)

    def filter_items(self, _context: Context, data: Any, name: str | None) -> Any:
        """Those whose channel, mesh or shape key holds what is typed."""
        items = getattr(data, str(name))
        typed = self.filter_name.lower()
        shown = [
            self.bitflag_filter_item
            if typed in f"{item.channel} {item.key} {item.mesh.name if item.mesh else ''}".lower()
            else 0
            for item in items
        ]
        order: list[int] = UI_UL_list.sort_items_by_name(items, "channel") if self.use_filter_sort_alpha else []
        return shown, order


def _is_there(item: Any) -> bool:
    keys = item.mesh.data.shape_keys if item.mesh is not None and item.mesh.type == "MESH" else None
    return keys is not None and item.key in keys.key_blocks


class MIEN_PT_binding(Panel):
    bl_idname = "MIEN_PT_binding"
    bl_label = "Binding"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Mien"
    bl_parent_id = "MIEN_PT_character"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        return has_character(context.scene)

    def draw(self, context: Context) -> None:
        layout = self.layout
        character, stored = active_character(context.scene), active_binding(context.scene)
        if character is None:
            return
        row = layout.row(align=True)
        row.label(text=f"Names: {character.preset or 'of no known kind'}", icon="SHAPEKEY_DATA")
        row.operator(MIEN_OT_import_binding.bl_idname, text="", icon="IMPORT")
        row.operator(MIEN_OT_export_binding.bl_idname, text="", icon="EXPORT")
        for sentence in obstacles(character):
            draw_wrapped(layout, context, sentence, icon="ERROR")
        _draw_suggestions(layout, context, stored)
        _draw_table(layout, context, stored)
        _draw_lacking(layout, context, character)
        _draw_turns(layout, context, stored, character.eyes_words())
        layout.operator(MIEN_OT_add_example_head.bl_idname, icon="USER")


def _draw_table(layout: UILayout, context: Context, stored: Any) -> None:
    row = layout.row()
    row.template_list(MIEN_UL_binding.bl_idname, "", stored, "shapes", stored, "index", rows=6)
    column = row.column(align=True)
    column.operator(MIEN_OT_add_binding_row.bl_idname, text="", icon="ADD")
    column.operator(MIEN_OT_remove_binding_row.bl_idname, text="", icon="REMOVE")
    if not 0 <= stored.index < len(stored.shapes):
        return
    entry = stored.shapes[stored.index]
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    for name in ("channel", "mesh", "key", "gain", "offset"):
        column.prop(entry, name)
    column.prop(context.window_manager, "mien_binding_test", text=f"Test {chosen_channel(stored)}", slider=True)


def _draw_suggestions(layout: UILayout, context: Context, stored: Any) -> None:
    if not len(stored.suggestions):
        return
    box = layout.box()
    draw_wrapped(box, context, "These names may be meant; nothing is bound before you accept it", icon="QUESTION")
    column = box.column(align=True)
    places = {(s.channel, s.key): index for index, s in reversed(list(enumerate(stored.suggestions)))}
    for (channel, key), index in sorted(places.items(), key=lambda place: place[1])[:_MOST_SHOWN]:
        row = column.row(align=True)
        row.label(text=f"{channel}: {key}")
        row.operator(MIEN_OT_accept_suggestion.bl_idname, text="", icon="CHECKMARK").index = index
    if len(places) > _MOST_SHOWN:
        column.label(text=f"and {len(places) - _MOST_SHOWN} more")
    row = box.row(align=True)
    row.operator(MIEN_OT_accept_suggestions.bl_idname)
    row.operator(MIEN_OT_clear_suggestions.bl_idname)


def _draw_lacking(layout: UILayout, context: Context, character: Character) -> None:
    if character.missing:
        draw_wrapped(layout, context, f"Missing: {', '.join(character.missing)}", icon="INFO")
    if not character.approximated:
        return
    header, body = layout.panel("mien_approximated", default_closed=True)
    header.label(text=f"Approximated: {len(character.approximated)}")
    if body is not None:
        draw_wrapped(body, context, "\n".join(character.approximations()))
        body.operator(MIEN_OT_clear_approximations.bl_idname)


def _draw_turns(layout: UILayout, context: Context, stored: Any, eyes_words: str) -> None:
    header, body = layout.panel("mien_turns", default_closed=True)
    header.label(text="Head and Eyes")
    if body is None:
        return
    body.use_property_split, body.use_property_decorate = True, False
    entries = {entry.turns: entry for entry in stored.turns}
    for turns, name, _ in TURN_ITEMS:
        box = body.box()
        row = box.row(align=True)
        row.label(text=name, icon="BONE_DATA")
        entry = entries.get(turns)
        if entry is None:
            row.operator(MIEN_OT_set_turn.bl_idname, text="", icon="ADD").turns = turns
            continue
        row.operator(MIEN_OT_remove_turn.bl_idname, text="", icon="X").turns = turns
        _draw_turn(box, context, entry)
        if turns == "neck":
            box.prop(stored, "neck_share")
    body.prop(stored, "eyes_by")
    if eyes_words:
        draw_wrapped(body, context, eyes_words, icon="INFO")


def _draw_turn(layout: UILayout, context: Context, entry: Any) -> None:
    column = layout.column()
    column.prop(entry, "thing")
    if entry.thing is not None and entry.thing.type == "ARMATURE":
        column.prop(entry, "bone")
    column.prop(entry, "looks_along")
    column.prop(entry, "up_axis")
    column.prop(entry, "gains")
    if not axes_agree(entry):
        draw_wrapped(column, context, "Both axes are one line: the found ones are used", icon="ERROR")


CLASSES = (MIEN_UL_binding, MIEN_PT_binding)
