"""The progress bars of `track` and `estimate`, on the error stream where that is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from blender_addon.core.clips import ClipInfo, TrackedFrames, TrackRequest

from ..jobs.pace import expected_frames

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Meter:
    """Shows how far the clip is that is being tracked."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._bar: TaskID | None = None
        self._frames, self._begun = 0, 0.0

    def begin(self, name: str) -> None:
        """The next clip."""
        self._frames, self._begun = 0, perf_counter()
        if self._bar is not None:
            self._progress.remove_task(self._bar)
        self._bar = self._progress.add_task(name, total=None, speed="")

    def advance(self, request: TrackRequest, info: ClipInfo, batch: TrackedFrames) -> None:
        """Some more of its frames are there."""
        assert self._bar is not None
        self._frames += len(batch.track.times)
        speed = f"{self._frames / (perf_counter() - self._begun):.0f} fps"
        self._progress.update(self._bar, total=expected_frames(info, request), completed=self._frames, speed=speed)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While something else is written to the terminal."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()


@contextmanager
def metering() -> Iterator[Meter]:
    """A meter that goes away at the end."""
    with _progress() as progress:
        yield Meter(progress)


@contextmanager
def counting(total: int, noun: str) -> Iterator[Callable[[], None]]:
    """Counts what is done, each time that it is called; a single thing shows no bar."""
    with _progress(is_shown=total > 1) as progress:
        bar = progress.add_task(noun, total=total, speed="")
        yield lambda: progress.advance(bar)


def _progress(*, is_shown: bool = True) -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}", justify="right"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=not (is_shown and console.is_terminal))
