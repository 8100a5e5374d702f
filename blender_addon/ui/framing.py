"""Brings a head into the animator's views."""

from collections.abc import Iterator
from typing import Any

import bpy
from bpy.types import Context


def face_selected(context: Context) -> None:
    """Fill every 3D view with what is selected, seen from the front; views through a camera stay as they are."""
    if bpy.app.background:
        return
    for place in _views(context):
        with context.temp_override(**place):
            bpy.ops.view3d.view_axis(type="FRONT")
            bpy.ops.view3d.view_selected()


def _views(context: Context) -> Iterator[dict[str, Any]]:
    """What `temp_override` takes for each 3D view of each window."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            space: Any = area.spaces.active
            if area.type == "VIEW_3D" and space.region_3d.view_perspective != "CAMERA":
                region = next(region for region in area.regions if region.type == "WINDOW")
                yield {"window": window, "screen": window.screen, "area": area, "region": region}
