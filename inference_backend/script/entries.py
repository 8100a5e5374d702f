"""The entries of the lexicon: what a word or phrase does to a face."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from blender_addon.core.channels import CHANNELS, INDEX, other_side

from .lexicon_files import table

FULL_GAZE_YAW: Final = 0.6
FULL_GAZE_UP: Final = 0.5
FULL_GAZE_DOWN: Final = 0.6
"""Radians at which the lids' own look-shapes are full: about 35 degrees sideways and down, 29 up."""

Pose = Mapping[str, float]


class Region(Enum):
    """The parts that move together and share a timing."""

    BROW = "brow"
    LID = "lid"
    GAZE = "gaze"
    NOSE = "nose"
    CHEEK = "cheek"
    MOUTH = "mouth"
    JAW = "jaw"
    TONGUE = "tongue"
    HEAD = "head"


class Sides(Enum):
    """What a side named in the script means for an entry; see actions.toml."""

    PAIR = "pair"
    ONE = "one"
    WAY = "way"
    NONE = "none"


@dataclass(frozen=True)
class Entry:
    """An action, an emotion or a single channel.

    pose: what it takes up and keeps. steps: or the stages of a gesture, in seconds from its start.
    leaves: what a gesture ends in; without it, where it began.
    before: what must have been there for the act to make sense (eyes that open were closed).
    rest: regions sent back to rest.
    mask: put on over what is felt; only the mouth gives way to it.
    level: the eyes look level, whatever the head does.
    fuller: the entry that is meant where it is then done fully ("closes her eyes halfway, then fully").
    counted: the entry that is meant where the script says how often ("two quick blinks" are no two flurries).
    """

    name: str
    does: str
    pose: Pose
    steps: tuple[tuple[float, Pose], ...] = ()
    leaves: Pose = field(default_factory=dict)
    before: Pose = field(default_factory=dict)
    rest: frozenset[Region] = frozenset()
    sides: Sides = Sides.PAIR
    whole: bool = False
    weak: bool = False
    mask: bool = False
    level: bool = False
    emotion: bool = False
    counted: str = ""
    fuller: str = ""
    tempo: float = 1.0

    @property
    def channels(self) -> frozenset[str]:
        """Every channel it touches."""
        return frozenset(self.pose) | {name for _, pose in self.steps for name in pose}


@dataclass(frozen=True)
class Pattern:
    """Slots that must all be found in a clause, each by another word; a slot is a set of keys."""

    slots: tuple[str, ...]
    entry: Entry
    exact: bool = False


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """All entries by name."""
    found: dict[str, Entry] = {}
    for section in table("actions").values():
        for name, raw in section.items():
            found[name] = _action(name, raw)
    for name, raw in table("emotions").items():
        found[name] = _emotion(name, raw)
    return found


@lru_cache(maxsize=1)
def patterns_by_first_slot() -> dict[str, tuple[Pattern, ...]]:
    """Every pattern, found by its first slot."""
    found: dict[str, list[Pattern]] = {}
    for pattern in _patterns():
        found.setdefault(pattern.slots[0], []).append(pattern)
    return {slot: tuple(patterns) for slot, patterns in found.items()}


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Every base form that some pattern asks for, by itself or through a class."""
    classes = {f"@{name}": str(words).split() for name, words in table("words")["classes"].items()}
    slots = {slot for patterns in patterns_by_first_slot().values() for p in patterns for slot in p.slots}
    return frozenset(word for slot in slots for word in classes.get(slot, [slot]))


def said_of_entries() -> Iterator[tuple[str, Entry]]:
    """In plain words what each entry does, and each phrase that names it, once."""
    for entry in entries().values():
        yield entry.does, entry
    told: set[tuple[str, str]] = set()
    for pattern in _patterns():
        words = " ".join(slot.lstrip("@#").replace("_", " ").replace("lowerpart", "lower") for slot in pattern.slots)
        if (pattern.entry.name, words) not in told:
            told.add((pattern.entry.name, words))
            yield words, pattern.entry


def _patterns() -> Iterator[Pattern]:
    known = entries()
    for section in table("actions").values():
        for name, raw in section.items():
            for phrase in raw["say"]:
                yield Pattern(_slots(phrase), known[name])
    for name, raw in table("emotions").items():
        for phrase in raw.get("say", ()):
            yield Pattern(_slots(phrase), known[name])
        for word in str(raw["words"]).split():
            # "=" marks words that mean the feeling in this form alone: "cross", but not "crosses".
            yield Pattern(_slots(word.removeprefix("=")), known[name], exact=word.startswith("="))


def _slots(phrase: str) -> tuple[str, ...]:
    return tuple(phrase.replace("-", " ").split())


def _action(name: str, raw: Mapping[str, Any]) -> Entry:
    rest = frozenset(Region(region) for region in raw.get("rest", ()))
    return Entry(
        name=name,
        does=raw["does"],
        pose=full_pose(raw.get("set", {})),
        steps=tuple((float(time), full_pose(pose)) for time, pose in raw.get("steps", ())),
        leaves=full_pose(raw.get("leaves", {})),
        before=full_pose(raw.get("before", {})),
        rest=rest,
        sides=Sides(raw.get("side", "pair")),
        whole=bool(raw.get("whole", False)),
        weak=bool(raw.get("weak", False)),
        mask=bool(raw.get("mask", False)),
        level=bool(raw.get("level", False)),
        counted=str(raw.get("counted", "")),
        fuller=str(raw.get("fuller", "")),
    )


def _emotion(name: str, raw: Mapping[str, Any]) -> Entry:
    pose = full_pose(raw["set"])
    return Entry(
        name=name,
        does=raw["does"],
        pose=pose,
        sides=Sides.NONE if mirrored(pose) == pose else Sides.WAY,
        whole=True,
        emotion=True,
        tempo=float(raw.get("tempo", 1.0)),
    )


def full_pose(short: Mapping[str, float]) -> dict[str, float]:
    """Channels by their full names: a pair where no side is named, all that moves with the eyes for a gaze."""
    pose: dict[str, float] = {}
    for name, value in short.items():
        if name == "gazeYaw":
            pose.update(gaze_yaw(value))
        elif name == "gazePitch":
            pose.update(gaze_pitch(value))
        elif name in INDEX:
            pose[name] = value
        else:
            pose[f"{name}Left"] = pose[f"{name}Right"] = value
    unknown = [name for name in pose if name not in INDEX]
    if unknown:
        raise ValueError(f"the lexicon names no channels: {', '.join(unknown)}")
    return pose


def gaze_yaw(radians: float) -> dict[str, float]:
    """Both eyes turned to the subject's left (positive) or right, lids included."""
    share = min(1.0, abs(radians) / FULL_GAZE_YAW)
    to_left = share if radians > 0 else 0.0
    to_right = share if radians < 0 else 0.0
    return {
        "leftEyeYaw": radians,
        "rightEyeYaw": radians,
        "eyeLookOutLeft": to_left,
        "eyeLookInRight": to_left,
        "eyeLookOutRight": to_right,
        "eyeLookInLeft": to_right,
    }


def gaze_pitch(radians: float) -> dict[str, float]:
    """Both eyes turned up (positive) or down, lids included."""
    up = min(1.0, max(0.0, radians) / FULL_GAZE_UP)
    down = min(1.0, max(0.0, -radians) / FULL_GAZE_DOWN)
    return {
        "leftEyePitch": radians,
        "rightEyePitch": radians,
        "eyeLookUpLeft": up,
        "eyeLookUpRight": up,
        "eyeLookDownLeft": down,
        "eyeLookDownRight": down,
    }


def mirrored(pose: Pose) -> dict[str, float]:
    """The pose with left and right exchanged; what turns to the left turns to the right."""
    turned = {"headYaw", "headRoll", "leftEyeYaw", "rightEyeYaw", "leftEyeRoll", "rightEyeRoll"}
    return {other_side(name): -value if name in turned else value for name, value in pose.items()}


_REGION_BY_PREFIX: Final = (
    ("brow", Region.BROW),
    ("eyeLook", Region.GAZE),
    ("leftEye", Region.GAZE),
    ("rightEye", Region.GAZE),
    ("eye", Region.LID),
    ("nose", Region.NOSE),
    ("cheek", Region.CHEEK),
    ("mouth", Region.MOUTH),
    ("jaw", Region.JAW),
    ("tongue", Region.TONGUE),
    ("head", Region.HEAD),
)
REGION_OF: Final[Mapping[str, Region]] = {
    channel: next(region for prefix, region in _REGION_BY_PREFIX if channel.startswith(prefix)) for channel in CHANNELS
}
"""The region of every channel."""
