"""Orders in words for a take: what a reader of them has to know, and the take with what they came to."""

from dataclasses import replace

from .performance import Performance
from .shaping.edits.kinds import WordEdit
from .shaping.edits.telling import FrameOf, told
from .take import Take
from .wire import EditRequest

Limits = tuple[float | None, float | None]


def request_for(
    take: Take, words: str, frames_per_second: float, *, playhead: float, limits: Limits = (None, None)
) -> EditRequest:
    """What the words may refer to. playhead, limits: frames of the scene."""
    return EditRequest(
        words,
        frames_per_second=frames_per_second,
        frame_start=take.frame_start,
        duration=take.shown_duration,
        speed=take.shaping.speed,
        playhead=playhead,
        is_pose=not isinstance(take.raw, Performance) and len(take.raw.times) == 1,
        limits=limits,
    )


def with_edits(take: Take, edits: tuple[WordEdit, ...], frames_per_second: float) -> Take:
    """The take with more edits behind those that it has, each with sentences that say what it did."""
    for edit in edits:
        sentences = told(take.motion(frames_per_second), edit.edits, frame_of(take, frames_per_second))
        kept = (*take.shaping.edits, replace(edit, did=sentences))
        take = replace(take, shaping=replace(take.shaping, edits=kept))
    return take


def without_edit(take: Take, index: int) -> Take:
    """The take without one of its edits."""
    kept = take.shaping.edits[:index] + take.shaping.edits[index + 1 :]
    return replace(take, shaping=replace(take.shaping, edits=kept))


def frame_of(take: Take, frames_per_second: float) -> FrameOf:
    """Tells the frame of the scene that shows a second of the take at plain speed."""
    return lambda second: take.frame_start + second / take.shaping.speed * frames_per_second
