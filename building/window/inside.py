"""Runs in the window's Blender and tells every quarter second what is to be seen.

It presses nothing. `MIEN_WINDOW_STATE` is the file that it keeps up to date.
"""

import itertools
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

_STATE = Path(os.environ["MIEN_WINDOW_STATE"])
_ADDON = "bl_ext.user_default.mien"
_INTERVAL_S = 0.25
_ticks = itertools.count()


def _sidebar() -> dict[str, Any]:
    """The 3D view, and its sidebar when it is open, as rectangles in window pixels from the bottom left."""
    for area in bpy.context.window_manager.windows[0].screen.areas:
        if area.type == "VIEW_3D":
            region = next(region for region in area.regions if region.type == "UI")
            is_open = area.spaces.active.show_region_ui and region.width > 1
            return {
                "view": [area.x, area.y, area.width, area.height],
                "sidebar": [region.x, region.y, region.width, region.height] if is_open else None,
                "tab": region.active_panel_category if is_open else "",
            }
    return {}


def _fcurves(action: Any) -> Iterator[Any]:  # noqa: ANN401 - bpy has no types here
    for layer in action.layers:
        for strip in layer.strips:
            for channelbag in strip.channelbags:
                yield from channelbag.fcurves


def _state() -> dict[str, Any]:
    keyed_meshes = [mesh for mesh in bpy.data.meshes if mesh.shape_keys]
    return {
        **_sidebar(),
        "tick": next(_ticks),
        "windows": [
            {
                "place": [window.x, window.y, window.width, window.height],
                "spaces": [area.type for area in window.screen.areas],
            }
            for window in bpy.context.window_manager.windows
        ],
        "addon": _ADDON in bpy.context.preferences.addons,
        "backend": _backend(),
        "installed": _installed(),
        "frame": bpy.context.scene.frame_current,
        "objects": [item.name for item in bpy.data.objects],
        "markers": [marker.name for marker in bpy.context.scene.timeline_markers],
        "takes": _takes(),
        "shape_keys": {
            mesh.name: {block.name: block.value for block in mesh.shape_keys.key_blocks[1:]} for mesh in keyed_meshes
        },
        "keys": {
            action.name: [
                [curve.data_path, curve.array_index, [list(point.co) for point in curve.keyframe_points]]
                for curve in _fcurves(action)
            ]
            for action in bpy.data.actions
        },
    }


def _backend() -> str:
    """Where the backend stands, once there is the add-on."""
    module = sys.modules.get(f"{_ADDON}.ui.backend_session")
    return module.session.status().condition.value if module else ""


def _installed() -> float:
    """How much of the backend's installation is done, 0..1; 0 where none runs."""
    module = sys.modules.get(f"{_ADDON}.ui.backend_install")
    running = module.desk.running if module else None
    return running.fraction if running else 0.0


def _takes() -> list[str]:
    head = getattr(bpy.context.scene, "mien_head", None)  # the add-on comes a moment later than this
    return [take.name for take in head.mien_takes.items] if head else []


def _tell() -> float:
    unfinished = _STATE.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(_state()))
    unfinished.replace(_STATE)
    return _INTERVAL_S


def _set_up() -> None:
    view = bpy.context.preferences.view
    view.show_splash = False
    view.show_tooltips = False  # they would hide what is to be read
    bpy.app.timers.register(_tell, first_interval=1.0, persistent=True)


_set_up()
