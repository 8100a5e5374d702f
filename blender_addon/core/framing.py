"""A performance on whole frames, where an animator looks for keys."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .performance import Keyframe, Performance, Role


@dataclass(frozen=True)
class FrameCount:
    """How a scene counts its frames: their number in a second, and the one at which a performance begins."""

    fps: float
    first: float = 0.0

    def seconds(self, frame: float) -> float:
        """From the beginning to a frame; 0 for one that lies before it."""
        return max(0.0, frame - self.first) / self.fps


_SAME = 1e-4
"""A smaller difference between two values of a channel is none."""


def on_frames(performance: Performance, fps: float) -> Performance:
    """The performance with every key on a whole frame of `fps` frames a second, counted from its start.

    Where two keys of a channel would fall on one frame, a neighbouring free frame takes one of them, so
    that a quick movement stays one; where there is none, the key that says less goes.
    """
    frames = _frames_of_channels(performance, fps)
    table: dict[int, dict[str, float]] = {}
    for name, keys in frames.items():
        for frame, value in keys.items():
            table.setdefault(frame, {})[name] = value
    told = _told(performance, fps, sorted(table))
    keyframes = (_keyframe(told.get(frame), frame, table[frame], fps) for frame in sorted(table))
    last = max(table, default=0)
    return replace(performance, keyframes=tuple(keyframes), duration=max(round(performance.duration * fps), last) / fps)


def _frames_of_channels(performance: Performance, fps: float) -> dict[str, dict[int, float]]:
    """For each channel its keys as frame -> value; a hold becomes two keys."""
    keys: dict[str, list[tuple[float, float]]] = {}
    for keyframe in performance.keyframes:
        for name, value in keyframe.channels.items():
            own = keys.setdefault(name, [])
            own.append((keyframe.time * fps, value))
            if keyframe.hold:
                own.append(((keyframe.time + keyframe.hold) * fps, value))
    return {name: _placed(own) for name, own in keys.items()}


def _placed(keys: list[tuple[float, float]]) -> dict[int, float]:
    """Keys (exact frame, value) in order, each on its nearest frame that is free; one frame aside at most."""
    placed: list[tuple[int, float]] = []
    for exact, value in sorted(keys, key=lambda key: key[0]):
        frame = round(exact)
        if not placed or frame > placed[-1][0]:
            placed.append((frame, value))
        elif abs(value - placed[-1][1]) > _SAME:
            last, previous = placed[-1], placed[-2][0] if len(placed) > 1 else -1
            if last[0] - 1 > previous:
                placed[-1] = (last[0] - 1, last[1])
                placed.append((last[0], value))
            elif exact > last[0] - 0.5:
                placed.append((last[0] + 1, value))
            else:
                placed[-1] = (last[0], value)
    return dict(placed)


def _told(performance: Performance, fps: float, frames: list[int]) -> dict[int, Keyframe]:
    """The keyframe whose words, easing and source a frame takes over; a beat comes before all others."""
    told: dict[int, Keyframe] = {}
    if not frames:  # beats that move nothing have no key to go with
        return told
    for keyframe in performance.keyframes:
        frame = _nearest(frames, keyframe.time * fps)
        if frame not in told or (keyframe.role is Role.BEAT and told[frame].role is not Role.BEAT):
            told[frame] = keyframe
    return _beats_apart(told, performance, fps, frames)


def _beats_apart(
    told: dict[int, Keyframe], performance: Performance, fps: float, frames: list[int]
) -> dict[int, Keyframe]:
    """No beat gets lost: two on one frame share it, with the words of both."""
    shown = {id(keyframe) for keyframe in told.values()}
    for beat in performance.beats:
        if id(beat) not in shown:
            frame = _nearest(frames, beat.time * fps)
            first = told[frame]
            words = "; ".join(dict.fromkeys(text for text in (first.description, beat.description) if text))
            told[frame] = replace(first, description=words, source=_hull(first.source, beat.source))
    return told


def _nearest(frames: Sequence[int], moment: float) -> int:
    """Of rising frames the one next to a moment; the earlier one of two that are as near."""
    place = bisect_left(frames, moment)
    return min(frames[max(place - 1, 0) : place + 1], key=lambda frame: abs(frame - moment))


def _hull(first: tuple[int, int] | None, second: tuple[int, int] | None) -> tuple[int, int] | None:
    if first is None or second is None:
        return first or second
    return min(first[0], second[0]), max(first[1], second[1])


def _keyframe(told: Keyframe | None, frame: int, channels: dict[str, float], fps: float) -> Keyframe:
    if told is None:
        return Keyframe(frame / fps, channels, role=Role.PASSING)
    return replace(told, time=frame / fps, channels=channels, hold=0.0)
