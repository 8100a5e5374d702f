"""Timeline markers that Mien sets, told apart from the user's own."""

from collections.abc import Iterable
from typing import Any

from bpy.props import StringProperty
from bpy.types import Scene, TimelineMarker

from .added_properties import AddedProperties

_LONGEST_NAME = 60
"""Bytes; Blender cuts a marker's name at 63."""


ADDED = (AddedProperties(TimelineMarker, mien_performance=StringProperty()),)
"""Markers get the id of the performance that set them."""


def set_markers(scene: Any, performance_id: str, words: Iterable[tuple[int, str]]) -> None:
    """The markers of a performance, each a frame and its words, in the place of those that it had."""
    for marker in markers_of(scene, performance_id):
        scene.timeline_markers.remove(marker)
    for frame, text in words:
        marker = scene.timeline_markers.new(_short(text), frame=frame)
        marker.mien_performance = performance_id


def markers_of(scene: Scene, performance_id: str) -> list[Any]:
    """The markers that a performance has set and the user has not removed."""
    markers: Iterable[Any] = scene.timeline_markers
    return [marker for marker in markers if marker.mien_performance == performance_id]


def select_marker(scene: Scene, performance_id: str, frame: int) -> None:
    """Select the marker of a performance at a frame, and no other one."""
    own = [marker for marker in markers_of(scene, performance_id) if marker.frame == frame]
    for marker in scene.timeline_markers:
        marker.select = marker in own


def _short(text: str) -> str:
    if len(text.encode()) <= _LONGEST_NAME:
        return text
    return text.encode()[: _LONGEST_NAME - 3].decode(errors="ignore").rstrip() + "..."
