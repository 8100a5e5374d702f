"""Text that does not end in an ellipsis: Blender's labels do not wrap by themselves."""

import blf
from bpy.types import Context, UILayout

_MARGINS = 46
"""Pixels, at interface scale 1, that a panel, a box and an icon take from the region's width."""


def draw_wrapped(layout: UILayout, context: Context, text: str, *, icon: str = "NONE") -> None:
    """Draw a text over as many lines as the region's width asks for; the icon stands before the first."""
    scale = context.preferences.system.ui_scale
    blf.size(0, context.preferences.ui_styles[0].widget.points * scale)
    width = max(context.region.width - _MARGINS * scale, 80 * scale)
    column = layout.column(align=True)
    column.scale_y = 0.8
    for paragraph in text.splitlines():
        for line in _lines(paragraph, width):
            column.label(text=line, icon=icon)
            icon = "BLANK1" if icon != "NONE" else "NONE"


def _lines(paragraph: str, width: float) -> list[str]:
    lines: list[str] = []
    for word in paragraph.split():
        if lines and blf.dimensions(0, f"{lines[-1]} {word}")[0] <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
