"""From one whole pose a keyframe to the few channels that a keyframe has to set."""

from collections.abc import Mapping, Sequence

from blender_addon.core.channels import CHANNELS

STILL = 0.02
"""A channel that stays below this is at rest: half of what a viewer would notice."""


def moving_channels(poses: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """For each pose, the channels to key there: those that show here, or in the pose before or after.

    A channel is then at rest before it begins and after it has ended, and one that never moves is
    not keyed at all. A channel that a pose does not name is at rest in it.
    """
    showing = [{name for name, value in pose.items() if abs(value) >= STILL} for pose in poses]
    keyed: list[dict[str, float]] = []
    for index, pose in enumerate(poses):
        names = set().union(*showing[max(index - 1, 0) : index + 2])
        keyed.append({name: _value(pose, name) for name in CHANNELS if name in names})
    return keyed


def _value(pose: Mapping[str, float], name: str) -> float:
    value = pose.get(name, 0.0)
    return value if abs(value) >= STILL else 0.0
