"""Whether a take that is written is also what the head plays now, and whether a later one stands in its way."""

import math
from collections.abc import Collection
from enum import Enum
from typing import Any

from bpy.types import Scene

from ..core.errors import InputError
from .key_targets import CurveId, Interval, listed
from .nla_layers import played_strips
from .stored_takes import takes_of
from .take_writing import entry_owner, written_curves

_SELDOM = 0.5
"""Of the frames of a clip, the part below which its face may be another one."""


class Standing(Enum):
    """OFF: it has no keys on the head. ELSEWHERE: it has, in an Action or a layer that is not played. PLAYS: now."""

    OFF = "off"
    ELSEWHERE = "elsewhere"
    PLAYS = "plays"


def standing_of(record: Any) -> Standing:
    """A take of which one part of the head plays what was written counts as played."""
    if not record.is_written:
        return Standing.OFF
    return Standing.PLAYS if any(_is_played(record, entry) for entry in record.owners) else Standing.ELSEWHERE


def why_elsewhere(record: Any) -> str:
    """Where the keys of a take are that is written and not played, as a sentence; empty for any other."""
    if standing_of(record) is not Standing.ELSEWHERE:
        return ""
    names = sorted({f'"{entry.action.name}"' for entry in record.owners if entry.action is not None})
    if not names:
        return "The Action with its keys has been deleted. Revert, then Apply writes them anew."
    if record.is_layer:
        return "Its layer is muted or gone from the NLA Editor, so the head does not play it now."
    return f"Its keys are in the Action{'s' if names[1:] else ''} {listed(names)}; the head plays another one now."


def seldom_seen(record: Any) -> str:
    """In what part of a clip its face was seen, as far as words for it are due; empty where in every frame."""
    if not record.read_frames or record.seen >= 1.0:
        return ""
    if record.seen < _SELDOM:
        return f"A face was seen in only {record.seen:.0%} of the frames: look whether it is the right clip."
    return f"The face was seen in {record.seen:.0%} of the frames."


def why_cut_off(last: float, scene: Scene) -> str:
    """Says so where what ends at this frame goes on after the scene has ended; empty where it doesn't."""
    if last <= scene.frame_end:
        return ""
    end = math.ceil(last)
    return f"It ends at frame {end}, but the scene at {scene.frame_end}: set End to {end} to see all of it."


def refuse_covered(anchor: Any, record: Any) -> None:
    """Raise InputError where a take that was written later stands on the same curves within the same frames."""
    if not record.is_written or record.is_layer:
        return
    own = {written.curve_id for written in written_curves(record)}
    for other in takes_of(anchor).items:
        if not other.is_written or other.is_layer or other.written_order <= record.written_order:
            continue
        if not record.is_new_action and not _overlap(_frames_of(record), _frames_of(other)) and not other.is_new_action:
            continue
        if own & {written.curve_id for written in written_curves(other)}:
            raise InputError(f"{other.name} was written over {record.name}.", f"Revert {other.name} first.")


def refuse_reaching(anchor: Any, record: Any, frames: Interval, curve_ids: Collection[CurveId]) -> None:
    """Raise InputError where a take would grow over one that was written later; that would lose its keys unseen."""
    own = set(curve_ids)
    for other in takes_of(anchor).items:
        later = other.is_written and not other.is_layer and other.written_order > record.written_order
        if later and _overlap(frames, _frames_of(other)) and own & {w.curve_id for w in written_curves(other)}:
            raise InputError(
                f'"{record.name}" would reach into "{other.name}", which was keyed later.',
                f'Revert "{other.name}" first, or let the take end before it.',
            )


def _overlap(one: Interval, other: Interval) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _frames_of(record: Any) -> Interval:
    return record.written_from, record.written_until


def _is_played(record: Any, entry: Any) -> bool:
    owner = entry_owner(entry)
    if owner is None or owner.animation_data is None or entry.action is None:
        return False
    if record.is_layer:
        return any(strip.action == entry.action for strip in played_strips(owner))
    return bool(owner.animation_data.action == entry.action)
