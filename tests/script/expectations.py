"""What a line of the corpus claims of a performance, and how it is measured.

A channel is named in full or without its side: `mouthSmile` stands for both sides, and both must do
what is claimed. `a|b` means that one of them does. `+headYaw` and `-headYaw` are the two ways of an
angle. High is 0.3 of a shape and 0.1 rad of an angle; low is under half of that.

    peak C          is high at some time                 never C      is at no time above low
    moves C         reaches a low value at least         start C high|low, end C high|low
    left C, right C that side is high while the other is low      onesided C   either of the two
    A before B      A is half way to its peak earlier    together A B  both are high at one time
    staggered C     the two sides rise at different times
    rises C, falls C   later higher, or lower, than earlier
    cycles C N, N+  comes up N times (at least N)
    held C S        stays near its peak for S seconds    after S C     is at rest until S seconds
    above C V, below C V   the peak against a number     lasts S       the whole length
    at S C high|low   at that second                     line N C high|low   midway through the Nth spoken line
    line N by S     the Nth line has begun by then       untold WORDS  no beat's description has them
    noted WORDS, unnoted WORDS   they are in a note, or in none
    steady gaze     head and eyes together look the same way throughout, and the shapes around the eyes agree
    reported WORDS  they are in not_understood           understood    nothing is
    still           no channel moves                     refused       the script is refused in plain words
"""

import re

import numpy as np

from blender_addon.core.channels import CHANNELS, INDEX
from blender_addon.core.performance import Performance

RATE = 100
HIGH_SHAPE, HIGH_ANGLE = 0.3, 0.1


class Seen:
    """A performance, sampled."""

    def __init__(self, performance: Performance) -> None:
        self.performance = performance
        self.times = np.arange(0, performance.duration + 1 / RATE, 1 / RATE)
        self.table = performance.sampled(self.times)

    def line(self, name: str) -> np.ndarray:
        """The values of one channel; with a sign, only that way."""
        if name[0] in "+-":
            return np.maximum(0.0, self.table[:, INDEX[name[1:]]] * (1 if name[0] == "+" else -1))
        return self.table[:, INDEX[name]]

    def high(self, name: str) -> np.ndarray:
        return self.line(name) >= threshold(name)


def threshold(name: str) -> float:
    return HIGH_ANGLE if name.lstrip("+-") in CHANNELS[52:] else HIGH_SHAPE


def names_of(claim: str) -> list[list[str]]:
    """The alternatives of a claim, each a list of channels that must all do it."""
    found = []
    for part in claim.split("|"):
        plain = part.lstrip("+-")
        found.append([part] if plain in INDEX else [f"{part}Left", f"{part}Right"])
        unknown = [name for name in found[-1] if name.lstrip("+-") not in INDEX]
        if unknown:
            raise ValueError(f"the corpus names no channel: {unknown}")
    return found


def failure(seen: Seen, claim: str) -> str | None:
    """Why the performance does not do what is claimed; None where it does."""
    words = claim.split()
    if words[0] in _CHECKS:
        return _CHECKS[words[0]](seen, *words[1:])
    if len(words) == 3 and words[1] == "before":
        return _before(seen, words[0], words[2])
    raise ValueError(f"no such claim: {claim}")


def _some(seen: Seen, claim: str, does) -> bool:
    return any(all(does(name) for name in group) for group in names_of(claim))


def _peaks(seen: Seen, claim: str) -> str:
    return ", ".join(f"{name} {seen.line(name).max():.2f}" for group in names_of(claim) for name in group)


def _peak(seen: Seen, claim: str) -> str | None:
    return None if _some(seen, claim, lambda n: seen.high(n).any()) else f"no peak: {_peaks(seen, claim)}"


def _never(seen: Seen, claim: str) -> str | None:
    bad = [n for group in names_of(claim) for n in group if seen.line(n).max() > threshold(n) / 2]
    return f"is there: {_peaks(seen, claim)}" if bad else None


def _moves(seen: Seen, claim: str) -> str | None:
    return (
        None if _some(seen, claim, lambda n: seen.line(n).max() > threshold(n) / 3) else f"still: {_peaks(seen, claim)}"
    )


def _at(index: int):
    def check(seen: Seen, claim: str, level: str) -> str | None:
        def does(name: str) -> bool:
            value = seen.line(name)[index]
            return value >= threshold(name) if level == "high" else value < threshold(name) / 2

        values = {n: round(float(seen.line(n)[index]), 2) for group in names_of(claim) for n in group}
        return None if _some(seen, claim, does) else f"not {level}: {values}"

    return check


def _at_second(seen: Seen, second: str, claim: str, level: str) -> str | None:
    return _at(min(round(float(second) * RATE), len(seen.times) - 1))(seen, claim, level)


def _lines(seen: Seen) -> list[tuple[float, float]]:
    """From when to when each line is spoken; no two lines of a script of the corpus say the same."""
    told: dict[str, list[float]] = {}
    for keyframe in seen.performance.keyframes:
        for words in re.findall(r'says "[^"]*"', keyframe.description):
            told.setdefault(words, []).append(keyframe.time)
    return sorted((min(times), max(times)) for times in told.values())


def _line(seen: Seen, number: str, *claim: str) -> str | None:
    lines = _lines(seen)
    if len(lines) < int(number):
        return f"only {len(lines)} lines are spoken"
    start, end = lines[int(number) - 1]
    if claim[0] == "by":
        return None if start <= float(claim[1]) else f"begins at {start:.2f} s"
    return _at_second(seen, str((start + end) / 2), *claim)


def _untold(seen: Seen, *words: str) -> str | None:
    wanted = " ".join(words)
    return next((k.description for k in seen.performance.keyframes if wanted in k.description), None)


def _noted(seen: Seen, *words: str) -> str | None:
    notes = seen.performance.notes
    return None if any(" ".join(words) in note for note in notes) else f"noted: {notes}"


def _unnoted(seen: Seen, *words: str) -> str | None:
    return None if _noted(seen, *words) else f"noted: {seen.performance.notes}"


def _sided(side: str):
    def check(seen: Seen, claim: str) -> str | None:
        other = "Right" if side == "Left" else "Left"
        for part in claim.split("|"):
            acting, resting = seen.line(f"{part}{side}"), seen.line(f"{part}{other}")
            top = int(acting.argmax())
            if acting[top] >= HIGH_SHAPE and resting[top] < 0.5 * acting[top]:
                return None
        return f"not on the {side} alone: {_peaks(seen, claim)}"

    return check


def _onesided(seen: Seen, claim: str) -> str | None:
    left, right = _sided("Left")(seen, claim), _sided("Right")(seen, claim)
    return None if left is None or right is None else left


def _half_way(seen: Seen, claim: str) -> float:
    times = []
    for group in names_of(claim):
        for name in group:
            line = seen.line(name)
            if line.max() >= threshold(name) / 2:
                times.append(float(seen.times[int((line >= line.max() / 2).argmax())]))
    return min(times, default=np.inf)


def _before(seen: Seen, first: str, second: str) -> str | None:
    a, b = _half_way(seen, first), _half_way(seen, second)
    return None if a + 0.01 < b < np.inf else f"{first} at {a:.2f} s, {second} at {b:.2f} s"


def _together(seen: Seen, first: str, second: str) -> str | None:
    for group_a in names_of(first):
        for group_b in names_of(second):
            both = np.logical_and.reduce([seen.line(n) > threshold(n) * 0.66 for n in (*group_a, *group_b)])
            if both.any():
                return None
    return f"never at once: {_peaks(seen, first)}; {_peaks(seen, second)}"


def _staggered(seen: Seen, claim: str) -> str | None:
    a, b = _half_way(seen, f"{claim}Left"), _half_way(seen, f"{claim}Right")
    return None if abs(a - b) > 0.2 else f"both at {a:.2f} s"


def _rises(seen: Seen, claim: str) -> str | None:
    def does(name: str) -> bool:
        line = seen.line(name)
        return line[: int(line.argmax()) + 1].min() < 0.6 * line.max() and line.max() >= threshold(name)

    return None if _some(seen, claim, does) else f"does not rise: {_peaks(seen, claim)}"


def _falls(seen: Seen, claim: str) -> str | None:
    def does(name: str) -> bool:
        line = seen.line(name)
        return line.max() >= threshold(name) * 0.6 and line[-1] < 0.5 * line.max()

    return None if _some(seen, claim, does) else f"does not fall: {_peaks(seen, claim)}"


def _cycles(seen: Seen, claim: str, wanted: str) -> str | None:
    counts = []
    for group in names_of(claim):
        for name in group:
            line, up, count = seen.line(name), False, 0
            top = line.max()
            for value in line:
                if not up and value > max(0.6 * top, threshold(name) / 3):
                    up, count = True, count + 1
                elif up and value < 0.45 * top:
                    up = False
            counts.append(count)
    number = int(wanted.rstrip("+"))
    right = all(count >= number if wanted.endswith("+") else count == number for count in counts)
    return None if right else f"comes up {counts} times"


def _held(seen: Seen, claim: str, seconds: str) -> str | None:
    stays = []
    for group in names_of(claim):
        for name in group:
            line = seen.line(name)
            stays.append(float((line > 0.75 * line.max()).sum()) / RATE if line.max() >= threshold(name) else 0.0)
    wanted = float(seconds)
    return None if all(wanted - 0.15 <= stay <= wanted + 1.0 for stay in stays) else f"stays {stays} s"


def _after(seen: Seen, seconds: str, claim: str) -> str | None:
    return None if np.inf > _half_way(seen, claim) >= float(seconds) else f"sets in at {_half_way(seen, claim):.2f} s"


def _above(seen: Seen, claim: str, value: str) -> str | None:
    return None if _some(seen, claim, lambda n: seen.line(n).max() > float(value)) else _peaks(seen, claim)


def _below(seen: Seen, claim: str, value: str) -> str | None:
    return None if _some(seen, claim, lambda n: seen.line(n).max() < float(value)) else _peaks(seen, claim)


def _steady(seen: Seen, _gaze: str) -> str | None:
    away = [np.ptp(seen.line(f"head{axis}") + seen.line(f"leftEye{axis}")) for axis in ("Yaw", "Pitch")]
    apart = [
        np.abs(np.clip(sign * seen.line(angle) / full, 0, 1) - seen.line(shape)).max()
        for angle, sign, full, shape in (
            ("leftEyeYaw", 1, 0.6, "eyeLookOutLeft"),
            ("leftEyeYaw", -1, 0.6, "eyeLookInLeft"),
            ("rightEyeYaw", 1, 0.6, "eyeLookInRight"),
            ("rightEyeYaw", -1, 0.6, "eyeLookOutRight"),
            ("leftEyePitch", 1, 0.5, "eyeLookUpLeft"),
            ("leftEyePitch", -1, 0.6, "eyeLookDownLeft"),
        )
    ]
    return None if max(away) < 0.08 and max(apart) < 0.3 else f"strays by {max(away):.2f} rad, apart {max(apart):.2f}"


def _lasts(seen: Seen, seconds: str) -> str | None:
    return None if abs(seen.performance.duration - float(seconds)) < 0.011 else f"lasts {seen.performance.duration} s"


def _reported(seen: Seen, *words: str) -> str | None:
    wanted = " ".join(words)
    reports = seen.performance.not_understood
    return None if any(wanted in report for report in reports) else f"reported: {reports}"


def _understood(seen: Seen) -> str | None:
    return f"not understood: {seen.performance.not_understood}" if seen.performance.not_understood else None


def _still(seen: Seen) -> str | None:
    moving = [CHANNELS[column] for column in np.flatnonzero(np.abs(seen.table).max(axis=0) > 0.01)]
    return f"moves: {moving}" if moving else None


_CHECKS = {
    "peak": _peak,
    "never": _never,
    "moves": _moves,
    "start": _at(0),
    "end": _at(-1),
    "at": _at_second,
    "line": _line,
    "untold": _untold,
    "noted": _noted,
    "unnoted": _unnoted,
    "left": _sided("Left"),
    "right": _sided("Right"),
    "onesided": _onesided,
    "together": _together,
    "staggered": _staggered,
    "rises": _rises,
    "falls": _falls,
    "cycles": _cycles,
    "held": _held,
    "after": _after,
    "above": _above,
    "below": _below,
    "steady": _steady,
    "lasts": _lasts,
    "reported": _reported,
    "understood": _understood,
    "still": _still,
}
