"""What the user sets to shape a take; kept with it, as JSON."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from math import inf
from typing import Any, Final, Self

from ..narrowing import as_list, as_mapping, as_number, as_numbers
from .edits.edit_json import word_edit_from_json, word_edit_to_json
from .edits.kinds import WordEdit
from .regions import REGION_OF, REGIONS

Numbers = Mapping[str, float]
Ranges = Mapping[str, tuple[float, float]]


LIGHTER: Final[Numbers] = {"eyelids": 0.7, "mouth": 0.8, "jaw": 0.8}
"""What moves fastest is smoothed least: blinks, and lips that speak."""


class Gaps(Enum):
    """What happens where no face was seen. Gaps of a blink's length are bridged in any case, save `EMPTY`."""

    HOLD = "hold"
    EASE = "ease to neutral"
    EMPTY = "leave empty"


class Neutral(Enum):
    """What counts as the resting face."""

    AS_READ = "as read"
    CALMEST = "calmest stretch"
    CHOSEN = "chosen moment"


@dataclass(frozen=True)
class Shaping:
    """How a dense track becomes curves; the steps run in the order of the fields.

    Names in mappings are regions (`REGIONS`) or channels; a channel's number comes on top of its region's.

    mirrored: left and right change places.
    gaps: see `Gaps`.
    smoothing: 0 leaves the track as it is, 1 takes out the noise that was measured in it, 2 more than that.
    smoothing_share: factors on `smoothing`.
    neutral, neutral_time: see `Neutral`; the chosen moment in seconds of the source.
    gain: factors, 1 where nothing is said.
    ranges: lowest and highest value; where nothing is said shapes stay within 0..1 and angles are free. A
        channel's range takes the place of its region's.
    edits: what was told in words; see `edits.kinds`.
    loop_blend: seconds over which the end runs back into the beginning; 0 for no loop.
    speed: 2 is twice as fast.
    whole_frames: keys stand on frames of the scene; otherwise on the moments of the source.
    error, angle_error: how far curves may be from the shaped track, in units of shapes and in radians;
        0 keeps a key for every frame.
    regions: which parts of the face get curves.
    """

    mirrored: bool = False
    gaps: Gaps = Gaps.HOLD
    smoothing: float = 1.0
    smoothing_share: Numbers = field(default_factory=lambda: dict(LIGHTER))
    neutral: Neutral = Neutral.CALMEST
    neutral_time: float = 0.0
    gain: Numbers = field(default_factory=dict)
    ranges: Ranges = field(default_factory=dict)
    edits: tuple[WordEdit, ...] = ()
    loop_blend: float = 0.0
    speed: float = 1.0
    whole_frames: bool = True
    error: float = 0.02
    angle_error: float = 0.01
    regions: tuple[str, ...] = tuple(REGIONS)

    def __post_init__(self) -> None:
        for mapping in (self.gain, self.ranges, self.smoothing_share):
            _check_names(mapping, (*REGIONS, *REGION_OF))
        _check_names(self.regions, tuple(REGIONS))
        if self.speed <= 0:
            raise ValueError("the speed is above 0")
        if min(self.smoothing, self.loop_blend, self.error, self.angle_error) < 0:
            raise ValueError("smoothing, loop blend and errors are not below 0")
        if any(low > high for low, high in self.ranges.values()):
            raise ValueError("a range runs from its lowest to its highest value")

    def to_json(self) -> dict[str, Any]:
        """What differs from the defaults."""
        changed = {item.name: getattr(self, item.name) for item in fields(self)}
        default = Shaping()
        return {name: _as_json(value) for name, value in changed.items() if value != getattr(default, name)}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `to_json` wrote; raise TypeError or ValueError for anything else."""
        given = as_mapping(data)
        _check_names(given, tuple(item.name for item in fields(cls)))
        return cls(**{name: _READERS[name](value) for name, value in given.items()})


def _check_names(names: Iterable[str], known: tuple[str, ...]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not known here")


def _as_json(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, WordEdit):
        return word_edit_to_json(value)
    if isinstance(value, tuple):
        return [_as_json(inner) for inner in value]
    if isinstance(value, Mapping):
        return {name: _as_json(inner) for name, inner in value.items()}
    return None if value in (inf, -inf) else value


def _as_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is not true or false")
    return value


def _as_ranges(value: object) -> Ranges:
    ranges = {}
    for name, pair in as_mapping(value).items():
        low, high = as_list(pair)
        ranges[name] = (
            -inf if low is None else as_number(low),
            inf if high is None else as_number(high),
        )
    return ranges


def _as_regions(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in as_list(value))


def _as_edits(value: object) -> tuple[WordEdit, ...]:
    try:
        return tuple(word_edit_from_json(edit) for edit in as_list(value))
    except KeyError as fault:
        raise ValueError(f"{fault} is missing in an edit") from fault


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "mirrored": _as_flag,
    "gaps": Gaps,
    "neutral": Neutral,
    "neutral_time": as_number,
    "gain": as_numbers,
    "ranges": _as_ranges,
    "smoothing": as_number,
    "smoothing_share": as_numbers,
    "edits": _as_edits,
    "loop_blend": as_number,
    "speed": as_number,
    "whole_frames": _as_flag,
    "error": as_number,
    "angle_error": as_number,
    "regions": _as_regions,
}


AS_READ: Final = Shaping(gaps=Gaps.EMPTY, neutral=Neutral.AS_READ, smoothing=0.0, error=0.0, angle_error=0.0)
"""A key for every frame with a face, as the engine gave it."""
