"""What can be set beside a clip: the same for the Mien tab, which keeps it with the scene, and for scripts."""

from typing import Any

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty
from bpy.types import PropertyGroup

from ..core.shaping import Gaps, Neutral, Shaping
from ..scene.clip_sources import ClipSource
from ..scene.stored_takes import WRITING_MODES
from ..scene.takes import WritingMode

_ANGLE_SHARE = 0.5
"""Radians of error for one of shapes: a head turned by half a degree looks as far off as a shape by 0.02."""


class ClipOptions:
    """The properties that operator and panel share."""

    placement: EnumProperty(
        name="Begin",
        description="Where a file begins; Movie Clips and strips always stay in step with where Blender shows them",
        items=(
            ("PLAYHEAD", "At the Playhead", "The clip's first frame becomes the current frame"),
            ("SCENE_START", "At the Scene's Start", "The clip's first frame becomes the first frame of the scene"),
        ),
    )
    time_start: FloatProperty(
        name="From",
        description="Seconds of the clip from which on it is read",
        min=0.0,
        subtype="TIME_ABSOLUTE",
    )
    time_end: FloatProperty(
        name="To",
        description="Seconds of the clip up to which it is read; 0 for its end",
        min=0.0,
        subtype="TIME_ABSOLUTE",
    )
    stride: IntProperty(name="Frame Step", description="2 reads every second frame, in half the time", default=1, min=1)
    face: IntProperty(
        name="Face", description="Which of several faces is followed, counted from 1 at the largest", default=1, min=1
    )
    gaps: EnumProperty(
        name="Without a Face",
        description="What the head does while no face is seen",
        items=(
            ("HOLD", "Hold", "It stays as it was seen last"),
            ("EASE", "Ease to Neutral", "It comes to rest, and back again with the face"),
            ("EMPTY", "Leave Empty", "Nothing is keyed there"),
        ),
    )
    neutral: EnumProperty(
        name="Resting Face",
        description="What becomes the head's neutral face",
        items=(
            ("CALMEST", "Calmest Stretch", "The half second in which the face rests best"),
            ("CHOSEN", "Chosen Frame", "The face at a frame of the scene"),
            ("AS_READ", "None", "The numbers stay as they were read"),
        ),
    )
    neutral_frame: IntProperty(
        name="Rests at Frame", description="The frame of the scene at which the face of the clip rests", default=1
    )
    error: FloatProperty(
        name="Error",
        description="How far curves may be from what was read, 1 being a whole shape; 0 keeps a key at every frame",
        default=0.02,
        min=0.0,
        soft_max=0.1,
        precision=3,
        step=1,
    )
    whole_frames: BoolProperty(
        name="Whole Frames",
        description="Keys stand on frames of the scene; otherwise on the moments of the clip's own frames",
        default=True,
    )
    write: EnumProperty(
        name="Write",
        description="Where the keys go",
        items=WRITING_MODES,
    )
    add_strip: BoolProperty(
        name="Add to Sequencer",
        description="Put the clip and its sound into the Sequencer, in step with the face; "
        "renders show it too, unless Sequencer is turned off in their post processing",
        default=False,
    )


OPTION_NAMES = tuple(ClipOptions.__annotations__)


class MIEN_PG_clip_options(ClipOptions, PropertyGroup):
    """The options of the Mien tab, saved with the scene."""


def shaping_for(options: Any, source: ClipSource, scene_fps: float) -> Shaping:
    """How a clip's take is shaped at first."""
    neutral_time = source.start + (options.neutral_frame - source.frame) / scene_fps * source.speed
    return Shaping(
        gaps=Gaps[options.gaps],
        neutral=Neutral[options.neutral],
        neutral_time=neutral_time if options.neutral == "CHOSEN" else 0.0,
        speed=source.speed,
        whole_frames=options.whole_frames,
        error=round(options.error, 6),  # Blender keeps 32 bits
        angle_error=angle_error_for(options.error),
    )


def angle_error_for(error: float) -> float:
    """Radians, for an error of shapes."""
    return round(error * _ANGLE_SHARE, 6)


def mode_of(options: Any) -> WritingMode:
    """Where the keys go."""
    return WritingMode[options.write]


CLASSES = (MIEN_PG_clip_options,)
