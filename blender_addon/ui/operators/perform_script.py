"""Perform Script: words become a keyed performance; and parts of it played anew."""

from typing import Any

from bpy.props import BoolProperty, FloatProperty, IntProperty, StringProperty
from bpy.types import Context, Operator

from ...core.wire import PerformRequest
from ...scene.keys import frames_per_second, refuse_beyond_last_frame
from ...scene.stored_character import active_character
from ...scene.stored_performance import performance_at, performances_of
from ..performing import Performing, Whole, from_playhead, one_beat, panel_request
from ..properties import settings_of
from .waiting import Waits, disabled_reason

NEXT_SEED = -1


def replay_disabled_reason(context: Context) -> str:
    """The same for what needs a performance that is there already."""
    if reason := disabled_reason(context):
        return reason
    character = active_character(context.scene)
    return "" if character and len(performances_of(character.anchor)) else "Perform a script first"


def beat_disabled_reason(context: Context) -> str:
    """The same for what needs a beat."""
    if reason := replay_disabled_reason(context):
        return reason
    character = active_character(context.scene)
    record = performance_at(character.anchor, context.scene.frame_current) if character else None
    return "" if record is not None and len(record.beats) else "The performance at the playhead has no beats"


class MIEN_OT_perform_script(Waits, Operator):
    bl_idname = "mien.perform_script"
    bl_label = "Perform Script"
    bl_description = "Key what the script says on the head, from the current frame on, with a marker for each beat"
    bl_options = {"REGISTER", "UNDO"}

    script: StringProperty(
        name="Script",
        description="What happens, in words; without them, everything is taken from the Mien tab",
        options={"SKIP_SAVE"},
    )
    background: StringProperty(name="Background", description="The scene, in words", options={"SKIP_SAVE"})
    emotion: StringProperty(name="Emotion", description="The mood of the scene, in words", options={"SKIP_SAVE"})
    plays: StringProperty(
        name="Plays",
        description="Whose part of the script, as it names them; empty plays everybody's",
        options={"SKIP_SAVE"},
    )
    duration: FloatProperty(
        name="Length",
        description="Seconds of the whole; 0 leaves it to the script",
        min=0.0,
        subtype="TIME_ABSOLUTE",
        options={"SKIP_SAVE"},
    )
    engine: StringProperty(
        name="Engine", description="What performs the script; empty for the built-in performer", options={"SKIP_SAVE"}
    )
    seed: IntProperty(
        name="Variation",
        description="Another number plays the same script a little differently",
        min=0,
        options={"SKIP_SAVE"},
    )
    life: BoolProperty(
        name="Life", description="Add blinks and small shifts of the gaze", default=True, options={"SKIP_SAVE"}
    )
    from_rest: BoolProperty(
        name="Start from Rest",
        description="Let go what earlier keys hold on the rest of the face as the performance begins",
        default=True,
        options={"SKIP_SAVE"},
    )

    def start(self, context: Context) -> Performing:
        return Performing(context, _whole(self, context))


def _whole(operator: Any, context: Context) -> Whole:
    """The script that the operator was given, with what was given beside it; or else what the Mien tab says."""
    frame, fps = context.scene.frame_current, frames_per_second(context.scene)
    refuse_beyond_last_frame(frame, 1.0, fps)  # no script is much shorter than a second
    if not operator.script:
        return Whole(panel_request(context.scene), frame, settings_of(context.scene).from_rest)
    request = PerformRequest(
        operator.script,
        background=operator.background,
        emotion=operator.emotion,
        plays=operator.plays,
        duration=operator.duration or None,
        seed=operator.seed,
        life=operator.life,
        engine=operator.engine or None,
        fps=fps,
        first_frame=frame,
    )
    return Whole(request, frame, operator.from_rest)


_SEED = {
    "name": "Variation",
    "description": "The number of the variation; -1 takes the next one",
    "default": NEXT_SEED,
    "min": NEXT_SEED,
    "options": {"SKIP_SAVE"},
}


class MIEN_OT_regenerate_performance(Waits, Operator):
    bl_idname = "mien.regenerate_performance"
    bl_label = "Regenerate from Here"
    bl_description = (
        "Play the performance anew from the first beat after the playhead, differently, or as the script says now; "
        "what comes before stays"
    )
    bl_options = {"REGISTER", "UNDO"}

    seed: IntProperty(**_SEED)

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return replay_disabled_reason(context)

    def start(self, context: Context) -> Performing:
        return Performing(context, from_playhead(context, seed=None if self.seed == NEXT_SEED else self.seed))


class MIEN_OT_replace_beat(Waits, Operator):
    bl_idname = "mien.replace_beat"
    bl_label = "Replace Beat"
    bl_description = "Play the chosen beat anew, differently, and leave the others as they are"
    bl_options = {"REGISTER", "UNDO"}

    beat: IntProperty(
        name="Beat",
        description="Which one, counted from 0; -1 takes the one that is chosen in the list",
        default=-1,
        min=-1,
        options={"SKIP_SAVE"},
    )
    seed: IntProperty(**_SEED)

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return beat_disabled_reason(context)

    def start(self, context: Context) -> Performing:
        order = one_beat(
            context,
            beat=None if self.beat < 0 else self.beat,
            seed=None if self.seed == NEXT_SEED else self.seed,
        )
        return Performing(context, order)


CLASSES = (MIEN_OT_perform_script, MIEN_OT_regenerate_performance, MIEN_OT_replace_beat)
