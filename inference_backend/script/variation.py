"""What another take of the same script does differently: a little stronger or fainter, sooner or later, less even.

An actor who is asked for another one keeps the acts and their order. So do the variations: only the
strength, the pace, the rests between acts and the evenness of the two sides change, within what the
script leaves open. Seed 0 is the plain reading.
"""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from blender_addon.core.anatomy import ANGLE_LIMITS
from blender_addon.core.channels import other_side

from .entries import REGION_OF, Pose, Region
from .events import Event, Gap, Group, Polarity
from .timing import DWELL

PLAIN = 0
STRENGTH = (0.84, 1.14)
PACE = (0.82, 1.22)
REST = (0.75, 1.35)
UNEVEN = 0.09
"""Share by which the weaker side of a two-sided shape may stay behind."""
FULL = 0.9
"""A shape meant to be this full is so in every take: a lid that closes, a tongue that is out."""


def varied(groups: Iterable[Group], seed: int) -> list[Group]:
    """The same groups as another take plays them; the same seed gives the same take."""
    groups = list(groups)
    if seed == PLAIN:
        return groups
    random = Random(seed)  # noqa: S311 - variation, not secrecy
    return [_varied_group(group, random, is_first=number == 0) for number, group in enumerate(groups)]


def _varied_group(group: Group, random: Random, *, is_first: bool) -> Group:
    rest = random.uniform(*REST)
    said = is_first or group.wait or group.stay or group.at is not None or group.gap is Gap.TOGETHER
    wait = group.wait if said else DWELL[group.gap] * rest
    return replace(group, events=[_varied_event(event, random) for event in group.events], wait=wait)


def _varied_event(event: Event, random: Random) -> Event:
    strength, pace = random.uniform(*STRENGTH), random.uniform(*PACE)
    weaker, behind = random.choice(("Left", "Right")), 1.0 - random.uniform(0.0, UNEVEN)
    if event.polarity is not Polarity.DO:
        return event

    def of(pose: Pose) -> Pose:
        return {name: _scaled(name, value, pose, strength, behind, weaker) for name, value in pose.items()}

    steps = tuple((time, of(pose)) for time, pose in event.steps)
    return replace(event, pose=of(event.pose), leaves=of(event.leaves), steps=steps, speed=event.speed * pace)


def _scaled(name: str, value: float, pose: Pose, strength: float, behind: float, weaker: str) -> float:
    if name in ANGLE_LIMITS:
        return value * strength if REGION_OF[name] is Region.HEAD else value
    if REGION_OF[name] is Region.GAZE or not 0.0 < value < FULL:
        return value
    even = pose.get(other_side(name)) == value and other_side(name) != name
    return min(FULL, value * strength * (behind if even and name.endswith(weaker) else 1.0))
