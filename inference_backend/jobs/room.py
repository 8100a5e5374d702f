"""Where jobs wait for their engine, are worked on, and are kept for a while after their end."""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from blender_addon.core.errors import BackendError, CancelledError, MienError
from blender_addon.core.performance import Performance
from blender_addon.core.wire import JobKind, JobPhase, JobStatus, Queued

from ..failures import NoJobError, TooManyJobsError, own_fault
from ..limits import Limits
from ..request_room import RequestRoom
from ..shared_engine import AnyEngine, SharedEngine
from .job import Job
from .work_folder import WorkFolder, disk_fault

_log = logging.getLogger(__name__)

# Work that was cancelled gets this long to let go of its files at the end of the backend.
_LETTING_GO_SECONDS = 1.0

_EngineT = TypeVar("_EngineT", bound=AnyEngine)


class JobRoom:
    """All jobs of a backend. Its methods belong on the event loop; the work is done on threads."""

    def __init__(self, limits: Limits, place: Path, *, engines: int) -> None:
        self._limits = limits
        self._folder = WorkFolder(place)
        self._jobs: dict[str, Job] = {}
        self._turns: defaultdict[tuple[JobKind, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(max(1, engines), thread_name_prefix="job")

    def statuses(self) -> list[JobStatus]:
        """All jobs that are kept, in the order in which they came."""
        return [job.status() for job in self._jobs.values()]

    def find(self, job_id: str) -> Job:
        """The job of that id; raise NoJobError where there is none."""
        try:
            return self._jobs[job_id]
        except KeyError:
            raise NoJobError("There is no such job.", "It ended long ago, or belongs to another backend.") from None

    def free_bytes(self) -> int:
        """How much more fits on the disk."""
        return self._folder.free_bytes()

    def open_job(self, job_id: str | None, kind: JobKind, title: str, engine: str) -> Job:
        """A new job that waits for its source; `job_id` is the client's choice where it made one.

        One that tracks gets a folder for its clip; a script is small enough for the memory.
        """
        if job_id in self._jobs:
            raise TooManyJobsError("There is a job with this id already.", "Choose another id, or leave it out.")
        if sum(not job.has_ended for job in self._jobs.values()) >= self._limits.unfinished_jobs:
            raise TooManyJobsError(
                f"There are {self._limits.unfinished_jobs} jobs already.", "Wait until some have ended."
            )
        job_id = job_id or secrets.token_hex(16)
        try:
            folder = self._folder.make(secrets.token_hex(8)) if kind is JobKind.TRACK else None
            job = self._jobs[job_id] = Job(job_id, kind, title, engine, folder)
        except OSError as fault:
            raise disk_fault(fault) from fault
        return job

    def begin(
        self,
        job: Job,
        engine: SharedEngine[_EngineT],
        work: Callable[[_EngineT], Performance | None],
        rest: RequestRoom,
    ) -> None:
        """Let the job wait for its turn at the engine, which then works on a thread; `rest` looks after its memory."""
        others = [status for status in self.statuses() if (status.kind, status.engine) == (job.kind, job.engine)]
        ahead = sum(status.phase in (JobPhase.QUEUED, JobPhase.RUNNING) for status in others)
        job.tell(Queued(ahead), JobPhase.QUEUED)
        task = asyncio.create_task(self._in_turn(job, engine, work))
        self._tasks.add(task)
        job.break_off = lambda: _cancel(task)

        def after_work(task: "asyncio.Task[None]") -> None:
            self._tasks.discard(task)
            rest.unload_later(engine)
            self.settle(job)

        task.add_done_callback(after_work)

    def cancel(self, job_id: str) -> JobStatus:
        """End a job at once, or forget one that has ended; its last status."""
        job = self.find(job_id)
        if job.end(JobPhase.CANCELLED, CancelledError("Stopped.")):
            job.break_off()
        else:
            self._forget(job)
        return job.status()

    def drop(self, job: Job, error: BaseException) -> None:
        """End a job whose source did not come, and forget it."""
        told = error if isinstance(error, MienError) else own_fault()
        job.end(JobPhase.CANCELLED if isinstance(error, CancelledError) else JobPhase.FAILED, told)
        self._forget(job)

    def settle(self, job: Job) -> None:
        """Free what an ended job needs no more, and all of it after a while, or once many others have ended."""
        job.drop_source()
        ended = [other for other in self._jobs.values() if other.has_ended]
        for oldest in ended[: -self._limits.kept_jobs]:
            self._forget(oldest)
        asyncio.get_running_loop().call_later(self._limits.kept_job_seconds, self._forget, job)

    async def clear_stale(self) -> None:
        """Remove what earlier backends left behind."""
        with suppress(OSError):
            await asyncio.to_thread(self._folder.clear_stale)

    async def close(self) -> None:
        """End all jobs and remove what they have on disk."""
        for job in self._jobs.values():
            if job.end(JobPhase.CANCELLED, BackendError("The backend was ended.", "Start it again and resume.")):
                job.break_off()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LETTING_GO_SECONDS)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def remove_files(self) -> None:
        """The last step: no reader is left."""
        for job in tuple(self._jobs.values()):
            self._forget(job)
        self._folder.close()

    async def _in_turn(
        self, job: Job, engine: SharedEngine[_EngineT], work: Callable[[_EngineT], Performance | None]
    ) -> None:
        async with self._turns[job.kind, job.engine]:
            # From here on cancelling the task would not end the thread, only let the next one begin beside it.
            job.break_off = lambda: None
            if not job.has_ended:
                await asyncio.get_running_loop().run_in_executor(self._threads, _worked, job, engine, work)

    def _forget(self, job: Job) -> None:
        if self._jobs.pop(job.id, None) is not None:
            job.drop()


def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()


def _worked(job: Job, engine: SharedEngine[_EngineT], work: Callable[[_EngineT], Performance | None]) -> None:
    """On a thread: let the engine work, and tell how it ended."""
    try:
        performance = engine.in_turn(work, deadline=None, abandoned=job.abandoned)
    except CancelledError as error:
        job.end(JobPhase.CANCELLED, error)
    except MienError as error:
        job.end(JobPhase.FAILED, error)
    except Exception:  # noqa: BLE001 - an engine's bug ends its job, not the backend
        _log.exception("job %s", job.id)
        job.end(JobPhase.FAILED, own_fault())
    else:
        job.end(JobPhase.DONE, performance=performance)
