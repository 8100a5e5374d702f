"""What an order speaks of: parts of the face by name, and actions and emotions of the performer's lexicon."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from blender_addon.core.channels import ANGLES, CHANNELS, INDEX, other_side

from ..script.entries import Entry, Sides, full_pose
from ..script.lexicon_files import table
from ..script.matching import matches_in
from ..script.sides import on_side, with_sides_marked
from .words import Phrase, Words, phrases

BLINKS = ("eyeBlinkLeft", "eyeBlinkRight")
MOVEMENTS = frozenset({"the gaze", "the nodding", "the turns of the head"})
"""The nouns of targets that are called like an act: a glance, a nod, a head shake."""
SPEECH = ("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker")


@dataclass(frozen=True)
class Target:
    """Channels, the noun for them, and what "more" adds where there is none."""

    channels: tuple[str, ...]
    what: str
    seed: Mapping[str, float] = field(default_factory=dict)
    is_whole: bool = False
    more: tuple[str, ...] = ()
    """The channels that "more of it" makes stronger; empty for all."""
    is_passing: bool = False
    """Whether it is an expression that comes and goes, not a part of the face."""


def take_side(words: Words) -> str | None:
    """ "left" or "right" of the character, as channel names spell it; None where neither or both are named."""
    found = []
    for side in ("Left", "Right"):
        name = side.lower()
        wanted: Sequence[Phrase] = ((name, "side"), (name, "half"), (name, "hand", "side"), (name,))
        if words.take(wanted):
            found.append(side)
    return found[0] if len(found) == 1 else None


def take_target(words: Words) -> Target | None:
    """The part of the face that is named, the most particular first."""
    best: tuple[tuple[int, ...], str] | None = None
    for name, raw in table("editing")["target"].items():
        places = words.find(_phrases(raw["words"]))
        if places and (best is None or len(places) > len(best[0])):
            best = places, name
    if best is None:
        return None
    words.name(best[0])
    return target(best[1])


def take_whole(words: Words) -> Target | None:
    """ "everything", "the performance"."""
    return whole() if words.take_all(phrases("whole", "words")) else None


@cache
def target(name: str) -> Target:
    """A part of the face by its name in editing.toml."""
    raw = table("editing")["target"][name]
    more = _channels(raw["more"]) if "more" in raw else ()
    seed = full_pose(raw.get("seed", {}))
    return Target(_channels(raw["channels"]), raw["what"], seed, more=more, is_passing=raw.get("passing", False))


@cache
def whole() -> Target:
    """Everything."""
    return Target(CHANNELS, "everything", is_whole=True)


def on(found: Target, side: str | None) -> Target:
    """The target on one side of the face."""
    if side is None:
        return found
    channels = tuple(name for name in found.channels if _is_on(name, side))
    seed = {name: value for name, value in found.seed.items() if _is_on(name, side)}
    more = tuple(name for name in found.more if _is_on(name, side))
    return replace(found, channels=channels, what=f"{found.what} on the {side.lower()}", seed=seed, more=more)


def _is_on(name: str, side: str) -> bool:
    return other_side(name) != name and (name.endswith(side) or name.startswith(side.lower()))


@dataclass(frozen=True)
class Part:
    """A part of the face that goes ways: up, open, wide."""

    what: str
    ways: Mapping[str, Mapping[str, float]]


@cache
def part_nouns() -> frozenset[str]:
    """What the parts that go ways are called, as targets are."""
    return frozenset(str(raw["what"]) for raw in table("editing")["part"].values())


def take_part(words: Words, way: str) -> Part | None:
    """The part that is named and can go this way."""
    best: tuple[tuple[int, ...], dict[str, Any]] | None = None
    for raw in table("editing")["part"].values():
        places = words.find(_phrases(raw["words"])) if way in raw else ()
        if places and (best is None or len(places) > len(best[0])):
            best = places, raw
    if best is None:
        return None
    words.name(best[0])
    raw = best[1]
    return Part(raw["what"], {name: pose for name, pose in raw.items() if isinstance(pose, dict)})


_SHOWS = 0.55
"""Of its strongest shape: how strong the others are that tell an action."""
_CLEARLY = 0.25
"""Of a shape: the least that tells one."""


@dataclass(frozen=True)
class Act:
    """An action or emotion of the lexicon, on the side that was named."""

    entry: Entry
    pose: Mapping[str, float]
    steps: tuple[tuple[float, Mapping[str, float]], ...]
    what: str
    either_side: bool = False
    """Whether one side makes it and the words name none: what a take holds of it says which."""

    @property
    def channels(self) -> tuple[str, ...]:
        """What it moves, without what hardly shows."""
        shown = {name for name, value in self.pose.items() if abs(value) >= (0.04 if name in ANGLES else 0.12)}
        stepped = {name for _, pose in self.steps for name, value in pose.items() if value}
        both = {other_side(name) for name in shown | stepped} if self.either_side else set()
        return tuple(name for name in CHANNELS if name in shown | stepped | both)

    @property
    def together(self) -> tuple[str, ...]:
        """The shapes that all act while a face makes it, of a pair the left one."""
        most: dict[str, float] = {}
        for pose in (self.pose, *(pose for _, pose in self.steps)):
            for name, value in pose.items():
                if name not in ANGLES and not name.endswith("Right"):
                    most[name] = max(most.get(name, 0.0), value)
        least = max(_SHOWS * max(most.values(), default=0.0), _CLEARLY)
        return tuple(name for name, value in most.items() if value >= least)

    @property
    def telling(self) -> tuple[str, ...]:
        """What tells on which side a face makes it: its strongest channels on the one side, where the words name none;
        else empty."""
        if not self.either_side:
            return ()
        poses = [self.pose, *(pose for _, pose in self.steps)]
        most = {name: max(pose.get(name, 0.0) for pose in poses) for name in self.channels}
        return tuple(name for name, value in most.items() if value and value >= max(most.values()) - 1e-6)


def take_act(words: Words, *, emotion: bool | None = None) -> Act | None:
    """The action or emotion that the free words name; None where there is none or more than one."""
    free = words.free()
    marked, _ = with_sides_marked(free)
    matches = [match for match in matches_in(marked) if emotion is None or match.entry.emotion is emotion]
    matches = [match for match in matches if not match.entry.weak]
    if len(matches) != 1:
        return None
    match = matches[0]
    if not (match.entry.pose or match.entry.steps):
        return None
    words.take_tokens(free[position] for position in match.positions)
    side = None if match.entry.sides is Sides.NONE else take_side(words)
    if match.entry.sides is Sides.WAY and side is None:
        named = {token.lower for token in (free[position] for position in match.positions)}
        side = next((name for name in ("Right", "Left") if name.lower() in named), None)
    entry = match.entry
    steps = tuple((seconds, _sided(entry, pose, side)) for seconds, pose in entry.steps)
    either = side is None and entry.sides is Sides.ONE
    return Act(entry, _sided(entry, entry.pose, side), steps, entry.does, either)


def limited_to(found: Act, part: Target) -> Act:
    """The part of an expression that shows in one part of the face, which the first letters of channels tell."""
    starts = tuple({name[:3] for name in part.channels})
    pose = {name: value for name, value in found.pose.items() if name.startswith(starts)}
    return Act(found.entry, pose, found.steps, found.what, found.either_side)


def _sided(entry: Entry, pose: Mapping[str, float], side: str | None) -> dict[str, float]:
    if side is None and entry.sides is Sides.ONE:
        side = "Left"
    return {name: value for name, value in on_side(pose, entry, side).items() if name in INDEX}


@cache
def _phrases(text: str) -> tuple[Phrase, ...]:
    return tuple(sorted((tuple(one.split()) for one in text.split("|")), key=lambda phrase: -len(phrase)))


@cache
def _channels(text: str) -> tuple[str, ...]:
    wanted: list[str] = []
    for name in text.split():
        if name.endswith("*"):
            wanted.extend(channel for channel in CHANNELS if channel.startswith(name[:-1]))
        else:
            wanted.extend(channel for channel in CHANNELS if channel in (name, f"{name}Left", f"{name}Right"))
    return tuple(dict.fromkeys(wanted))
