"""What the tests of takes look at and write: tracks, keys, and every curve of the file."""

import numpy as np
from bl_ext.user_default.mien.core.channels import CHANNEL_COUNT
from bl_ext.user_default.mien.core.shaping import Shaping
from bl_ext.user_default.mien.core.take import Take, TakeKind
from bl_ext.user_default.mien.core.track import FaceTrack
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.key_table import all_keys

from .scenes import owners

JAW = 'key_blocks["jawOpen"].value'
SMILE = 'key_blocks["mouthSmileLeft"].value'


def talking(count=50, fps=25.0, start=0.0, seed=1):
    """A track in which every channel moves, with a little noise."""
    random = np.random.default_rng(seed)
    times = start + np.arange(count) / fps
    speed = random.uniform(1.0, 6.0, CHANNEL_COUNT)
    values = 0.4 + 0.35 * np.sin(times[:, np.newaxis] * speed) + random.normal(0, 0.004, (count, CHANNEL_COUNT))
    return FaceTrack(times, values, np.ones(count))


def video(track=None, **given):
    raw = talking() if track is None else track
    return Take("Clip", TakeKind.VIDEO, raw, engine="face", source="//clip.mp4", made_at="2026-01-02T03:04:05", **given)


def every_curve():
    """Each F-curve of the file, bit for bit: keys, settings, and the Action it is in."""
    return {
        (owner.name, fcurve.data_path, fcurve.array_index): (
            owner.animation_data.action.name,
            {name: column.tobytes() for name, column in all_keys(fcurve).items()},
            fcurve.extrapolation,
            fcurve.group.name if fcurve.group else "",
        )
        for owner in owners()
        for fcurve in fcurves_of(owner)
    }


def key(owner, path, *frames):
    holder, _, attribute = path.rpartition(".")
    for frame, value in frames:
        setattr(owner.path_resolve(holder), attribute, value)
        owner.path_resolve(holder).keyframe_insert(attribute, frame=frame)


def fcurve_of(owner, path):
    return next((fcurve for fcurve in fcurves_of(owner) if fcurve.data_path == path), None)


def is_same_take(one, other):
    raw = all(np.array_equal(getattr(one.raw, n), getattr(other.raw, n)) for n in ("times", "values", "confidence"))
    names = ("kind", "engine", "source", "words", "span", "resume_at", "made_at", "shaping", "frame_start")
    return raw and all(getattr(one, name) == getattr(other, name) for name in names)


TAKE = video(span=(0.0, 1.5), resume_at=0.123456789, shaping=Shaping(gain={"mouth": 1.5}, mirrored=True))
