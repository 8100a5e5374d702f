"""A shot list: random faces under random light, from random sides, before random backdrops."""

import colorsys
from collections.abc import Iterator, Sequence
from math import radians
from typing import Final

import numpy as np

from blender_addon.core.pose import Pose
from blender_addon.core.training import Colour, Light, Shot, View

from .plausible import PlausibleFaces

_YAW_SPREAD: Final = radians(16)
_PITCH_SPREAD: Final = radians(8)
_ROLL_SPREAD: Final = radians(5)
_LENSES_MM: Final = (35.0, 50.0, 85.0, 135.0)


def plan_shots(count: int, seed: int, recorded: Sequence[Pose] = ()) -> Iterator[Shot]:
    """So many shots. The same seed gives the same ones, and a longer list begins with the shorter one."""
    faces = PlausibleFaces(seed, recorded)
    random = np.random.default_rng((seed, 1))
    for number in range(count):
        yield Shot(f"{number:06}.png", faces.draw(), random_view(random))


def random_view(random: np.random.Generator) -> View:
    """One that a person would still recognise the face in."""
    key = float(random.uniform(1.5, 4.5))
    lights = (
        Light(float(random.normal(0, 0.9)), float(random.uniform(0.0, 1.0)), key, _tint(random)),
        Light(
            float(random.uniform(-2.5, 2.5)),
            float(random.uniform(-0.3, 0.9)),
            key * random.uniform(0, 0.6),
            _tint(random),
        ),
    )
    return View(
        yaw=float(random.normal(0, _YAW_SPREAD)),
        pitch=float(random.normal(0, _PITCH_SPREAD)),
        roll=float(random.normal(0, _ROLL_SPREAD)),
        lens_mm=float(random.choice(_LENSES_MM)),
        fill=float(random.uniform(0.65, 0.95)),
        shift=(float(random.uniform(-0.07, 0.07)), float(random.uniform(-0.07, 0.07))),
        lights=lights,
        ambient=float(random.uniform(0.1, 0.7)),
        backdrop=(_colour(random), _colour(random)),
    )


def _tint(random: np.random.Generator) -> Colour:
    """A light that is nearly white."""
    return colorsys.hsv_to_rgb(random.random(), random.uniform(0, 0.25), 1.0)


def _colour(random: np.random.Generator) -> Colour:
    return colorsys.hsv_to_rgb(random.random(), random.uniform(0, 0.8), random.uniform(0.02, 0.9))
