"""An answer of which every letter is known but its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blender_addon.core.formats.model_reply import Range


@dataclass(frozen=True)
class NumberSlot:
    """A number from `low` to `high`, on a grid of `decimals` digits after the point."""

    low: float
    high: float
    decimals: int

    def candidates(self) -> list[str]:
        """Every number that may stand here, as it is written, from the lowest up; zero has no sign."""
        scale = 10**self.decimals
        steps = range(round(self.low * scale), round(self.high * scale) + 1)
        return [f"{step / scale:.{self.decimals}f}" for step in steps]


@dataclass(frozen=True)
class AnswerForm:
    """Literal text, then a slot, then text again: one more text than slots."""

    texts: tuple[str, ...]
    slots: tuple[NumberSlot, ...]

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.slots) + 1:
            raise ValueError(f"{len(self.slots)} slots need {len(self.slots) + 1} texts, not {len(self.texts)}")

    def filled(self, numbers: Sequence[str]) -> str:
        """The whole answer with these numbers in its slots."""
        return "".join(text + number for text, number in zip(self.texts, (*numbers, ""), strict=True))


def json_form(ranges: Mapping[str, Range], *, decimals: int, before: str = "", after: str = "") -> AnswerForm:
    """A flat JSON object without spaces, its keys in the order of `ranges`."""
    keys = list(ranges)
    first = f'{before}{{"{keys[0]}":'
    texts = (first, *(f',"{key}":' for key in keys[1:]), f"}}{after}")
    return AnswerForm(texts, tuple(NumberSlot(low, high, decimals) for low, high in ranges.values()))
