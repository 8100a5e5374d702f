"""What the panel keeps: the choice of a source with the file, what was seen last with the session."""

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, PointerProperty, StringProperty
from bpy.types import Image, MovieClip, PropertyGroup, Scene, WindowManager

SOURCES = (
    ("FILE", "File", "A picture on disk"),
    ("IMAGE", "Image", "A picture that is open in Blender, with what was painted on it"),
    ("RENDER", "Render", "The last render"),
    ("CLIP", "Clip", "The current frame of a Movie Clip"),
    ("STRIP", "Strip", "The Sequencer's strip under the playhead"),
)


class MIEN_PG_settings(PropertyGroup):
    """The choices of the Mien tab, saved with the scene."""

    mode: EnumProperty(
        name="Make From",
        description="What the performance is read from",
        items=(("IMAGE", "Image", "Key the face of a picture"),),
    )
    source: EnumProperty(name="Picture", description="Where the picture comes from", items=SOURCES)
    filepath: StringProperty(name="File", description="The picture whose face is keyed", subtype="FILE_PATH")
    image: PointerProperty(type=Image, name="Image", description="The picture whose face is keyed")
    clip: PointerProperty(type=MovieClip, name="Clip", description="The clip whose current frame is keyed")


class MIEN_PG_last_estimate(PropertyGroup):
    """What was read last, or what went wrong; lives as long as the window and is not undone."""

    is_running: BoolProperty()
    progress: StringProperty()
    picture: StringProperty()
    expression: StringProperty()
    words: StringProperty(description="What the face does, a line for each region")
    uncertain: StringProperty(description="What not to rely on, a line each")
    face_count: IntProperty()
    face_index: IntProperty()
    source: StringProperty()
    filepath: StringProperty()
    error: StringProperty()
    note: StringProperty(description="What was left alone, and why")


CLASSES = (MIEN_PG_settings, MIEN_PG_last_estimate)


def register_properties() -> None:
    """Give scenes their settings and the window its last estimate."""
    setattr(Scene, "mien", PointerProperty(type=MIEN_PG_settings))  # noqa: B010 - the stubs know no added members
    setattr(WindowManager, "mien", PointerProperty(type=MIEN_PG_last_estimate))  # noqa: B010


def unregister_properties() -> None:
    """Take them away again."""
    delattr(WindowManager, "mien")
    delattr(Scene, "mien")


def settings_of(scene: Any) -> Any:
    """A scene's settings, a `MIEN_PG_settings`."""
    return scene.mien


def last_estimate() -> Any:
    """The window's last estimate, a `MIEN_PG_last_estimate`."""
    window_manager: Any = bpy.context.window_manager
    return window_manager.mien
