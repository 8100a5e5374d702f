"""What a channel drives: shape keys, and bones or objects that turn."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from bpy.types import Object
from bpy.utils import escape_identifier
from numpy.typing import NDArray

from ..core.rotation import BLENDER_FACING, Facing

UNCHANGED = (1.0, 1.0, 1.0)
"""Gains of yaw, pitch and roll that leave them as they are."""


@dataclass(frozen=True)
class ShapeTarget:
    """One row of the table: a shape key that a channel moves by gain x channel + offset.

    is_approximated: the rig has no shape for the channel, and this one stands for a part of it.
    is_by_hand: the user has set it, and finding the names anew leaves it.
    """

    channel: str
    mesh: Object
    key: str
    gain: float = 1.0
    offset: float = 0.0
    is_approximated: bool = False
    is_by_hand: bool = False

    def coefficient_for(self, value: float) -> float:
        """The channel's value at which the shape key shows `value`, where no other channel moves it; 0 if none does."""
        return (value - self.offset) / self.gain if self.gain else 0.0


@dataclass(frozen=True, eq=False)
class TurnTarget:
    """A bone, or an object where `bone` is empty, that angles turn.

    facing: the way the face looks, in the space of the armature, or in that of the object's parent.
    own: the rotation of an object where the face is at rest, shape (3, 3). A bone's is none.
    gains: factors of yaw, pitch and roll; -1 turns the other way round.
    """

    thing: Object
    bone: str
    facing: Facing = BLENDER_FACING
    own: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))
    gains: tuple[float, float, float] = UNCHANGED

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.bone or str(self.thing.name)

    @property
    def holder(self) -> Any:
        """The pose bone or the object, which has the rotation."""
        return self.thing.pose.bones[self.bone] if self.bone else self.thing

    @property
    def rest(self) -> NDArray[np.float64]:
        """The orientation of a bone at rest in armature space, shape (3, 3); of an object its parent's axes."""
        return np.array(self.holder.bone.matrix_local.to_3x3()) if self.bone else np.eye(3)

    def path(self, attribute: str) -> str:
        """The data path of a property of the holder."""
        return f'pose.bones["{escape_identifier(self.bone)}"].{attribute}' if self.bone else attribute
