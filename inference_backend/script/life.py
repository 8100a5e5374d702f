"""Blinks and small shifts of the gaze that nobody writes down: a layer under the script.

Blinks: 10-20 a minute at rest, half of them not quite closed, 70-100 ms down and slower up (Stern
1984; PubMed 18565090). Shifts of the gaze within a fixation point of interest: a degree or two,
every few seconds. The layer keeps away from what the script does with lids and eyes.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from random import Random

from blender_addon.core.performance import Role

from .entries import gaze_yaw
from .keys import Key, Keys

FIRST_BLINK = (1.8, 3.2)
CALM_END = 0.8
"""Seconds at the end in which nobody begins to blink: it would be the last that is seen."""
BLINK_EVERY = (2.8, 5.6)
"""Seconds between blinks: 11 to 21 a minute."""
CLOSING, OPENING = 0.1, 0.14
"""Seconds; the moment in which the lids are shut is shorter than a frame, and one key."""
WIDE = 0.05
HANDED_OVER = 0.04
"""From so much on a wide lid first comes down to its plain height, for so many seconds, and then closes."""
CLEAR_OF_SCRIPT = 1.5
"""Seconds to any lid movement that the script asks for."""
ACCENTING = ("eyeWideLeft", "eyeWideRight", "browDownLeft", "browDownRight", "browOuterUpLeft", "browOuterUpRight")
ACCENT = 0.3
"""Rise of one of these that the eyes of whoever watches must see land."""
BEFORE_ACCENT, AFTER_ACCENT = 0.35, 0.7
SHIFT_EVERY = (3.5, 7.0)
SHIFT = 0.05
"""Radians: under three degrees."""
LIDS = ("eyeBlinkLeft", "eyeBlinkRight")
EYES = ("leftEyeYaw", "rightEyeYaw")
LIFE_BEAT = -3


def enliven(keys: Keys, duration: float, seed: str, *, blinks: bool) -> None:
    """Add the layer; the same seed gives the same life, and every script has its own."""
    random = Random(seed)  # noqa: S311 - variation, not secrecy
    if blinks:
        _blink(keys, duration, random)
    _shift(keys, duration, random)


def _blink(keys: Keys, duration: float, random: Random) -> None:
    scripted = [key.time for name in LIDS for key in keys.by_channel.get(name, ())]
    accents = list(_accents(keys))
    time = random.uniform(*FIRST_BLINK)
    while time < duration - CALM_END:
        depth = 1.0 if random.random() < 0.5 else random.uniform(0.7, 0.95)
        busy = any(abs(time - other) < CLEAR_OF_SCRIPT for other in scripted)
        busy = busy or any(start < time < end for start, end in accents)
        shut = any(keys.value_at(name, time) > 0.4 for name in LIDS)
        if not busy and not shut:
            _close_and_open(keys, _on_grid(time), depth)
        time += random.uniform(*BLINK_EVERY)


def _accents(keys: Keys) -> Iterator[tuple[float, float]]:
    """Stretches in which a blink would hide what lands: a glare, eyes that widen, brows that go up."""
    for name in ACCENTING:
        for before, after in pairwise(keys.by_channel.get(name, ())):
            if after.value - before.value >= ACCENT:
                yield before.time - BEFORE_ACCENT, after.time + AFTER_ACCENT


def _close_and_open(keys: Keys, time: float, depth: float) -> None:
    wide = [name for name in ("eyeWideLeft", "eyeWideRight") if keys.value_at(name, time) > WIDE]
    begin = time + HANDED_OVER if wide else time
    closed, opened = begin + CLOSING, begin + CLOSING + OPENING
    for name in LIDS:
        resting = keys.value_at(name, time)
        _insert(keys, name, _life(((begin, resting), (closed, max(resting, depth)), (opened, resting))))
    last = opened + HANDED_OVER
    for name in wide:
        before, after = keys.value_at(name, time), keys.value_at(name, last)
        low = ((begin + HANDED_OVER / 2, 0.0), (opened - HANDED_OVER / 2, 0.0))
        _insert(keys, name, _life(((time, before), *low, (last, after))))


def _life(stages: Iterable[tuple[float, float]]) -> list[Key]:
    return [Key(_on_grid(at), value, LIFE_BEAT, Role.LIFE) for at, value in stages]


def _shift(keys: Keys, duration: float, random: Random) -> None:
    scripted = [key.time for name in EYES for key in keys.by_channel.get(name, ())]
    time = random.uniform(*SHIFT_EVERY)
    while time < duration - 1.2:
        way = random.choice((-1.0, 1.0)) * random.uniform(0.5, 1.0) * SHIFT
        stay = random.uniform(0.4, 1.2)
        clear = not any(time - 1.0 < other < time + stay + 1.0 for other in scripted)
        if clear and all(abs(keys.value_at(name, time)) < 0.01 for name in EYES):
            times = [_on_grid(time + after) for after in (0.0, 0.04, 0.04 + stay, 0.08 + stay)]
            for name, value in gaze_yaw(way).items():  # bones turn the eyes of one rig, shapes those of another
                if value:
                    _insert(keys, name, _life(zip(times, (0.0, value, value, 0.0), strict=True)))
        time += random.uniform(*SHIFT_EVERY)


def _insert(keys: Keys, name: str, own: list[Key]) -> None:
    """Between the first and the last of its own keys there is no other."""
    kept = [key for key in keys.by_channel.get(name, ()) if not own[0].time <= key.time <= own[-1].time]
    keys.by_channel[name] = sorted([*kept, *own], key=lambda key: key.time)


def _on_grid(time: float) -> float:
    return round(round(time / 0.02) * 0.02, 3)
