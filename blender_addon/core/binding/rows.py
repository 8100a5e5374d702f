"""One line of the table of a binding."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A shape key that a channel moves: the key's value is the sum over its rows of gain x channel + offset.

    is_approximated: the rig has no shape for the channel, and this one stands for a part of it.
    """

    channel: str
    mesh: str
    key: str
    gain: float = 1.0
    offset: float = 0.0
    is_approximated: bool = False
