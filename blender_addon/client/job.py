"""Work on another thread, looked at from the main one.

Blender's interface polls `step`; a headless script calls `wait`; both take `result`. The work never
touches Blender, so nothing here needs to know who waits.
"""

import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import Generic, TypeVar

from ..core.errors import BackendError, CancelledError
from ..core.performance import Performance
from ..core.wire import (
    DEFAULT_FACES,
    EditReply,
    EditRequest,
    Ended,
    HeadFrame,
    ImageEstimate,
    PerformRequest,
    Queued,
    Started,
)
from .remote import RemoteJob
from .transport import BackendClient

Result = TypeVar("Result")

Say = Callable[[str], None]
"""Tells the user, in a few words, what is being done; called from the worker thread."""


class JobState(Enum):
    """Where a job stands. A cancelled job counts as ended at once, even if its thread needs a moment."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Generic[Result]):
    """Begins at once. `work` gets a `Say`; `on_cancel` is called once, to break off what `work` waits for."""

    def __init__(self, work: Callable[[Say], Result], *, on_cancel: Callable[[], None] = lambda: None) -> None:
        self._work = work
        self._on_cancel = on_cancel
        self._state = JobState.RUNNING
        self._words = ""
        self._result: Result | None = None
        self._error: BaseException | None = None
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._started = time.monotonic()
        threading.Thread(target=self._run, name="mien-job", daemon=True).start()

    @property
    def words(self) -> str:
        """What is being done, for a progress line."""
        return self._words

    @property
    def elapsed(self) -> float:
        """Seconds since the job began."""
        return time.monotonic() - self._started

    def step(self) -> JobState:
        """Where the job stands now; never waits."""
        return self._state

    def wait(self, timeout: float | None = None) -> JobState:
        """Wait until the job has ended, at most `timeout` seconds."""
        self._ended.wait(timeout)
        return self._state

    def cancel(self) -> None:
        """End the job now; it has no effect on one that has ended."""
        if self._end(JobState.CANCELLED, error=CancelledError("Stopped.")):
            self._on_cancel()

    def result(self) -> Result:
        """Wait for the job's result; raise what ended it otherwise, CancelledError where `cancel` did."""
        self._ended.wait()
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # without an error there is a result

    def _run(self) -> None:
        try:
            result = self._work(self._say)
        except CancelledError as error:
            self._end(JobState.CANCELLED, error=error)
        except BaseException as error:  # noqa: BLE001  # whoever asks for the result gets it, with its traceback
            self._end(JobState.FAILED, error=error)
        else:
            self._end(JobState.DONE, result=result)

    def _say(self, words: str) -> None:
        if self._state is JobState.CANCELLED:
            raise CancelledError("Stopped.")
        self._words = words

    def _end(self, state: JobState, *, result: Result | None = None, error: BaseException | None = None) -> bool:
        """Settle how the job ended; only the first way counts."""
        with self._guard:
            if self._state is not JobState.RUNNING:
                return False
            self._result, self._error, self._state = result, error, state
        self._ended.set()
        return True


def estimate_image_job(
    connect: Callable[[], BackendClient],
    data: bytes,
    *,
    engine: str | None = None,
    max_faces: int = DEFAULT_FACES,
    head_frame: HeadFrame = HeadFrame.CAMERA,
) -> Job[ImageEstimate]:
    """Read a picture; `connect` may wait for a backend that is still starting. Cancelling closes the connection."""
    return _asking(
        connect,
        "Reading the face",
        lambda client: client.estimate_image(data, engine=engine, max_faces=max_faces, head_frame=head_frame),
    )


def perform_script_job(connect: Callable[[], BackendClient], request: PerformRequest) -> Job[Performance]:
    """Perform a script, however long the engine takes; as `estimate_image_job`."""
    remote = RemoteJob(connect)

    def work(say: Say) -> Performance:
        say("Starting the backend")
        client = remote.connect()
        say("Performing the script")
        client.start_perform(request, remote.id)
        for event in remote.events():
            if isinstance(event, Queued) and event.ahead:
                say(waiting_words(event.ahead, "script"))
            elif isinstance(event, Started):
                say("Performing the script")
            elif isinstance(event, Ended) and event.error is not None:
                raise event.error
            elif isinstance(event, Ended) and event.performance is not None:
                return event.performance
        raise BackendError("The backend did not tell the performance.", "Use a backend of the same version.")

    return Job(work, on_cancel=remote.break_off)


def edit_take_job(
    connect: Callable[[], BackendClient], request: EditRequest, make: Callable[[EditReply], Result]
) -> Job[Result]:
    """Have an order in words read, and make something of the reply, both off the main thread."""
    return _asking(connect, "Reading the words", lambda client: make(client.read_edits(request)))


def waiting_words(ahead: int, noun: str) -> str:
    """What to say while others of the kind come first; empty where none does."""
    return f"Waiting for {ahead} other {noun}{'s' if ahead > 1 else ''}" if ahead else ""


def _asking(connect: Callable[[], BackendClient], words: str, ask: Callable[[BackendClient], Result]) -> Job[Result]:
    clients: list[BackendClient] = []
    cancelled = threading.Event()

    def work(say: Say) -> Result:
        say("Starting the backend")
        clients.append(client := connect())
        if cancelled.is_set():
            client.close()
        say(words)
        return ask(client)

    def break_off() -> None:
        cancelled.set()
        for client in clients:
            client.close()

    return Job(work, on_cancel=break_off)
