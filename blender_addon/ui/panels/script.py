"""The Script mode of the Mien tab: the script with what is set beside it, and what it became."""

from typing import Any

from bpy.types import Context, UILayout, UIList

from ...scene.giving_way import plays_at
from ...scene.stored_character import active_character
from ...scene.stored_performance import performance_at
from ..operators.perform_script import (
    MIEN_OT_perform_script,
    MIEN_OT_regenerate_performance,
    MIEN_OT_replace_beat,
)
from ..performing import panel_script
from ..properties import settings_of
from ..work import now
from .engine import draw_chosen_engine
from .work import draw_work_button
from .wrapped import draw_wrapped

_LINES_SHOWN = 4


class MIEN_UL_beats(UIList):
    """The words of the script, a line for each beat."""

    bl_idname = "MIEN_UL_beats"

    def draw_item(
        self,
        _context: Context,
        layout: UILayout,
        data: Any,
        item: Any,
        _icon: int | None,
        _active_data: Any,
        _active_property: str | None,
        _index: int | None = 0,
        _flt_flag: int | None = 0,
    ) -> None:
        row = layout.split(factor=0.14)
        row.active = plays_at(data, item.frame)  # elsewhere a later take plays
        row.label(text=f"{item.frame:.0f}")
        row.label(text=item.words or item.name)  # both stand below the list for the chosen one


def draw_script(layout: UILayout, context: Context) -> None:
    """The fields, the one large button, and what the script became."""
    _draw_fields(layout, context)
    missing = "" if panel_script(context.scene).strip() else "Write what happens"
    draw_work_button(layout, context, MIEN_OT_perform_script.bl_idname, icon="PLAY", missing=missing)
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
            more = len(lines) - _LINES_SHOWN
            draw_wrapped(box, context, f"and {more} more line{'s' if more > 1 else ''}", icon="TEXT")
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    column.prop(settings, "background", placeholder="A dark corridor")
    column.prop(settings, "emotion", placeholder="Anxious but hopeful")
    column.prop(settings, "plays", placeholder="Everybody")
    column.prop(settings, "duration")
    column.prop(settings, "seed")
    column.prop(settings, "engine", placeholder="Built-in performer")
    if now.work is None:
        draw_chosen_engine(column, context, "script", settings.engine.strip())
    row = column.row(heading="Add")
    row.prop(settings, "life")
    column.row(heading=" ").prop(settings, "from_rest")


def _draw_performance(layout: UILayout, context: Context, record: Any) -> None:
    box = layout.box()
    box.label(text=f"Frames {record.frame_start:.0f} to {record.frame_end:.0f}", icon="ACTION")
    box.template_list(MIEN_UL_beats.bl_idname, "", record, "beats", record, "beat_index", rows=3)
    if record.chosen_beat < len(record.beats):
        beat = record.beats[record.chosen_beat]
        quoted = beat.words if beat.words.startswith(('"', "“")) else f'"{beat.words}"'  # a line has its own marks
        told = f"{quoted}: {beat.name}" if beat.words else beat.name
        draw_wrapped(box, context, told)
    column = box.column(align=True)
    column.operator(MIEN_OT_replace_beat.bl_idname, icon="UV_SYNC_SELECT")
    column.operator(MIEN_OT_regenerate_performance.bl_idname, icon="FILE_REFRESH")
    for clause in record.not_understood.splitlines():
        draw_wrapped(box, context, f"Not understood: {clause}", icon="QUESTION")
    for text, icon in ((record.notes, "INFO"), (record.kept, "FAKE_USER_ON")):
        for line in text.splitlines():
            draw_wrapped(box, context, line, icon=icon)


CLASSES = (MIEN_UL_beats,)
