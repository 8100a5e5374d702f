"""Edits of what the face does; its moments stay. Each takes values of shape (T, 61) and gives others."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...anatomy import ANGLE_LIMITS
from ...channels import ANGLES, CHANNEL_COUNT, CHANNELS, INDEX, SHAPES, other_side
from ..mirror import SIGN
from . import kinds
from .closings import lids_of_closings
from .weights import NOT_OF_A_LOOK, also_near, blurred, eased, weights

Array = NDArray[np.float64]

HARDLY: Final = 0.08
"""Of a shape, or a tenth of it in radians: where nothing in the span is stronger, there is hardly any of it."""
_UNEVEN_FROM, _UNEVEN_FULLY = 0.06, 0.16
"""Of a shape: no face is quite even, and a smirk is uneven by more."""
_NEAR: Final = 0.25
"""Seconds in which an expression becomes clear, or goes."""
LIMIT_SHOULDER: Final = 0.12
"""Seconds; what must be kept within limits gets there soon."""
RELEASE: Final = 0.5
"""Seconds in which an expression that was held is let go: about what a smile of the built-in performer takes."""
_CALM: Final = 0.1
"""Seconds; a twitch is no expression."""
_EXPRESSIVE: Final = np.array([INDEX[name] for name in SHAPES if not name.startswith(NOT_OF_A_LOOK)])
SMOOTH_SECONDS: Final = 1 / 12
"""Standard deviation of plain smoothing: it takes out what is quicker than about three movements a second."""

_ANGLE_LIMITS: Final = np.array([ANGLE_LIMITS[name] for name in ANGLES])
_JAW, _LIPS = INDEX["jawOpen"], INDEX["mouthClose"]
_SWAPPED: Final = np.array([INDEX[other_side(name)] for name in CHANNELS])


def scaled(times: Array, values: Array, edit: kinds.Scale) -> Array:
    """Stronger or weaker; see `Scale`."""
    share = weights(times, values, edit.span)
    result = values.copy()
    columns = [INDEX[name] for name in edit.channels]
    if edit.one_sided:
        excess = _one_sided(times, values, columns, [INDEX[name] for name in edit.one_sided])
        result[:, columns] += ((edit.factor - 1.0) * share)[:, np.newaxis] * excess
        if excess[share > 0.5].max(initial=0.0) > HARDLY:
            return result
    else:
        result[:, columns] *= (1.0 + (edit.factor - 1.0) * share)[:, np.newaxis]
    if is_seeded(times, values, edit):
        grown = {name: value * min(edit.factor - 1.0, 1.0) for name, value in edit.seed.items()}
        is_timed = replace(edit.span, apart=()) != kinds.WHOLE
        result = _put_on(result, grown, share if is_timed else share * _expression(times, values))
    return result


def is_seeded(times: Array, values: Array, edit: kinds.Scale) -> bool:
    """Whether more is wanted of what there is hardly any of, so that something is put there."""
    if not edit.seed or edit.factor <= 1.0:
        return False
    return _hardly_any(values[weights(times, values, edit.span) > 0.5], list(edit.seed))


def _expression(times: Array, values: Array) -> Array:
    """How much of its strongest expression the face shows, full from the half of that on; 1 where it never shows any.

    What is put on a take without a word of time comes and goes with what the face does, and stands in no resting face.
    """
    shown = np.abs(values[:, _EXPRESSIVE]).sum(axis=1, keepdims=True)
    strength = blurred(times, shown, _CALM)[:, 0]
    most = float(strength.max(initial=0.0))
    return np.ones(len(times)) if most < HARDLY else eased(strength / (0.5 * most))


def _one_sided(times: Array, values: Array, columns: list[int], telling: list[int]) -> Array:
    """What each channel does more than that of the other side, while one of the telling ones clearly does."""
    excess = np.maximum(values[:, columns] - values[:, _SWAPPED[columns]], 0.0)
    most = np.abs(values[:, telling] - values[:, _SWAPPED[telling]]).max(axis=1, initial=0.0)
    clearly = eased((most - _UNEVEN_FROM) / (_UNEVEN_FULLY - _UNEVEN_FROM))
    return np.asarray(excess * also_near(times, clearly, _NEAR)[:, np.newaxis])


def _hardly_any(values: Array, channels: list[str]) -> bool:
    least = [HARDLY if name in SHAPES else HARDLY / 10 for name in channels]
    strongest = np.abs(values[:, [INDEX[name] for name in channels]]).max(axis=0, initial=0.0)
    return bool((strongest < least).all())


def added(times: Array, values: Array, edit: kinds.Add) -> Array:
    """Put on top; see `Add`."""
    result = _put_on(values.copy(), edit.pose, weights(times, values, edit.span))
    opened = [name for name, amount in edit.pose.items() if name.startswith("eyeBlink") and -1.0 < amount < 0]
    if opened:  # wider eyes blink as they did
        closed = lids_of_closings(times, values)
        for name in opened:
            before, own = values[:, INDEX[name]], closed[name]
            share = np.where(before > 0, own / np.maximum(before, 1e-6), 0.0)
            result[:, INDEX[name]] += share * (before - result[:, INDEX[name]])
    return result


def _put_on(values: Array, pose: kinds.PoseChange, share: Array) -> Array:
    for name, amount in pose.items():
        values[:, INDEX[name]] = on_top(name, values[:, INDEX[name]], amount * share)
    return values


def on_top(name: str, column: Array, amount: Array) -> Array:
    """One channel with an amount on top: angles add up, a shape takes its share of what is left to 1."""
    if name in ANGLES:
        return column + amount
    room = np.maximum(1.0 - column, 0.0)
    return np.where(amount > 0, column + amount * room, column * (1.0 + np.maximum(amount, -1.0)))


def slid(times: Array, values: Array, edit: kinds.Slide) -> Array:
    """From one shape towards its opposite; see `Slide`."""
    share = weights(times, values, edit.span)
    result = values.copy()
    for (name, value), opposite in zip(edit.pose.items(), edit.away, strict=True):
        amount, other = value * share, values[:, INDEX[opposite]]
        most = float(other[share > 0.5].max(initial=0.0))
        if most > value:
            result[:, INDEX[opposite]] *= 1.0 - amount / most
            continue
        taken = np.minimum(amount, other)
        result[:, INDEX[opposite]] -= taken
        result[:, INDEX[name]] = on_top(name, values[:, INDEX[name]], amount - taken)
    return result


def leant(times: Array, values: Array, edit: kinds.Lean) -> Array:
    """Towards a pose; see `Lean`."""
    share = edit.share * weights(times, values, edit.span)
    result = values.copy()
    for name, value in edit.pose.items():
        result[:, INDEX[name]] += share * (value - values[:, INDEX[name]])
    return result


def limited(times: Array, values: Array, edit: kinds.Limit) -> Array:
    """Within limits; see `Limit`."""
    share = weights(times, values, edit.span, shoulder=LIMIT_SHOULDER)
    result = values.copy()
    for name in edit.channels:
        column = values[:, INDEX[name]]
        result[:, INDEX[name]] += share * (np.clip(column, edit.low, edit.high) - column)
    return result


def frozen(times: Array, values: Array, edit: kinds.Freeze) -> Array:
    """As at the beginning of the span; see `Freeze`."""
    start = times[0] if edit.span.start is None else max(edit.span.start, times[0])
    if edit.from_strongest:
        end = times[-1] if edit.span.end is None else edit.span.end
        inside = np.flatnonzero((times >= start) & (times <= end))
        if len(inside):
            own = np.abs(values[inside][:, [INDEX[name] for name in edit.channels]]).sum(axis=1)
            start = times[inside[int(own.argmax())]]
    # What is held is what is there as the span begins, so only its end needs a shoulder.
    shoulder = RELEASE if edit.from_strongest else LIMIT_SHOULDER
    share = weights(times, values, replace(edit.span, start=None), shoulder=shoulder) * (times >= start - 1e-9)
    columns = [INDEX[name] for name in edit.channels]
    held = np.array([np.interp(start, times, values[:, column]) for column in columns])
    result = values.copy()
    result[:, columns] += share[:, np.newaxis] * (held - values[:, columns])
    return result


def smoothed(times: Array, values: Array, edit: kinds.Smooth) -> Array:
    """Without quick changes, or with more of them; see `Smooth`."""
    share = weights(times, values, edit.span)
    columns = [INDEX[name] for name in edit.channels]
    own = values[:, columns]
    strength = edit.strength if edit.strength > 0 else 1.0
    calm = blurred(times, own, SMOOTH_SECONDS * strength)
    amount = 1.0 if edit.strength > 0 else edit.strength
    result = values.copy()
    result[:, columns] += share[:, np.newaxis] * amount * (calm - own)
    return result


def mirrored(times: Array, values: Array, edit: kinds.Mirror) -> Array:
    """Left and right in each other's place."""
    share = weights(times, values, edit.span)[:, np.newaxis]
    moved = np.isin(CHANNELS, edit.channels) if edit.channels else np.ones(CHANNEL_COUNT, dtype=bool)
    return values + share * moved * (values[:, _SWAPPED] * SIGN - values)


def evened(times: Array, values: Array, edit: kinds.Even) -> Array:
    """Both sides alike; see `Even`."""
    share = edit.share * weights(times, values, edit.span)
    if edit.share < 0 and edit.model is None and _is_even(values, edit.channels):
        return _made_uneven(values, edit.channels, share)
    result = values.copy()
    for name in edit.channels:
        column, other = values[:, INDEX[name]], values[:, INDEX[other_side(name)]]
        if edit.model is None:
            goal = 0.5 * (column + other)
        else:
            follows = other_side(name) != name and edit.model.value not in name.lower()
            goal = other if follows else column
        result[:, INDEX[name]] += share * (goal - column)
    return result


_EVEN_WITHIN: Final = 0.12
"""Of what both sides do: a smaller difference is none that could be made greater."""


def _is_even(values: Array, channels: tuple[str, ...]) -> bool:
    """Whether what both sides do differs hardly at all, a wink now and then aside."""
    columns = [INDEX[name] for name in channels]
    gap = np.abs(values[:, columns] - values[:, _SWAPPED[columns]])
    return bool(gap.sum() < _EVEN_WITHIN * np.abs(values[:, columns]).sum())


def _made_uneven(values: Array, channels: tuple[str, ...], share: Array) -> Array:
    """The right side weaker: no face says which of two that do the same leads."""
    result = values.copy()
    for name in channels:
        if name.endswith("Right"):
            result[:, INDEX[name]] *= 1.0 + share
    return result


def gestured(times: Array, values: Array, edit: kinds.Gesture) -> Array:
    """With a movement on top that comes and goes; between its steps it is eased."""
    result = values.copy()
    for name in dict.fromkeys(name for _, pose in edit.steps for name in pose):
        steps = [(0.0, 0.0), *((seconds, pose[name]) for seconds, pose in edit.steps if name in pose)]
        amount = _eased_between(times - edit.at, steps)
        result[:, INDEX[name]] = on_top(name, values[:, INDEX[name]], amount)
    return result


def _eased_between(moments: Array, steps: list[tuple[float, float]]) -> Array:
    at, values = np.array([step[0] for step in steps]), np.array([step[1] for step in steps])
    place = np.clip(np.searchsorted(at, moments, side="right") - 1, 0, len(at) - 2)
    fraction = np.clip((moments - at[place]) / np.maximum(at[place + 1] - at[place], 1e-6), 0.0, 1.0)
    rise = fraction * fraction * (3.0 - 2.0 * fraction)
    return np.where(moments < 0, 0.0, values[place] + rise * (values[place + 1] - values[place]))


def possible(before: Array, after: Array) -> Array:
    """The edited values within what a face can do, or could do before: 0..1, the neck's range, lips within the jaw."""
    shapes = len(SHAPES)
    result = after.copy()
    result[:, :shapes] = np.clip(after[:, :shapes], 0.0, np.maximum(1.0, before[:, :shapes]))
    reach = np.maximum(_ANGLE_LIMITS, np.abs(before[:, shapes:]))
    result[:, shapes:] = np.clip(after[:, shapes:], -reach, reach)
    jaw_before, jaw_after = before[:, _JAW], result[:, _JAW]
    closing = (jaw_after < jaw_before) & (jaw_before > 0)
    # Lips that close an open jaw have less to close where it opens less.
    ratio = np.where(closing, jaw_after / np.where(closing, jaw_before, 1.0), 1.0)
    result[:, _LIPS] = np.where(closing, np.minimum(result[:, _LIPS], before[:, _LIPS] * ratio), result[:, _LIPS])
    assert result.shape[1] == CHANNEL_COUNT
    return result
