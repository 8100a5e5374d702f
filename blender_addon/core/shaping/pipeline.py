"""From what an engine read to curves: every step of shaping, in order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..channels import CHANNELS, SHAPES
from ..curves import Curves
from ..track import FaceTrack
from .edits.applying import edited, edits_of
from .gain import apply_gain
from .gaps import fill_gaps, runs
from .loop import close_loop
from .mirror import mirror
from .neutral import calmest_moment, make_neutral, parts_not_at_rest, resting_pose, without_expression
from .reduction import reduce_keys
from .regions import REGION_OF, by_channel
from .retiming import change_speed, on_frames
from .settings import Gaps, Neutral, Shaping
from .smoothing import smooth


def shape(track: FaceTrack, shaping: Shaping, *, frames_per_second: float) -> Curves:
    """The curves of a take, in seconds; none where no face was seen.

    frames_per_second: of the scene, fractional as in 30000 / 1001.
    """
    return reduced(adjusted(steadied(track, shaping), shaping, frames_per_second=frames_per_second), shaping)


def steadied(track: FaceTrack, shaping: Shaping) -> FaceTrack:
    """The first steps: mirror, gaps, smoothing.

    The sliders for neutral, gain, range, loop, speed and error do not reach these: whoever moves one of them
    can keep this result.
    """
    if shaping.mirrored:
        track = mirror(track)
    seen = _seen(track)
    if not seen.any():
        return track
    # What a face eases to is known once the neutral one is (`expressed`).
    track = fill_gaps(track, seen, Gaps.HOLD if shaping.gaps is Gaps.EASE else shaping.gaps)
    amounts = shaping.smoothing * by_channel(shaping.smoothing_share, 1.0)
    return FaceTrack(track.times, smooth(track.times, track.values, seen, amounts), track.confidence)


def adjusted(steady: FaceTrack, shaping: Shaping, *, frames_per_second: float) -> FaceTrack:
    """The next steps: neutral, easing to it, gain and range, edits, loop, speed, and the frames of the scene."""
    if not _seen(steady).any():
        return steady
    track, _ = edited(expressed(steady, shaping), edits_of(shaping.edits))
    track = change_speed(close_loop(track, shaping.loop_blend), shaping.speed)
    return on_frames(track, frames_per_second) if shaping.whole_frames else track


def expressed(steady: FaceTrack, shaping: Shaping) -> FaceTrack:
    """With neutral, gain and range: what edits are made on."""
    track = _with_neutral(steady, shaping)
    if shaping.gaps is Gaps.EASE:
        track = fill_gaps(track, _seen(track), Gaps.EASE)
    return apply_gain(track, shaping.gain, shaping.ranges)


def reduced(dense: FaceTrack, shaping: Shaping) -> Curves:
    """The last step: keys for the chosen regions."""
    given = reducible(dense, shaping)
    found = reduce_keys(given.times, given.samples, given.errors, pinned=given.pinned)
    return Curves({CHANNELS[index]: curve for index, curve in zip(given.channels, found, strict=True)})


@dataclass(frozen=True, eq=False)
class Reducible:
    """What key reduction is given: `reduce_keys` has the words for it. channels: the index of each column."""

    times: NDArray[np.float64]
    samples: NDArray[np.float64]
    errors: tuple[float, ...]
    channels: tuple[int, ...]
    pinned: NDArray[np.intp]


def reducible(dense: FaceTrack, shaping: Shaping) -> Reducible:
    """The samples of the chosen regions; no channels where no face was seen."""
    seen = _seen(dense)
    kept = seen if shaping.gaps is Gaps.EMPTY else np.ones(len(seen), dtype=bool)
    chosen = tuple(index for index, name in enumerate(CHANNELS) if REGION_OF[name] in shaping.regions and seen.any())
    return Reducible(
        dense.times[kept],
        dense.values[kept][:, chosen].astype(np.float64),
        tuple(shaping.error if index < len(SHAPES) else shaping.angle_error for index in chosen),
        chosen,
        _gap_edges(kept),
    )


def _seen(track: FaceTrack) -> NDArray[np.bool_]:
    return np.asarray(track.confidence > 0)


def not_at_rest(steady: FaceTrack, shaping: Shaping) -> tuple[str, ...]:
    """The parts that stay as they were read, though the calmest stretch was to become the neutral face.

    "face" where there is no such stretch, else those that are not at rest in it.
    """
    seen = _seen(steady)
    if shaping.neutral is not Neutral.CALMEST or len(seen) == 1 or not seen.any():
        return ()  # a photo has no stretches, and nobody expects one
    moment = calmest_moment(steady, seen)
    return ("face",) if moment is None else parts_not_at_rest(resting_pose(steady, seen, moment))


def _with_neutral(track: FaceTrack, shaping: Shaping) -> FaceTrack:
    seen = _seen(track)
    if shaping.neutral is Neutral.CHOSEN:
        return make_neutral(track, resting_pose(track, seen, shaping.neutral_time), seen)
    moment = calmest_moment(track, seen) if shaping.neutral is Neutral.CALMEST else None
    if moment is None:
        return track
    return make_neutral(track, without_expression(resting_pose(track, seen, moment)), seen)


def _gap_edges(kept: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The last moment before and the first after each gap, counted among those that are kept."""
    place = np.cumsum(kept) - 1
    inner = [(begin, end) for begin, end in runs(~kept) if begin and end < len(kept)]
    return np.array([place[edge] for begin, end in inner for edge in (begin - 1, end)], dtype=np.intp)
