"""Shaping of real clips: keys against Blender's own Decimate at the same largest error, speed, blinks, peaks, jitter.

Decimate (error mode) gets the same samples as a key on every frame and the same largest error; it stays just below
it, as our curves do. Both are measured in Blender, as it draws them.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._clip_tracks import clip_track
from blender_addon.core.channels import CHANNEL_COUNT, CHANNELS
from blender_addon.core.curves import Curve
from blender_addon.core.shaping import Shaping, adjusted, evaluate, reduce_keys, steadied
from blender_addon.core.shaping.extremes import turning_points
from blender_addon.core.track import FaceTrack
from building.environments import BLENDERS, ensure

CLIPS = ("carphone", "cap12", "cap13", "pexels")
"""Those that Decimate gets through in a minute together."""
LONG_CLIP = "franck"
SCENE_RATE = 24.0
ERROR = 0.02
BLENDER = "5.0"

_RESTS_AFTER_S = 10
"""In a shorter clip a channel may have no second of rest at all."""

Row = dict[str, Any]
Array = NDArray[np.float64]


def run() -> list[Row]:
    """The rows of the report."""
    duels = [_duel(name, as_read=as_read) for as_read in (False, True) for name in CLIPS]
    rows = [row for duel in duels for row in _clip_rows(duel)]
    for as_read, label in ((False, "shaped"), (True, "as read")):
        rows += _total_rows([duel for duel in duels if duel.as_read is as_read], label)
    return [*rows, *_long_rows(), *_smoothing_rows((*CLIPS, LONG_CLIP))]


@dataclass(frozen=True)
class Duel:
    """One clip, reduced by both. keys: in all channels. error: the largest, as Blender draws the curves."""

    clip: str
    as_read: bool
    samples: int
    keys: int
    error: float
    seconds: float
    decimate_keys: int
    decimate_error: float
    decimate_seconds: float
    evaluator_error: float


def _duel(name: str, *, as_read: bool) -> Duel:
    samples = _samples(clip_track(name), as_read=as_read)
    curves, seconds = _timed_reduction(samples)
    found = _in_blender(samples, curves)
    drawn = np.column_stack([evaluate(curve, found["moments"] / SCENE_RATE) for curve in curves])
    return Duel(
        clip=name,
        as_read=as_read,
        samples=samples.size,
        keys=_key_count(curves),
        error=float(found["our_error"].max()),
        seconds=seconds,
        decimate_keys=int(found["decimate_keys"].sum()),
        decimate_error=float(found["decimate_error"].max()),
        decimate_seconds=float(found["decimate_s"]),
        evaluator_error=float(np.abs(drawn - found["drawn"]).max()),
    )


def _samples(track: FaceTrack, *, as_read: bool) -> Array:
    """Values on the frames of the scene: as the engine read them, one a frame, or after all steps of shaping."""
    if as_read:
        return track.values.astype(np.float64)
    shaping = Shaping()
    return adjusted(steadied(track, shaping), shaping, frames_per_second=SCENE_RATE).values.astype(np.float64)


def _timed_reduction(samples: Array, *, rounds: int = 3) -> tuple[list[Curve], float]:
    times = np.arange(len(samples)) / SCENE_RATE
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        curves = reduce_keys(times, samples, ERROR)
        seconds.append(time.perf_counter() - started)
    return curves, min(seconds)


def _key_count(curves: Sequence[Curve]) -> int:
    return sum(len(curve.times) for curve in curves)


def _in_blender(samples: Array, curves: Sequence[Curve]) -> dict[str, Any]:
    handles = [curve.handles for curve in curves if curve.handles is not None]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source.npz", Path(folder) / "target.npz"
        np.savez(
            source,
            samples=samples,
            margin=ERROR,
            key_counts=[len(curve.times) for curve in curves],
            co=np.concatenate([np.column_stack([curve.times * SCENE_RATE, curve.values]) for curve in curves]),
            left=np.concatenate([handle[:, 0] for handle in handles]) * (SCENE_RATE, 1.0),
            right=np.concatenate([handle[:, 1] for handle in handles]) * (SCENE_RATE, 1.0),
        )
        script = Path(__file__).with_name("_blender_curves.py")
        subprocess.run([ensure(BLENDERS[BLENDER]), script, source, target], check=True, timeout=900)
        with np.load(target) as found:
            return dict(found)


def _clip_rows(duel: Duel) -> Iterator[Row]:
    label = f"{duel.clip}, {'as read' if duel.as_read else 'shaped'}"
    method = (
        f"{duel.samples // CHANNEL_COUNT} frames x {CHANNEL_COUNT} channels; largest error {duel.error:.4f} and, by "
        f"Decimate, {duel.decimate_error:.4f}; {duel.keys} keys in {duel.seconds:.3f} s against "
        f"{duel.decimate_keys} in {duel.decimate_seconds:.2f} s, Blender {BLENDER}"
    )
    yield {"name": f"{label}: frames for each key", "value": duel.samples / duel.keys, "unit": "", "method": method}
    yield {
        "name": f"{label}: keys against Decimate's",
        "value": duel.keys / duel.decimate_keys,
        "unit": "times",
        "target": 0.8,
        "method": method,
    }


def _total_rows(duels: Sequence[Duel], label: str) -> Iterator[Row]:
    method = f"{len(duels)} clips together, largest error {ERROR}"
    keys = sum(duel.keys for duel in duels)
    yield {
        "name": f"all clips, {label}: frames for each key",
        "value": sum(duel.samples for duel in duels) / keys,
        "unit": "",
        "target": 8,
        "at_most": False,
        "method": method,
    }
    yield {
        "name": f"all clips, {label}: largest error as Blender draws the curves",
        "value": max(duel.error for duel in duels),
        "unit": "",
        "target": ERROR,
        "method": "at every frame, by FCurve.evaluate",
    }
    yield {
        "name": f"all clips, {label}: keys against Decimate's",
        "value": keys / sum(duel.decimate_keys for duel in duels),
        "unit": "times",
        "target": 0.8,
        "method": method,
    }
    yield {
        "name": f"all clips, {label}: speed against Decimate's",
        "value": sum(duel.decimate_seconds for duel in duels) / sum(duel.seconds for duel in duels),
        "unit": "times",
        "target": 10,
        "at_most": False,
        "method": method,
    }
    yield {
        "name": f"all clips, {label}: our evaluator against FCurve.evaluate",
        "value": max(duel.evaluator_error for duel in duels),
        "unit": "",
        "target": 1e-4,
        "method": "largest difference at eight moments a frame, all curves; Blender counts in 32-bit numbers",
    }


def _long_rows() -> Iterator[Row]:
    """10,000 frames by repeating a clip of 200 s."""
    track = clip_track(LONG_CLIP)
    values = np.tile(track.values, (3, 1))[:10_000]
    long = FaceTrack(np.arange(len(values)) / SCENE_RATE, values, np.ones(len(values)))
    shaping = Shaping()
    started = time.perf_counter()
    steady = steadied(long, shaping)
    steadied_at = time.perf_counter()
    dense = adjusted(steady, shaping, frames_per_second=SCENE_RATE)
    adjusted_at = time.perf_counter()
    method = f"{len(values)} frames x {CHANNEL_COUNT} channels, {LONG_CLIP} repeated"
    yield {"name": "mirror, gaps and smoothing", "value": steadied_at - started, "unit": "s", "method": method}
    yield {"name": "neutral, gain, frames", "value": adjusted_at - steadied_at, "unit": "s", "method": method}
    curves, seconds = _timed_reduction(dense.values.astype(np.float64))
    yield {
        "name": "key reduction",
        "value": seconds,
        "unit": "s",
        "method": f"{method}, {_key_count(curves)} keys; best of 3",
    }


def _smoothing_rows(clips: Sequence[str]) -> Iterator[Row]:
    jitter: list[tuple[float, float]] = []
    peaks: list[tuple[float, float]] = []
    blinks: list[tuple[float, float]] = []
    for name in clips:
        track = clip_track(name)
        raw, smooth = (take.values.astype(np.float64) for take in (track, steadied(track, Shaping())))
        if track.times[-1] >= _RESTS_AFTER_S:
            jitter += [_resting_jitter(raw[:, channel], smooth[:, channel]) for channel in range(CHANNEL_COUNT)]
        for index, channel in enumerate(CHANNELS):
            found = list(_quick_peaks(raw[:, index], smooth[:, index]))
            peaks += found
            blinks += found if channel.startswith("eyeBlink") else []
    before, after = np.sum(jitter, axis=0)
    method = f"{', '.join(clips)}: {len(blinks)} blinks"
    yield {
        "name": "resting jitter, as read against smoothed",
        "value": float((before / after) ** 0.5),
        "unit": "times",
        "target": 5,
        "at_most": False,
        "method": "root mean square step from frame to frame in the calmest tenth of the seconds of each channel, "
        f"clips of {_RESTS_AFTER_S} s and more",
    }
    yield {
        "name": "depth that the flattest blink keeps",
        "value": min(depth for depth, _ in blinks),
        "unit": "",
        "target": 0.95,
        "at_most": False,
        "method": f"{method}, from the eye's resting value",
    }
    yield {
        "name": "shift of the most shifted blink",
        "value": max(shift for _, shift in blinks),
        "unit": "frames",
        "target": 0.5,
        "method": f"{method}, centre of what is above half of its height",
    }
    yield {
        "name": "shift of quick peaks of all channels, 99 of 100",
        "value": float(np.quantile([shift for _, shift in peaks], 0.99)),
        "unit": "frames",
        "target": 0.5,
        "method": f"{len(peaks)} tops with swings of 0.3 within half a second; the most shifted, where the noise is "
        f"largest, by {max(shift for _, shift in peaks):.2f}",
    }


def _resting_jitter(raw: Array, smooth: Array, *, window: int = 25) -> tuple[float, float]:
    """Mean square step before and after in the calmest windows; nothing for a channel that is as good as still."""
    windows = np.lib.stride_tricks.sliding_window_view(raw, window)
    calmest = np.argsort(np.ptp(windows, axis=1))[: max(1, len(windows) // 10)]
    places = calmest[:, np.newaxis] + np.arange(window - 1)
    before, after = (float(np.mean(np.diff(signal)[places] ** 2)) for signal in (raw, smooth))
    return (before, after) if before > 5e-4**2 else (0.0, 0.0)


def _quick_peaks(raw: Array, smooth: Array, *, least: float = 0.3) -> Iterator[tuple[float, float]]:
    """Depth kept and shift in frames of every top with swings of `least` to both sides, half a second long at most."""
    places = turning_points(raw[np.newaxis], least)
    rest = float(np.median(raw))
    for before, top, after in zip(places, places[1:], places[2:], strict=False):
        if raw[top] < raw[before]:
            continue
        half = 0.5 * (raw[top] + max(raw[before], raw[after]))
        first = before + int(np.flatnonzero(raw[before : top + 1] < half)[-1])
        last = top + int(np.flatnonzero(raw[top : after + 1] < half)[0])
        if last - first > 12:
            continue
        place = np.arange(first, last + 1)
        weights = [np.maximum(signal[place] - half, 0.0) for signal in (raw, smooth)]
        centres = [float((place * weight).sum() / max(weight.sum(), 1e-9)) for weight in weights]
        yield float((smooth[place].max() - rest) / (raw[top] - rest)), abs(centres[1] - centres[0])
