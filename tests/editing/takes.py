"""The takes that orders are tried on."""

from functools import cache

import numpy as np

from blender_addon.core.channels import CHANNEL_COUNT, CHANNELS, INDEX, SHAPES
from blender_addon.core.performance import Performance
from blender_addon.core.shaping import AS_READ, Shaping
from blender_addon.core.take import Take, TakeKind
from blender_addon.core.track import FaceTrack
from inference_backend.script.engine import BuiltInPerformer

FPS = 24.0

_BLINKS = (0.6, 1.7, 3.1, 4.4)


@cache
def talk() -> Take:
    """A face as a tracker gives it: it talks, smiles, frowns, blinks and moves its head, with noise on everything."""
    times = np.arange(0, 5.0, 1 / 30)
    random = np.random.default_rng(7)
    values = np.abs(random.normal(0, 0.006, (len(times), CHANNEL_COUNT)))
    values[:, len(SHAPES) :] = random.normal(0, 0.003, (len(times), CHANNEL_COUNT - len(SHAPES)))

    def put(name: str, curve: np.ndarray) -> None:
        values[:, INDEX[name]] += curve

    swell = 0.5 + 0.5 * np.sin(times * 1.9 - 0.4)
    for side, share in (("Left", 1.0), ("Right", 0.75)):
        put(f"mouthSmile{side}", 0.15 * share + 0.4 * share * swell)
        put(f"cheekSquint{side}", 0.2 * swell)
        put(f"mouthFrown{side}", 0.18 * (1 - swell))
        put(f"browDown{side}", 0.12 + 0.1 * np.sin(times * 1.3) ** 2)
        put(f"browOuterUp{side}", 0.15 + 0.2 * share * np.cos(times * 1.1) ** 2)
        put(f"eyeSquint{side}", 0.15 + 0.1 * swell)
        put(f"eyeWide{side}", 0.08 + 0.05 * swell)
        put(f"noseSneer{side}", 0.15 + 0.05 * swell)
        put(f"mouthPress{side}", 0.05 + 0.05 * np.sin(times * 3) ** 2)
        put(f"eyeBlink{side}", 0.06 + sum(0.85 * np.exp(-(((times - blink) / 0.06) ** 2)) for blink in _BLINKS))
        put(f"eyeLookDown{side}", 0.12 + 0.1 * np.sin(times) ** 2)
        put(f"mouthLowerDown{side}", 0.08 * np.sin(times * 11) ** 2)
    put("browInnerUp", 0.15 + 0.15 * np.sin(times * 0.9) ** 2)
    put("jawOpen", 0.02 + 0.3 * np.sin(times * 9) ** 2)
    put("mouthClose", 0.05 * np.sin(times * 9) ** 2)
    put("mouthPucker", 0.1 * np.sin(times * 4.3) ** 2)
    put("headYaw", 0.16 * np.sin(times * 1.7))
    put("headPitch", 0.1 * np.sin(times * 2.3 + 1))
    put("headRoll", 0.05 * np.sin(times * 1.2))
    for eye in ("leftEye", "rightEye"):
        put(f"{eye}Yaw", 0.12 * np.sin(times * 2.1))
        put(f"{eye}Pitch", -0.08 * np.sin(times) ** 2)
    shaping = Shaping(neutral=AS_READ.neutral, smoothing=0.0, error=0.005, angle_error=0.003)
    return Take("talk", TakeKind.VIDEO, FaceTrack(times, values, np.ones(len(times))), shaping=shaping)


@cache
def script() -> Take:
    """A performance of the built-in performer."""
    words = (
        'She smiles broadly and nods. Then she frowns with raised brows. She says "I do not believe you, my friend."'
    )
    performance = BuiltInPerformer().perform(words, seed=3)
    assert isinstance(performance, Performance)
    return Take("script", TakeKind.SCRIPT, performance, words=words)


@cache
def photo() -> Take:
    """One pose."""
    values = np.zeros((1, CHANNEL_COUNT))
    for name, value in (("mouthSmile", 0.6), ("browOuterUp", 0.2), ("cheekSquint", 0.3)):
        values[0, INDEX[f"{name}Left"]], values[0, INDEX[f"{name}Right"]] = value, 0.8 * value
    values[0, INDEX["jawOpen"]], values[0, INDEX["headYaw"]] = 0.2, 0.1
    assert len(CHANNELS) == CHANNEL_COUNT
    return Take("photo", TakeKind.IMAGE, FaceTrack([0.0], values, [1.0]), shaping=AS_READ)


TAKES = {"talk": talk, "script": script, "photo": photo}
