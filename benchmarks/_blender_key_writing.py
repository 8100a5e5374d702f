"""Runs in Blender with the add-on installed: dense keys on the example head, by the add-on and by `keyframe_insert`.

    inside_blender.py ADDON.zip _blender_key_writing.py TRACK.npz OUTPUT.json

TRACK: times, values (T, 61), confidence. OUTPUT: seconds, F-curves and keys of each way.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bl_ext.user_default.mien.core.shaping import AS_READ, Shaping
from bl_ext.user_default.mien.core.take import Take, TakeKind
from bl_ext.user_default.mien.core.track import FaceTrack
from bl_ext.user_default.mien.scene.character import bind
from bl_ext.user_default.mien.scene.keys import write_curves
from bl_ext.user_default.mien.scene.stored_character import active_character, store
from bl_ext.user_default.mien.scene.stored_takes import add_take, keep_shaping
from bl_ext.user_default.mien.scene.takes import apply_take, revert_take

Blender = Any
"""Of Blender's own types, which differ between its versions."""

_ROUNDS = 3


def main(source: str, target: str) -> None:
    """Measure, and write what came of it."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.mien.add_example_head()
    scene = bpy.context.scene
    scene.render.fps = 25
    with np.load(source) as arrays:
        track = FaceTrack(arrays["times"], arrays["values"], arrays["confidence"])
    found = {"dense": _dense(scene, track), "take": _take(scene, track)}
    found["insert"] = _insert(track, len(track.times))
    _keep_one_mesh(scene)
    found["one mesh"] = _dense(scene, track)
    Path(target).write_text(json.dumps(found), encoding="utf-8")


def _dense(scene: Blender, track: FaceTrack) -> dict[str, float]:
    """`write_curves` with a key for every frame, head bone and all; onto nothing and, again, onto those keys."""
    character = active_character(scene)
    curves = Take("", TakeKind.VIDEO, track, shaping=AS_READ).curves(25.0)
    fresh, again = [], []
    for _ in range(_ROUNDS):
        _clear(character)
        fresh.append(_timed(lambda: write_curves(character, curves, 1.0, scene)))
        again.append(_timed(lambda: write_curves(character, curves, 1.0, scene)))
    report = write_curves(character, curves, 1.0, scene)
    fcurves = report.keys / len(track.times)
    _clear(character)
    return {"seconds": min(fresh), "again": min(again), "keys": report.keys, "fcurves": fcurves}


def _keep_one_mesh(scene: Blender) -> None:
    """A head as most are delivered: one mesh with all shapes, and the bones."""
    character = active_character(scene)
    face = max(character.meshes, key=lambda mesh: len(mesh.data.shape_keys.key_blocks))
    for mesh in character.meshes:
        if mesh != face:
            bpy.data.objects.remove(mesh)
    store(bind(character.anchor), scene)


def _take(scene: Blender, track: FaceTrack) -> dict[str, float]:
    """`apply_take` of the same clip, shaped and reduced, and what a slider costs."""
    character = active_character(scene)
    record = add_take(character.anchor, Take("Clip", TakeKind.VIDEO, track))
    found = {"first": _timed(lambda: apply_take(character, record, scene))}
    sliders = {"gain": Shaping(gain={"mouth": 1.3}), "smoothing": Shaping(smoothing=1.4)}
    for name, shaping in sliders.items():
        dragged, let_go = [], []
        for _ in range(_ROUNDS):
            keep_shaping(record, Shaping())
            apply_take(character, record, scene)
            keep_shaping(record, shaping)
            dragged.append(_timed(lambda: apply_take(character, record, scene, is_draft=True)))
            let_go.append(_timed(lambda: apply_take(character, record, scene)))
        found[f"{name}, while dragged"], found[f"{name}, let go"] = min(dragged), min(let_go)
    found["revert"] = _timed(lambda: revert_take(character, record, scene))
    return found


def _insert(track: FaceTrack, wanted: int) -> dict[str, float]:
    """One channel by `keyframe_insert`: a tenth of the frames, and all of them."""
    mesh = bpy.data.objects.new("inserted", bpy.data.meshes.new("inserted"))
    mesh.data.from_pydata([(0, 0, 0)], [], [])
    bpy.context.scene.collection.objects.link(mesh)
    mesh.shape_key_add(name="Basis")
    key = mesh.shape_key_add(name="jawOpen")
    values = track.channel("jawOpen").tolist()

    def insert() -> None:
        for frame, value in enumerate(values[:wanted], 1):
            key.value = value
            key.keyframe_insert("value", frame=frame)

    return {"seconds": _timed(insert), "keys": wanted}


def _clear(character: Blender) -> None:
    for owner in {target.mesh.data.shape_keys for target in character.shapes} | {character.anchor}:
        owner.animation_data_clear()
    for action in list(bpy.data.actions):
        bpy.data.actions.remove(action)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(*sys.argv[1:])
