"""What the panel keeps: the choice of a source with the file, and what was seen last."""

from typing import Any

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty
from bpy.types import Image, MovieClip, PropertyGroup, Scene, Text

from ..scene.added_properties import RELATIVE, AddedProperties
from .backend_session import session
from .clip_options import MIEN_PG_clip_options
from .work import now

SOURCES = (
    ("FILE", "File", "A picture on disk"),
    ("IMAGE", "Image", "A picture that is open in Blender, with what was painted on it"),
    ("RENDER", "Render", "The last render"),
    ("CLIP", "Clip", "The current frame of a Movie Clip"),
    ("STRIP", "Strip", "The Sequencer's strip under the playhead"),
)

VIDEO_SOURCES = (
    ("FILE", "File", "A clip on disk, or a folder or the first picture of an image sequence"),
    ("CLIP", "Clip", "A Movie Clip; the face keeps in step with it"),
    ("STRIP", "Strip", "The Sequencer's active movie or image strip; the face keeps in step with it"),
)


def _script_engines(_settings: Any, _context: Any, _typed: str) -> list[tuple[str, str]]:
    """Each name with its state, for the list that opens below the field."""
    return [(engine.name, engine.state) for engine in session.engines("script")]


def _image_engines(_settings: Any, _context: Any, _typed: str) -> list[tuple[str, str]]:
    return [(engine.name, engine.state) for engine in session.engines("image")]


def _forget_error(_settings: Any, _context: Any) -> None:
    """What went wrong in one mode says nothing of the other."""
    now.begin_anew()


class MIEN_PG_settings(PropertyGroup):
    """The choices of the Mien tab, saved with the scene."""

    mode: EnumProperty(
        name="Make From",
        description="What the performance is read from",
        items=(
            ("IMAGE", "Image", "Key the face of a picture"),
            ("SCRIPT", "Script", "Key what a script says, over time"),
            ("VIDEO", "Video", "Key the face of a clip, over time"),
        ),
        update=_forget_error,
    )
    source: EnumProperty(name="Picture", description="Where the picture comes from", items=SOURCES)
    filepath: StringProperty(
        name="File", description="The picture whose face is keyed", subtype="FILE_PATH", options=RELATIVE
    )
    image: PointerProperty(type=Image, name="Image", description="The picture whose face is keyed")
    clip: PointerProperty(type=MovieClip, name="Clip", description="The clip whose face is keyed")
    video_source: EnumProperty(name="Video", description="Where the clip comes from", items=VIDEO_SOURCES)
    video_path: StringProperty(
        name="File", description="The clip whose face is keyed", subtype="FILE_PATH", options=RELATIVE
    )
    image_engine: StringProperty(
        name="Engine",
        description="What reads the face; empty for the built-in face model, semanticface also for drawn faces",
        search=_image_engines,
        search_options={"SUGGESTION"},
    )
    script_text: PointerProperty(
        type=Text, name="Script", description="What happens, in as many lines as it takes; without it, the line below"
    )
    script_line: StringProperty(name="Script", description="What happens, in words")
    background: StringProperty(name="Background", description="The scene, in words; it colours what is left open")
    emotion: StringProperty(name="Emotion", description="The mood of the scene; it colours what is left open")
    plays: StringProperty(
        name="Plays",
        description=(
            "Whose part of the script this head plays, as the script names them. The others keep their time, so that "
            "heads that play the other parts from the same frame are in step; empty plays everybody's"
        ),
    )
    duration: FloatProperty(
        name="Length",
        description="Seconds of the whole; 0 leaves it to the script",
        min=0.0,
        soft_max=60.0,
        subtype="TIME_ABSOLUTE",
    )
    engine: StringProperty(
        name="Engine",
        description="What performs the script; empty for the built-in performer",
        search=_script_engines,
        search_options={"SUGGESTION"},
    )
    seed: IntProperty(name="Variation", description="Another number plays the same script a little differently", min=0)
    life: BoolProperty(name="Life", description="Add blinks and small shifts of the gaze", default=True)
    edit_words: StringProperty(
        name="Words", description='What to change about the chosen take, such as "half the smile" or "no blinks"'
    )
    from_rest: BoolProperty(
        name="Start from Rest",
        description="Let go what earlier keys hold on the rest of the face as the performance begins",
        default=True,
    )


class MIEN_PG_estimate(PropertyGroup):
    """What was read last and is keyed; kept with the scene, so that it is saved and undone with the keys."""

    picture: StringProperty()
    frame: FloatProperty()
    expression: StringProperty()
    words: StringProperty(description="What the face does, a line for each region")
    uncertain: StringProperty(description="What not to rely on, a line each")
    own_words: StringProperty(description="What a language model itself wrote of the face")
    refuted: StringProperty(description="The lines of it that its numbers refute")
    contradictions: StringProperty(description="Where its words and its numbers disagree, a line each")
    face_count: IntProperty()
    from_left: StringProperty(description="The numbers of the faces, 0 the largest, from left to right")
    face_index: IntProperty()
    source: StringProperty()
    filepath: StringProperty()
    note: StringProperty(description="What was left alone, and why")


CLASSES = (MIEN_PG_settings, MIEN_PG_estimate)

ADDED = (
    AddedProperties(
        Scene,
        mien=PointerProperty(type=MIEN_PG_settings),
        mien_clip=PointerProperty(type=MIEN_PG_clip_options),
        mien_estimate=PointerProperty(type=MIEN_PG_estimate),
    ),
)
"""Scenes get their settings and their last estimate."""


def settings_of(scene: Any) -> Any:
    """A scene's settings, a `MIEN_PG_settings`."""
    return scene.mien


def clip_options_of(scene: Any) -> Any:
    """What a scene has set beside its clips, a `MIEN_PG_clip_options`."""
    return scene.mien_clip


def estimate_of(scene: Any) -> Any:
    """A scene's last estimate, a `MIEN_PG_estimate`."""
    return scene.mien_estimate
