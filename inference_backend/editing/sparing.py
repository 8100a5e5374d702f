"""Edits without what an order leaves out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from blender_addon.core.channels import CHANNELS
from blender_addon.core.shaping.edits import kinds
from blender_addon.core.shaping.edits.kinds import Edit, Span

from .exceptions import Excepted
from .targets import BLINKS, on

_OF_CHANNELS = (kinds.Scale, kinds.Limit, kinds.Freeze, kinds.Smooth, kinds.Even, kinds.Delay)
_OF_POSES = (kinds.Add, kinds.Lean, kinds.Slide)


def sparing(edits: Sequence[Edit], excepted: Excepted, span: Span | None) -> list[Edit]:
    """The edits without what is left out, in the span that is said of it; none where one cannot be made so."""
    found: list[Edit] = []
    for edit in edits:
        kept = _sparing(edit, excepted, span)
        if kept is None:
            return []
        found += kept
    return found


def _sparing(edit: Edit, excepted: Excepted, span: Span | None) -> list[Edit] | None:
    named = excepted.found is not None or excepted.side is not None
    elsewhere = None if span is None else _apart(edit, span)
    if span is not None and elsewhere is None:
        return None
    if not named:
        return None if elsewhere is None else [elsewhere]
    moved = _moved_by(edit)
    if moved is None:
        return None
    spared = excepted.spared
    if not moved & spared:
        return [edit]
    parts = [_limited(edit, moved - spared, excepted)] if moved - spared else []
    if elsewhere is not None:
        parts.append(_limited(elsewhere, moved & spared, None))
    return parts or None


def _apart(edit: Edit, span: Span) -> Edit | None:
    match edit:
        case kinds.Pause() | kinds.Delay() | kinds.Loop() | kinds.Reverse() | kinds.Gesture() | kinds.Freeze():
            return None
        case _:
            return replace(edit, span=replace(edit.span, apart=(*edit.span.apart, span)))


def _moved_by(edit: Edit) -> frozenset[str] | None:
    """The channels that an edit changes; None where it is of the whole take."""
    if isinstance(edit, _OF_CHANNELS):
        return frozenset(edit.channels) | frozenset(getattr(edit, "seed", {}))
    if isinstance(edit, _OF_POSES):
        return frozenset(edit.pose) | frozenset(getattr(edit, "away", ()))
    if isinstance(edit, kinds.Gesture):
        return frozenset(name for _, pose in edit.steps for name in pose)
    if isinstance(edit, kinds.Mirror):
        return frozenset(edit.channels or CHANNELS)
    return frozenset(BLINKS) if isinstance(edit, kinds.Blinks) else None


def _limited(edit: Edit, channels: frozenset[str], spared: Excepted | None) -> Edit:
    """The same edit of these channels alone. spared: what its noun leaves out then."""
    match edit:
        case kinds.Scale():
            own, seed = _of(edit.channels, channels), _part(edit.seed, channels)
            found: Edit = replace(edit, channels=own, seed=seed, what=_what_of(edit, spared))
        case kinds.Mirror():
            found = replace(edit, channels=_of(CHANNELS, channels), what="the rest")
        case kinds.Limit() | kinds.Freeze() | kinds.Smooth() | kinds.Even() | kinds.Delay():
            found = replace(edit, channels=_of(edit.channels, channels))
        case kinds.Add() | kinds.Lean():
            found = replace(edit, pose=_part(edit.pose, channels))
        case kinds.Slide():
            away = tuple(other for name, other in zip(edit.pose, edit.away, strict=True) if name in channels)
            found = replace(edit, pose=_part(edit.pose, channels), away=away)
        case kinds.Gesture():
            found = replace(edit, steps=tuple((at, _part(pose, channels)) for at, pose in edit.steps))
        case _:
            found = edit
    return found


def _of(names: Sequence[str], channels: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in channels)


def _part(pose: Mapping[str, float], channels: frozenset[str]) -> dict[str, float]:
    return {name: value for name, value in pose.items() if name in channels}


def _what_of(edit: kinds.Scale, spared: Excepted | None) -> str:
    if spared is None:
        return edit.what
    if spared.found is not None:
        return f"{edit.what} {'and' if ' but ' in edit.what else 'but'} {on(spared.found, spared.side).what}"
    return f"{edit.what} but not on the {spared.side.lower()}" if spared.side else edit.what
