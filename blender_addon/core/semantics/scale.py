"""Five words for how strongly something moves, and the numbers that each of them covers."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import degrees
from typing import Final

INTENSITY_WORDS: Final = ("faintly", "slightly", "moderately", "strongly", "fully")


@dataclass(frozen=True)
class Scale:
    """What the five words mean for one kind of channel, in the unit in which people say it.

    unit: the sign written after a number.
    per_channel_unit: how many of that unit make 1.0 of the channel.
    bounds: where each word begins, and where the last one usually ends; what is below the first
        is not worth a word.
    side_difference: two sides that differ by less than this are spoken of as one.
    always_numbered: whether the number is said even where only words are asked for.
    """

    unit: str
    per_channel_unit: float
    bounds: tuple[float, float, float, float, float, float]
    side_difference: float
    always_numbered: bool = False

    @cached_property
    def threshold(self) -> float:
        """The least amount that is worth a word."""
        return self.bounds[0]

    @cached_property
    def usual_maximum(self) -> float:
        """The amount beyond which hardly any face goes."""
        return self.bounds[-1]

    def word(self, amount: float) -> str:
        """The word whose range holds an amount of at least `threshold`."""
        return INTENSITY_WORDS[bisect_right(self.bounds[1:5], amount)]

    def are_alike(self, amounts: Sequence[float]) -> bool:
        """Whether amounts differ by so little that they are told as one.

        Amounts that have the same word are, too: "left slightly, right slightly" tells no difference.
        """
        if max(amounts) - min(amounts) < self.side_difference:
            return True
        same_word = min(amounts) >= self.threshold and self.word(min(amounts)) == self.word(max(amounts))
        return same_word and not self.always_numbered

    def word_range(self, word: str) -> tuple[float, float]:
        """From (included) and to (excluded) which amount a word is used; the last one is open."""
        rank = INTENSITY_WORDS.index(word)
        end = float("inf") if rank == len(INTENSITY_WORDS) - 1 else self.bounds[rank + 1]
        return self.bounds[rank], end

    def word_centre(self, word: str) -> float:
        """The amount that a word stands for when it is read back without a number."""
        rank = INTENSITY_WORDS.index(word)
        return (self.bounds[rank] + self.bounds[rank + 1]) / 2


COEFFICIENT: Final = Scale(
    unit="%",
    per_channel_unit=100.0,
    # Trackers tremble by nearly 0.1 on a resting face, and on a rig 0.1 is about the least that shows.
    # Five equal steps above it keep the centre of a word within 0.09 of every value it is used for.
    bounds=(10.0, 28.0, 46.0, 64.0, 82.0, 100.0),
    # Smaller differences between the sides are not seen at a glance, and trackers do not hold them.
    side_difference=15.0,
)

HEAD_ANGLE: Final = Scale(
    unit="°",
    per_channel_unit=degrees(1.0),
    # Below 5 degrees lie the constant pitch errors that a face model makes from person to person
    # (measured -4 to +6). Beyond 55 degrees the head turns about as far as a neck lets it.
    bounds=(5.0, 12.5, 22.5, 37.5, 52.5, 75.0),
    side_difference=5.0,
    always_numbered=True,
)

EYE_ANGLE: Final = Scale(
    unit="°",
    per_channel_unit=degrees(1.0),
    # An eye turns less far than a head: 35 degrees is a look into the corner of the eye.
    bounds=(5.0, 7.5, 12.5, 22.5, 32.5, 45.0),
    side_difference=5.0,
    always_numbered=True,
)
