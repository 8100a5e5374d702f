"""The Script mode of the Mien tab: the script with what is set beside it, and what it became."""

from typing import Any

from bpy.types import Context, UILayout, UIList

from ...scene.stored_character import active_character
from ...scene.stored_performance import performance_at
from ..operators.perform_script import (
    MIEN_OT_perform_script,
    MIEN_OT_regenerate_performance,
    MIEN_OT_replace_beat,
    disabled_reason,
)
from ..performing import panel_script
from ..properties import last_estimate, settings_of
from .wrapped import draw_wrapped

_LINES_SHOWN = 4


class MIEN_UL_beats(UIList):
    """The words of the script and what they did, a line for each beat."""

    bl_idname = "MIEN_UL_beats"

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
        row = layout.split(factor=0.14)
        row.label(text=f"{item.frame:.0f}")
        row = row.split(factor=0.45)
        row.label(text=item.words or "-")
        row.label(text=item.name, icon="FORWARD")


def draw_script(layout: UILayout, context: Context) -> None:
    """The fields, the one large button, and what the script became."""
    _draw_fields(layout, context)
    _draw_button(layout, context)
    if last_estimate().error:
        draw_wrapped(layout.box(), context, last_estimate().error, icon="ERROR")
    character = active_character(context.scene)
    record = performance_at(character.anchor, context.scene.frame_current) if character else None
    if record is not None:
        _draw_performance(layout, context, record)


def _draw_fields(layout: UILayout, context: Context) -> None:
    settings = settings_of(context.scene)
    layout.template_ID(settings, "script_text", new="text.new", open="text.open")
    if settings.script_text is None:
        layout.prop(settings, "script_line", text="", placeholder="She smiles, then looks away")
    else:
        lines = [line for line in panel_script(context.scene).splitlines() if line.strip()]
        box = layout.box()
        for line in lines[:_LINES_SHOWN]:
            draw_wrapped(box, context, line)
        if not lines:
            draw_wrapped(box, context, "Write the script in a Text Editor", icon="INFO")
        elif len(lines) > _LINES_SHOWN:
            draw_wrapped(box, context, f"and {len(lines) - _LINES_SHOWN} more lines", icon="TEXT")
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    column.prop(settings, "background", placeholder="A dark corridor")
    column.prop(settings, "emotion", placeholder="Anxious but hopeful")
    column.prop(settings, "duration")
    column.prop(settings, "seed")
    column.prop(settings, "engine", placeholder="Built-in performer")
    row = column.row(heading="Add")
    row.prop(settings, "life")
    column.row(heading=" ").prop(settings, "from_rest")


def _draw_button(layout: UILayout, context: Context) -> None:
    """Where it is grey, why."""
    last = last_estimate()
    reason = disabled_reason(context) or ("" if panel_script(context.scene).strip() else "Write what happens")
    row = layout.row()
    row.scale_y = 1.6
    row.enabled = not reason
    row.operator(MIEN_OT_perform_script.bl_idname, icon="PLAY")
    if last.is_running:
        layout.label(text=f"{last.progress}. Esc stops", icon="SORTTIME")
    elif reason:
        draw_wrapped(layout, context, reason, icon="INFO")


def _draw_performance(layout: UILayout, context: Context, record: Any) -> None:
    box = layout.box()
    box.label(text=f"Frames {record.frame_start:.0f} to {record.frame_end:.0f}", icon="ACTION")
    box.template_list(MIEN_UL_beats.bl_idname, "", record, "beats", record, "beat_index", rows=3)
    if record.beat_index < len(record.beats):
        beat = record.beats[record.beat_index]
        told = f'"{beat.words}": {beat.name}' if beat.words else beat.name
        draw_wrapped(box, context, told)
    row = box.row(align=True)
    row.operator(MIEN_OT_regenerate_performance.bl_idname, icon="FILE_REFRESH")
    row.operator(MIEN_OT_replace_beat.bl_idname, icon="UV_SYNC_SELECT")
    for clause in record.not_understood.splitlines():
        draw_wrapped(box, context, f"Not understood: {clause}", icon="QUESTION")
    for text, icon in ((record.notes, "INFO"), (record.kept, "FAKE_USER_ON")):
        for line in text.splitlines():
            draw_wrapped(box, context, line, icon=icon)


CLASSES = (MIEN_UL_beats,)
