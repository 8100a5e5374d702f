"""Clips on their way to the head, one after the other; the operators only decide who waits for them."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import bpy
from bpy.types import Context, Scene

from ..client.job import Job, JobState
from ..client.track import TrackJob, track_clip_job
from ..core.errors import BackendError, CancelledError, MienError, NoFaceError
from ..core.pose import Pose
from ..core.take import RawResult
from ..core.track import FaceTrack
from ..scene.actions import add_clip_strip
from ..scene.clip_sources import ClipSource
from ..scene.keys import frames_per_second
from ..scene.preview import Preview
from ..scene.stored_takes import record_of, take_of
from ..scene.take_standing import seldom_seen, why_cut_off
from ..scene.tracked_takes import ClipOrder, ShapedTake, Tracked, key_shaped, take_for
from .backend_session import session
from .work import HeadWork

_SHOWN_EVERY_S = 0.08
"""Each pose that is shown has the head deformed and the view drawn anew, on the processor that may also track."""


class ClipState(Enum):
    """Where a clip of the queue stands."""

    WAITING = "waiting"
    RUNNING = "tracking"
    DONE = "done"
    PARTIAL = "interrupted"
    FAILED = "failed"


@dataclass
class QueuedClip:
    """One clip of the queue. told: what became of it, or what went wrong."""

    order: ClipOrder
    state: ClipState = ClipState.WAITING
    told: str = ""

    @property
    def title(self) -> str:
        """What the user calls it."""
        return self.order.source.title


class Tracking(HeadWork):
    """A queue of clips for one head. Each becomes a take as soon as it is read; one that fails stops no other.

    While clips are read, the head shows the face as it comes. Until a clip is keyed, nothing else changes.
    """

    def __init__(self, context: Context, orders: Iterable[ClipOrder]) -> None:
        """Begin with the first clip; raise MienError where there is no head or no backend."""
        super().__init__(context)
        self.clips = [QueuedClip(order) for order in orders]
        self._is_stopped = False
        self._current: QueuedClip | None = None
        self._job: TrackJob | None = None
        self._arrived: _Arrived | None = None
        self._step = ""
        self._preview: Preview | None = None
        self._shown_at = 0.0
        self._begin_next()

    @property
    def progress(self) -> str:
        """Which clip of how many, frames, how fast, time left."""
        if self._job is None or self._current is None:
            return "Tracking"
        words = "Shaping the curves" if self._arrived else self._job.words or "Opening the clip"
        if len(self.clips) == 1:
            return words
        return f"Clip {self.clips.index(self._current) + 1} of {len(self.clips)}: {words}"

    @property
    def fraction(self) -> float:
        """How much of the current clip is read, 0..1."""
        progress = self._job.progress if self._job else None
        return min(progress.done / progress.total, 1.0) if progress and progress.total else 0.0

    @property
    def stopped_words(self) -> str:
        """What is told after Esc."""
        done = sum(clip.state in {ClipState.DONE, ClipState.PARTIAL} for clip in self.clips)
        return f"Stopped; {done} of {len(self.clips)} clips are keyed" if done else super().stopped_words

    def add(self, orders: Iterable[ClipOrder]) -> None:
        """Put more clips at the end of the queue."""
        self.clips.extend(QueuedClip(order) for order in orders)

    def remove(self, index: int) -> None:
        """Take a clip out of the queue; one that is being read is stopped, and the next one begins."""
        clip = self.clips.pop(index)
        if clip is self._current and self._job is not None:
            self._job.cancel()
            self._end_preview()
            self._begin_next()

    def is_running(self) -> bool:
        """Whether clips are still to be read; never waits."""
        return self._job is not None and not self._is_stopped

    def look(self) -> None:
        """Show the face as it is now, and key a clip whose end has come."""
        if self._job is None or self._is_stopped:
            return
        if self._arrived is None and self._job.step() is JobState.RUNNING:
            self._show(self._job)
        self._advance(self._job)

    def wait(self, seconds: float) -> None:
        """Wait for what the current clip waits for, no longer than this."""
        if self._arrived is not None:
            self._arrived.shaping.wait(seconds)
        elif self._job is not None:
            self._job.wait(seconds)

    def cancel(self) -> None:
        """Stop at once: the head is what it was, and the clips that are keyed already stay."""
        self._is_stopped = True
        if self._job is not None:
            self._job.cancel()
        self._end_preview()
        self._end_step()

    def finish(self) -> str:
        """Wait for the rest of the queue; raise MienError where no clip could be keyed."""
        while self.is_running():
            self.wait(60.0)
            if self._job is not None:
                self._advance(self._job)
        if self._is_stopped:
            raise CancelledError("Stopped.")
        return self._told()

    def _told(self) -> str:
        good = [clip for clip in self.clips if clip.state is ClipState.DONE]
        bad = [clip for clip in self.clips if clip.state in {ClipState.PARTIAL, ClipState.FAILED}]
        self.problem = "\n".join(clip.told if len(self.clips) == 1 else f"{clip.title}: {clip.told}" for clip in bad)
        if bad and all(clip.state is ClipState.FAILED for clip in self.clips):
            problem, self.problem = self.problem, ""
            raise MienError(problem)
        return "; ".join(clip.told for clip in good)

    def _begin_next(self) -> None:
        """The next clip that can begin; those that cannot are told as failed."""
        self._job = self._current = self._arrived = None
        while self._job is None:
            clip = next((clip for clip in self.clips if clip.state is ClipState.WAITING), None)
            if clip is None:
                return
            self._begin(clip)

    def _begin(self, clip: QueuedClip) -> None:
        order, clip.state, self._current = clip.order, ClipState.RUNNING, clip
        try:
            self._job = track_clip_job(
                session.connector(),
                order.source.files,
                order.request,
                title=clip.title,
                resumed=self._resumed(order),
            )
        except MienError as error:
            clip.state, clip.told = ClipState.FAILED, str(error)

    def _resumed(self, order: ClipOrder) -> FaceTrack:
        if not order.take_id:
            return FaceTrack.joined()
        raw: RawResult = take_of(record_of(self.head_now()[0].anchor, order.take_id)).raw
        return raw if isinstance(raw, FaceTrack) else FaceTrack.joined()

    def _show(self, job: TrackJob) -> None:
        if time.monotonic() - self._shown_at < _SHOWN_EVERY_S:
            return
        fresh = job.new_frames()
        if not fresh or not fresh[-1].track.confidence[-1]:
            return
        self._shown_at = time.monotonic()
        if self._preview is None or not self._preview.is_running:  # an undo ends it
            self._preview = Preview(self.head_now()[0])
        self._preview.show(Pose(fresh[-1].track.values[-1]))

    def _end_preview(self) -> None:
        if self._preview is not None:
            self._preview.end()
            self._preview = None

    def _advance(self, job: TrackJob) -> None:
        """Let a clip that has come be shaped, and one that is shaped be keyed; does nothing while either goes on."""
        if self._arrived is not None:
            if self._arrived.shaping.step() is not JobState.RUNNING:
                self._conclude(self._arrived)
        elif job.step() is not JobState.RUNNING:
            self._end_preview()
            try:
                self._arrived = self._read(job)
            except MienError as error:
                self._settle(ClipState.FAILED, str(error))

    def _read(self, job: TrackJob) -> "_Arrived":
        """What has come, on its way through shaping; raise MienError where that is nothing."""
        assert self._current is not None
        fault: MienError | None = None
        try:
            track = job.result()
        except MienError as error:
            fault, track = error, job.track()
            if not (track.confidence > 0).any() or isinstance(error, CancelledError):
                raise _counted_from_one(error, self._current.order.request.face) from error
        character, scene = self.head_now()
        take = take_for(character, self._current.order, track, is_whole=fault is None)
        fps = frames_per_second(scene)
        return _Arrived(Job(lambda _say: ShapedTake.of(take, fps)), fault)

    def _conclude(self, arrived: "_Arrived") -> None:
        assert self._current is not None
        try:
            state, told = self._keyed(self._current.order, arrived)
        except MienError as error:
            state, told = ClipState.FAILED, str(error)
        self._settle(state, told)

    def _settle(self, state: ClipState, told: str) -> None:
        """Note what became of the current clip, and begin the next one."""
        clip = self._current
        assert clip is not None
        clip.state, clip.told = state, told
        self._begin_next()

    def _end_step(self) -> None:
        """Make a step of undo of the take that was keyed last; the operator makes that of the very last one."""
        if self._step and not bpy.app.background:
            bpy.ops.ed.undo_push(message=self._step)
        self._step = ""

    def _keyed(self, order: ClipOrder, arrived: "_Arrived") -> tuple[ClipState, str]:
        """Raises MienError, with nothing changed, where it cannot be keyed."""
        character, scene = self.head_now()
        shaped, fault = arrived.shaping.result(), arrived.fault
        self._end_step()
        done = key_shaped(character, order, shaped, scene)
        self._step = f"Track {order.source.title}"
        if order.with_strip and isinstance(order.source.files, Path) and order.source.files.is_file():
            _add_strip(order.source, scene)
        if fault is None:
            return ClipState.DONE, _told_of(done, order, scene)
        kept = f"The {done.record.read_frames} frames that came are keyed"
        if isinstance(fault, BackendError):
            return ClipState.PARTIAL, f"{fault.message} {kept}; Resume Take reads the rest."
        return ClipState.PARTIAL, f"{fault} {kept}."


@dataclass(frozen=True)
class _Arrived:
    """A clip that has come, as far as it came, while its curves are shaped. fault: why it is not whole."""

    shaping: Job[ShapedTake]
    fault: MienError | None


def _counted_from_one(error: MienError, face: int) -> MienError:
    """What the backend says of a face that is not there, counted as Track Video counts: it counts from 0 itself."""
    if not isinstance(error, NoFaceError) or face == 0:
        return error
    return NoFaceError(
        f"No face number {face + 1} was seen in the clip; they are counted from 1, the largest one.",
        "Choose another Face in the options.",
    )


def _add_strip(source: ClipSource, scene: Scene) -> None:
    first = source.frame - source.start * frames_per_second(scene) / source.speed
    add_clip_strip(scene, str(source.files), first, shown_from=source.frame)


def _told_of(done: Tracked, order: ClipOrder, scene: Scene) -> str:
    """What was done, in sentences."""
    record, report = done.record, done.report
    parts = [f"{record.name}: {record.read_frames} frames, {report.keys} keys on {report.channels} channels"]
    if order.source.speed != 1.0:
        parts.append(f"at {order.source.speed:.3g} times its speed, as Blender plays the clip in this scene")
    told = [seldom_seen(record), *report.left_alone, *report.limited, why_cut_off(record.written_until, scene)]
    return " ".join([f"{', '.join(parts)}.", *filter(None, told)])
