"""A slider that shows what a channel does to the head, without a key."""

from typing import Any

import bpy
from bpy.props import FloatProperty
from bpy.types import WindowManager

from ..core.channels import CHANNELS
from ..core.pose import Pose
from ..scene.added_properties import AddedProperties
from ..scene.preview import Preview
from ..scene.stored_character import active_binding, active_character


class _Test:
    """The preview that the slider shows, while it is not at 0."""

    preview: Preview | None = None
    value = 0.0


_test = _Test()


def end_test() -> None:
    """Put the head back as it was."""
    if _test.preview is not None:
        _test.preview.end()
    _test.preview, _test.value = None, 0.0


def _get(_manager: Any) -> float:
    is_shown = _test.preview is not None and _test.preview.is_running
    return _test.value if is_shown else 0.0


def _set(_manager: Any, value: float) -> None:
    end_test()
    scene = bpy.context.scene
    character, stored = active_character(scene), active_binding(scene)
    channel = chosen_channel(stored)
    if character is None or not channel or not value:
        return
    _test.preview, _test.value = Preview(character), value
    _test.preview.show(Pose.from_mapping({channel: value}))


def chosen_channel(stored: Any) -> str:
    """The channel of the chosen row; empty where there is none."""
    if stored is None or not 0 <= stored.index < len(stored.shapes):
        return ""
    channel = stored.shapes[stored.index].channel
    return channel if channel in CHANNELS else ""


ADDED = (
    AddedProperties(
        WindowManager,
        mien_binding_test=FloatProperty(
            name="Test",
            description="Show what the channel of the chosen row does to the head; at 0 the head is as it was",
            min=0.0,
            max=1.0,
            get=_get,
            set=_set,
            options={"SKIP_SAVE"},
        ),
    ),
)
"""The slider belongs to the window manager: it is about this Blender, now, and is neither saved nor undone."""
