"""What a model wrote of a face beside its numbers, and where the two disagree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..narrowing import as_list, as_mapping, as_text


@dataclass(frozen=True)
class Contradiction:
    """quote: what the model wrote. numbers: what its numbers say instead, as the end of a sentence."""

    quote: str
    numbers: str

    def __str__(self) -> str:
        return f'"{self.quote}": {self.numbers}.'


def printable(words: str) -> str:
    """A model's words line by line, without what is no letter and would steer the terminal that they are shown in."""
    lines = ("".join(sign if sign.isprintable() else " " for sign in line) for line in words.splitlines())
    return "\n".join(lines)


@dataclass(frozen=True)
class OwnWords:
    """text: the model's description as it stands. contradictions: what of it the numbers refute."""

    text: str
    contradictions: tuple[Contradiction, ...] = ()

    def lines(self) -> list[tuple[str, bool]]:
        """The text line by line without its marks, and of each line whether the numbers refute something in it."""
        plain = (" ".join(line.replace("*", "").split()) for line in self.text.splitlines())
        return [
            (line, any(" ".join(fault.quote.split()) in line for fault in self.contradictions))
            for line in plain
            if line
        ]

    def to_json(self) -> dict[str, Any]:
        """Both fields by name; `from_json` reads them back."""
        faults = [{"quote": fault.quote, "numbers": fault.numbers} for fault in self.contradictions]
        return {"text": self.text, "contradictions": faults}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; raise KeyError or TypeError for anything else."""
        faults = (as_mapping(fault) for fault in as_list(data["contradictions"]))
        return cls(
            as_text(data["text"]),
            tuple(Contradiction(as_text(fault["quote"]), as_text(fault["numbers"])) for fault in faults),
        )
