"""Observations as text and text as observations, both through the phrases of the vocabulary."""

import re
from collections.abc import Iterable
from functools import cache

from ..errors import InputError
from .description import Region
from .observation import Observation
from .scale import INTENSITY_WORDS, Scale
from .vocabulary import VOCABULARY, Movement, Side

_SEPARATOR = ", "
_ROUNDING = 1.0
"""A number in words is whole, so it may lie this far outside the range of its word."""


def write_phrases(observations: Iterable[Observation], *, numbers: bool) -> str:
    """The phrases of one region, with the amounts in numbers too where that is asked for."""
    return _SEPARATOR.join(_write(observation, numbers=numbers) for observation in observations)


def _write(observation: Observation, *, numbers: bool) -> str:
    movement = observation.movement
    phrases = []
    for place, (side, amount) in enumerate(observation.parts):
        template = movement.together if side is Side.BOTH else movement.after if place else movement.apart
        phrase = template.format(how=movement.scale.word(amount), side=side.value)
        if numbers or movement.scale.always_numbered:
            phrase += f" ({round(amount)}{movement.scale.unit})"
        phrases.append(phrase)
    return _SEPARATOR.join(phrases)


def read_phrases(region: Region, text: str) -> list[Observation]:
    """What the phrases of one region say; raise InputError for a phrase that is not in the vocabulary."""
    observations: list[Observation] = []
    for phrase in text.split(_SEPARATOR):
        last = observations[-1] if observations else None
        second = _read_second_side(last, phrase) if last else None
        if last and second:
            observations[-1] = Observation(last.movement, (*last.parts, second))
        else:
            observations.append(_read(region, phrase))
    return observations


def _read(region: Region, phrase: str) -> Observation:
    for movement in VOCABULARY:
        if movement.region is not region:
            continue
        for template in filter(None, (movement.together, movement.apart)):
            part = _match(template, movement, phrase)
            if part:
                return Observation(movement, (part,))
    raise InputError(
        f'"{phrase}" is not a movement of the {region.value} that is known here.',
        'Use the words that a description uses, such as "strongly raised".',
    )


def _read_second_side(first: Observation, phrase: str) -> tuple[Side, float] | None:
    if len(first.parts) > 1 or not first.names_a_side:
        return None
    part = _match(first.movement.after, first.movement, phrase)
    return part if part and part[0] is not first.parts[0][0] else None


def _match(template: str, movement: Movement, phrase: str) -> tuple[Side, float] | None:
    found = _pattern(template, movement.scale.unit).fullmatch(phrase)
    if not found:
        return None
    words = found.groupdict()
    return Side(words.get("side", Side.BOTH.value)), _amount(movement.scale, words["how"], words["number"], phrase)


def _amount(scale: Scale, word: str, number: str | None, phrase: str) -> float:
    if number is None:
        return scale.word_centre(word)
    low, high = scale.word_range(word)
    if not low - _ROUNDING <= float(number) <= high + _ROUNDING:
        raise InputError(
            f'"{phrase}" contradicts itself: {number}{scale.unit} is "{scale.word(float(number))}".',
            "Change the word or the number.",
        )
    return float(number)


@cache
def _pattern(template: str, unit: str) -> re.Pattern[str]:
    pattern = re.escape(template)
    pattern = pattern.replace(re.escape("{how}"), f"(?P<how>{'|'.join(INTENSITY_WORDS)})")
    pattern = pattern.replace(re.escape("{side}"), "(?P<side>left|right)")
    return re.compile(rf"{pattern}(?: \((?P<number>\d+){unit}\))?")
