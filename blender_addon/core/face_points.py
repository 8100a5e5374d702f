"""Points on a character's face, and how its channels move them: what a student learns to find in pictures.

Written beside the manifest of a training set, whose examples tell where each point is in each picture. Who knows it can
draw as many faces as they like without rendering any.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .channels import CHANNELS
from .errors import InputError
from .narrowing import as_list, as_mapping, as_text

FACE_POINTS_NAME: Final = "face_points.json"
_DECIMALS: Final = 5
"""Of the face's extent: 2 micrometres on a human face."""
_FARTHEST: Final = 1e3
"""Of the face's extents: no face has points, or moves them, as far; what is computed from more is not finite."""

Places = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FacePoints:
    """In units of the face's extent, along the character's own left, up and forward, from what the head turns about.

    names: of the points, such as "Face 1204", a mesh and its vertex. rest: shape (K, 3).
    channels: that move any. moves: of each channel at 1 (of an eye's angle, at 1 radian), shape (C, K, 3); they add up.
    """

    names: tuple[str, ...]
    rest: Places
    channels: tuple[str, ...]
    moves: Places

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        moves = {name: _rounded(move) for name, move in zip(self.channels, self.moves, strict=True)}
        return {"points": list(self.names), "rest": _rounded(self.rest), "moves": moves}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raise KeyError, TypeError or ValueError for anything but points."""
        names = tuple(as_text(name) for name in as_list(data["points"]))
        moves = as_mapping(data["moves"])
        if not names or not moves or not set(moves) <= set(CHANNELS):
            raise ValueError("it has no points, or channels that nobody knows")
        shape = (len(names), 3)
        return cls(
            names,
            _places(data["rest"], shape),
            tuple(moves),
            np.stack([_places(move, shape) for move in moves.values()]),
        )

    def to_text(self) -> str:
        """The whole file."""
        return json.dumps(self.to_json(), ensure_ascii=False) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Raise InputError where it is none."""
        try:
            return cls.from_json(as_mapping(json.loads(text)))
        except (KeyError, TypeError, ValueError, OverflowError) as fault:
            raise InputError(
                f"{FACE_POINTS_NAME} tells no points of a face: {fault}.", "Render the training set again."
            ) from fault


def _rounded(places: Places) -> list[list[float]]:
    return [[float(part) for part in place] for place in np.round(places.astype(np.float64), _DECIMALS)]


def _places(data: ArrayLike, shape: tuple[int, int]) -> Places:
    places = np.array(data, dtype=np.float64)
    if places.shape != shape:
        raise ValueError(f"places of the shape {places.shape}, not {shape}")
    if not (np.abs(places) <= _FARTHEST).all():  # nor is what is no number
        raise ValueError(f"a place or a move is not within {_FARTHEST:g} times the face's extent")
    return places.astype(np.float32)
