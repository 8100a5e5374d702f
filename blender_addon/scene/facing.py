"""Which way a face looks, read from its own geometry.

Imported rigs stand along other axes than Blender's (FBX: Y up, looking along Z), and where the shapes of the eyes and
of the mouth move a face tells the truth for all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from bpy.types import Object, ShapeKey
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from ..core.errors import CharacterError
from ..core.rotation import BLENDER_FACING, Facing, facing_of_face
from .binding_targets import ShapeTarget

Array = NDArray[np.float64]

_EYE: Final = ("eyeBlink", "eyeSquint", "eyeWide", "eyeLookUp", "eyeLookDown", "cheekSquint", "browDown")
_MOUTH: Final = ("mouthPucker", "mouthFunnel", "mouthClose", "mouthShrugUpper", "mouthRollUpper", "jawOpen")
_CORNERS: Final = ("mouthSmile", "mouthFrown", "mouthStretch")


def facing_of(shapes: Sequence[ShapeTarget], anchor: Object, eyes: Mapping[str, Vector]) -> Facing:
    """Which way a face looks, in the space of its anchor object.

    eyes: where eye bones or objects are, in that space, by side; asked where no shape tells the place of an eye.
    Without anything to go by, Blender's convention is taken. Raises CharacterError where the anchor has no size.
    """
    if not anchor.matrix_world.determinant():
        raise CharacterError(f"{anchor.name} has a scale of zero.", "Give it a size and bind it again.")
    to_anchor = anchor.matrix_world.inverted()
    places = _Places(shapes, to_anchor)
    sides = [places.first(f"{stem}{side}" for stem in _EYE) for side in ("Left", "Right")]
    for index, side in enumerate(("left", "right")):
        if sides[index] is None and side in eyes:
            sides[index] = np.array(eyes[side])
    left, right = sides
    if left is None or right is None:
        return BLENDER_FACING
    mouth = places.mouth()
    upright = np.array(to_anchor.to_3x3() @ Vector((0, 0, 1)))
    if mouth is None:  # a person stands upright
        mouth = (left + right) / 2 - upright
    try:
        found = facing_of_face(left, right, mouth, is_mirrored=places.is_mirrored)
    except ValueError:
        return BLENDER_FACING
    return found.snapped(frames=(np.eye(3), np.array(to_anchor.to_3x3().normalized())))


class _Places:
    """The middle of what each channel moves, in the space of the anchor."""

    def __init__(self, shapes: Sequence[ShapeTarget], to_anchor: Matrix) -> None:
        self._shapes, self._to_anchor = shapes, to_anchor
        self.is_mirrored = any((to_anchor @ target.mesh.matrix_world).is_negative for target in shapes[:1])

    def first(self, channels: Iterable[str]) -> Array | None:
        """The place of the first of these channels that a shape of its own moves, on the mesh that it moves most.

        Others may be dragged along by a hair, such as the brows by the mouth.
        """
        for channel in channels:
            moved = [self._moved(t) for t in self._shapes if t.channel == channel and not t.is_approximated]
            found = max((move for move in moved if move is not None), key=lambda move: move[0], default=None)
            if found is not None:
                return found[1]
        return None

    def _moved(self, target: ShapeTarget) -> tuple[float, Array] | None:
        """How far a shape moves its mesh at most, and where, in the space of the anchor."""
        move = moved_place(target.mesh.data.shape_keys.key_blocks[target.key])
        if move is None:
            return None
        to_anchor = self._to_anchor @ target.mesh.matrix_world
        farthest, place = move
        return farthest * to_anchor.median_scale, np.array(to_anchor @ Vector(place.tolist()))

    def mouth(self) -> Array | None:
        """The middle of the lips."""
        place = self.first(_MOUTH)
        for stem in _CORNERS if place is None else ():
            left, right = self.first([f"{stem}Left"]), self.first([f"{stem}Right"])
            if left is not None and right is not None:
                return (left + right) / 2
        return place


def moved_place(key: ShapeKey) -> tuple[float, Array] | None:
    """How far a shape key moves a point at most, and the middle of what it moves; None where it moves nothing."""
    rest, moved = coordinates(key.relative_key), coordinates(key)
    distance = np.linalg.norm(moved - rest, axis=1)
    if not distance.any():
        return None
    return float(distance.max()), np.asarray(distance @ rest / distance.sum(), dtype=np.float64)


def coordinates(key: ShapeKey) -> Array:
    """The points of a shape key, shape (V, 3)."""
    flat = np.empty(len(key.data) * 3, dtype=np.float32)
    key.data.foreach_get("co", flat)
    return flat.reshape(-1, 3).astype(np.float64)
