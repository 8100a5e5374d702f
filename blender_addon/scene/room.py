"""The room that a performance makes for itself: what stands there and is let go, and which earlier keys give way.

It is kept with the take, so that the take can be written anew without what it has let go coming back.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from bpy.types import Scene

from ..core.channels import INDEX
from ..core.curves import Curve, Curves
from ..core.errors import InputError
from ..core.narrowing import as_list, as_mapping, as_number, as_text
from ..core.shaping.regions import REGION_OF
from .character import Character
from .giving_way import give_way, mark
from .key_targets import Interval
from .keys import held_channels
from .stored_performance import performances_of

_TO_REST = 0.3
"""Seconds in which what earlier keys hold is let go; the performer itself rests that long before it begins."""
_EASE = 1 / 3
"""Of the way to rest, the length of the handle with which it arrives: that of a plain cubic ease."""


@dataclass(frozen=True)
class Room:
    """What of earlier keys gives way to a performance, besides those of its own channels.

    released: the channels that earlier keys hold away from rest where it begins, and that it lets go.
    cleared: for each channel of the performances that give way to it, the frame up to which its keys go.
    """

    released: tuple[str, ...] = ()
    cleared: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, record: Any) -> Self:
        """The room that a take has made; raise InputError where it cannot be read."""
        if not record.room:
            return cls()
        try:
            released, cleared = as_list(json.loads(record.room))
            frames = {_channel(name): as_number(frame) for name, frame in as_mapping(cleared).items()}
            return cls(tuple(map(_channel, as_list(released))), frames)
        except (TypeError, ValueError) as fault:
            hint = "Make the take again, or open a backup of the file."
            raise InputError(f"What {record.name} lets go cannot be read: {fault}.", hint) from fault

    def keep(self, record: Any) -> None:
        """Keep it with a take."""
        record.room = json.dumps((self.released, dict(self.cleared)))

    def within(self, regions: Collection[str]) -> Self:
        """Only in some parts of the face, because the others stay as they were before."""
        released = tuple(name for name in self.released if REGION_OF[name] in regions)
        cleared = {name: frame for name, frame in self.cleared.items() if REGION_OF[name] in regions}
        return replace(self, released=released, cleared=cleared)

    def filled(
        self, curves: Curves, frame_start: float, seconds: float, fps: float
    ) -> tuple[Curves, dict[str, Interval]]:
        """The curves of a performance of so many seconds, with the way to rest of what is let go.

        And for each channel from when to when its old keys give way, in seconds from `frame_start` on.
        """
        at_rest = max(round(_TO_REST * fps), 1) / fps
        ends = dict.fromkeys(curves.by_channel, seconds)
        for name, frame in self.cleared.items():
            ends[name] = max((frame - frame_start) / fps, ends.get(name, 0.0))
        for name in self.released:
            ends[name] = max(at_rest, ends.get(name, 0.0))
        let_go = {name: _let_go(curves.by_channel.get(name), at_rest) for name in self.released}
        return Curves({**curves.by_channel, **let_go}), {name: (0.0, end) for name, end in ends.items()}


class Formers:
    """The performances that a new one reaches into, and how they give way.

    One that begins on the same frame goes altogether; one that plays already ends where the new one
    begins; of one that begins later goes what the new one covers.
    """

    def __init__(self, character: Character, frame_start: float, frames: float, *, but: str = "") -> None:
        """but: the id of the take that is written itself."""
        self._character, self._start, self._end = character, frame_start, frame_start + frames
        self._ids = {
            record.take_id
            for record in performances_of(character.anchor)
            if record.take_id != but and record.frame_start <= self._end and record.frame_end >= frame_start
        }

    def room(self, curves: Curves, *, from_rest: bool) -> Room:
        """The room for curves in their place. from_rest: what earlier keys hold is let go where these begin."""
        cleared = self._channels_until()
        going = dict.fromkeys(curves.by_channel, self._end)
        going |= {name: max(frame, going.get(name, frame)) for name, frame in cleared.items()}
        held = held_channels(self._character, self._start, self._end, going=going) if from_rest else ()
        return Room(held, cleared)

    def give_way(self, scene: Scene, take_id: str) -> None:
        """Let the new take play in their place until it is reverted; with their markers."""
        for record in self._met:
            ends_here = record.frame_start <= self._start
            give_way(record, take_id, self._start, None if ends_here else self._end)
            mark(scene, record)

    @property
    def _met(self) -> list[Any]:
        """Fetched anew: the records move in memory when one is added."""
        return [record for record in performances_of(self._character.anchor) if record.take_id in self._ids]

    def _channels_until(self) -> dict[str, float]:
        """The channels of those performances, and the frame up to which their keys go."""
        found: dict[str, float] = {}
        for record in self._met:
            end = record.frame_end if record.frame_start <= self._start else min(self._end, record.frame_end)
            for name in record.channels.split():
                found[name] = max(end, found.get(name, end))
        return found


def _channel(value: object) -> str:
    name = as_text(value)
    if name not in INDEX:
        raise ValueError(f"{name!r} is not a channel")
    return name


def _let_go(curve: Curve | None, at_rest: float) -> Curve:
    """A channel on its way to rest, or to where a performance that has its first key only later has it until then."""
    if curve is None or not len(curve.times):
        return Curve([at_rest], [0.0])
    if curve.times[0] <= at_rest:
        return curve
    value, handles = curve.values[0], curve.handles
    if handles is not None:
        reach = min(at_rest, curve.times[0] - at_rest) * _EASE
        own = np.array([[[at_rest - reach, value], [at_rest + reach, value]]])
        handles = np.concatenate([own, handles])
    return Curve([at_rest, *curve.times], [value, *curve.values], curve.interpolation, handles)
