"""What every editor's panel shows of an estimate: the button, and the words of what was read."""

from typing import Any

from bpy.types import Context, UILayout

from ..operators.estimate_image import MIEN_OT_estimate_image
from ..properties import estimate_of
from .work import draw_work_button
from .wrapped import draw_wrapped


def draw_estimate(layout: UILayout, context: Context, source: str, *, missing: str = "") -> None:
    """The button for a source, and what was read last; `missing` is what the source itself still lacks."""
    button = draw_work_button(layout, context, MIEN_OT_estimate_image.bl_idname, icon="SHAPEKEY_DATA", missing=missing)
    button.source = source
    kept = estimate_of(context.scene)
    if kept.expression:
        _draw_words(layout.box(), context, kept)


def _draw_words(box: UILayout, context: Context, kept: Any) -> None:
    """What was seen comes before what to be careful with."""
    draw_wrapped(box, context, kept.expression[0].upper() + kept.expression[1:], icon="USER")
    draw_wrapped(box, context, kept.words)
    for text, icon in ((kept.uncertain, "QUESTION"), (kept.note, "LOCKED")):
        for line in text.splitlines():
            draw_wrapped(box, context, line, icon=icon)
    if kept.own_words:
        _draw_own_words(box.box(), context, kept)
    draw_wrapped(box, context, f"{kept.picture}, frame {kept.frame:g}", icon="KEYFRAME")
    if kept.face_count > 1:
        _draw_faces(box, kept)


def _draw_own_words(box: UILayout, context: Context, kept: Any) -> None:
    """As the model wrote them, those that its numbers refute marked; and what they disagree in."""
    box.label(text="The Model's Own Words", icon="TEXT")
    refuted = kept.refuted.splitlines()
    for line in kept.own_words.splitlines():
        draw_wrapped(box, context, line, icon="ERROR" if line in refuted else "NONE")
    for line in kept.contradictions.splitlines():
        draw_wrapped(box, context, f"Words against numbers: {line}", icon="ERROR")


def _draw_faces(box: UILayout, kept: Any) -> None:
    """One button for each face of the picture, in their order across it; pressing one keys that face instead."""
    box.label(text="Face, from the left:")
    row = box.row(align=True)
    order = map(int, kept.from_left.split()) if kept.from_left else range(kept.face_count)
    for place, index in enumerate(order, 1):
        button = row.operator(MIEN_OT_estimate_image.bl_idname, text=str(place), depress=index == kept.face_index)
        button.source, button.filepath, button.face_index = kept.source, kept.filepath, index
