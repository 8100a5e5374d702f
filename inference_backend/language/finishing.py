"""What a performance still needs once a model has given its poses."""

from collections.abc import Sequence
from dataclasses import replace

from blender_addon.core.anatomy import faults, mended
from blender_addon.core.performance import Keyframe, Performance, Role

from ..script.keys import Key, Keys
from ..script.life import LIDS, LIFE_BEAT, enliven

_SHOWN_FAULTS = 3


def finished(performance: Performance, *, life: bool, seed: int) -> Performance:
    """The performance with blinks and shifts of the gaze, and nothing that no face can do."""
    return _mended_with_notes(_enlivened(performance, seed) if life else performance)


def in_order(keyframes: Sequence[Keyframe]) -> tuple[Keyframe, ...]:
    """By time; of several at one moment, one with the channels of all, and the words and values of the first."""
    by_time: dict[float, Keyframe] = {}
    for keyframe in keyframes:
        first = by_time.get(keyframe.time)
        merged = keyframe if first is None else replace(first, channels={**keyframe.channels, **first.channels})
        by_time[keyframe.time] = merged
    return tuple(by_time[time] for time in sorted(by_time))


def _enlivened(performance: Performance, seed: int) -> Performance:
    """With the built-in performer's layer of life, which keeps away from lids and eyes that are at work."""
    keys = Keys()
    for number, keyframe in enumerate(performance.keyframes):
        for name, value in keyframe.channels.items():
            own = keys.by_channel.setdefault(name, [])
            own.append(Key(keyframe.time, value, number))
            if keyframe.hold:
                own.append(Key(keyframe.time + keyframe.hold, value, number))
    told = " ".join(keyframe.description for keyframe in performance.keyframes)
    shut = any(max(keyframe.channels.get(name, 0.0) for name in LIDS) > 0.5 for keyframe in performance.keyframes)
    enliven(keys, performance.duration, f"{seed} {told}", blinks=not shut)
    life: dict[float, dict[str, float]] = {}
    for name, own in keys.by_channel.items():
        for key in own:
            if key.beat == LIFE_BEAT:
                life.setdefault(key.time, {})[name] = key.value
    added = [
        Keyframe(time, channels, "life: blink or shift of the gaze", role=Role.LIFE) for time, channels in life.items()
    ]
    return replace(performance, keyframes=in_order([*performance.keyframes, *added]))


def _mended_with_notes(performance: Performance) -> Performance:
    """The nearest performance that a face can do, with a note on what had to change."""
    found = faults(performance)
    if not found:
        return performance
    notes = [f"At {fault.time:.2f} s {fault.sentence}: mended." for fault in found[:_SHOWN_FAULTS]]
    if len(found) > _SHOWN_FAULTS:
        notes.append(f"{len(found) - _SHOWN_FAULTS} more such faults of the model's poses were mended.")
    return replace(mended(performance), notes=(*performance.notes, *notes))
