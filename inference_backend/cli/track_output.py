"""The forms in which `track` gives its results."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from blender_addon.core.channels import CHANNELS
from blender_addon.core.clips import ClipInfo
from blender_addon.core.errors import CancelledError, MienError
from blender_addon.core.formats.exchange import write_take
from blender_addon.core.take import Take, TakeKind, made_now
from blender_addon.core.track import FaceTrack
from blender_addon.core.wire import error_to_json

_DECIMALS = 5
"""Of channels and confidences, as in the estimate's JSON."""


@dataclass(frozen=True, eq=False)
class Tracked:
    """What became of one clip. `track` holds the frames that could be read, also where an error ended them.

    seconds: how long it took.
    """

    clip: Path
    info: ClipInfo | None
    track: FaceTrack | None
    seconds: float
    error: MienError | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether the user stopped it."""
        return isinstance(self.error, CancelledError)

    def failed(self, error: MienError) -> "Tracked":
        """The same with what went wrong afterwards; the first fault stays."""
        return replace(self, error=self.error or error)

    def kept_in(self, file: Path) -> "Tracked":
        """The same once the file is written, which one who stopped it is told of."""
        if self.error is None or not self.is_stopped:
            return self
        return replace(self, error=CancelledError(f"{self.error.message} What was read is in {file}.", self.error.hint))


def to_json(done: Sequence[Tracked]) -> dict[str, Any] | list[dict[str, Any]]:
    """The track of one clip; for several a list, each with its `clip`, in their order."""
    forms = [_form(tracked) for tracked in done]
    if len(done) == 1:
        return forms[0]
    return [{"clip": str(tracked.clip), **form} for tracked, form in zip(done, forms, strict=True)]


def _form(tracked: Tracked) -> dict[str, Any]:
    """The frames that could be read; beside them, or in their place, the error that there was."""
    error = error_to_json(tracked.error) if tracked.error is not None else {}
    if tracked.track is None or tracked.info is None:
        return error
    track = tracked.track
    return {
        "fps": tracked.info.fps,
        "times": [round(time, 6) for time in track.times.tolist()],
        "channels": list(CHANNELS),
        "values": track.values.astype(np.float64).round(_DECIMALS).tolist(),
        "confidence": track.confidence.astype(np.float64).round(_DECIMALS).tolist(),
        **error,
    }


def _to_file(tracked: Tracked, suffix: str) -> str:
    """A form of `exchange.WRITERS`; frames without the face stay frames without a face."""
    info = tracked.info
    track = tracked.track if tracked.track is not None else FaceTrack([], np.empty((0, len(CHANNELS))), [])
    words = "" if info is None else f"{info.width} x {info.height} pixels, {info.fps:.3f} frames a second"
    take = Take(tracked.clip.stem, TakeKind.VIDEO, track, source=str(tracked.clip), words=words, made_at=made_now())
    return write_take(take, suffix)


WRITERS: dict[str, Callable[[Tracked], str]] = {
    ".json": lambda tracked: json.dumps(_form(tracked)) + "\n",
    ".csv": partial(_to_file, suffix=".csv"),
    ".mien": partial(_to_file, suffix=".mien"),
}
"""What `-o` writes, by the suffix of the file."""


@dataclass(frozen=True)
class Outcome:
    """A line of the summary.

    length: seconds from the first frame's time to the last one's. seen: share of the frames that show the face.
    seconds: how long it took. is_older: the file was there before, and the clip was not read again.
    """

    clip: Path
    frames: int = 0
    length: float = 0.0
    seen: float = 0.0
    seconds: float = 0.0
    error: MienError | None = None
    is_older: bool = False

    @classmethod
    def of(cls, tracked: Tracked) -> "Outcome":
        """The line of a clip that was read, as far as it could be."""
        track = tracked.track
        if track is None:
            return cls(tracked.clip, seconds=tracked.seconds, error=tracked.error)
        seen = float((track.confidence > 0).mean())
        return cls(tracked.clip, len(track.times), float(track.times[-1]), seen, tracked.seconds, tracked.error)

    @classmethod
    def lost(cls, clip: Path, error: MienError) -> "Outcome":
        """The line of a clip of which nothing came back."""
        return cls(clip, error=error)

    @property
    def is_stopped(self) -> bool:
        """Whether the user stopped it."""
        return isinstance(self.error, CancelledError)

    @property
    def words(self) -> str:
        """What became of it."""
        if self.error is None:
            return "there already" if self.is_older else "done"
        return self.error.message if self.is_stopped else f"failed: {self.error.message}"


def show_summary(outcomes: Sequence[Outcome]) -> None:
    """A line for each clip."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("clip", box=None, pad_edge=False)
    for name in ("frames", "length", "face seen", "read at"):
        table.add_column(name, justify="right")
    table.add_column("")
    for outcome in outcomes:
        table.add_row(escape(outcome.clip.name), *_numbers(outcome), escape(outcome.words))
    Console().print(table)


def _numbers(outcome: Outcome) -> tuple[str, str, str, str]:
    count = outcome.frames
    if not count:
        return "" if outcome.is_older else "0", "", "", ""
    return str(count), f"{outcome.length:.2f} s", f"{outcome.seen:.0%}", f"{count / max(outcome.seconds, 1e-6):.0f} fps"
