"""How far an engine that looks at pictures can be trusted, and what it saw besides the 61 numbers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..channels import CHANNELS


@dataclass(frozen=True)
class Sight:
    """What the words about a reading should heed. The channels' values are never touched by it.

    unseen: channels that the engine as good as never gives: not there is not the same as at rest.
    weak: channels that it gives too little or too seldom to be relied on; the unseen ones among them.
    resting: what it reads at most on calm faces, by channel; no more than that is not told.
    eyeballs_lead: whether the eyeballs' angles say better where a face looks than the eyeLook shapes.
    lips_parted: whether a gap is seen between the lips; None where nobody looked.
    lids_alike: whether both eyes are seen to be open about as far; None where nobody looked.
    sides: by how much more a pair's left channel does than its right one, where somebody looked more closely than the
        pose says; 0 where the sides differ by no more than the engine's own error, and none is told.
    """

    unseen: Collection[str] = ()
    weak: Collection[str] = ()
    resting: Mapping[str, float] = field(default_factory=dict)
    eyeballs_lead: bool = False
    lips_parted: bool | None = None
    lids_alike: bool | None = None
    sides: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted({*self.unseen, *self.weak, *self.resting, *self.sides} - set(CHANNELS))
        if unknown:
            raise ValueError(f"not a channel: {', '.join(unknown)}")


PERFECT_SIGHT = Sight()
"""Of a pose that nobody had to see: set by hand, written by a script. Everything in it is told."""
