"""Shaping of a performance: its keyframes stay where they are, so only some of the steps have a meaning.

Mirror, gain, range, speed and regions act as they do on a track. A performance has no noise, no gaps and few
keys already, and its resting face is 0.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..channels import CHANNELS, INDEX, other_side
from ..performance import Keyframe, Performance
from .gain import limits
from .mirror import SIGN
from .regions import REGION_OF, by_channel
from .settings import Shaping

Numbers = Mapping[str, float]


def shape_performance(performance: Performance, shaping: Shaping) -> Performance:
    """The performance as the settings have it; keyframes that set nothing any more are left out."""
    factor, (low, high) = by_channel(shaping.gain, 1.0), limits(shaping.ranges)

    def shaped(channels: Numbers) -> dict[str, float]:
        mirrored = _mirrored(channels) if shaping.mirrored else channels
        return {
            name: float(np.clip(value * factor[INDEX[name]], low[INDEX[name]], high[INDEX[name]]))
            for name, value in mirrored.items()
            if REGION_OF[name] in shaping.regions
        }

    keyframes = (_sped_up(replace(k, channels=shaped(k.channels)), shaping.speed) for k in performance.keyframes)
    return replace(
        performance,
        keyframes=tuple(keyframe for keyframe in keyframes if keyframe.channels),
        duration=performance.duration / shaping.speed,
    )


def _mirrored(channels: Numbers) -> dict[str, float]:
    found = {other_side(name): value * float(SIGN[INDEX[name]]) for name, value in channels.items()}
    return {name: found[name] for name in CHANNELS if name in found}


def _sped_up(keyframe: Keyframe, speed: float) -> Keyframe:
    return replace(keyframe, time=keyframe.time / speed, hold=keyframe.hold / speed)
