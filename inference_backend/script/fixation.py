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
from .objects import THING
from .timing import COURSE
from .words import Form, Token

GAZE = frozenset(name for name, region in REGION_OF.items() if region is Region.GAZE)
SHUT = 0.7
"""A lid lowered further hides what the eye looks at."""
UNSEEN = 0.03
"""Radians of the head that the eyes need not make up for: a winding up."""

_EYES = ("leftEyeYaw", "leftEyePitch")
_HEAD = ("headYaw", "headPitch")
_KEEPS = frozenset({"keep", "stay", "remain", "hold", "maintain", "continue"})
_FIXED = frozenset({"fixed", "locked", "glued", "pinned", "riveted", "trained", "fastened", "still", "leave"})
_THINGS = frozenset({"@below", "@above", "@elsewhere"})
_VIEWER = frozenset({"camera", "viewer", "audience", "lens", "us"})
_AHEAD = _VIEWER | {"screen", "ahead"}
_ASIDE_OF = frozenset(
    {"from", "past", "off", "of", "beside", "beyond", "over", "above", "below", "near", "behind", "by"}
)
_TOWARDS = frozenset({"at", "to", "into", "toward", "towards", "on", "for", "with", "down"})
_GIVES = frozenset({"give", "offer", "flash", "shoot", "throw"})
_DETERMINERS = frozenset({"the", "a", "our", "this"})
_LED = 0.1
"""Radians up to which eyes or head only go along with something else."""
_PERSON = {"he": "he", "his": "he", "she": "she", "her": "she"}


@dataclass(frozen=True)
class Fixation:
    """Where the eyes stay, in radians from where the body faces, and the event that says so.

    kept: the script says that they stay there, and does not only let them go there.
    """

    yaw: float
    pitch: float
    event: Event
    kept: bool = True

    @property
    def ends_at_once(self) -> bool:
        """A glance, a look for a time that is said: the eyes leave it again by themselves."""
        return self.event.hold is not None and not self.kept

    def eyes(self, head_yaw: float, head_pitch: float) -> dict[str, float]:
        """Both eyes turned to it from a head that is turned so."""
        yaw_limit, pitch_limit = (ANGLE_LIMITS[name] for name in _EYES)
        yaw = max(-yaw_limit, min(yaw_limit, self.yaw - head_yaw))
        pitch = max(-pitch_limit, min(pitch_limit, self.pitch - head_pitch))
        return {**gaze_yaw(yaw), **gaze_pitch(pitch)}

    def taken_up(
        self, moves: Iterable[Move], head_yaw: float, head_pitch: float, start: float
    ) -> dict[str, tuple[float, Event]]:
        """The eyes going to it from a head that is turned so; a head that is still on its way they arrive with."""
        event, arrived = self.event, max([start, *(move.end for move in moves if move.channel in _HEAD)])
        if arrived - start > COURSE[Region.GAZE].attack:
            event = replace(event, over=arrived - start)
        return {name: (value, event) for name, value in self.eyes(head_yaw, head_pitch).items()}

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
    """The event, marked where it keeps the eyes on something, or turns them to the viewer.

    "keeps looking at her", "not taking his eyes off it"; "looks into the lens", "grins at us".
    """
    if event.polarity is Polarity.FORBID:
        return replace(event, fixes=event.entry.name == "look_away")
    regions = {REGION_OF[name] for name in event.pose}
    looks = Region.GAZE in regions and regions <= {Region.GAZE, Region.LID} and not event.steps
    at_something = match.entry.sides is not Sides.WAY or not _THINGS.isdisjoint(match.pattern.slots)
    kept = any(not _KEEPS.isdisjoint(word.bases) or word.lower in _FIXED for word in words)
    if not (looks and at_something and kept and event.polarity is Polarity.DO):
        return replace(event, at_viewer=event.polarity is Polarity.DO and _is_at_viewer(event, words, looks=looks))
    return replace(event, fixes=True, lasting=event.lasting or event.entry.name == "eyes_stay")


def _is_at_viewer(event: Event, words: Sequence[Token], *, looks: bool) -> bool:
    """ "looks into the lens", "winks at us"; not "looks past the camera", "turns her head to us", "camera left"."""
    elsewhere = _farthest(event, _EYES) > _LED or max(abs(event.pose.get(name, 0.0)) for name in _HEAD) > _LED
    if elsewhere or not event.channels:
        return False
    for position, word in enumerate(words):
        named = word.lower.removesuffix("'s") in _VIEWER and word.keys.isdisjoint({THING, "#seen-from"})
        leading = next((w for w in reversed(words[:position]) if w.lower not in _DETERMINERS), word)
        towards = leading.lower in _TOWARDS or not _GIVES.isdisjoint(leading.bases)
        if named and (towards or (looks and leading.lower not in _ASIDE_OF)):
            return True
    return False


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
    fixing = next((event for event in group.events if event.fixes), None)
    fixing = fixing or next((event for event in group.events if event.at_viewer), None)
    if any(_turns_eyes(event, group.gap) for event in group.events):
        return None
    if fixing is not None and not (before and fixing.polarity is Polarity.FORBID):
        return _fixation(fixing, face)
    over = before is None or before.ends_at_once or any(_ends(before, event, group.gap) for event in group.events)
    return None if over else before


def _fixation(event: Event, face: HeldFace) -> Fixation:
    head, eyes = [face.at(name) for name in _HEAD], [face.at(name) for name in _EYES]
    told = [event.pose.get(name, 0.0) for name in _EYES]
    if event.at_viewer or not _AHEAD.isdisjoint(event.words.lower().split()):
        return Fixation(0.0, 0.0, event, kept=event.fixes)
    stays = event.polarity is Polarity.FORBID or (event.lasting and not any(told))
    yaw, pitch = (turned + (looks if stays else wanted) for turned, looks, wanted in zip(head, eyes, told, strict=True))
    return Fixation(yaw, pitch, event)


def _turns_eyes(event: Event, gap: Gap) -> bool:
    """A look elsewhere, a rolling of the eyes, a turn away of the whole person; not a turn of the head."""
    if event.fixes or event.at_viewer or event.polarity is not Polarity.DO:
        return False
    if Region.GAZE in event.entry.rest:
        return True
    if event.entry.whole or GAZE.isdisjoint(event.channels):
        return False
    words = set(event.words.lower().split())
    later = gap in (Gap.FIRM, Gap.SENTENCE)
    turns_away = later and bool({"turn", "turns", "turning"} & words) and "head" not in words
    return turns_away or _farthest(event, _EYES) >= _farthest(event, _HEAD)


def _ends(before: Fixation, event: Event, gap: Gap) -> bool:
    """Whether what comes later takes the eyes off what they were on."""
    if event.polarity is not Polarity.DO or event.at_viewer:
        return False
    if gap is Gap.SENTENCE and (before.event.hold is not None or _of_others(before.event, event)):
        return True
    if event.pose.get("eyeBlinkLeft", 0.0) > SHUT:
        return True
    if before.kept:
        return event.entry.whole and not GAZE.isdisjoint(event.main_channels())  # a thought, a shame
    moved_head = max(abs(event.pose.get(name, 0.0)) for name in _HEAD) > _LED
    return _farthest(event, _EYES) > _LED or (moved_head and gap in (Gap.FIRM, Gap.SENTENCE))


def _of_others(before: Event, event: Event) -> bool:
    """ "She keeps her eyes on him. He turns his head": not the eyes that were kept there."""
    people = {_PERSON.get(told.words.lower().partition(" ")[0]) for told in (before, event)}
    return len(people - {None}) > 1


def _farthest(event: Event, names: Sequence[str]) -> float:
    poses: list[Pose] = [event.pose, *(pose for _, pose in event.steps)]
    return max(abs(pose.get(name, 0.0)) for pose in poses for name in names)
