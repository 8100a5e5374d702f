"""Orders that can be read but not done: no take plays at a speed of 0, and no time ends before it begins."""

from collections.abc import Sequence
from math import isfinite

from blender_addon.core.errors import InputError
from blender_addon.core.shaping.edits.kinds import WHOLE, Blinks, Closings, Edit, Pause, Retime, Scale, Span

from ..script.words import Form, tokens_of

_SLOWEST = 1e-9
"""A moment of a take would last for years; what is merely too long to be kept is refused when its length is known."""
_FASTEST = 1000.0
"""Half a minute has passed within a frame."""
_BRIEFEST, _LONGEST = 0.05, 1000.0
"""Of the time that a blink or wink takes: at a twentieth no frame would show it."""
_LARGEST = 1e9
"""Of a number: Blender counts a million frames."""
_DIGITS_TOLD = 15
_SPEEDS = 'Say such as "half as fast", "twice as fast" or "2 seconds longer".'


def refuse_large_numbers(words: str) -> None:
    """Raise InputError where an order holds a number that nothing of a take comes to."""
    for token in tokens_of(words):
        if token.form is Form.NUMBER and float(token.text.replace(",", ".")) > _LARGEST:
            told = f"{token.text[:_DIGITS_TOLD]}{'…' * (len(token.text) > _DIGITS_TOLD)}"
            raise InputError(f"{told} is too large a number for a take.", 'Say such as "frame 40" or "2 seconds".')


def refuse_impossible(said: str, edits: Sequence[Edit], span: Span | None) -> None:
    """Raise InputError where an order asks for what no take can do. span: the time that its words name."""
    if span is not None and _is_backwards(span):
        raise InputError(f'"{said}" asks for a time that ends before it begins.', 'Say such as "from frame 10 to 50".')
    if any(_is_backwards(getattr(edit, "span", WHOLE)) for edit in edits):
        raise InputError(f'"{said}" is about a time outside of the frames that may change.', "Say another.")
    for edit in edits:
        _refuse(said, edit)


def _is_backwards(span: Span) -> bool:
    return span.start is not None and span.end is not None and span.start > span.end


def _refuse(said: str, edit: Edit) -> None:
    match edit:
        case Retime(factor=factor) if factor < _SLOWEST:
            raise InputError(f'"{said}" would make the take stand still.', _SPEEDS)
        case Retime(factor=factor) if factor > _FASTEST:
            raise InputError(f'"{said}" would leave no time for the take to play in.', _SPEEDS)
        case Closings(pace=pace, event=event) if not _BRIEFEST <= pace <= _LONGEST:
            raise InputError(
                f'"{said}" asks for a {event.value} of a length that none can have.',
                f'Say such as "a slower {event.value}", or "no {event.value}s".',
            )
        case Scale(factor=amount) | Closings(factor=amount) | Blinks(share=amount) if not isfinite(amount):
            raise InputError(f'"{said}" names no amount.', 'Say such as "twice as much", "20 % more" or "half".')
        case Pause(seconds=seconds) if seconds <= 0:
            raise InputError(f'"{said}" holds it for no time at all.', 'Say such as "hold it for a second".')
