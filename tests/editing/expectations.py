"""What must become of a take: the small language of corpus.toml, held against the keys before and after."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.channels import CHANNELS, INDEX, other_side
from blender_addon.core.formats.sampling import sampled_track
from blender_addon.core.shaping.edits.blinks import blinks_in
from blender_addon.core.take import Take

from .takes import FPS

Array = NDArray[np.float64]

GROUPS = {
    "smile": ("mouthSmile",),
    "brows": ("brow",),
    "jaw": ("jawOpen",),
    "head": ("head",),
    "gaze": ("eyeLook", "leftEye", "rightEye"),
    "lids": ("eyeBlink",),
    "mouthPress": ("mouthPress",),
    "all": ("",),
}
_TOLERANCE = 0.02
"""Of a channel that must be as it was: the error that key reduction is allowed, twice."""


@dataclass(frozen=True)
class Seen:
    """A take as it is keyed: frames of the scene, and the values there, shape (T, 61)."""

    frames: Array
    values: Array

    @classmethod
    def of(cls, take: Take) -> "Seen":
        track = sampled_track(take.curves(FPS), duration=take.shown_duration, frames_per_second=FPS)
        return cls(take.frame_start + track.times * FPS, track.values.astype(np.float64))

    @property
    def length(self) -> float:
        return float(self.frames[-1] - self.frames[0]) / FPS


def faults(lines: Sequence[str], before: Seen, after: Seen) -> list[str]:
    """Each line that does not hold, with what is there instead."""
    named = {name for line in lines for name in _channels(line.split()[0])}
    return [f"{line}: {fault}" for line in lines if (fault := _fault(line, before, after, named))]


def _channels(group: str) -> list[str]:
    prefixes = GROUPS.get(group, (group,))
    return [name for name in CHANNELS if name.startswith(prefixes)]


def _fault(line: str, before: Seen, after: Seen, named: set[str]) -> str:
    words, _, frames = line.partition("@")
    group, *wanted = words.split()
    if group in ("length", "blinks", "later", "mirrored", "loops", "reversed"):
        return _of_take(group, wanted, before, after, frames)
    names = [name for name in CHANNELS if name not in named] if group == "rest" else _channels(group)
    columns = [INDEX[name] for name in names]
    was, now = _part(before, frames)[:, columns], _part(after, frames)[:, columns]
    return _of_values(wanted, was, now, names)


def _part(seen: Seen, frames: str) -> Array:
    if not frames:
        return seen.values
    first, last = (float(number) for number in frames.split("-"))
    return seen.values[(seen.frames >= first - 1e-6) & (seen.frames <= last + 1e-6)]


def _of_values(wanted: list[str], was: Array, now: Array, names: list[str]) -> str:
    kind = wanted[0]
    if kind == "same":
        difference = np.abs(was - now).max() if was.shape == now.shape else np.inf
        return "" if difference <= _TOLERANCE else f"differs by {difference:.3f}"
    peak_was, peak_now = float(np.abs(was).max()), float(np.abs(now).max())
    told = f"{peak_was:.3f} -> {peak_now:.3f}"
    mean_was, mean_now = float(was.mean()), float(now.mean())
    means = f"mean {mean_was:.3f} -> {mean_now:.3f}"
    travel_was, travel_now = (float(np.abs(np.diff(v, 2, axis=0)).mean()) if len(v) > 2 else 0.0 for v in (was, now))
    if kind.startswith("x"):
        goal = float(kind[1:]) * peak_was
        return "" if abs(peak_now - goal) <= 0.12 * goal + 0.01 else told
    checks = {
        "up": (mean_now > mean_was + 0.01 and peak_now > peak_was + 0.015, f"{told}, {means}"),
        "down": (peak_now < peak_was - 0.01 and np.abs(now).mean() < np.abs(was).mean(), f"{told}, {means}"),
        "zero": (peak_now <= 0.04, told),
        "near1": (float(now.min()) > 0.85, f"{now.min():.3f}"),
        "more": (mean_now > mean_was + 0.03, means),
        "less": (mean_now < mean_was - 0.02, means),
        "change": (was.shape == now.shape and float(np.abs(was - now).max()) > 0.08, told),
        "still": (float(np.ptp(now, axis=0).max()) <= 0.03, f"moves by {np.ptp(now, axis=0).max():.3f}"),
        "calmer": (travel_now < 0.85 * travel_was, f"{travel_was:.4f} -> {travel_now:.4f}"),
        "livelier": (travel_now > 1.1 * travel_was, f"{travel_was:.4f} -> {travel_now:.4f}"),
    }
    if kind == "even":
        gap_was, gap_now = (_unevenness(values, names) for values in (was, now))
        return "" if gap_now <= 0.35 * gap_was + 0.01 else f"uneven by {gap_was:.3f} -> {gap_now:.3f}"
    if kind == "later":
        return _shifted(was, now, int(wanted[1]))
    holds, instead = checks[kind]
    return "" if holds else instead


def _unevenness(values: Array, names: list[str]) -> float:
    pairs = [(i, names.index(other_side(name))) for i, name in enumerate(names) if other_side(name) in names]
    return max(float(np.abs(values[:, one] - values[:, other]).max()) for one, other in pairs)


def _shifted(was: Array, now: Array, frames: int) -> str:
    count = min(len(was), len(now)) - frames
    difference = float(np.abs(was[:count] - now[frames : frames + count]).max())
    return "" if difference < 0.05 else f"differs by {difference:.3f}"


def _of_take(group: str, wanted: list[str], before: Seen, after: Seen, frames: str) -> str:
    told = f"{before.length:.2f} s -> {after.length:.2f} s"
    if group == "length":
        return "" if _length_holds(wanted[0], before.length, after.length) else told
    if group == "blinks":
        was, now = _blinks(before, frames), _blinks(after, frames)
        holds = {"fewer": now < was, "more": now > was, "same": now == was}.get(wanted[0])
        if holds is None:
            goal = was * float(wanted[0][1:]) if wanted[0].startswith("x") else float(wanted[0])
            holds = abs(now - goal) < 1
        return "" if holds else f"{was} -> {now}"
    if group == "later":
        return _shifted(before.values, after.values, int(wanted[0]))
    if group == "mirrored":
        sign = np.array([-1 if name.endswith(("Yaw", "Roll")) else 1 for name in CHANNELS])
        goal = before.values[:, [INDEX[other_side(name)] for name in CHANNELS]] * sign
    elif group == "reversed":
        goal = before.values[::-1]
    else:
        # A clip seldom ends on a whole frame of the scene, so that the last one may be a part of a frame too early.
        gap = np.abs(after.values[0] - after.values[-1])
        apart = gap - np.abs(after.values[1] - after.values[0])
        return "" if apart.max() < 0.03 else f"ends {gap.max():.3f} away from its beginning"
    # The frames of the scene fall elsewhere in a take that plays backwards, so a blink is a little off.
    difference = float(np.abs(goal - after.values).mean()) if goal.shape == after.values.shape else np.inf
    return "" if difference < 0.01 else f"differs by {difference:.3f}"


def _length_holds(wanted: str, was: float, now: float) -> bool:
    if match := re.fullmatch(r"x([\d.]+)", wanted):
        return abs(now - was * float(match[1])) < 0.03 * now + 0.1
    if match := re.fullmatch(r"\+([\d.]+)", wanted):
        return abs(now - was - float(match[1])) < 0.1
    return {"same": abs(now - was) < 0.06, "longer": now > was + 0.2, "shorter": now < was - 0.1}[wanted]


def _blinks(seen: Seen, frames: str) -> int:
    found = blinks_in(seen.frames / FPS, seen.values)
    if not frames:
        return len(found)
    first, last = (float(number) for number in frames.split("-"))
    return sum(first <= seen.frames[blink.top] <= last for blink in found)
