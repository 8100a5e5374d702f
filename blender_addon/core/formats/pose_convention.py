"""How a foreign format writes the 61 channels: its names, and the unit and signs of its nine angles.

No release says in which unit its angles are, and the two published ones disagree about the sign of
the eyes' pitch. So the choice is always an explicit one, with a name.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..channels import ANGLES, CHANNELS, SHAPES
from ..pose import Pose

RELEASED_NAMES: Final[tuple[str, ...]] = tuple(name[0].upper() + name[1:] for name in CHANNELS)
"""The names of the Live Link Face CSV, which KeyframeFace and SemanticFace use: `EyeBlinkLeft`, `LeftEyeYaw`."""

ANGLE_UNITS: Final[Mapping[str, float]] = {
    "radians": 1.0,
    "half-turns": math.pi,  # Unreal writes degrees / 180
    "degrees": math.pi / 180,
    "express4d": math.radians(72),  # Express4D writes the angle over 72 degrees
}
"""Radians for each 1.0 of a unit, by the unit's name."""


@dataclass(frozen=True)
class PoseConvention:
    """The unit and the signs of nine angles; the 52 shapes are the same everywhere.

    unit: a name in `ANGLE_UNITS`.
    head_pitch_up, eye_pitch_up: whether a positive pitch looks up; the project's own angles do.
    head_yaw_left, eye_yaw_left: whether a positive yaw turns to the subject's own left; ours do.
    head_roll_left, eye_roll_left: whether a positive roll leans to the subject's own left shoulder; ours do.
    """

    unit: str = "radians"
    head_pitch_up: bool = True
    eye_pitch_up: bool = True
    head_yaw_left: bool = True
    eye_yaw_left: bool = True
    head_roll_left: bool = True
    eye_roll_left: bool = True

    def __post_init__(self) -> None:
        if self.unit not in ANGLE_UNITS:
            raise ValueError(f"{self.unit!r} is none of the units {', '.join(ANGLE_UNITS)}")

    def with_unit(self, unit: str) -> "PoseConvention":
        """The same signs in another unit."""
        return replace(self, unit=unit)

    def to_pose(self, released: Mapping[str, float]) -> Pose:
        """A pose in the project's units and signs, from all 61 values by their released names."""
        values = np.array([released[name] for name in RELEASED_NAMES], dtype=np.float64)
        return Pose(values * self.factors)

    def from_pose(self, pose: Pose) -> dict[str, float]:
        """All 61 values by their released names."""
        values = pose.values.astype(np.float64) / self.factors
        return {name: float(value) for name, value in zip(RELEASED_NAMES, values, strict=True)}

    @property
    def factors(self) -> NDArray[np.float64]:
        """What each of the 61 values of a file is multiplied by to be the project's."""
        radians = ANGLE_UNITS[self.unit]
        return np.array([1.0] * len(SHAPES) + [radians if self._is_ours(name) else -radians for name in ANGLES])

    def _is_ours(self, angle: str) -> bool:
        """Whether the sign of an angle is the project's own: `head` or `left`/`rightEye`, then what kind."""
        part = "head" if angle.startswith("head") else "eye"
        signs = {
            "Pitch": (self.head_pitch_up, self.eye_pitch_up),
            "Yaw": (self.head_yaw_left, self.eye_yaw_left),
            "Roll": (self.head_roll_left, self.eye_roll_left),
        }
        kind = next(kind for kind in signs if angle.endswith(kind))
        return signs[kind][part == "eye"]


# In the KeyframeFace release a lowered gaze (EyeLookDown 0.2) stands beside LeftEyePitch -0.2, in the
# SemanticFace release (EyeLookDown 0.2) beside +0.1. Radians is the unit in which these lids and eyes
# agree: 0.2 is 11 degrees, where half turns would make it 36 degrees under a lid lowered by a fifth.
KEYFRAMEFACE: Final = PoseConvention()
SEMANTICFACE: Final = PoseConvention(eye_pitch_up=False)

LIVE_LINK_FACE: Final = PoseConvention()
"""The app's own recordings are in radians. Epic publishes no signs, and they differ with how the phone was held (the
notes of nickfisher's LiveLinkFace add-on for Blender name pitch and yaw); so ours are the default."""

CONVENTIONS: Final[Mapping[str, PoseConvention]] = {
    "radians": LIVE_LINK_FACE,
    "degrees": PoseConvention("degrees"),
    "half-turns": PoseConvention("half-turns"),
    "express4d": PoseConvention("express4d"),
    "keyframeface": KEYFRAMEFACE,
    "semanticface": SEMANTICFACE,
}
"""What a user chooses from when a file is read or written, by name."""
