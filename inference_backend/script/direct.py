"""Channels that a script names by their own names."""

from blender_addon.core.channels import CHANNELS

from .clauses import Clause
from .entries import Entry, Sides
from .events import Event
from .words import Form


def direct_channels(clause: Clause, script: str) -> list[Event]:
    """Channels by their own names: "mouthSmileLeft goes to 0.8", "jawOpen 50 %"."""
    by_lower = {name.lower(): name for name in CHANNELS}
    found = []
    for position, word in enumerate(clause.words):
        name = by_lower.get(word.lower)
        if name is None:
            continue
        number = next((w for w in clause.words[position + 1 :] if w.form is Form.NUMBER), None)
        value = 0.7 if number is None else float(number.text.replace(",", "."))
        value = value / 100 if value > 1 else value
        entry = Entry(name, f"{name} goes to {value:g}", {name: value}, sides=Sides.NONE)
        span = (clause.start, clause.end)
        found.append(Event(entry, {name: value}, source=span, words=plain(script[span[0] : span[1]])))
    return found


def plain(text: str) -> str:
    """A piece of script on one line, without the marks at its ends."""
    return " ".join(text.split()).strip(" ,;:.-()[]*")
