"""The words of a beat: what is seen, with its degree and side."""

from dataclasses import dataclass

from blender_addon.core.performance import Role
from blender_addon.core.semantics.scale import INTENSITY_WORDS

from .events import Event


@dataclass(frozen=True)
class Beat:
    """A moment to describe: when it is at its fullest, in words, and where the script says so."""

    time: float
    words: str
    source: tuple[int, int] | None
    role: Role = Role.BEAT


def description_of(event: Event) -> str:
    """What is seen, with its degree and side: "the eyebrows rise, slightly, on the left"."""
    degree = next((word for limit, word in _DEGREE_WORDS if event.strength <= limit), "")
    side = f"on the {event.side.lower()}" if event.side else ""
    times = f"{event.count} times" if event.count > 1 else ""
    return ", ".join(part for part in (event.entry.does, degree, side, times) if part)


_PLAIN_WORDS = (*INTENSITY_WORDS[:3], "", *INTENSITY_WORDS[3:])
_DEGREE_WORDS = tuple(zip((0.4, 0.7, 0.9, 1.1, 1.4, 9.0), _PLAIN_WORDS, strict=True))


def shortened(text: str) -> str:
    """A quotation as far as a marker has room for it."""
    return text if len(text) <= 48 else text[:45].rstrip() + "..."
