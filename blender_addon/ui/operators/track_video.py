"""Track Video: the face of a clip becomes a take on the head; and what is done with a queue of clips."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bpy.props import CollectionProperty, EnumProperty, IntProperty, StringProperty
from bpy.types import Context, Operator, OperatorFileListElement, SpaceClipEditor

from ...core.clips import TrackRequest
from ...core.errors import InputError
from ...core.wire import HeadFrame
from ...scene.actions import chosen_strip, strip_scene
from ...scene.added_properties import RELATIVE
from ...scene.clip_sources import ClipSource, source_of_file, source_of_movie_clip, source_of_strip
from ...scene.keys import frames_per_second
from ...scene.stored_character import active_character
from ...scene.stored_takes import active_take, take_of
from ...scene.tracked_takes import ClipOrder, asked_of, is_resumable
from ..clip_options import OPTION_NAMES, ClipOptions, mode_of, shaping_for
from ..properties import VIDEO_SOURCES, clip_options_of, settings_of
from ..tracking import Tracking
from ..work import bound_character, now
from . import Outcome
from .waiting import Acts, Waits, disabled_reason, redraw


def track_disabled_reason(context: Context) -> str:
    """Why no clip can be tracked; while others are, one more goes to the queue."""
    return "" if isinstance(now.work, Tracking) else disabled_reason(context)


class MIEN_OT_track_video(ClipOptions, Waits, Operator):
    bl_idname = "mien.track_video"
    bl_label = "Track Video"
    bl_description = (
        "Follow the face through a clip and key it on the head with few, smooth keys, as a take in a new Action"
    )
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File",
        description="The clip whose face is keyed; without one, the source is used",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"} | RELATIVE,
    )
    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"} | RELATIVE)
    files: CollectionProperty(type=OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"})
    source: EnumProperty(
        name="Video",
        description="Where the clip comes from",
        items=(*VIDEO_SOURCES, ("PANEL", "As in the Panel", "The source that is chosen in the Mien tab")),
        default="PANEL",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return track_disabled_reason(context)

    def start(self, context: Context) -> Tracking:
        bound_character(context)  # a missing head is told before a clip is looked at
        return Tracking(context, _orders(self, context))

    def invoke(self, context: Context, event: Any) -> Outcome:
        """Begin, or put the clips behind those that are being tracked."""
        if isinstance(now.work, Tracking):
            return self.queue(context, now.work)
        return super().invoke(context, event)

    def queue(self, context: Context, work: Tracking) -> Outcome:
        """Put the clips behind those that are being tracked."""
        try:
            orders = _orders(self, context)
        except InputError as error:
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        work.add(orders)
        self.report({"INFO"}, f"Queued: {', '.join(order.source.title for order in orders)}")
        redraw(context)
        return {"CANCELLED"}  # nothing has changed that an undo could take back

    def draw(self, _context: Context) -> None:
        """The redo panel has nothing that could be changed with sense: Shape does that in no time."""


class _Given:
    """The options of an operator: those that it was given, and the others as in the Mien tab."""

    def __init__(self, operator: Any, context: Context) -> None:
        panel = clip_options_of(context.scene)
        for name in OPTION_NAMES:
            holder = operator if operator.properties.is_property_set(name) else panel
            setattr(self, name, getattr(holder, name))


def _orders(operator: Any, context: Context) -> list[ClipOrder]:
    options: Any = _Given(operator, context)
    return [_order(source, options, context) for source in _sources(operator, options, context)]


def _order(source: ClipSource, options: Any, context: Context) -> ClipOrder:
    fps = frames_per_second(context.scene)
    start, end = source.asked_part
    request = TrackRequest(
        start=start,
        end=end,
        stride=options.stride,
        face=options.face - 1,
        head_frame=HeadFrame.VIEWER,
        sequence_fps=source.fps or fps,
    )
    return ClipOrder(
        source, request, shaping_for(options, source, fps), mode=mode_of(options), with_strip=options.add_strip
    )


def _sources(operator: Any, options: Any, context: Context) -> Iterator[ClipSource]:
    """The clips that the operator was given, or else the one that the Mien tab or the editor shows."""
    scene, settings = context.scene, settings_of(context.scene)
    kind = settings.video_source if operator.source == "PANEL" else operator.source
    end = options.time_end or None
    paths = [operator.filepath] if operator.filepath else []
    if operator.files and operator.directory:
        paths = [str(Path(operator.directory, file.name)) for file in operator.files if file.name] or paths
    if paths or kind == "FILE":
        frame = scene.frame_start if options.placement == "SCENE_START" else scene.frame_current
        for path in paths or [_panel_file(settings)]:
            whole = source_of_file(path, frame, scene)
            if whole.missing:
                operator.report({"WARNING"}, f"{whole.missing} is missing: {whole.title} is tracked up to it.")
            part = whole.within(options.time_start, end, frames_per_second(scene))
            yield ClipSource(part.files, part.title, frame, part.start, part.end, fps=part.fps)
        return
    source = _clip_source(context) if kind == "CLIP" else _strip_source(context)
    yield source.within(options.time_start, end, frames_per_second(scene))


def _panel_file(settings: Any) -> str:
    if not settings.video_path:
        raise InputError("No clip is chosen.", "Choose a file.")
    return str(settings.video_path)


def _clip_source(context: Context) -> ClipSource:
    space = context.space_data
    clip = space.clip if isinstance(space, SpaceClipEditor) else settings_of(context.scene).clip
    if clip is None:
        raise InputError("No Movie Clip is chosen.", "Choose a clip.")
    return source_of_movie_clip(clip, context.scene)


def _strip_source(context: Context) -> ClipSource:
    scene = strip_scene(context)
    return source_of_strip(chosen_strip(scene), scene)


def resume_disabled_reason(context: Context) -> str:
    """Why Resume Take is grey; empty where it is not."""
    if reason := disabled_reason(context):
        return reason
    character = active_character(context.scene)
    record = active_take(character.anchor) if character else None
    return "" if record is not None and is_resumable(record) else "The chosen take is whole"


class MIEN_OT_resume_take(Waits, Operator):
    bl_idname = "mien.resume_take"
    bl_label = "Resume Take"
    bl_description = "Read the rest of the clip of an interrupted take, and join it to what has come already"
    bl_options = {"REGISTER", "UNDO"}
    is_about_take = True

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return resume_disabled_reason(context)

    def start(self, context: Context) -> Tracking:
        record = active_take(bound_character(context).anchor)
        take = take_of(record)
        files, request = asked_of(record)
        source = ClipSource(files, take.name, take.frame_start, *take.span, speed=take.shaping.speed)
        return Tracking(context, [ClipOrder(source, request, take.shaping, take_id=record.take_id)])


class MIEN_OT_remove_clip(Acts, Operator):
    bl_idname = "mien.remove_clip"
    bl_label = "Remove from Queue"
    bl_description = "Take this clip out of the queue; where it is being tracked, it stops and the next one begins"

    index: IntProperty(options={"SKIP_SAVE"})

    @classmethod
    def why_disabled(cls, _context: Context) -> str:
        return "" if isinstance(now.work, Tracking) else "No clips are being tracked"

    def act(self, _context: Context) -> str:
        work = now.work
        if not isinstance(work, Tracking) or not 0 <= self.index < len(work.clips):
            raise InputError("This clip is not in the queue.", "Choose another one.")
        title = work.clips[self.index].title
        work.remove(self.index)
        return f"{title} is out of the queue"


CLASSES = (MIEN_OT_track_video, MIEN_OT_resume_take, MIEN_OT_remove_clip)
