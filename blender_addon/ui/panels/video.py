"""The Video mode of the Mien tab: the clip with what is set beside it, and the queue while it runs."""

from typing import Any, Final

from bpy.types import Context, UILayout

from ...scene.actions import chosen_strip, strip_scene
from ..operators.track_video import MIEN_OT_remove_clip, MIEN_OT_track_video
from ..properties import clip_options_of, settings_of
from ..tracking import ClipState, Tracking
from ..work import now
from .work import draw_work_button
from .wrapped import draw_wrapped

_ICONS: Final[dict[ClipState, Any]] = {
    ClipState.WAITING: "SORTTIME",
    ClipState.RUNNING: "PLAY",
    ClipState.DONE: "CHECKMARK",
    ClipState.PARTIAL: "ERROR",
    ClipState.FAILED: "CANCEL",
}


def draw_video(layout: UILayout, context: Context) -> None:
    """The source with its one field, the options, the one large button."""
    missing = _draw_source(layout, context)
    _draw_options(layout, context)
    draw_track(layout, context, "PANEL", missing=missing)


def draw_track(layout: UILayout, context: Context, source: str, *, missing: str) -> None:
    """The button for a source, and below it the queue while clips are tracked."""
    button = draw_work_button(layout, context, MIEN_OT_track_video.bl_idname, icon="FILE_MOVIE", missing=missing)
    button.source = source
    if isinstance(now.work, Tracking):
        _draw_queue(layout.box(), context, now.work)


def strip_missing(context: Context) -> str:
    """What the Sequencer lacks for its strip to be tracked."""
    strip = chosen_strip(strip_scene(context))
    return "" if strip is not None and strip.type in {"MOVIE", "IMAGE"} else "Select a movie or image strip"


def _draw_source(layout: UILayout, context: Context) -> str:
    settings = settings_of(context.scene)
    layout.row(align=True).prop(settings, "video_source", expand=True)
    if settings.video_source == "FILE":
        layout.prop(settings, "video_path")
        return "" if settings.video_path else "Choose a clip with a face"
    if settings.video_source == "CLIP":
        layout.template_ID(settings, "clip", open="clip.open")
        return "" if settings.clip else "Choose or open a clip"
    missing = strip_missing(context)
    if not missing:
        layout.label(text=chosen_strip(strip_scene(context)).name, icon="SEQUENCE")
    return missing


def _draw_options(layout: UILayout, context: Context) -> None:
    header, body = layout.panel("mien_clip_options", default_closed=True)
    header.label(text="Options")
    if body is None:
        return
    options: Any = clip_options_of(context.scene)
    column = body.column()
    column.use_property_split, column.use_property_decorate = True, False
    if settings_of(context.scene).video_source == "FILE":
        column.prop(options, "placement")
        column.prop(options, "add_strip")
    row = column.row(align=True)
    row.prop(options, "time_start")
    row.prop(options, "time_end", text="")
    for name in ("stride", "face", "gaps", "whole_frames", "write"):  # resting face and error are in Shape
        column.prop(options, name)


def _draw_queue(layout: UILayout, context: Context, work: Tracking) -> None:
    layout.progress(factor=work.fraction, text=f"{work.fraction:.0%}")
    if len(work.clips) == 1:
        return
    for index, clip in enumerate(work.clips):
        row = layout.row(align=True)
        row.label(text=clip.title, icon=_ICONS[clip.state])
        if clip.state in {ClipState.WAITING, ClipState.RUNNING}:
            row.operator(MIEN_OT_remove_clip.bl_idname, text="", icon="X").index = index
        elif clip.told and clip.state is not ClipState.DONE:
            draw_wrapped(layout, context, clip.told)
