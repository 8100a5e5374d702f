"""Eyes that stay on something while the head moves: they turn against it, as far as eyes turn.

The vestibulo-ocular reflex does that at a gain near 1 and with a delay of about 10 ms (Leigh and Zee, The Neurology of
Eye Movements, 2015), so that the eyes move in the very time of the head.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from blender_addon.core.anatomy import ANGLE_LIMITS

from .entries import REGION_OF, Pose, Region, Sides, gaze_pitch, gaze_yaw
from .events import Event, Gap, Group, Polarity
from .held import HeldFace
from .keys import Move
from .matching import Match
from .words import Form, Token

GAZE = frozenset(name for name, region in REGION_OF.items() if region is Region.GAZE)
UNSEEN = 0.03
"""Radians of the head that the eyes need not make up for: a winding up."""

_EYES = ("leftEyeYaw", "leftEyePitch")
_HEAD = ("headYaw", "headPitch")
_KEEPS = frozenset({"keep", "stay", "remain", "hold", "maintain", "continue"})
_FIXED = frozenset({"fixed", "locked", "glued", "pinned", "riveted", "trained", "fastened", "still", "leave"})
_THINGS = frozenset({"@below", "@above", "@elsewhere"})
_VIEWER = frozenset({"camera", "viewer", "audience", "lens", "screen", "ahead"})


@dataclass(frozen=True)
class Fixation:
    """Where the eyes stay, in radians from where the body faces, and the event that says so."""

    yaw: float
    pitch: float
    event: Event

    def eyes(self, head_yaw: float, head_pitch: float) -> dict[str, float]:
        """Both eyes turned to it from a head that is turned so."""
        yaw_limit, pitch_limit = (ANGLE_LIMITS[name] for name in _EYES)
        yaw = max(-yaw_limit, min(yaw_limit, self.yaw - head_yaw))
        pitch = max(-pitch_limit, min(pitch_limit, self.pitch - head_pitch))
        return {**gaze_yaw(yaw), **gaze_pitch(pitch)}

    def against(self, moves: Iterable[Move], head_yaw: float, head_pitch: float) -> Iterator[Move]:
        """The movements of the eyes against those of the head, which sets out from there."""
        at = {"headYaw": head_yaw, "headPitch": head_pitch}
        for move in moves:
            if move.channel not in at or abs(move.value - at[move.channel]) < UNSEEN:
                continue
            at[move.channel] = move.value
            turned = self.eyes(at["headYaw"], at["headPitch"])
            axis = gaze_yaw(0) if move.channel == "headYaw" else gaze_pitch(0)
            for name in axis:
                yield replace(move, channel=name, value=turned[name])


def marked_as_fixing(event: Event, match: Match, words: Sequence[Token]) -> Event:
    """The event, marked where it keeps the eyes on something: "keeps looking at her", "not taking his eyes off it"."""
    if event.polarity is Polarity.FORBID:
        return replace(event, fixes=event.entry.name == "look_away")
    regions = {REGION_OF[name] for name in event.pose}
    looks = Region.GAZE in regions and regions <= {Region.GAZE, Region.LID} and not event.steps
    at_something = match.entry.sides is not Sides.WAY or not _THINGS.isdisjoint(match.pattern.slots)
    kept = any(not _KEEPS.isdisjoint(word.bases) or word.lower in _FIXED for word in words)
    if not (looks and at_something and kept and event.polarity is Polarity.DO):
        return event
    return replace(event, fixes=True, lasting=event.lasting or event.entry.name == "eyes_stay")


def stays_during(words: Sequence[Token]) -> bool:
    """Whether the eyes stay while something else happens, and do not first go there: "keeps", "fixed"; not "fixes"."""
    going = {"hold", "maintain", "continue"}
    return any(
        word.lower in _FIXED
        or not (_KEEPS - going).isdisjoint(word.bases)
        or (word.form is Form.ING and not going.isdisjoint(word.bases))
        for word in words
    )


def moves_head(events: Iterable[Event]) -> bool:
    """Whether one of the events turns, lifts or lowers the head."""
    return any(event.polarity is Polarity.DO and not event.channels.isdisjoint(_HEAD) for event in events)


def fixation_in(group: Group, face: HeldFace, before: Fixation | None) -> Fixation | None:
    """What the eyes stay on during a group; before: during the one before it. None where they go with the head."""
    if any(_turns_eyes(event, group.gap) for event in group.events):
        return None
    fixing = next((event for event in group.events if event.fixes), None)
    if fixing is not None and not (before and fixing.polarity is Polarity.FORBID):
        return _fixation(fixing, face)
    return None if group.gap is Gap.SENTENCE and fixing is None else before


def _fixation(event: Event, face: HeldFace) -> Fixation:
    head, eyes = [face.at(name) for name in _HEAD], [face.at(name) for name in _EYES]
    told = [event.pose.get(name, 0.0) for name in _EYES]
    if not _VIEWER.isdisjoint(event.words.lower().split()):
        return Fixation(0.0, 0.0, event)
    stays = event.polarity is Polarity.FORBID or (event.lasting and not any(told))
    yaw, pitch = (turned + (looks if stays else wanted) for turned, looks, wanted in zip(head, eyes, told, strict=True))
    return Fixation(yaw, pitch, event)


def _turns_eyes(event: Event, gap: Gap) -> bool:
    """A look elsewhere, a rolling of the eyes, a turn away of the whole person; not a turn of the head."""
    if event.fixes or event.polarity is not Polarity.DO:
        return False
    if Region.GAZE in event.entry.rest:
        return True
    if event.entry.whole or GAZE.isdisjoint(event.channels):
        return False
    words = set(event.words.lower().split())
    turns_away = gap is Gap.FIRM and bool({"turn", "turns", "turning"} & words) and "head" not in words
    return turns_away or _farthest(event, _EYES) >= _farthest(event, _HEAD)


def _farthest(event: Event, names: Sequence[str]) -> float:
    poses: list[Pose] = [event.pose, *(pose for _, pose in event.steps)]
    return max(abs(pose.get(name, 0.0)) for pose in poses for name in names)
