"""Acts that are told one after the other and go together all the same, or that end what was told before."""

from collections.abc import Sequence
from dataclasses import replace

from .entries import REGION_OF, Region, gaze_pitch, gaze_yaw
from .events import Event, Polarity
from .words import Token

_LAUGHS = frozenset({"laugh", "giggle", "laugh_to_tears", "cackle"})
_WAYS = frozenset({"up", "down", "left", "right", "upward", "upwards", "downward", "downwards"})
_AROUND_WAYS = frozenset({"then", "and", "finally", "now"})
ANGLES_OF_HEAD = ("headYaw", "headPitch")
SMALLEST_LEAN = 0.2
"""Radians from which a head that goes back in laughter is thrown back."""


def is_start_named_again(told: Sequence[Event], event: Event) -> bool:
    """ "Startled, she flinches", "he jumps, startled": one start, and not two."""
    return event.entry.name in ("wince", "startle") and any(other.entry.name == "startle" for other in told)


def in_laughter(told: Sequence[Event], coming: Sequence[Event]) -> list[Event]:
    """ "bursts out laughing, throws her head back": the head goes back with the laugh, and comes up with its end.

    Returns the acts of the head, held as long as the laugh; nothing where it is no laugh, or another act.
    """
    laugh = next((event for event in told if event.entry.name in _LAUGHS and event.steps), None)
    if laugh is None or not all(_goes_back(event) for event in coming):
        return []
    length = laugh.steps[-1][0] * laugh.count
    return [replace(event, hold=length if event.hold is None else event.hold) for event in coming]


def _goes_back(event: Event) -> bool:
    back = event.pose.get("headPitch", 0.0) >= SMALLEST_LEAN
    return back and event.polarity is Polarity.DO and not event.entry.whole


def is_bare_way(words: Sequence[Token]) -> bool:
    """ "(looks up), left, then right": a way alone is a look of its own."""
    lower = [word.lower for word in words if word.lower not in _AROUND_WAYS]
    return len(lower) == 1 and lower[0] in _WAYS


def looked_straight_from_there(event: Event) -> Event:
    """The look or turn to a side at the height of the eyes, that up or down straight ahead, wherever it was before."""
    regions = {REGION_OF[name] for name in event.main_channels()}
    if event.polarity is not Polarity.DO or regions not in ({Region.GAZE}, {Region.HEAD}):
        return event
    eyes = regions == {Region.GAZE}
    yaw, pitch = (event.pose.get(name, 0.0) for name in (("leftEyeYaw", "leftEyePitch") if eyes else ANGLES_OF_HEAD))
    rest: dict[str, float] = {}
    if yaw and not pitch:
        rest = gaze_pitch(0.0) if eyes else {"headPitch": 0.0}
    elif pitch and not yaw:
        rest = gaze_yaw(0.0) if eyes else {"headYaw": 0.0, **gaze_yaw(0.0)}
    return replace(event, pose={**rest, **event.pose})
