"""Whether a take that is written is also what the head plays now."""

import math
from enum import Enum
from typing import Any

from bpy.types import Scene

from .key_targets import listed
from .nla_layers import played_strips
from .take_writing import entry_owner


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


def why_cut_off(last: float, scene: Scene) -> str:
    """Says so where what ends at this frame goes on after the scene has ended; empty where it doesn't."""
    if last <= scene.frame_end:
        return ""
    end = math.ceil(last)
    return f"It ends at frame {end}, but the scene at {scene.frame_end}: set End to {end} to see all of it."


def _is_played(record: Any, entry: Any) -> bool:
    owner = entry_owner(entry)
    if owner is None or owner.animation_data is None or entry.action is None:
        return False
    if record.is_layer:
        return any(strip.action == entry.action for strip in played_strips(owner))
    return bool(owner.animation_data.action == entry.action)
