"""The 61 channels of a face: their names, order, ranges and signs.

The order is that of the Live Link Face CSV, which SemanticFace and KeyframeFace share: 52 ARKit
shapes, then nine angles. Names are ARKit's own camelCase. "Left" is the subject's own left.

Shapes run from 0 (neutral) to 1 (maximum). Angles are radians, with one sign rule for the head and
both eyes: yaw is positive when the subject turns to their own left, pitch is positive upwards, roll
is positive when the head leans to the subject's own left shoulder. The head's rotation is applied
in the order roll, then pitch, then yaw (yaw is the outermost).
"""

from typing import Final

SHAPES: Final[tuple[str, ...]] = (
    "eyeBlinkLeft",
    "eyeLookDownLeft",
    "eyeLookInLeft",
    "eyeLookOutLeft",
    "eyeLookUpLeft",
    "eyeSquintLeft",
    "eyeWideLeft",
    "eyeBlinkRight",
    "eyeLookDownRight",
    "eyeLookInRight",
    "eyeLookOutRight",
    "eyeLookUpRight",
    "eyeSquintRight",
    "eyeWideRight",
    "jawForward",
    "jawRight",
    "jawLeft",
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthRight",
    "mouthLeft",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
)
ANGLES: Final[tuple[str, ...]] = (
    "headYaw",
    "headPitch",
    "headRoll",
    "leftEyeYaw",
    "leftEyePitch",
    "leftEyeRoll",
    "rightEyeYaw",
    "rightEyePitch",
    "rightEyeRoll",
)
CHANNELS: Final[tuple[str, ...]] = SHAPES + ANGLES
CHANNEL_COUNT: Final = len(CHANNELS)
INDEX: Final[dict[str, int]] = {name: index for index, name in enumerate(CHANNELS)}


def other_side(channel: str) -> str:
    """The same channel on the other side of the face; the channel itself where it has no side."""
    for side, opposite in (("Left", "Right"), ("Right", "Left"), ("left", "right"), ("right", "left")):
        if channel.endswith(side) or channel.startswith(side):
            return channel.replace(side, opposite, 1)
    return channel


PAIRS: Final[tuple[tuple[str, str], ...]] = tuple(
    (name, other_side(name))
    for name in SHAPES
    if name.endswith("Left") and not name.startswith(("eyeLook", "jaw", "mouthLeft"))
)
"""The left and the right shape of each two parts of a face that may do the same: no gaze, no shift of one part."""
