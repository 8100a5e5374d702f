"""An answer of which every letter is known but its numbers, and what may be written freely in front of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from blender_addon.core.channels import PAIRS
from blender_addon.core.formats.model_reply import Range


@dataclass(frozen=True)
class NumberSlot:
    """A number from `low` to `high`, on a grid of `decimals` digits after the point.

    fewest_decimals: where it is less, the number may also be written with fewer digits, as the model likes.
    lead: written in front of the number, as one with it: tokenizers join a space with the sign that follows.
    signed_zero: whether "-0.0" may stand for 0 too, as models write that were taught on floats.
    """

    low: float
    high: float
    decimals: int
    fewest_decimals: int | None = None
    lead: str = ""
    signed_zero: bool = False

    def candidates(self) -> list[str]:
        """Every number that may stand here, as it is written, from the lowest up; those with few digits first."""
        fewest = self.decimals if self.fewest_decimals is None else self.fewest_decimals
        return [number for decimals in range(fewest, self.decimals + 1) for number in self._on_grid(decimals)]

    def _on_grid(self, decimals: int) -> list[str]:
        scale = 10**decimals
        steps = range(round(self.low * scale), round(self.high * scale) + 1)
        numbers = [f"{step / scale:.{decimals}f}" for step in steps]
        return [*numbers, f"{-0.0:.{decimals}f}"] if self.signed_zero and self.low < 0 else numbers


@dataclass(frozen=True)
class Opening:
    """What the model writes as it likes before the form begins.

    most_tokens: the form begins after so many in any case, as it does where the model would end.
    form_begins: in what is written so far, the place at which the form begins; None where it does not yet.
    closing: what has to follow the form after such an opening, to close what it left open.
    """

    most_tokens: int
    form_begins: Callable[[str], int | None]
    closing: Callable[[str], str]


@dataclass(frozen=True)
class AnswerForm:
    """Literal text, then a slot, then text again: one more text than slots.

    like: for each slot an earlier one whose number it probably has too, or None; empty: nothing is known.
    """

    texts: tuple[str, ...]
    slots: tuple[NumberSlot, ...]
    opening: Opening | None = None
    like: tuple[int | None, ...] = ()

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.slots) + 1:
            raise ValueError(f"{len(self.slots)} slots need {len(self.slots) + 1} texts, not {len(self.texts)}")

    def filled(self, numbers: Sequence[str], opening: str = "") -> str:
        """The whole answer with these numbers in its slots, after what was written in front of it."""
        leads = [slot.lead for slot in self.slots]
        parts = (
            text + lead + number for text, lead, number in zip(self.texts, (*leads, ""), (*numbers, ""), strict=True)
        )
        closing = self.opening.closing(opening) if self.opening else ""
        return opening + "".join(parts) + closing


def json_form(ranges: Mapping[str, Range], *, decimals: int, before: str = "", after: str = "") -> AnswerForm:
    """A flat JSON object without spaces, its keys in the order of `ranges`."""
    slots = tuple(NumberSlot(low, high, decimals) for low, high in ranges.values())
    return AnswerForm(_texts(list(ranges), before, after), slots, like=_like(list(ranges)))


def spaced_json_form(ranges: Mapping[str, Range], *, decimals: int, opening: Opening | None = None) -> AnswerForm:
    """A flat JSON object with a space behind each comma and colon, its numbers with one digit or more."""
    slots = tuple(
        NumberSlot(low, high, decimals, fewest_decimals=1, lead=" ", signed_zero=True) for low, high in ranges.values()
    )
    return AnswerForm(_texts(list(ranges), gap=" "), slots, opening, _like(list(ranges)))


def _texts(keys: Sequence[str], before: str = "", after: str = "", *, gap: str = "") -> tuple[str, ...]:
    return (f'{before}{{"{keys[0]}":', *(f',{gap}"{key}":' for key in keys[1:]), f"}}{after}")


def _like(keys: Sequence[str]) -> tuple[int | None, ...]:
    """Most faces are even: the right side of a pair is likely to have the number of the left one."""
    places = {key[0].lower() + key[1:]: place for place, key in enumerate(keys)}
    like: list[int | None] = [None] * len(keys)
    for left, right in PAIRS:
        if left in places and places[left] < places.get(right, -1):
            like[places[right]] = places[left]
    return tuple(like)
