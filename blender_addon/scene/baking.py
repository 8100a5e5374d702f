"""Everything that the NLA plays on a head, as one Action with few keys; shape keys too.

Blender itself says what the layers come to: they are evaluated frame by frame in a scene of their own, with meshes
that have the shape keys and no points, which takes a twentieth of the time that the example head takes (measured).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import bpy
import numpy as np
from bpy.types import Scene
from numpy.typing import NDArray

from ..core.curves import Curve, Interpolation
from ..core.errors import InputError
from ..core.shaping.reduction import reduce_keys
from .actions import (
    ensure_action,
    ensure_fcurve,
    fcurves_of,
    fcurves_of_strip,
    go_on_in_copies,
    remove_fcurve,
    share_action,
)
from .character import Character
from .curve_states import CurveState, Place
from .giving_way import mark
from .key_table import frames_of, key_table, merge_keys
from .key_targets import listed
from .nla_layers import ADDING, REST, played_strips, refuse_tweaking
from .stored_takes import takes_of
from .takes import revert_take
from .untouched_keys import owners_of

BAKING_ERROR = 0.002
"""How far baked curves may be from what the layers come to: a fifth of what anyone sees of a shape."""


@dataclass(frozen=True)
class BakeReport:
    """What was baked: how many curves and keys, into which Action; and in sentences what else there is to know."""

    curves: int
    keys: int
    action: str
    told: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Layered:
    """One datablock with what its tracks move. groups: by place, the name of the curve's group."""

    owner: Any
    groups: Mapping[Place, str]

    @classmethod
    def of(cls, owner: Any) -> "_Layered":
        """As it is now; driven properties are none of the NLA's."""
        animation = owner.animation_data
        curves = [fcurve for strip in played_strips(owner) for fcurve in fcurves_of_strip(strip)]
        if animation.action is not None and animation.action_blend_type not in {*ADDING, "REPLACE"} and curves:
            curves += fcurves_of(owner)
        driven = {driver.data_path for driver in animation.drivers}
        found = {(f.data_path, f.array_index): f.group.name if f.group else "" for f in curves}
        return cls(owner, {place: group for place, group in found.items() if place[0] not in driven})

    def span(self, scene_start: float) -> tuple[float, float]:
        """The first and the last frame at which anything begins or ends; what is before the scene's is not seen.

        Where a strip begins later, the frame before tells that there was nothing of it.
        """
        strips = [strip for strip in played_strips(self.owner) if not strip.name.startswith(REST)]
        starts = [max(strip.frame_start - 1, min(strip.frame_start, scene_start)) for strip in strips]
        own = [frames_of(f) for f in fcurves_of(self.owner) if (f.data_path, f.array_index) in self.groups]
        keys = [float(edge) for frames in own if len(frames) for edge in frames[[0, -1]]]
        edges = [scene_start, *starts, *(strip.frame_end + 1 for strip in strips), *keys]
        return min(edges), max(edges)


def has_layers(character: Character) -> bool:
    """Whether the NLA plays anything on a head."""
    return any(any(played_strips(owner)) for owner in owners_of(character))


def bake_to_one_action(character: Character, scene: Scene, *, error: float = BAKING_ERROR) -> BakeReport:
    """Let one new Action play what the Action and the tracks of a head come to.

    The former Action is kept by a fake user. Layers of takes are taken off; other tracks are muted.
    Raises InputError, with nothing changed, where there is nothing to bake.
    """
    layered = [found for owner in owners_of(character) if owner.animation_data and (found := _Layered.of(owner)).groups]
    if not layered:
        raise InputError(f"No NLA track plays on {character.name}.", "Write a take as Layer on Top first.")
    refuse_tweaking(found.owner for found in layered)
    spans = [*(found.span(scene.frame_start) for found in layered), (scene.frame_start, scene.frame_end)]
    frames = np.arange(floor(min(start for start, _ in spans)), ceil(max(end for _, end in spans)) + 1)
    samples = _sampled(character, layered, frames, scene)
    told = [*_without_layers(character, scene), *_mute_tracks(layered)]
    for found in layered:
        found.owner.animation_data_create()  # a head that had none before its layers has none without them
    if kept := go_on_in_copies([found.owner for found in layered]):
        told.append(f"The former Action is kept: {listed(kept)}.")
    action = _one_action([found.owner for found in layered], f"{character.name} Baked")
    keys = sum(_write(found, frames, samples[found.owner], error) for found in layered)
    bpy.context.view_layer.update()
    return BakeReport(sum(map(len, samples.values())), keys, action.name, tuple(told))


def _one_action(owners: Sequence[Any], name: str) -> Any:
    """Let datablocks, whose Actions are copies, play by one Action alone; before 4.4, and where curves have modifiers,
    which cannot be copied, by one each. The first one.
    """
    played = [owner for owner in owners if owner.animation_data.action is not None]
    first = played[0].animation_data.action if played else None
    for owner in played:
        action, curves = owner.animation_data.action, fcurves_of(owner)
        states = {(fcurve.data_path, fcurve.array_index): CurveState.of(fcurve) for fcurve in curves}
        if action == first or any(fcurve.modifiers for fcurve in curves) or not share_action(owner, first):
            action.name = name
            continue
        for place, state in states.items():
            state.put_back(owner, place, None)
        if not action.users:
            bpy.data.actions.remove(action)
    for owner in owners:
        first = ensure_action(owner, name, first) or first
        owner.animation_data.action_blend_type, owner.animation_data.action_influence = "REPLACE", 1.0
    return owners[0].animation_data.action


def _sampled(
    character: Character, layered: Sequence[_Layered], frames: NDArray[Any], scene: Scene
) -> dict[Any, dict[Place, list[Any]]]:
    """What every place of each datablock is at each frame."""
    values: dict[Any, dict[Place, list[Any]]] = {
        found.owner: {place: [] for place in found.groups} for found in layered
    }
    with _stage(character, [found.owner for found in layered], scene) as (stage, stand_ins):
        for frame in frames.tolist():
            stage.frame_set(frame)
            depsgraph = stage.view_layers[0].depsgraph
            for owner, places in values.items():
                evaluated = stand_ins[owner].evaluated_get(depsgraph)
                for (path, index), column in places.items():
                    column.append(_value(evaluated, path, index))
    return {
        owner: {p: column for p, column in places.items() if None not in column} for owner, places in values.items()
    }


def _value(datablock: Any, path: str, index: int) -> Any:
    """None where there is no such property any more."""
    try:
        value = datablock.path_resolve(path)
    except ValueError:
        return None
    if isinstance(value, (bool, int, float)):
        return value
    return None if isinstance(value, (str, set)) else value[index]


@contextmanager
def _stage(character: Character, owners: Sequence[Any], scene: Scene) -> Iterator[tuple[Scene, dict[Any, Any]]]:
    """A scene in which only these datablocks are evaluated, and by which datablocks there."""
    stage = bpy.data.scenes.new("Mien Baking")
    stage.render.fps, stage.render.fps_base = scene.render.fps, scene.render.fps_base
    meshes = {target.mesh.data.shape_keys: target.mesh.data for target in character.shapes}
    made, stand_ins = [], {}
    try:
        for owner in owners:
            if owner in meshes:
                mesh = meshes[owner].copy()
                mesh.clear_geometry()
                thing = bpy.data.objects.new("Mien Baking", mesh)
                made += [thing, mesh]
                stand_ins[owner] = mesh.shape_keys
            else:
                thing = stand_ins[owner] = owner
            stage.collection.objects.link(thing)
        yield stage, stand_ins
    finally:
        bpy.data.scenes.remove(stage)
        bpy.data.batch_remove(made)


def _without_layers(character: Character, scene: Scene) -> Iterator[str]:
    """Take the layers of takes off; the beats of scripts stay in the timeline."""
    for record in takes_of(character.anchor).items:
        if record.is_written and record.is_layer:
            yield from revert_take(character, record, scene).left_alone
            mark(scene, record)


def _mute_tracks(layered: Sequence[_Layered]) -> Iterator[str]:
    muted = []
    for found in layered:
        animation = found.owner.animation_data
        for track in animation.nla_tracks if animation else ():
            track.is_solo = False
            if not track.mute:
                track.mute = True
                muted.append(track.name)
    if muted:
        yield f"Muted, because the Action has what they play: {listed(list(dict.fromkeys(muted)))}."


def _write(found: _Layered, frames: NDArray[Any], samples: Mapping[Place, list[Any]], error: float) -> int:
    """Write the baked curves of a datablock in the place of those that it had; how many keys."""
    now = {(fcurve.data_path, fcurve.array_index): fcurve for fcurve in fcurves_of(found.owner)}
    for place in samples:
        if place in now:
            remove_fcurve(found.owner, now[place])
    count = 0
    for place, curve in _reduced(frames, samples, error).items():
        fcurve = ensure_fcurve(found.owner, *place, found.groups[place])
        merge_keys(fcurve, key_table(curve, 0.0, 1.0))
        count += len(curve.times)
    return count


def _reduced(frames: NDArray[Any], samples: Mapping[Place, list[Any]], error: float) -> dict[Place, Curve]:
    """Few keys for what moves smoothly; for switches, one where they change."""
    smooth = {place: column for place, column in samples.items() if isinstance(column[0], float)}
    curves = {place: _stepped(frames, column) for place, column in samples.items() if place not in smooth}
    if smooth:
        found = reduce_keys(frames.astype(np.float64), np.array(list(smooth.values())).T, error)
        curves |= dict(zip(smooth, found, strict=True))
    return curves


def _stepped(frames: NDArray[Any], column: Sequence[float]) -> Curve:
    values = np.array(column, dtype=np.float64)
    changes = np.append(True, np.diff(values) != 0)
    return Curve(frames[changes], values[changes], Interpolation.CONSTANT)
