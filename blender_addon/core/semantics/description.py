"""What is said of a pose."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Self

from ..narrowing import as_list, as_mapping, as_text


class Region(Enum):
    """The parts of a face, in the order in which they are described."""

    BROWS = "brows"
    EYES = "eyes"
    CHEEKS = "cheeks"
    NOSE = "nose"
    MOUTH = "mouth"
    JAW = "jaw"
    GAZE = "gaze"
    HEAD = "head"


NOT_OF_THE_FACE: Final = (Region.GAZE, Region.HEAD)
"""Told after the parts of the face, and left out where its two sides are compared."""


@dataclass(frozen=True)
class Description:
    """A pose in words, in the four fields of SemanticFace (arXiv 2603.14827) and one of our own.

    expression: the category, such as "open smile".
    movements: for each region that moves, what it does and how strongly; the strongest first, a region
        at rest is absent.
    emotion: what the expression is likely to mean, such as "likely joy".
    symmetry: one sentence where the sides differ, else empty.
    uncertain: what the reader of these words should not rely on, a sentence each.
    """

    expression: str
    movements: Mapping[Region, str]
    emotion: str
    symmetry: str
    uncertain: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """The whole description as lines for a panel or a terminal, what it comes to first."""
        lines = [self.summary, *(f"{region.value}: {words}" for region, words in self.movements.items())]
        return [*lines, *filter(None, [self.symmetry]), *self.uncertain]

    @property
    def summary(self) -> str:
        """One line: the expression, and the emotion where one shows."""
        return "; ".join(filter(None, (self.expression, self.emotion)))

    def to_json(self) -> dict[str, Any]:
        """The five fields by name; `from_json` reads them back."""
        return {
            "expression": self.expression,
            "movements": {region.value: words for region, words in self.movements.items()},
            "emotion": self.emotion,
            "symmetry": self.symmetry,
            "uncertain": list(self.uncertain),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError, TypeError or ValueError for anything else."""
        movements = as_mapping(data["movements"])
        return cls(
            expression=as_text(data["expression"]),
            movements={Region(name): as_text(words) for name, words in movements.items()},
            emotion=as_text(data["emotion"]),
            symmetry=as_text(data["symmetry"]),
            uncertain=tuple(as_text(line) for line in as_list(data["uncertain"])),
        )
