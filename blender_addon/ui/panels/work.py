"""What every mode shows of its work: the one large button, the progress with Stop, what went wrong."""

from typing import Any

from bpy.types import Context, UILayout

from ..operators.stop import MIEN_OT_stop
from ..operators.waiting import disabled_reason
from ..work import now
from .wrapped import draw_wrapped


def draw_work_button(layout: UILayout, context: Context, operator: str, *, icon: Any, missing: str) -> Any:
    """The large button, for its properties to be set; where it is grey, why. `missing`: what the source lacks."""
    reason = disabled_reason(context) or missing
    row = layout.row()
    row.scale_y = 1.6
    row.enabled = not reason
    button = row.operator(operator, icon=icon)
    if now.work is not None:
        draw_wrapped(layout, context, now.work.progress, icon="SORTTIME")
        layout.operator(MIEN_OT_stop.bl_idname, text="Stop (Esc)", icon="CANCEL")
    elif reason:
        draw_wrapped(layout, context, reason, icon="INFO")
    if now.error and not now.is_about_take:
        draw_wrapped(layout.box(), context, now.error, icon="ERROR")
    return button
