"""Layers: Actions in the NLA that are added to whatever else moves a datablock.

The animator's own Action stays the active one, with every key where it was; only the way it is blended changes, so
that it is added to the tracks below it. Shapes are added; rotations are combined, the layer's turn after the other.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import bpy
from bpy.utils import escape_identifier

from ..core.curves import Curve
from ..core.errors import InputError
from .actions import (
    ensure_action,
    ensure_fcurve,
    fcurves_in,
    fcurves_of,
    fcurves_of_strip,
    new_strip,
    set_action,
    shape_key_default,
    slot_of,
    slot_of_strip,
)
from .key_table import key_table, merge_keys
from .key_targets import Interval

REST = "Mien Rest"
"""The lowest track of shape keys, in Blender 5.0."""
ADDING = frozenset({"ADD", "COMBINE"})
"""The ways of blending an Action by which it hides nothing below it."""


@contextmanager
def without_action(owners: Iterable[Any]) -> Iterator[None]:
    """For a moment nothing but their NLA plays on datablocks, so that what is keyed goes into Actions of its own."""
    played = {owner: (owner.animation_data.action, slot_of(owner)) for owner in owners if owner.animation_data}
    wanted = list(owners)
    for owner in played:
        owner.animation_data.action = None
    try:
        yield
    finally:
        for owner in wanted:
            if owner.animation_data:
                set_action(owner, *played.get(owner, (None, "")))


def refuse_tweaking(owners: Iterable[Any]) -> None:
    """Raise InputError where a strip is being edited: Blender exchanges no Action meanwhile."""
    for owner in owners:
        if owner.animation_data is not None and owner.animation_data.use_tweak_mode:
            name = getattr(owner, "user", owner).name
            raise InputError(f"A strip of {name} is being edited.", "Leave Tweak Mode in the NLA Editor (Tab) first.")


def refuse_layering(owners: Iterable[Any]) -> None:
    """Raise InputError where a layer would not be added to what plays now."""
    for owner in owners:
        animation = owner.animation_data
        if animation is None:
            continue
        if animation.action is not None and _hides_tracks(owner):
            name = getattr(owner, "user", owner).name
            raise InputError(
                f"The Action of {name} plays over NLA tracks, so that a layer would not be added to it.",
                "Use Bake to One Action first, or mute those tracks.",
            )


def add_layer(owner: Any, action: Any, slot: str, name: str, frames: Interval) -> None:
    """Play an Action on top, within its frames; an Action of one moment from there on. `frames`: those of its keys.

    Where it is a layer already, its strip only follows the keys: it may have been moved, muted or faded.
    """
    animation = owner.animation_data
    blend = "ADD" if owner.id_type == "KEY" else "COMBINE"
    _keep_at_rest(owner, action, slot)
    found = strips_with(owner, action)
    if not found:
        track = animation.nla_tracks.new()
        track.name = name
        strip = new_strip(track, name, action, slot)
        strip.blend_type = blend
        strip.extrapolation = "HOLD_FORWARD" if frames[0] == frames[1] else "NOTHING"
        strip.frame_start_ui = strip.action_frame_start  # a strip is made on a whole frame
        found = [strip]
    for strip in found:
        _fit(strip, frames)
    animation.action_blend_type = blend


def remove_layer(owner: Any, action: Any) -> None:
    """Take a layer away, with its track where nothing else is on it."""
    tracks = owner.animation_data.nla_tracks
    for track, strip in list(_strips_of(owner, action)):
        track.strips.remove(strip)
        if not len(track.strips):
            tracks.remove(track)


def end_layers(owner: Any, blend: str) -> None:
    """After the last layer of a datablock: its Action is blended as it was before the first.

    Unless a track is left that needs it as it is: that of a layer whose take has been forgotten, and its keys not.
    """
    animation = owner.animation_data
    adding, animation.action_blend_type = animation.action_blend_type, blend
    if _hides_tracks(owner) or _rests_under_tracks(owner):
        animation.action_blend_type = adding
        return
    for track in [track for track in animation.nla_tracks if track.name == REST]:
        actions = [strip.action for strip in track.strips]
        animation.nla_tracks.remove(track)
        for action in actions:
            if action is not None and not action.users:
                bpy.data.actions.remove(action)


def strips_with(owner: Any, action: Any) -> list[Any]:
    """The strips of a datablock that play an Action."""
    return [strip for _, strip in _strips_of(owner, action)] if owner.animation_data else []


def is_layered(owner: Any, action: Any) -> bool:
    """Whether an Action is played by a strip of a datablock."""
    return bool(strips_with(owner, action))


def played_strips(owner: Any) -> Iterator[Any]:
    """The strips that are seen, also those within others."""
    animation = owner.animation_data
    tracks = list(animation.nla_tracks) if animation else []
    solo = any(track.is_solo for track in tracks)
    for track in tracks:
        if track.is_solo if solo else not track.mute:
            yield from (strip for strip in _nested(track.strips) if not strip.mute)


def _nested(strips: Iterable[Any]) -> Iterator[Any]:
    for strip in strips:
        yield strip
        yield from _nested(getattr(strip, "strips", ()))


def _strips_of(owner: Any, action: Any) -> Iterator[tuple[Any, Any]]:
    """The strips that play an Action, with their tracks; for None those whose Action has been deleted."""
    for track in owner.animation_data.nla_tracks:
        for strip in track.strips:
            if strip.type == "CLIP" and strip.action == action:
                yield track, strip


def _hides_tracks(owner: Any) -> bool:
    """Whether the Action of a datablock does not only add to tracks that move the same."""
    if owner.animation_data.action_blend_type in ADDING:
        return False
    own = {(fcurve.data_path, fcurve.array_index) for fcurve in fcurves_of(owner)}
    return bool(own & _moved_by_tracks(owner))


def _rests_under_tracks(owner: Any) -> bool:
    """Whether tracks add to what the lowest one holds at rest."""
    rest = (strip for track in owner.animation_data.nla_tracks if track.name == REST for strip in track.strips)
    held = {(f.data_path, f.array_index) for strip in rest for f in fcurves_of_strip(strip)}
    return bool(held & _moved_by_tracks(owner))


def _moved_by_tracks(owner: Any) -> set[tuple[str, int]]:
    strips = (strip for strip in played_strips(owner) if not strip.name.startswith(REST))
    return {(f.data_path, f.array_index) for strip in strips for f in fcurves_of_strip(strip)}


def _fit(strip: Any, frames: Interval) -> None:
    """Let a strip show all keys of its Action, moved and scaled as it is."""
    first, last = frames[0], max(frames[1], frames[0] + 1.0)
    begin = strip.frame_start + (first - strip.action_frame_start) * strip.scale
    strip.use_sync_length = False
    bounds = (("action_frame_start", first), ("action_frame_end", last))
    for name, frame in bounds if first < strip.action_frame_end else reversed(bounds):  # never an end before a start
        setattr(strip, name, frame)
    strip.frame_start_ui = begin


def _keep_at_rest(owner: Any, layer: Any, slot: str) -> None:
    """Where the NLA takes shape keys that nothing plays for fully on, hold them at 0 in a lowest track."""
    if owner.id_type != "KEY" or shape_key_default() == 0.0:
        return
    track = next((track for track in owner.animation_data.nla_tracks if track.name == REST), None)
    foreign = {f.data_path for strip in played_strips(owner) for f in fcurves_of_strip(strip)} if track is None else ()
    moved = {fcurve.data_path for fcurve in (*fcurves_of(owner), *fcurves_in(layer, slot))}
    blocks = {f'key_blocks["{escape_identifier(block.name)}"].value': block for block in owner.key_blocks}
    wanted = [path for path, block in blocks.items() if path not in foreign and (path in moved or not block.value)]
    with without_action([owner]):
        if track is not None:
            strip = track.strips[0]
            set_action(owner, strip.action, slot_of_strip(strip))
        ensure_action(owner, REST)
        for path in wanted:
            merge_keys(ensure_fcurve(owner, path), key_table(Curve([0.0], [0.0]), 0.0, 1.0))
        if track is None:
            _play_at_rest(owner, owner.animation_data.action, slot_of(owner))


def _play_at_rest(owner: Any, action: Any, slot: str) -> None:
    track = owner.animation_data.nla_tracks.new()
    track.name = REST
    strip = new_strip(track, REST, action, slot)
    strip.blend_type, strip.extrapolation = "REPLACE", "HOLD"
