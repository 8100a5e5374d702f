"""Orders in words for a take: what a reader of them has to know, and the take with what they came to."""

from dataclasses import replace

import numpy as np

from .errors import InputError
from .performance import Performance
from .shaping import Shaping
from .shaping.edits.kinds import Delay, Pause, WordEdit
from .shaping.edits.telling import FrameOf, told
from .take import Take
from .wire import EditRequest

_MOST_FRAMES = 200_000
"""Of a take that an edit makes longer: more than two hours at 24 frames a second."""
_STILL = 2e-3
"""A smaller step from one frame to the next is no movement."""
Limits = tuple[float | None, float | None]


def request_for(
    take: Take, words: str, frames_per_second: float, *, playhead: float, limits: Limits = (None, None)
) -> EditRequest:
    """What the words may refer to. playhead, limits: frames of the scene.

    Raises InputError for limits that run backwards.
    """
    return EditRequest(
        words,
        frames_per_second=frames_per_second,
        frame_start=take.frame_start,
        duration=take.shown_duration,
        speed=take.shaping.speed,
        playhead=playhead,
        moves_until=_moves_until(take, frames_per_second),
        limits=limits,
    )


def _moves_until(take: Take, frames_per_second: float) -> float | None:
    """When the last movement of a performance ends, as it is seen; a track is never quite still."""
    if not isinstance(take.raw, Performance):
        return None
    motion = take.motion(frames_per_second)
    moving = np.flatnonzero(np.abs(np.diff(motion.values, axis=0)).max(axis=1, initial=0.0) > _STILL)
    return float(motion.times[moving[-1] + 1]) / take.shaping.speed if len(moving) else None


def with_edits(take: Take, edits: tuple[WordEdit, ...], frames_per_second: float) -> Take:
    """The take with more edits behind those that it has, each with sentences that say what it did.

    Raises InputError where one would make it longer than anybody could mean.
    """
    for edit in edits:
        _refuse_endless(take, edit, frames_per_second)
        sentences = told(take.motion(frames_per_second), edit.edits, frame_of(take, frames_per_second))
        kept = (*take.shaping.edits, replace(edit, did=sentences))
        take = replace(take, shaping=replace(take.shaping, edits=kept))
    return take


def _refuse_endless(take: Take, edit: WordEdit, frames_per_second: float) -> None:
    own = take.shown_duration * frames_per_second
    put_in = sum(one.seconds for one in edit.edits if isinstance(one, Pause | Delay)) / take.shaping.speed
    frames = own + put_in * frames_per_second
    if frames <= _MOST_FRAMES:  # otherwise that many would be made now, to see how long it takes
        longer = replace(take, shaping=replace(take.shaping, edits=(*take.shaping.edits, edit)))
        frames = longer.shown_duration * frames_per_second
    if frames > max(_MOST_FRAMES, own):
        raise InputError(f'"{edit.words}" would make the take {frames:,.0f} frames long.', "Say a shorter time.")


def without_edit(shaping: Shaping, index: int) -> Shaping:
    """The settings of a take without one of its edits."""
    return replace(shaping, edits=shaping.edits[:index] + shaping.edits[index + 1 :])


def frame_of(take: Take, frames_per_second: float) -> FrameOf:
    """Tells the frame of the scene that shows a second of the take at plain speed."""
    return lambda second: take.frame_start + second / take.shaping.speed * frames_per_second
