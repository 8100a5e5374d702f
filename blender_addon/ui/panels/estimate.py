"""What every editor's panel shows of an estimate: the button, the progress, the words."""

from bpy.types import Context, UILayout

from ..operators.estimate_image import MIEN_OT_estimate_image, disabled_reason
from ..properties import last_estimate
from .wrapped import draw_wrapped


def draw_button(layout: UILayout, context: Context, source: str, *, filepath: str = "", missing: str = "") -> None:
    """The one large button; where it is grey, why. `missing` is what the source itself still lacks."""
    last = last_estimate()
    reason = disabled_reason(context) or missing
    row = layout.row()
    row.scale_y = 1.6
    row.enabled = not reason
    button = row.operator(MIEN_OT_estimate_image.bl_idname, icon="SHAPEKEY_DATA")
    button.source, button.filepath = source, filepath
    if last.is_running:
        layout.label(text=f"{last.progress}. Esc stops", icon="SORTTIME")
    elif reason:
        draw_wrapped(layout, context, reason, icon="INFO")


def draw_result(layout: UILayout, context: Context) -> None:
    """The words of the last estimate, or what went wrong."""
    last = last_estimate()
    if last.error:
        draw_wrapped(layout.box(), context, last.error, icon="ERROR")
    elif last.expression:
        box = layout.box()
        draw_wrapped(box, context, f"{last.picture}: {last.expression}", icon="USER")
        draw_wrapped(box, context, last.words)
        for text, icon in ((last.uncertain, "QUESTION"), (last.note, "LOCKED")):
            for line in text.splitlines():
                draw_wrapped(box, context, line, icon=icon)
        if last.face_count > 1:
            _draw_faces(box)


def _draw_faces(layout: UILayout) -> None:
    """One button for each face of the picture; pressing one keys that face instead."""
    last = last_estimate()
    layout.label(text=f"{last.face_count} faces, largest first: which?")
    row = layout.row(align=True)
    for index in range(last.face_count):
        button = row.operator(MIEN_OT_estimate_image.bl_idname, text=str(index + 1), depress=index == last.face_index)
        button.source, button.filepath, button.face_index = last.source, last.filepath, index
