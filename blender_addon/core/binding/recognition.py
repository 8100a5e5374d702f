"""The table of a rig, found by the names of its shape keys."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ..channels import SHAPES
from .approximations import approximate
from .matching import NameMatches, match_names
from .presets import Preset, load_presets
from .rows import Row

_SHAPES: Final = frozenset(SHAPES)
_LEAST: Final = 8
"""Fewer channels than this speak for no preset but the plain one: `Jaw_L` may be anything."""


@dataclass(frozen=True)
class Doubt:
    """A shape key that may carry a channel, but whose name is not clear."""

    channel: str
    mesh: str
    key: str


@dataclass(frozen=True)
class Recognition:
    """What the shape keys of a head are. preset: whose names they have, empty where nothing was recognised."""

    preset: str
    rows: tuple[Row, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True)
class _Reading:
    """All meshes of a head read as one preset."""

    preset: Preset
    meshes: Mapping[str, NameMatches]

    def rows(self, channels: Iterable[str]) -> list[Row]:
        """Those of the channels that have shapes of their own."""
        return [
            Row(channel, mesh, key)
            for channel in channels
            for mesh, found in self.meshes.items()
            for shape in self.preset.shapes.get(channel, ())
            for key in found.keys.get(shape, ())
        ]

    def approximated(self, channels: Iterable[str]) -> list[Row]:
        """Those of the channels for which the preset itself names a stand-in."""
        return [
            Row(channel, mesh, key, gain, is_approximated=True)
            for channel in channels
            for mesh, found in self.meshes.items()
            for shape, gain in self.preset.approximated.get(channel, {}).items()
            for key in found.keys.get(shape, ())
        ]

    def doubts(self, channels: Iterable[str]) -> list[Doubt]:
        return [
            Doubt(channel, mesh, key)
            for channel in channels
            for mesh, found in self.meshes.items()
            for shape in self.preset.shapes.get(channel, ())
            for key in found.doubtful.get(shape, ())
        ]

    def rank(self, plain: "_Reading") -> tuple[float, bool, int]:
        """Channels that it explains with the help of plain names, its marks, and how many names are spelled so."""
        whole = self._channels(self.preset.shapes) | plain._channels(plain.preset.shapes)
        parts = self._channels(self.preset.approximated) - whole
        spelled = sum(
            key.endswith(shape) for found in self.meshes.values() for shape in found.keys for key in found.keys[shape]
        )
        return len(whole) + len(parts) / 10, bool(self.preset.marks), spelled

    @property
    def count(self) -> int:
        """Channels that it explains by itself."""
        return len(self._channels(self.preset.shapes) | self._channels(self.preset.approximated))

    def _channels(self, parts: Mapping[str, Collection[str]]) -> set[str]:
        """Those of the channels for which some mesh has one of the parts. parts: names of the preset by channel."""
        return {channel for channel, names in parts.items() if not self._found.isdisjoint(names)} & _SHAPES

    @cached_property
    def _found(self) -> frozenset[str]:
        """The names of the preset that are there."""
        return frozenset(name for found in self.meshes.values() for name in found.keys)


def recognise(meshes: Mapping[str, Sequence[str]], others: Iterable[str] = ()) -> Recognition:
    """Find the preset that explains most of a head, and its table.

    meshes: the names of the shape keys by mesh, without the rest shape. others: names of bones and objects, which tell
        presets with the same shapes apart.
    """
    names = [*others, *(key for keys in meshes.values() for key in keys)]
    presets = [preset for preset in load_presets() if preset.is_marked(names)]
    readings = [_read(preset, meshes) for preset in presets]
    plain = readings[0]
    likely = [reading for reading in readings if reading is plain or reading.count >= _LEAST]
    best = max(likely, key=lambda reading: reading.rank(plain))
    rows = best.rows(SHAPES)
    rows += plain.rows(_without(rows))
    rows += best.approximated(_without(rows))
    rows += plain.approximated(_without(rows))
    rows += approximate(rows)
    bound = {row.channel for row in rows if not row.is_approximated}
    open_channels = [channel for channel in SHAPES if channel not in bound]
    doubts = dict.fromkeys([*best.doubts(open_channels), *plain.doubts(open_channels)])
    return Recognition(best.preset.name if rows else "", tuple(sorted(rows, key=_order)), tuple(doubts))


def _read(preset: Preset, meshes: Mapping[str, Sequence[str]]) -> _Reading:
    return _Reading(preset, {mesh: match_names(tuple(keys), preset.vocabulary) for mesh, keys in meshes.items()})


def _without(rows: Iterable[Row]) -> list[str]:
    """The channels that have no row yet."""
    taken = {row.channel for row in rows}
    return [channel for channel in SHAPES if channel not in taken]


def _order(row: Row) -> int:
    return SHAPES.index(row.channel)
