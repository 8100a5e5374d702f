"""Combinations that stand for the channels that a rig lacks."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from ..channels import SHAPES
from .rows import Row

LEAST_OWN: Final = 8
"""A rig with fewer channels of its own is no face to make others from: a tongue, or a mouth that opens."""


def approximate(rows: Iterable[Row]) -> list[Row]:
    """Rows for the channels that have none, of shapes that carry others; none for what nothing resembles."""
    own: dict[str, list[Row]] = {}
    taken = {row.channel for row in rows}
    for row in rows:
        if not row.is_approximated:
            own.setdefault(row.channel, []).append(row)
    if len(own) < LEAST_OWN:
        return []
    made: list[Row] = []
    for channel in SHAPES:
        if channel not in taken:
            made.extend(_stand_in(channel, own))
    return made


def _stand_in(channel: str, own: Mapping[str, list[Row]]) -> list[Row]:
    for parts in _combinations().get(channel, ()):
        if all(part in own for part in parts):
            return [
                Row(channel, row.mesh, row.key, part * row.gain, is_approximated=True)
                for other, part in parts.items()
                for row in own[other]
            ]
    return []


@cache
def _combinations() -> dict[str, list[dict[str, float]]]:
    data = tomllib.loads((Path(__file__).parent / "approximations.toml").read_text(encoding="utf-8"))
    return {channel: table["parts"] for channel, table in data.items()}
