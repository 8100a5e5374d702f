"""Poses for the tests of the core: named faces, and hypothesis strategies for any face."""

from math import radians

import numpy as np
from hypothesis import strategies as st

from blender_addon.core.channels import ANGLES, CHANNELS, INDEX, SHAPES, other_side
from blender_addon.core.pose import Pose


def face(**channels: float) -> Pose:
    """A pose by names; `both_` before a stem sets its two sides, angles are degrees."""
    values: dict[str, float] = {}
    for name, value in channels.items():
        if name.startswith("both_"):
            stem = name.removeprefix("both_")
            values[f"{stem}Left"] = values[f"{stem}Right"] = value
        else:
            values[name] = radians(value) if name in ANGLES else value
    return Pose.from_mapping(values)


FACES: dict[str, Pose] = {
    "neutral": face(),
    "smile": face(
        both_mouthSmile=0.82,
        both_cheekSquint=0.5,
        both_eyeSquint=0.4,
        both_mouthUpperUp=0.35,
        both_mouthLowerDown=0.2,
        jawOpen=0.18,
    ),
    "smirk": face(mouthSmileLeft=0.6, mouthSmileRight=0.12, mouthDimpleLeft=0.4, both_eyeSquint=0.2),
    "surprise": face(browInnerUp=0.9, both_browOuterUp=0.85, both_eyeWide=0.7, jawOpen=0.6),
    "wink": face(eyeBlinkLeft=0.95, eyeBlinkRight=0.1, both_mouthSmile=0.4),
    "snarl": face(both_browDown=0.8, both_noseSneer=0.7, both_mouthUpperUp=0.6, both_eyeSquint=0.5, jawOpen=0.2),
    "disgust": face(both_noseSneer=0.6, both_mouthUpperUp=0.4, mouthShrugLower=0.5, both_browDown=0.4),
    "sadness": face(
        browInnerUp=0.7,
        both_browDown=0.15,
        both_mouthFrown=0.5,
        mouthShrugLower=0.4,
        both_eyeLookDown=0.4,
        leftEyePitch=-12,
        rightEyePitch=-11,
        headPitch=-18,
    ),
    "fear": face(
        browInnerUp=0.8, both_browOuterUp=0.4, both_browDown=0.35, both_eyeWide=0.9, both_mouthStretch=0.6, jawOpen=0.3
    ),
    "anger": face(both_browDown=0.9, both_eyeSquint=0.5, both_mouthPress=0.6),
    "pout": face(mouthPucker=0.6, mouthShrugLower=0.6, both_mouthFrown=0.2),
    "tongue": face(tongueOut=0.95, jawOpen=0.4, headRoll=10),
}


def mirror(pose: Pose) -> Pose:
    """The face in a mirror: sides swapped, yaw and roll turned round."""
    turned = {name: -1.0 if name.endswith(("Yaw", "Roll")) else 1.0 for name in CHANNELS}
    return Pose.from_mapping({name: turned[name] * pose[other_side(name)] for name in CHANNELS})


_AMOUNT = {name: st.floats(0, 1, width=32) for name in SHAPES} | {
    name: st.floats(-1.25, 1.25, width=32) for name in ANGLES
}


def poses() -> st.SearchStrategy[Pose]:
    """Any pose with its coefficients in 0..1: few channels at a time, or all of them."""
    few = st.dictionaries(st.sampled_from(CHANNELS), st.none(), max_size=12).flatmap(
        lambda names: st.fixed_dictionaries({name: _AMOUNT[name] for name in names})
    )
    every = st.fixed_dictionaries(_AMOUNT)
    return st.one_of(few, few, every).map(Pose.from_mapping)


def near_symmetric_poses() -> st.SearchStrategy[Pose]:
    """Poses whose sides differ a little, which is where telling them apart is decided."""

    def lean(pose: Pose, differences: list[float]) -> Pose:
        other = mirror(pose).values
        values = (pose.values + other) / 2 + np.array(differences)
        values[: len(SHAPES)] = np.clip(values[: len(SHAPES)], 0, 1)
        return Pose(values)

    return st.builds(lean, poses(), st.lists(st.floats(-0.1, 0.1), min_size=len(CHANNELS), max_size=len(CHANNELS)))


def symmetric_poses() -> st.SearchStrategy[Pose]:
    """Poses that are their own mirror image."""

    def keep_left(pose: Pose) -> Pose:
        values = pose.values.copy()
        for name in CHANNELS:
            if "Left" in name or name.startswith("left"):
                sign = -1.0 if name.endswith(("Yaw", "Roll")) else 1.0
                values[INDEX[other_side(name)]] = sign * values[INDEX[name]]
        values[[INDEX["headYaw"], INDEX["headRoll"]]] = 0
        return Pose(values)

    return poses().map(keep_left)


def plausible_pose(random: np.random.Generator) -> Pose:
    """A random face as a recording might hold it: a few groups of muscles, sides nearly alike, a small turn."""
    values = np.zeros(len(CHANNELS))
    for name in random.choice(SHAPES, size=random.integers(3, 14), replace=False):
        amount = random.beta(1.5, 2.0)
        values[INDEX[name]] = amount
        values[INDEX[other_side(name)]] = np.clip(amount + random.normal(0, 0.08), 0, 1)
    values[INDEX["headYaw"] :] = random.normal(0, radians(10), size=len(ANGLES))
    return Pose(values)
