"""Blinks in the curves of the lids: found, taken out, put in.

A blink closes in 70 to 100 ms and reopens 40 to 47 % slower; from the first movement to the last it takes less than
half a second (Stern 1984; PubMed 18565090; PMC4015796). Eyes that stay closed longer are closed on purpose.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...channels import INDEX
from .kinds import Blinks
from .weights import eased, weights

Array = NDArray[np.float64]

_LIDS: Final = (INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"])
_WIDTH: Final = 0.6
"""Seconds of a blink at most, where it is half as deep as it gets."""
_REACH: Final = 0.4
"""Seconds to both sides of the deepest moment in which a lid is open again."""
_LEAST: Final = 0.18
"""How much further than before and after a lid closes in a blink; trackers see many as hardly half closed."""
_OTHER_LID: Final = 0.4
"""Of the one lid's way that the other goes in a blink at least; trackers see the lids of a turned head unevenly."""
_CLOSING, _SHUT, _OPENING = 0.09, 0.03, 0.14
_FIRST, _EVERY = 1.0, 4.0
"""Seconds: where there are no blinks to put others between, 15 a minute."""


@dataclass(frozen=True)
class Blink:
    """The moments at which it begins and ends, and that at which the lids are closest, as indices."""

    first: int
    top: int
    last: int


def blinks_in(times: Array, values: Array) -> list[Blink]:
    """The blinks of both eyes, in order."""
    found = closings_of(times, values[:, _LIDS].mean(axis=1), _REACH, _WIDTH, _LEAST)
    return [blink for blink in found if is_of_both(values, blink)]


def is_of_both(values: Array, blink: Blink) -> bool:
    """One eye that closes alone winks."""
    ends = np.maximum(values[blink.first, _LIDS], values[blink.last, _LIDS])
    lesser, greater = sorted(values[blink.top, _LIDS] - ends)
    return bool(lesser >= _OTHER_LID * greater)


def closings_of(times: Array, lids: Array, reach: float, width: float, least: float) -> list[Blink]:
    """Where a lid, or what is said of lids, goes further by `least` for less than `width` seconds; in order.

    reach: seconds to both sides of the deepest moment in which it is open again.
    """
    if len(times) < 3:
        return []
    tops = [i for i in range(1, len(lids) - 1) if lids[i] >= lids[i - 1] and lids[i] > lids[i + 1]]
    found: list[Blink] = []
    for top in sorted(tops, key=lambda i: -lids[i]):
        if any(other.first <= top <= other.last for other in found):
            continue
        blink = _around(times, lids, top, reach, width, least)
        if blink is not None:
            found.append(blink)
    return sorted(found, key=lambda blink: blink.top)


def _around(times: Array, lids: Array, top: int, reach: float, width: float, least: float) -> Blink | None:
    near = np.flatnonzero(np.abs(times - times[top]) <= reach)
    before, after = near[near < top], near[near > top]
    if not len(before) or not len(after):
        return None
    first, last = int(_foot(lids, before[::-1])), int(_foot(lids, after))
    floor = max(lids[first], lids[last])
    if lids[top] - floor < least:
        return None
    deep = np.flatnonzero(lids[first : last + 1] > 0.5 * (lids[top] + floor)) + first
    return Blink(first, top, last) if times[deep[-1]] - times[deep[0]] <= width else None


def _foot(lids: Array, places: NDArray[np.intp]) -> int:
    """Where the lid is open again, on the way from its top: the first that is nearly as low as any."""
    low = lids[places].min()
    return int(places[np.flatnonzero(lids[places] <= low + 0.03)[0]])


def with_blinks(times: Array, values: Array, edit: Blinks) -> Array:
    """So many of the blinks; see `Blinks`."""
    share = weights(times, values, edit.span, shoulder=0.0)
    blinks = [blink for blink in blinks_in(times, values) if share[blink.top] > 0.5]
    if edit.more or edit.share >= 1.0:
        wanted = edit.more or max(1, round(len(blinks) * (edit.share - 1.0)))
        return _with_more(times, values, blinks, share, wanted, at_most=edit.more or None)
    result = values.copy()
    kept = 0.0
    for number, blink in enumerate(blinks, start=1):
        if kept + 0.5 < edit.share * number:
            kept += 1.0
        else:
            _take_out(times, result, blink)
    return result


def _take_out(times: Array, values: Array, blink: Blink) -> None:
    here = slice(blink.first, blink.last + 1)
    fraction = (times[here] - times[blink.first]) / max(times[blink.last] - times[blink.first], 1e-6)
    for lid in _LIDS:
        line = values[blink.first, lid] + fraction * (values[blink.last, lid] - values[blink.first, lid])
        values[here, lid] = np.minimum(values[here, lid], line)


def _with_more(
    times: Array, values: Array, blinks: list[Blink], share: Array, wanted: int, *, at_most: int | None
) -> Array:
    """One more between each two, and towards both ends; where there are none, one every few seconds."""
    inside = times[share > 0.5]
    if not len(inside):
        return values
    if blinks:
        edges = [inside[0], *(times[blink.top] for blink in blinks), inside[-1]]
        gaps = sorted(
            ((later - sooner, 0.5 * (later + sooner)) for sooner, later in itertools.pairwise(edges)), reverse=True
        )
        moments = [middle for gap, middle in gaps[:wanted] if gap > 2 * _REACH]
    else:
        moments = list(np.arange(inside[0] + min(_FIRST, np.ptp(inside) / 2), inside[-1], _EVERY))[:at_most]
    result = values.copy()
    for moment in moments:
        closed = closing(times, float(moment))
        for lid in _LIDS:
            result[:, lid] += closed * np.maximum(1.0 - result[:, lid], 0.0)
    return result


def closing(times: Array, moment: float) -> Array:
    """How far a blink that is shut at a moment closes the lids: 0..1."""
    falling = eased((times - (moment - _CLOSING)) / _CLOSING)
    rising = eased((times - (moment + _SHUT)) / _OPENING)
    return np.asarray(falling * (1.0 - rising))
