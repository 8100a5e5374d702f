"""Text that does not end in an ellipsis: Blender's labels do not wrap by themselves."""

from typing import Any

import blf
from bpy.types import Context, UILayout

_MARGINS = 76
"""Pixels, at interface scale 1, that the tabs, a panel and a box take from the region's width."""
_ICON = 22


def draw_wrapped(layout: UILayout, context: Context, text: str, *, icon: Any = "NONE") -> None:
    """Draw a text over as many lines as the region's width asks for; the icon stands before the first."""
    scale = context.preferences.system.ui_scale
    blf.size(0, context.preferences.ui_styles[0].widget.points * scale)
    taken = _MARGINS + (_ICON if icon != "NONE" else 0)
    _draw(layout, text, max(context.region.width - taken * scale, 80 * scale), icon)


def draw_lines(layout: UILayout, context: Context, paragraphs: list[str], width: int) -> None:
    """Draw paragraphs in a dialog that is so wide, in the units of the interface."""
    scale = context.preferences.system.ui_scale
    blf.size(0, context.preferences.ui_styles[0].widget.points * scale)
    for paragraph in paragraphs:
        _draw(layout, paragraph, (width - _MARGINS) * scale, "NONE")


def _draw(layout: UILayout, text: str, width: float, icon: Any) -> None:
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
