"""One job, as the backend keeps it."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from blender_addon.core.errors import CancelledError, MienError
from blender_addon.core.performance import Performance
from blender_addon.core.wire import Ended, JobEvent, JobKind, JobPhase, JobStatus

from .event_log import EventLog
from .work_folder import disk_fault


class Job:
    """Made on the event loop. `tell` and `end` may be called from any thread.

    folder: its own, removed with it; None where no bytes come with it, and it needs no disk.
    """

    def __init__(self, job_id: str, kind: JobKind, title: str, engine: str, folder: Path | None) -> None:
        self.id, self.kind, self.title, self.engine = job_id, kind, title, engine
        self.folder = folder
        self.abandoned = threading.Event()
        self.break_off: Callable[[], None] = lambda: None
        """What wakes the coroutine that waits for this job's source or turn; called on the event loop."""
        self._phase = JobPhase.RECEIVING
        self._log = EventLog(folder and folder / "events")
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()

    @property
    def has_ended(self) -> bool:
        """Whether the last event has been told."""
        return self._log.is_complete

    @property
    def source(self) -> Path:
        """The folder for the bytes that come with it."""
        assert self.folder is not None  # only where some do is it asked for
        return self.folder / "source"

    def status(self) -> JobStatus:
        """One line of the list."""
        return JobStatus(self.id, self.kind, self.title, self.engine, self._phase, self._log.count)

    def tell(self, event: JobEvent, phase: JobPhase | None = None) -> None:
        """Add an event, and enter a phase with it.

        Raises CancelledError where the job has ended, DiskFullError where the event can't be kept.
        """
        try:
            told = self._log.append(event)
        except OSError as fault:
            raise disk_fault(fault) from fault
        if not told:
            raise CancelledError("The job was cancelled.")
        if phase is not None:
            self._phase = phase
        self._loop.call_soon_threadsafe(self._wake)

    def end(self, phase: JobPhase, error: MienError | None = None, performance: Performance | None = None) -> bool:
        """Tell the last event, now; only the first end counts."""
        self.abandoned.set()
        if not self._log.append(Ended(phase, error, performance)):
            return False
        self._phase = phase
        self._loop.call_soon_threadsafe(self._wake)
        return True

    async def lines(self, after: int) -> AsyncIterator[bytes]:
        """The lines of the events behind number `after`, as they come, up to the last one."""
        while True:
            news = self._news  # taken before reading, so that what is told meanwhile is not missed
            data, after = self._log.read(after)
            if data:
                yield data
            elif self._log.is_complete:
                return
            else:
                await news.wait()

    def drop_source(self) -> None:
        """Remove the bytes that came with it; nobody needs them any more."""
        if self.folder is not None:
            shutil.rmtree(self.source, ignore_errors=True)

    def drop(self) -> None:
        """Remove all of it."""
        self._log.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
