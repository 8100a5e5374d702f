"""The takes of the head, whichever way they were made."""

from typing import Any, Final

from bpy.types import Context, UILayout, UIList

from ...core.take import TakeKind
from ...scene.stored_character import active_character
from ...scene.stored_takes import active_take, takes_of
from ...scene.take_standing import Standing, seldom_seen, standing_of, why_cut_off, why_elsewhere
from ...scene.tracked_takes import is_resumable
from ..operators.exchange import MIEN_OT_export_take, MIEN_OT_import_take
from ..operators.head_actions import MIEN_OT_bake_layers, MIEN_OT_save_pose
from ..operators.takes import (
    MIEN_OT_apply_take,
    MIEN_OT_copy_take,
    MIEN_OT_delete_take,
    MIEN_OT_duplicate_take,
    MIEN_OT_revert_take,
)
from ..operators.track_video import MIEN_OT_resume_take
from .shape import draw_shape
from .words import draw_words
from .wrapped import draw_wrapped

_ICONS: Final[dict[str, Any]] = {
    TakeKind.IMAGE.name: "IMAGE_DATA",
    TakeKind.SCRIPT.name: "TEXT",
    TakeKind.VIDEO.name: "FILE_MOVIE",
    TakeKind.FILE.name: "FILE",
}


_STANDING_ICONS: Final[dict[Standing, Any]] = {
    Standing.OFF: "BLANK1",
    Standing.ELSEWHERE: "ACTION",
    Standing.PLAYS: "CHECKMARK",
}


class MIEN_UL_takes(UIList):
    """Name, by double-click another one, where it stands, and whether the head plays it or another Action has it."""

    bl_idname = "MIEN_UL_takes"

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
        row = layout.split(factor=0.62)
        row.prop(item, "name", text="", emboss=False, icon=_ICONS[item.kind])
        row, standing = row.row(), standing_of(item)
        row.active = standing is Standing.PLAYS
        row.label(text=_frames_of(item))
        row.label(text="", icon=_STANDING_ICONS[standing])


def _frames_of(record: Any) -> str:
    if not record.is_written:
        return "not on the head"
    return f"{record.written_from:.0f}-{record.written_until:.0f}"


def draw_takes(layout: UILayout, context: Context) -> None:
    """The list, with what can be done with the chosen one and its shape; nothing where there is no head."""
    character = active_character(context.scene)
    if character is None:
        return
    takes, record = takes_of(character.anchor), active_take(character.anchor)
    layout.separator()
    row = layout.row(align=True)
    row.label(text="Takes")
    row.operator(MIEN_OT_import_take.bl_idname, text="", icon="IMPORT")
    row.operator(MIEN_OT_export_take.bl_idname, text="", icon="EXPORT")
    if record is None:
        return
    layout.template_list(MIEN_UL_takes.bl_idname, "", takes, "items", takes, "index", rows=3)
    if told := why_elsewhere(record):
        draw_wrapped(layout, context, told, icon="ACTION")
    elif record.is_written and (told := why_cut_off(record.written_until, context.scene)):
        draw_wrapped(layout, context, told, icon="INFO")
    if told := seldom_seen(record):
        draw_wrapped(layout, context, told, icon="INFO")
    _draw_writing(layout, context, record)
    row = layout.row(align=True)
    apply: Any = row.operator(MIEN_OT_apply_take.bl_idname, text="Apply", icon="CHECKMARK")
    apply.mode = record.write_as
    row.operator(MIEN_OT_revert_take.bl_idname, text="Revert", icon="LOOP_BACK")
    row.operator(MIEN_OT_duplicate_take.bl_idname, text="", icon="DUPLICATE")
    row.operator(MIEN_OT_delete_take.bl_idname, text="", icon="TRASH")
    row = layout.row(align=True)
    if MIEN_OT_copy_take.poll(context):
        row.operator_menu_enum(MIEN_OT_copy_take.bl_idname, "head", text="Other Head", icon="USER")
    else:  # a menu would not say why it is grey
        row.operator(MIEN_OT_copy_take.bl_idname, text="Other Head", icon="USER")
    row.operator(MIEN_OT_bake_layers.bl_idname, text="Bake", icon="NLA")
    row.operator(MIEN_OT_save_pose.bl_idname, text="", icon="ASSET_MANAGER")
    if is_resumable(record):
        draw_wrapped(layout, context, "Interrupted: the rest of the clip is still to be read", icon="INFO")
        layout.operator(MIEN_OT_resume_take.bl_idname, icon="PLAY")
    if record.kind == TakeKind.FILE.name and record.notes:
        draw_wrapped(layout, context, record.notes, icon="INFO")
    draw_words(layout, context, record)
    draw_shape(layout, context, record)


def _draw_writing(layout: UILayout, context: Context, record: Any) -> None:
    """Where Apply puts the keys, and which."""
    layout.prop(record, "write_as", text="Write")
    header, body = layout.panel("mien_keyed", default_closed=True)
    header.label(text="Keyed")
    if body is not None:
        sliders: Any = context.scene.mien_shape  # type: ignore[attr-defined]
        body.grid_flow(columns=3, align=True).prop(sliders, "regions")
        body.prop(record, "all_channels")


CLASSES = (MIEN_UL_takes,)
