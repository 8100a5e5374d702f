"""The sliders of the panel Shape: each reads and changes the shaping that is kept with the active take.

They keep nothing themselves, so what they show is always the chosen take's, also after an undo.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty
from bpy.types import PropertyGroup, Scene

from ..core.shaping import Neutral, Shaping
from ..core.shaping.regions import REGIONS
from ..scene.added_properties import AddedProperties
from ..scene.keys import frames_per_second
from ..scene.stored_takes import active_take, shaping_of, source_start_of
from .clip_options import angle_error_for
from .live_shaping import change_shaping

Change = Callable[[Any, Shaping], Shaping]
"""Takes a new value and gives the shaping that has it."""

GAIN_SLIDERS: Final = {
    "gain_brows": ("brows",),
    "gain_eyes": ("eyelids",),
    "gain_gaze": ("gaze",),
    "gain_cheeks": ("cheeks", "nose"),
    "gain_mouth": ("mouth", "tongue"),
    "gain_jaw": ("jaw",),
    "gain_head": ("head",),
}
"""The regions that each gain slider acts on."""


REGION_ITEMS: Final = tuple(
    (name, name.capitalize(), f"Key {', '.join(channels[:3])}{', ...' if channels[3:] else ''}", "NONE", 1 << place)
    for place, (name, channels) in enumerate(REGIONS.items())
)
"""The parts of the face, as Blender lists what can be chosen together."""


def _record(scene: Any) -> Any:
    return active_take(scene.mien_head) if scene.mien_head is not None else None


def _reader(read: Callable[[Shaping], Any]) -> Callable[[Any], Any]:
    def get(sliders: Any) -> Any:
        record = _record(sliders.id_data)
        return read(shaping_of(record) if record is not None else Shaping())

    return get


def _changer(change: Change) -> Callable[[Any, Any], None]:
    def set_value(sliders: Any, value: Any) -> None:
        if isinstance(value, float):
            value = round(value, 6)  # Blender keeps 32 bits
        # A script, and Blender without a window, want the keys for good when the line is done.
        change_shaping(sliders.id_data, lambda shaping: change(value, shaping), is_draft=not bpy.app.background)

    return set_value


def _slider(name: str, description: str, field: str, **limits: Any) -> Any:
    return FloatProperty(
        name=name,
        description=description,
        get=_reader(lambda shaping: getattr(shaping, field)),
        set=_changer(lambda value, shaping: replace(shaping, **{field: value})),
        options=set(),
        **limits,
    )


def _gain_slider(name: str, slider: str) -> Any:
    regions = GAIN_SLIDERS[slider]

    def change(value: float, shaping: Shaping) -> Shaping:
        others = {region: factor for region, factor in shaping.gain.items() if region not in regions}
        return replace(shaping, gain=others if value == 1.0 else {**others, **dict.fromkeys(regions, value)})

    return FloatProperty(
        name=name,
        description="How strongly this part of the face moves; 0 leaves it at rest, 1 as it was read",
        get=_reader(lambda shaping: shaping.gain.get(regions[0], 1.0)),
        set=_changer(change),
        options=set(),
        min=0.0,
        soft_max=2.0,
        max=10.0,
    )


_NEUTRALS: Final = tuple(Neutral)


def _set_neutral(sliders: Any, number: int) -> None:
    """A chosen moment is at first the one at the playhead."""
    scene, neutral = sliders.id_data, _NEUTRALS[number]
    moment = _moment_at(scene, scene.frame_current) if neutral is Neutral.CHOSEN else 0.0
    _changer(lambda _, shaping: replace(shaping, neutral=neutral, neutral_time=moment))(sliders, number)


def _neutral_frame(sliders: Any) -> int:
    scene, record = sliders.id_data, _record(sliders.id_data)
    if record is None:
        return 0
    shaping = shaping_of(record)
    seconds = (shaping.neutral_time - source_start_of(record)) / shaping.speed
    frame: float = record.frame_start + seconds * frames_per_second(scene)
    return round(frame)


def _set_neutral_frame(sliders: Any, frame: int) -> None:
    moment = _moment_at(sliders.id_data, frame)
    _changer(lambda _, shaping: replace(shaping, neutral=Neutral.CHOSEN, neutral_time=moment))(sliders, frame)


def _moment_at(scene: Scene, frame: int) -> float:
    """The second of the active take's source that is seen at a frame."""
    record = _record(scene)
    if record is None:
        return 0.0
    seconds = (frame - record.frame_start) / frames_per_second(scene)
    return source_start_of(record) + float(seconds) * shaping_of(record).speed


def _chosen_regions(sliders: Any) -> int:
    record = _record(sliders.id_data)
    regions = shaping_of(record).regions if record is not None else tuple(REGIONS)
    return sum(item[-1] for item in REGION_ITEMS if item[0] in regions)


def _choose_regions(sliders: Any, bits: int) -> None:
    regions = tuple(item[0] for item in REGION_ITEMS if item[-1] & bits)
    change_shaping(sliders.id_data, lambda shaping: replace(shaping, regions=regions), is_draft=False)


class MIEN_PG_shape(PropertyGroup):
    """The shaping of the scene's active take, as numbers to move."""

    smoothing: _slider(
        "Smoothing",
        "0 leaves the curves as they were read, 1 takes out the noise that was measured in them; peaks stay",
        "smoothing",
        min=0.0,
        soft_max=2.0,
        max=10.0,
    )
    gain_brows: _gain_slider("Brows", "gain_brows")
    gain_eyes: _gain_slider("Eyelids", "gain_eyes")
    gain_gaze: _gain_slider("Gaze", "gain_gaze")
    gain_cheeks: _gain_slider("Cheeks, Nose", "gain_cheeks")
    gain_mouth: _gain_slider("Mouth", "gain_mouth")
    gain_jaw: _gain_slider("Jaw", "gain_jaw")
    gain_head: _gain_slider("Head", "gain_head")
    regions: EnumProperty(
        name="Regions",
        description="Which parts of the face the take keys; the others stay as they are. Shift-click for several",
        items=REGION_ITEMS,
        get=_chosen_regions,
        set=_choose_regions,
        options={"ENUM_FLAG"},
    )
    mirrored: BoolProperty(
        name="Mirror",
        description="Left and right change places",
        get=_reader(lambda shaping: shaping.mirrored),
        set=_changer(lambda value, shaping: replace(shaping, mirrored=value)),
        options=set(),
    )
    neutral: EnumProperty(
        name="Resting Face",
        description="What becomes the head's neutral face",
        items=(
            ("AS_READ", "None", "The numbers stay as they were read"),
            ("CALMEST", "Calmest Stretch", "The half second in which the face rests best"),
            ("CHOSEN", "Chosen Frame", "The face at a frame of the scene"),
        ),
        get=_reader(lambda shaping: _NEUTRALS.index(shaping.neutral)),
        set=_set_neutral,
        options=set(),
    )
    neutral_frame: IntProperty(
        name="Rests at Frame",
        description="The frame of the scene at which the face rests",
        get=_neutral_frame,
        set=_set_neutral_frame,
        options=set(),
    )
    error: FloatProperty(
        name="Error",
        description="How far curves may be from what was read, 1 being a whole shape; 0 keeps a key at every frame",
        get=_reader(lambda shaping: shaping.error),
        set=_changer(lambda value, shaping: replace(shaping, error=value, angle_error=angle_error_for(value))),
        options=set(),
        min=0.0,
        soft_max=0.1,
        max=1.0,
        precision=3,
        step=1,
    )
    speed: _slider("Speed", "2 plays the take twice as fast", "speed", min=0.05, soft_min=0.25, soft_max=4.0, max=20.0)


CLASSES = (MIEN_PG_shape,)

ADDED = (AddedProperties(Scene, mien_shape=PointerProperty(type=MIEN_PG_shape)),)
"""Scenes get the sliders of their active take."""
