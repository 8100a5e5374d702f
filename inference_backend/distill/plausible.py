"""Random faces that a person could make: what the performer knows to act, mixed, weakened and leaned to a side."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from blender_addon.core.anatomy import mended_table
from blender_addon.core.channels import ANGLES, CHANNELS, INDEX, SHAPES, other_side
from blender_addon.core.pose import Pose

from ..script.entries import entries, gaze_pitch, gaze_yaw, mirrored

_EMOTIONAL: Final = 0.55
"""How often a face shows an emotion besides what else it does."""
_GAZE_SPREAD: Final = 0.22  # radians
_HEAD_SPREAD: Final = {"headYaw": 0.22, "headPitch": 0.14, "headRoll": 0.1}  # radians; a talking head's, about
_SIDE_SPREAD: Final = 0.25
"""Of the logarithm of how much stronger one side is; even posed faces are not quite even."""
_ONE_SIDED: Final = 0.3
"""More than people do: a model that sees few uneven faces learns to even them out."""
_GAZE: Final = tuple(name for name in SHAPES if name.startswith("eyeLook"))
_MOST_ROUNDS: Final = 8
_MOST_ACTIONS: Final = 3
_MOST_SINGLES: Final = 5

Channels = Mapping[str, float]


class PlausibleFaces:
    """Draws poses. The same seed gives the same poses.

    recorded: poses of recordings, of which every second face is then a mixture.
    """

    def __init__(self, seed: int, recorded: Sequence[Pose] = ()) -> None:
        self._random = np.random.default_rng(seed)
        self._recorded = recorded

    def draw(self) -> Pose:
        """The next one, within what a face can do."""
        random = self._random
        values = np.zeros(len(CHANNELS))
        if self._recorded and random.random() < 0.5:
            values += self._recorded[int(random.integers(len(self._recorded)))].values
        for channels in self._ingredients():
            for name, value in self._leaning(channels).items():
                place = INDEX[name]
                values[place] = values[place] + value if name in ANGLES else max(values[place], value)
        for name, spread in _HEAD_SPREAD.items():
            values[INDEX[name]] += random.normal(0, spread)
        return Pose(_possible(values))

    def _ingredients(self) -> list[Channels]:
        random = self._random
        emotions, actions = _acted()
        chosen = []
        if random.random() < _EMOTIONAL:
            chosen.append(_weakened(emotions[random.integers(len(emotions))], random.uniform(0.25, 1.15)))
        chosen += [
            _weakened(actions[random.integers(len(actions))], random.uniform(0.3, 1.1))
            for _ in range(random.integers(_MOST_ACTIONS + 1))
        ]
        chosen += [self._single() for _ in range(random.integers(_MOST_SINGLES + 1))]
        chosen += [gaze_yaw(random.normal(0, _GAZE_SPREAD)), gaze_pitch(random.normal(0, _GAZE_SPREAD))]
        return chosen

    def _single(self) -> Channels:
        """One shape with its other side, so that each shape is seen at each strength."""
        random = self._random
        name = SHAPES[random.integers(len(SHAPES))]
        amount = random.beta(1.2, 1.2)
        if name in _GAZE:
            return {}
        single = (
            {name: amount}
            if name.startswith(("jaw", "mouthLeft", "mouthRight"))
            else {
                name: amount,
                other_side(name): amount,
            }
        )
        if name in ("tongueOut", "mouthClose"):  # they mean something on an open jaw only
            single["jawOpen"] = random.uniform(amount * 0.6, 1.0)
        return single

    def _leaning(self, channels: Channels) -> Channels:
        """The same, stronger on one side; now and then on one side alone, or in the mirror."""
        random = self._random
        if random.random() < 0.5:
            channels = mirrored(channels)
        lean = random.normal(0, _SIDE_SPREAD)
        one_sided = random.random() < _ONE_SIDED
        leaning = {}
        for name, value in channels.items():
            weaker = name.endswith("Right")
            has_side = (
                name in SHAPES and name not in _GAZE and other_side(name) in channels and other_side(name) != name
            )
            factor = np.exp(-lean if weaker else lean) * (0.1 if one_sided and weaker else 1.0) if has_side else 1.0
            leaning[name] = float(value * factor)
        return mirrored(leaning) if random.random() < 0.5 else leaning


def _possible(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest that a face can do; what mends one pair can bring another one up."""
    table = values[np.newaxis]
    for _ in range(_MOST_ROUNDS):
        mended = mended_table(table.copy())
        if np.array_equal(mended, table):
            break
        table = mended
    return np.asarray(table[0])


def _weakened(channels: Channels, strength: float) -> Channels:
    return {name: value * strength for name, value in channels.items()}


@cache
def _acted() -> tuple[tuple[Channels, ...], tuple[Channels, ...]]:
    """What the performer's lexicon sets for emotions, and for actions with each stage of a gesture."""
    emotions: list[Channels] = []
    actions: list[Channels] = []
    for entry in entries().values():
        poses = [pose for pose in (entry.pose, *(pose for _, pose in entry.steps)) if any(pose.values())]
        (emotions if entry.emotion else actions).extend(poses)
    return tuple(emotions), tuple(actions)
