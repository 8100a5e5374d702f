"""Runs in the Python of one Blender: Decimate on dense keys, and curves of ours as Blender draws them.

    .venv/blender-5.0/bin/python benchmarks/_blender_curves.py INPUT.npz OUTPUT.npz

INPUT: samples (T, C), one a frame; margin; and for our curves key_counts (C,), keys and handles one after the
other, in frames: co (K, 2), left (K, 2), right (K, 2).
OUTPUT: for both, keys a channel, the largest error a channel at the frames as `FCurve.evaluate` has it, and seconds;
drawn (8 T, C): our curves between the frames too.
"""

import os
import sys
import time
from typing import Any

import bpy
import numpy as np
from bpy_extras import anim_utils

Array = np.ndarray[Any, np.dtype[Any]]
Blender = Any
"""Of Blender's own types, which differ between its versions."""

_FREE, _AUTO_CLAMPED, _BEZIER = 0, 4, 2
_STEPS = 8


def main(source: str, target: str) -> None:
    """Measure, and write what came of it."""
    data = np.load(source)
    samples = data["samples"]
    owner = _animated_object(samples.shape[1])
    dense = [_write(fcurve, _dense(column)) for fcurve, column in zip(_new_fcurves(owner), samples.T, strict=True)]
    seconds = _decimate(float(data["margin"]))
    decimate = {"decimate_keys": _counts(dense), "decimate_error": _errors(dense, samples), "decimate_s": seconds}
    cuts = np.cumsum(data["key_counts"])[:-1]
    pieces = zip(*(np.split(data[name], cuts) for name in ("co", "left", "right")), strict=True)
    started = time.perf_counter()
    ours = [_write(fcurve, piece) for fcurve, piece in zip(_new_fcurves(owner), pieces, strict=True)]
    written = time.perf_counter() - started
    moments = np.arange(len(samples) * _STEPS - _STEPS + 1) / _STEPS
    drawn = np.array([[fcurve.evaluate(moment) for moment in moments] for fcurve in ours]).T
    np.savez(target, **decimate, our_error=_errors(ours, samples), written_s=written, moments=moments, drawn=drawn)


def _animated_object(channels: int) -> Blender:
    owner = bpy.data.objects.new("samples", None)
    bpy.context.scene.collection.objects.link(owner)
    owner.select_set(True)
    bpy.context.view_layer.objects.active = owner
    for channel in range(channels):
        owner[f"c{channel}"] = 0.0
    return owner


def _new_fcurves(owner: Blender) -> list[Blender]:
    """Empty F-curves in a new Action, one for each property."""
    action = bpy.data.actions.new("samples")
    animation = owner.animation_data or owner.animation_data_create()
    animation.action = action
    if hasattr(action, "slots"):
        animation.action_slot = action.slots.new(id_type="OBJECT", name="samples")
    paths = [f'["{name}"]' for name in owner.keys()]  # noqa: SIM118 - an ID is no mapping to iterate
    if hasattr(anim_utils, "action_ensure_channelbag_for_slot"):
        bag = anim_utils.action_ensure_channelbag_for_slot(action, animation.action_slot)
        return [bag.fcurves.new(path) for path in paths]
    return [action.fcurves.new(path) for path in paths]


def _dense(column: Array) -> tuple[Array, None, None]:
    return np.column_stack([np.arange(len(column)), column]), None, None


def _write(fcurve: Blender, keys: tuple[Array, Array | None, Array | None]) -> Blender:
    co, left, right = keys
    points, count = fcurve.keyframe_points, len(co)
    points.add(count)
    points.foreach_set("co", np.asarray(co, np.float32).ravel())
    points.foreach_set("interpolation", np.full(count, _BEZIER, np.int32))
    kind = _AUTO_CLAMPED if left is None else _FREE
    for side, handles in (("left", left), ("right", right)):
        points.foreach_set(f"handle_{side}_type", np.full(count, kind, np.int32))
        points.foreach_set(f"select_{side}_handle", np.ones(count, bool))
        if handles is not None:
            points.foreach_set(f"handle_{side}", np.asarray(handles, np.float32).ravel())
    points.foreach_set("select_control_point", np.ones(count, bool))
    fcurve.select = True
    fcurve.update()
    return fcurve


def _decimate(margin: float) -> float:
    """Seconds of the operator alone, over every selected key."""
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda area: area.width * area.height)
    area.type = "GRAPH_EDITOR"
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        started = time.perf_counter()
        if bpy.ops.graph.decimate(mode="ERROR", remove_error_margin=margin) != {"FINISHED"}:
            raise RuntimeError("Decimate did not run")
        return time.perf_counter() - started


def _counts(fcurves: list[Blender]) -> Array:
    return np.array([len(fcurve.keyframe_points) for fcurve in fcurves])


def _errors(fcurves: list[Blender], samples: Array) -> Array:
    drawn = np.array([[fcurve.evaluate(frame) for frame in range(len(samples))] for fcurve in fcurves]).T
    return np.asarray(np.abs(drawn - samples).max(axis=0))


if __name__ == "__main__":
    bpy.ops.wm.read_factory_settings(use_empty=True)
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # an ordinary exit of a Python that loaded bpy crashes in 4.2 and can hang in 4.5
