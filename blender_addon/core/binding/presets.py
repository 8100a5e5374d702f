"""How the makers of rigs name their shapes: one file a preset in `presets/`, read once."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, Self

from ..channels import SHAPES
from .words import SIDES, side_spellings, words_of

_FOLDER: Final = Path(__file__).parent / "presets"
_SIDEWAYS: Final = {"jawLeft", "jawRight", "mouthLeft", "mouthRight"}
"""Here the side is the direction of the movement; `mouth_L` would be too little to go by, where no preset has it."""

_AMBIGUOUS: Final = {name.lower() for name in _SIDEWAYS}

NAME_OF_PLAIN: Final = "ARKit"
"""The preset whose names stand in for what another one lacks."""


@dataclass(frozen=True)
class Spelling:
    """A preset's own name for a shape. half: the rig splits it in two sides, and this is one of them."""

    name: str
    half: bool = False


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Joined words -> the name that they spell; with the side last, and with the side first."""

    side_last: Mapping[str, Spelling]
    side_first: Mapping[str, Spelling]

    @cached_property
    def longest(self) -> int:
        """Characters of the longest spelling."""
        return max(map(len, (*self.side_last, *self.side_first)), default=0)


@dataclass(frozen=True)
class Preset:
    """One way of naming.

    marks: patterns of other names on such a rig (shape keys, bones, objects), of which one must be there, where the
        shapes alone are named as those of another preset.
    shapes: for each channel the shapes that carry it, all of them fully.
    approximated: for channels without a shape, the parts of others that stand for it.
    """

    name: str
    marks: tuple[re.Pattern[str], ...]
    shapes: Mapping[str, tuple[str, ...]]
    approximated: Mapping[str, Mapping[str, float]]

    @classmethod
    def from_toml(cls, data: Mapping[str, Any]) -> Self:
        """Read one file's table; raise ValueError for a name that is no channel."""
        shapes = {channel: tuple(names) for channel, names in data["shapes"].items()}
        approximated = dict(data.get("approximated", {}))
        unknown = sorted({*shapes, *approximated} - set(SHAPES))
        if unknown:
            raise ValueError(f"not a shape channel: {', '.join(unknown)}")
        return cls(data["name"], tuple(map(re.compile, data.get("marks", ()))), shapes, approximated)

    def is_marked(self, names: Iterable[str]) -> bool:
        """Whether a rig with these names can be of this preset."""
        return not self.marks or any(mark.search(name) for mark in self.marks for name in names)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """All its names in all their spellings; what a name says outright goes before other spellings of another."""
        names = dict.fromkeys(name for shapes in self.shapes.values() for name in shapes)
        names |= dict.fromkeys(name for parts in self.approximated.values() for name in parts)
        side_last: dict[str, Spelling] = {"".join(words_of(name)): Spelling(name) for name in names}
        side_first: dict[str, Spelling] = {}
        for name in names:
            if name.lower() in _AMBIGUOUS:
                continue
            last, first = side_spellings(name)
            for joined in last:
                side_last.setdefault(joined, Spelling(name))
            for joined in first:
                side_first.setdefault(joined, Spelling(name))
        for joined, name in self._halves():
            side_last.setdefault(joined, Spelling(name, half=True))
        return Vocabulary(side_last, side_first)

    def _halves(self) -> Iterable[tuple[str, str]]:
        """Sides of shapes that this preset has whole, as browInnerUp and cheekPuff are often split."""
        for channel, shapes in self.shapes.items():
            sided = channel in _SIDEWAYS or channel.endswith(tuple(SIDES))
            if len(shapes) == 1 and not sided:
                for spellings in SIDES.values():
                    for side in spellings:
                        yield "".join(words_of(shapes[0])) + side, shapes[0]


@cache
def load_presets() -> tuple[Preset, ...]:
    """Every preset, the plain one first."""
    files = sorted(_FOLDER.glob("*.toml"))
    presets = [Preset.from_toml(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files]
    return tuple(sorted(presets, key=lambda preset: preset.name != NAME_OF_PLAIN))
