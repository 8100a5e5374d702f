"""A clip that is tracked by the backend: its frames as they come, how far it is, and what is left if it breaks off."""

from collections.abc import Callable

from ..core.clips import ClipInfo, TrackedFrames, TrackRequest
from ..core.errors import BackendError, MienError
from ..core.track import FaceTrack
from ..core.wire import Ended, Frames, JobEvent, Progress, Queued, Started
from .clip_body import ClipFiles, clip_body
from .job import Job, JobState, Say, waiting_words
from .remote import RemoteJob
from .transport import BackendClient

_NOTHING = FaceTrack.joined()


class TrackJob:
    """Begins at once. Looked at from the main thread; none of its methods but `wait` and `result` waits.

    resumed: frames that an earlier job over this request brought; only what is missing behind them is asked for.
    """

    def __init__(
        self,
        connect: Callable[[], BackendClient],
        clip: ClipFiles | bytes,
        request: TrackRequest,
        *,
        title: str = "",
        resumed: FaceTrack = _NOTHING,
    ) -> None:
        self._request, self._resumed = request, resumed
        self._last_time = float(resumed.times[-1]) if len(resumed.times) else -1.0
        # Only the worker appends and only the main thread looks: a list needs no lock for that.
        self._frames: list[TrackedFrames] = []
        self._looked_at = 0
        self._source, self._title = clip, title
        self._clip: ClipInfo | None = None
        self._progress = Progress(0)
        self._remote = RemoteJob(connect)
        self._job = Job(self._work, on_cancel=self._remote.break_off)

    @property
    def words(self) -> str:
        """What is being done, for a progress line."""
        return self._job.words

    @property
    def elapsed(self) -> float:
        """Seconds since the job began."""
        return self._job.elapsed

    @property
    def clip(self) -> ClipInfo | None:
        """What is known of the clip once the engine has opened it."""
        return self._clip

    @property
    def progress(self) -> Progress:
        """How many frames are done, of how many, how fast, and how long it will take."""
        return self._progress

    def step(self) -> JobState:
        """Where the job stands now."""
        return self._job.step()

    def wait(self, timeout: float | None = None) -> JobState:
        """Wait until the job has ended, at most `timeout` seconds."""
        return self._job.wait(timeout)

    def cancel(self) -> None:
        """End the job now; what has come is kept."""
        self._job.cancel()

    def new_frames(self) -> tuple[TrackedFrames, ...]:
        """The frames that came since the last look."""
        found = tuple(self._frames[self._looked_at :])
        self._looked_at += len(found)
        return found

    def track(self) -> FaceTrack:
        """All frames so far, the resumed ones first; good, however the job ended."""
        return FaceTrack.joined(self._resumed, *(frames.track for frames in self._frames))

    def result(self) -> FaceTrack:
        """Wait for the whole track; raise what ended the job otherwise. `track` then gives what came."""
        self._job.result()
        return self.track()

    def _work(self, say: Say) -> None:
        say("Starting the backend")
        client = self._remote.connect()
        body = clip_body(self._source, self._title, lambda share: say(f"Sending the clip, {share:.0%}"))
        client.start_track(body, self._request.after(self._resumed), self._remote.id)
        try:
            for event in self._remote.events():
                self._take_in(event, say)
        except BackendError as fault:
            raise self._told_with_what_is_kept(fault) from fault

    def _take_in(self, event: JobEvent, say: Say) -> None:
        if isinstance(event, Queued):
            say(waiting_words(event.ahead, "clip") or "Opening the clip")
        elif isinstance(event, Started):
            self._clip = event.clip
            say("Tracking")
        elif isinstance(event, Frames):
            self._keep(event.frames)
        elif isinstance(event, Progress):
            self._progress = event
            say(progress_words(event))
        elif isinstance(event, Ended) and event.error is not None:
            raise event.error

    def _keep(self, frames: TrackedFrames) -> None:
        fresh = frames.after(self._last_time)
        if len(fresh.track.times):
            self._frames.append(fresh)
            self._last_time = float(fresh.track.times[-1])

    def _told_with_what_is_kept(self, fault: BackendError) -> MienError:
        count = len(self._resumed.times) + sum(len(frames.track.times) for frames in self._frames)
        if count == 0:
            return fault
        return type(fault)(fault.message, f"{fault.hint} {count} frames are kept; resuming goes on behind them.")


def track_clip_job(
    connect: Callable[[], BackendClient],
    clip: ClipFiles | bytes,
    request: TrackRequest,
    *,
    title: str = "",
    resumed: FaceTrack = _NOTHING,
) -> TrackJob:
    """Follow a face through a clip; several jobs wait for each other in the backend.

    connect: may wait for a backend that is still starting.
    clip: its files, or its bytes.
    title: what the user calls it; the name of the file where it is left out.
    resumed: the `track` of an earlier job over the same clip and request that broke off.
    """
    return TrackJob(connect, clip, request, title=title, resumed=resumed)


def progress_words(progress: Progress) -> str:
    """A progress line."""
    parts = [f"Tracking, {progress.done} frames" if progress.total is None else f"{progress.done} of {progress.total}"]
    if progress.total is not None:
        parts[0] = f"Tracking, frame {parts[0]}"
    if progress.rate is not None:
        parts.append(f"{progress.rate:.0f} a second")
    if progress.seconds_left is not None:
        parts.append(f"{_duration_words(progress.seconds_left)} left")
    return ", ".join(parts)


def _duration_words(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
