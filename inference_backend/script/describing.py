"""The words of a beat: what is seen, with its degree and side."""

from dataclasses import dataclass

from blender_addon.core.performance import Role
from blender_addon.core.semantics.scale import INTENSITY_WORDS

from .entries import Sides
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
    if event.dips:
        return f"the {event.entry.name.split('_')[-1]} wavers"
    degree = next((word for limit, word in _DEGREE_WORDS if event.strength <= limit), "")
    side = _side_of(event)
    times = f"{event.count} times" if event.count > 1 else ""
    return ", ".join(part for part in (event.entry.does, degree, side, times) if part)


def fading_description_of(event: Event) -> str:
    """What is seen as something goes: "the smile fades", "a laugh ends", "no longer: the eyebrows rise"."""
    if event.entry.emotion:
        return f"the {event.entry.name.replace('_', ' ')} fades"
    noun = event.entry.name.split("_")[-1]
    if noun not in _FADING_NOUNS and event.entry.does.startswith(("a ", "an ")):
        return f"{event.entry.does} ends"
    return f"the {noun} fades" if noun in _FADING_NOUNS else f"no longer: {event.entry.does}"


_FADING_NOUNS = frozenset(
    {"smile", "grin", "smirk", "frown", "scowl", "sneer", "snarl", "pout", "grimace", "leer", "glare"}
)


def _side_of(event: Event) -> str:
    """On which side of the face, or to which side; nothing for what goes both ways."""
    if event.side is None or _goes_both_ways(event):
        return ""
    place = event.entry.sides is not Sides.WAY or event.entry.whole
    return f"on the {event.side.lower()}" if place else f"to the {event.side.lower()}"


def _goes_both_ways(event: Event) -> bool:
    turns = [pose.get(name, 0.0) for _, pose in event.steps for name in ("leftEyeYaw", "headYaw", "headRoll")]
    return min(turns, default=0.0) < -0.1 and max(turns, default=0.0) > 0.1


_PLAIN_WORDS = (*INTENSITY_WORDS[:3], "", *INTENSITY_WORDS[3:])
_DEGREE_WORDS = tuple(zip((0.4, 0.7, 0.9, 1.1, 1.4, 9.0), _PLAIN_WORDS, strict=True))


LONGEST_QUOTATION = 48
"""Characters."""


def shortened(text: str) -> str:
    """A quotation as far as a marker has room for it."""
    if len(text) <= LONGEST_QUOTATION:
        return text
    whole_words = text[: LONGEST_QUOTATION - 2].rpartition(" ")[0] or text[: LONGEST_QUOTATION - 3]
    return whole_words.rstrip(" ,;:-") + "..."
