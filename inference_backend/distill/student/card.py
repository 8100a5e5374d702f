"""What a student is: what it reads, what it was taught on and how well it did; `card.json` beside its weights."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Self

from blender_addon.core.channels import CHANNELS
from blender_addon.core.errors import EngineError
from blender_addon.core.formats.file_text import write_whole
from blender_addon.core.narrowing import as_integer, as_list, as_mapping, as_number, as_text, as_truth

CARD_NAME: Final = "card.json"
WEIGHTS_NAME: Final = "student.safetensors"
"""Of students that were taught before each had its own."""
WEIGHTS_PATTERN: Final = "student*.safetensors"
VERSION: Final = 2
_LEAST_CORRELATION: Final = 0.5
_POOR: Final = "It hardly reads this character yet: render more pictures, some thousand, and teach it longer."
"""Said of one whose readings follow the truth less than that."""


@dataclass(frozen=True)
class StudentCard:
    """channels: what it reads, in the order of its outputs; all others are 0.

    means, spreads: of each channel in what it was taught on; the outputs are in these units.
    side, points: how many pixels of a face it sees, and how many points on it.
    sources, pictures, digest: what it was taught on: the characters or files, how many, and the manifest's SHA-256.
    mirror: whether it was taught in the mirror too.
    unease: how unlike the character 99 of 100 pictures kept from its teaching look at most (see `Interpreter`);
        with much more, a picture may show something else.
    scores: on the pictures kept from its teaching.
    weights: the file that they are in, beside the card.
    lack: a sentence on what its pictures told and it could not learn from; empty where that is nothing.
    """

    channels: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    side: int
    points: int
    sources: tuple[str, ...]
    pictures: int
    digest: str
    mirror: bool
    unease: float
    scores: Mapping[str, float] = field(default_factory=dict)
    weights: str = WEIGHTS_NAME
    lack: str = ""

    @property
    def told(self) -> str:
        """One line for people."""
        error = f", mean error {self.scores['error']:.3f}" if "error" in self.scores else ""
        learnt = (
            f"Learnt {', '.join(self.sources)} from {self.pictures} pictures: {len(self.channels)} channels{error}."
        )
        poor = _POOR if self.scores.get("correlation", 1.0) < _LEAST_CORRELATION else ""
        return " ".join(filter(None, (learnt, poor, self.lack)))

    def write(self, folder: Path) -> None:
        """Write it into the student's folder, whole or not at all; raise OSError where that fails."""
        data = {"version": VERSION, **asdict(self)}
        write_whole(folder / CARD_NAME, json.dumps(data, indent=1) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raise EngineError where there is none or it is not one of ours."""
        try:
            data = as_mapping(json.loads((folder / CARD_NAME).read_text(encoding="utf-8")))
            version = as_integer(data["version"])
        except FileNotFoundError as fault:
            raise EngineError(f"{folder} holds no student.", "Train one with `distill train-student`.") from fault
        except (OSError, KeyError, TypeError, ValueError, RecursionError) as fault:
            raise _damaged(folder, fault) from fault
        if version != VERSION:
            raise EngineError(
                f"The student in {folder} is of version {version}, and this program knows {VERSION}.",
                "Render its training set and teach it again.",
            )
        try:
            return cls._of(data)
        except (KeyError, TypeError, ValueError) as fault:
            raise _damaged(folder, fault) from fault

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> Self:
        channels = tuple(as_text(name) for name in as_list(data["channels"]))
        means, spreads = (tuple(as_number(one) for one in as_list(data[key])) for key in ("means", "spreads"))
        unease = as_number(data["unease"])
        if not (unease > 0 and min(spreads, default=1.0) > 0):
            raise ValueError("its unease or a spread is not above 0")
        if not set(channels) <= set(CHANNELS) or not len(channels) == len(means) == len(spreads) > 0:
            raise ValueError("its channels and their numbers do not agree")
        return cls(
            channels,
            means,
            spreads,
            as_integer(data["side"]),
            as_integer(data["points"]),
            tuple(as_text(name) for name in as_list(data["sources"])),
            as_integer(data["pictures"]),
            as_text(data["digest"]),
            as_truth(data["mirror"]),
            unease,
            {name: as_number(score) for name, score in as_mapping(data["scores"]).items()},
            _weights_name(as_text(data.get("weights", WEIGHTS_NAME))),
            as_text(data.get("lack", "")),
        )


def _weights_name(name: str) -> str:
    if not fnmatchcase(name, WEIGHTS_PATTERN) or "/" in name or "\\" in name:
        raise ValueError(f"{name!r} is no file of weights")
    return name


def _damaged(folder: Path, fault: Exception) -> EngineError:
    return EngineError(f"The card of the student in {folder} is damaged: {fault}.", "Train it again.")
