"""The sliders that act on the active take at once, below the list of takes."""

from typing import Any, Final

from bpy.types import Context, UILayout

from ...core.raw_bytes import holds_performance
from ..shape_sliders import GAIN_SLIDERS
from .wrapped import draw_wrapped

_SPARSE: Final = ("mirrored", "speed")
_DENSE: Final = ("smoothing", "neutral", "neutral_frame", "error", *_SPARSE)
"""A performance has no noise, rests at 0 and has few keys already."""


def draw_shape(layout: UILayout, context: Context, record: Any) -> None:
    """The sliders that mean something to a take."""
    header, body = layout.panel("mien_shape")
    header.label(text="Shape")
    if body is None:
        return
    if not record.is_written:
        draw_wrapped(body, context, "Apply the take to see what the sliders do", icon="INFO")
    sliders: Any = context.scene.mien_shape  # type: ignore[attr-defined]
    column = body.column()
    column.use_property_split, column.use_property_decorate = True, False
    for name in _SPARSE if holds_performance(record.raw) else _DENSE:
        if name != "neutral_frame" or sliders.neutral == "CHOSEN":
            column.prop(sliders, name)
    if record.is_written and record.unrested and sliders.neutral == "CALMEST":
        draw_wrapped(column, context, record.unrested, icon="INFO")
    gains = column.column(align=True)
    for name in GAIN_SLIDERS:
        gains.prop(sliders, name, slider=True)
