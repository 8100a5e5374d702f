"""Says in a sentence what an edit did, with the numbers before and after."""

from collections.abc import Callable, Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...channels import ANGLES, CHANNEL_COUNT, INDEX
from ...track import FaceTrack
from . import kinds
from .applying import edited
from .blinks import blinks_in
from .closings import closings_in
from .kinds import Edit, Span
from .timing import strongest_moment
from .values import is_seeded

Array = NDArray[np.float64]

FrameOf = Callable[[float], float]
"""The frame of the scene that shows a second of the take."""

_SAME: Final = 0.01
"""A change of less than this is none: nobody sees a hundredth of a shape, or half a degree."""


def told(track: FaceTrack, edits: Collection[Edit], frame_of: FrameOf) -> tuple[str, ...]:
    """A sentence for each edit, of edits that are made one after the other. track: before the first."""
    sentences: list[str] = []
    for edit in edits:
        after, _ = edited(track, [edit])
        sentences.append(_sentence(edit, track, after, frame_of))
        track = after
    return tuple(dict.fromkeys(sentences))


def _sentence(edit: Edit, before: FaceTrack, after: FaceTrack, frame_of: FrameOf) -> str:
    what = edit.what or "the face"
    if isinstance(edit, kinds.IN_TIME):
        if len(before.times) == 1:
            return f"Nothing to do for {what}: a single pose has no time to change."
        return _of_time(edit, what, before, after, frame_of)
    if isinstance(edit, kinds.Blinks | kinds.Closings):
        return _of_lids(edit, before, after, frame_of)
    if not _differs(before, after):
        return f"Nothing to do for {what}{_where_of(edit, frame_of)}: {_idle(edit, what)}."
    if isinstance(edit, kinds.Scale) and is_seeded(before.times, before.values.astype(np.float64), edit):
        place = _where_of(edit, frame_of) or " where the face shows something"
        return f"Added some of {what}{place}, of which there was hardly any{_numbers(edit, before, after)}."
    return f"{_done(edit, what)}{_where_of(edit, frame_of)}{_numbers(edit, before, after)}."


def _of_time(edit: Edit, what: str, before: FaceTrack, after: FaceTrack, frame_of: FrameOf) -> str:
    match edit:
        case kinds.Pause():
            at = strongest_moment(before, edit.channels) if edit.at is None else edit.at
            at = float(np.clip(at, before.times[0], before.times[-1]))
            return f"Held {what} for {_plain(edit.seconds)} s at frame {frame_of(at):.0f}; what follows comes later."
        case kinds.Retime():
            rate = f"{_plain(max(edit.factor, 1 / edit.factor))} times {'faster' if edit.factor >= 1 else 'slower'}"
            length = float(after.times[-1] - after.times[0])
            return f"Played {what} {rate}{where(edit.span, frame_of)}; the take now lasts {length:.2f} s."
        case kinds.Delay():
            way = "later" if edit.seconds > 0 else "earlier"
            frames = abs(frame_of(edit.seconds) - frame_of(0.0))
            return f"Moved {what} {_plain(abs(edit.seconds))} s ({_plain(frames)} frames) {way}."
        case kinds.Loop():
            return f"Made the end run back into the beginning within the last {_plain(edit.blend)} s."
    return "Turned the take around: it plays backwards."


def _plain(number: float) -> str:
    """As people write it: three digits, or a whole number."""
    if abs(number) >= 999.5:
        return f"{number:,.0f}"
    return f"{number:.3g}" if abs(number) >= 1e-4 else f"{number:.5f}".rstrip("0").rstrip(".")


def _done(edit: Edit, what: str) -> str:
    if isinstance(edit, kinds.Scale):
        percent = f"{100 * abs(edit.factor - 1):.0f} % {'stronger' if edit.factor > 1 else 'weaker'}"
        return f"Made {what} {percent}" if edit.factor else f"Took out {what}"
    if isinstance(edit, kinds.Lean):
        return f"Brought the face {'' if edit.share >= 1 else f'{100 * edit.share:.0f} % '}to {what}"
    if isinstance(edit, kinds.Smooth):
        return f"{'Smoothed' if edit.strength > 0 else 'Sharpened'} {what}"
    if isinstance(edit, kinds.Even):
        return f"Made both sides of {what} {'more alike' if edit.share > 0 else 'less alike'}"
    return _DONE[type(edit)].format(what)


_DONE: Final = {
    kinds.Add: "Added: {}",
    kinds.Slide: "Brought {}",
    kinds.Limit: "Kept {}",
    kinds.Freeze: "Held {} still",
    kinds.Gesture: "Added: {}",
    kinds.Mirror: "Changed left and right",
}


def _idle(edit: Edit, what: str) -> str:
    match edit:
        case kinds.Scale():
            return "there is none of it there"
        case kinds.Gesture():
            return "that is outside of the take"
        case kinds.Lean() | kinds.Limit():
            return "it is so already"
    return f"{what} would stay as it is"


def _of_lids(edit: kinds.Blinks | kinds.Closings, before: FaceTrack, after: FaceTrack, frame_of: FrameOf) -> str:
    if isinstance(edit, kinds.Blinks):
        return _of_blinks(edit, before, after, frame_of)
    return _of_closings(edit, before, after, frame_of)


def _of_blinks(edit: kinds.Blinks, before: FaceTrack, after: FaceTrack, frame_of: FrameOf) -> str:
    count, now = (len(blinks_in(track.times, track.values.astype(np.float64))) for track in (before, after))
    place = where(edit.span, frame_of)
    if count == now:
        return (
            f"Nothing to do for the blinks{place}: there are none." if edit.share < 1 else f"No room for blinks{place}."
        )
    if now < count:
        return f"Took out {_counted(count - now)}{place}; {now or 'none'} {'is' if now == 1 else 'are'} left."
    return f"Added {_counted(now - count)}{place}; there are {now} now."


def _counted(count: int, noun: str = "blink") -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _of_closings(edit: kinds.Closings, before: FaceTrack, after: FaceTrack, frame_of: FrameOf) -> str:
    noun = edit.event.value
    found = closings_in(before.times, before.values.astype(np.float64), edit)
    if not found:
        eye = f" of the {edit.side.value} eye" if edit.side else ""
        return f"Nothing to do for the {noun}s{eye}{where(edit.span, frame_of)}: there are none."
    if not _differs(before, after):
        return f"Nothing to do for {_counted(len(found), noun)}: it would stay as it is."
    moments = [f"{frame_of(float(before.times[one.top])):.0f}" for _, one in found]
    eyes = {side.value for side, _ in found if side}
    eye = f" of the {eyes.pop()} eye" if len(eyes) == 1 else ""
    named = f"{_counted(len(found), noun)}{eye} at frame {', '.join(moments[:6])}{' …' if len(moments) > 6 else ''}"
    return f"{_done_to_closings(edit, named, frame_of)}."


def _done_to_closings(edit: kinds.Closings, named: str, frame_of: FrameOf) -> str:
    frames = frame_of(edit.stay or edit.seconds) - frame_of(0.0)
    if edit.onto:
        return f"Gave {named} to the {edit.onto.value} eye"
    if edit.stay:
        return f"Held {named} for {_plain(frames)} frames longer"
    if edit.seconds:
        return f"Moved {named}: {_plain(abs(frames))} frames {'later' if edit.seconds > 0 else 'earlier'}"
    if edit.pace != 1.0:
        return f"Made {named} {_plain(edit.pace)} times as long"
    if not edit.factor:
        return f"Took out {named}"
    return f"Made {named} {100 * abs(edit.factor - 1):.0f} % {'stronger' if edit.factor > 1 else 'weaker'}"


def _where_of(edit: Edit, frame_of: FrameOf) -> str:
    if isinstance(edit, kinds.Gesture):
        return f" from frame {frame_of(edit.at):.0f} to {frame_of(edit.at + edit.steps[-1][0]):.0f}"
    span = getattr(edit, "span", None)
    return where(span, frame_of) if span is not None else ""


def where(span: Span, frame_of: FrameOf) -> str:
    """ " from frame 40 to 60"; empty for the whole take."""
    start, end = (None if moment is None else round(frame_of(moment)) for moment in (span.start, span.end))
    found = ""
    if start is not None and end is not None:
        found = f" at frame {start}" if start == end else f" from frame {start} to {end}"
    elif start is not None:
        found = f" from frame {start} on"
    elif end is not None:
        found = f" up to frame {end}"
    if span.speaking:
        found += " while the mouth speaks"
    if span.together:
        shapes = list(dict.fromkeys(name.removesuffix("Left") for name in span.together))
        found += f" while {', '.join(shapes[:-1])}{' and ' if shapes[:-1] else ''}{shapes[-1]} act"
    return found + (f" while {_listed(span.during)} acts" if span.during else "")


def _listed(channels: tuple[str, ...]) -> str:
    return channels[0] if len(channels) == 1 else f"any of {', '.join(channels[:3])}"


def _numbers(edit: Edit, before: FaceTrack, after: FaceTrack) -> str:
    """The channel that changed most, before and after, where it changed most."""
    if isinstance(edit, kinds.Mirror):
        return ""
    change = np.abs(after.values.astype(np.float64) - before.values)
    # An angle of a radian is about as much as three times a whole shape.
    change[:, CHANNEL_COUNT - len(ANGLES) :] *= 3.0
    row, column = np.unravel_index(int(change.argmax()), change.shape)
    name = next(name for name, index in INDEX.items() if index == column)
    return f" (most: {name} from {_amount(name, before, row)} to {_amount(name, after, row)})"


def _amount(name: str, track: FaceTrack, row: np.intp) -> str:
    value = float(track.values[row, INDEX[name]])
    return f"{np.degrees(value):.0f}°" if name in ANGLES else f"{value:.2f}"


def _differs(before: FaceTrack, after: FaceTrack) -> bool:
    if before.values.shape != after.values.shape:
        return True
    return bool(np.abs(after.values - before.values).max(initial=0.0) > _SAME)
