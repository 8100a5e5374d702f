"""What is told the active take in words, below the list of takes."""

from typing import Any

from bpy.types import Context, UILayout

from ...core.errors import MienError
from ...scene.stored_takes import shaping_of
from ..operators.edit_take import MIEN_OT_edit_take, MIEN_OT_remove_edit, disabled_reason
from ..properties import settings_of
from ..work import now
from .wrapped import draw_wrapped


def draw_words(layout: UILayout, context: Context, record: Any) -> None:
    """The field, and the changes made so far, each with a button that takes it back."""
    settings = settings_of(context.scene)
    row = layout.row(align=True)
    row.prop(settings, "edit_words", text="", placeholder="Tell it what to change")
    row.operator(MIEN_OT_edit_take.bl_idname, text="", icon="PLAY")
    if settings.edit_words and (reason := disabled_reason(context)):
        draw_wrapped(layout, context, reason, icon="INFO")
    if now.error and now.is_about_take:
        draw_wrapped(layout.box(), context, now.error, icon="ERROR")
    try:
        edits = shaping_of(record).edits
    except MienError as error:
        draw_wrapped(layout, context, str(error), icon="ERROR")
        return
    if not edits:
        return
    box = layout.box().column(align=True)
    for index, edit in enumerate(edits):
        row = box.row(align=True)
        row.label(text=edit.words, icon="CHECKMARK")
        row.operator(MIEN_OT_remove_edit.bl_idname, text="", icon="X", emboss=False).index = index
        for sentence in edit.did:
            draw_wrapped(box, context, sentence, icon="BLANK1")
