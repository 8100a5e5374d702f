"""Clips through client, launcher and a backend of its own process: as they come, broken off, resumed."""

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from blender_addon.client.job import JobState
from blender_addon.client.launcher import BackendProcess
from blender_addon.client.track import TrackJob, track_clip_job
from blender_addon.core.clips import TrackedFrames, TrackRequest
from blender_addon.core.errors import BackendError, CancelledError, EngineError, InputError, TooLargeError
from blender_addon.core.track import FaceTrack
from blender_addon.core.wire import JobPhase
from tests.backend.asking import wait_for
from tests.backend.brightness_clips import (
    GOOD_FRAMES,
    SLOW_WIDTH,
    UNWILLING_WIDTH,
    BrightnessClips,
    brightness_at,
    clip_bytes,
)
from tests.backend.full_disk import UNCACHED, bound_files
from tests.backend.job_asking import LONG, files_of
from tests.backend.pictures import png

ROOT = Path(__file__).parents[2]
EVERYTHING = TrackRequest()
FRAMES = 100
SLOW = clip_bytes(frames=FRAMES, width=SLOW_WIDTH)
QUICK = clip_bytes(frames=FRAMES)

Launch = Callable[[], BackendProcess]


@contextmanager
def backends(place: Path) -> Iterator[Launch]:
    """Starts backends that work under `place / "work"`; ends them all at the end."""
    started: list[BackendProcess] = []

    def start() -> BackendProcess:
        backend = BackendProcess.start(
            Path(sys.executable),
            ROOT,
            place / f"backend-{len(started)}.log",
            {"MIEN_WORK_FOLDER": str(place / "work")} | UNCACHED,
            program=("-m", "tests.backend.brightness_backend"),
        )
        started.append(backend)
        backend.wait_until_ready(30)
        return backend

    yield start
    for backend in started:
        backend.stop()


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """For tests that end their backends, or look at all that one keeps."""
    with backends(tmp_path) as launch:
        yield launch


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backend")


@pytest.fixture(scope="module")
def backend(place: Path) -> Iterator[BackendProcess]:
    """For all the others."""
    with backends(place) as launch:
        yield launch()


def direct(clip: bytes, tmp_path: Path, request: TrackRequest = EVERYTHING) -> FaceTrack:
    """What the engine gives without a backend."""
    (tmp_path / "direct.mkv").write_bytes(clip)
    return FaceTrack.joined(*(frames.track for frames in BrightnessClips().track(tmp_path / "direct.mkv", request)))


def assert_same(track: FaceTrack, other: FaceTrack) -> None:
    for name in ("times", "values", "confidence"):
        assert np.array_equal(getattr(track, name), getattr(other, name)), name


def times_of(pieces: tuple[TrackedFrames, ...]) -> list[float]:
    return [time for frames in pieces for time in frames.track.times.tolist()]


def wait_for_frames(job: TrackJob, count: int = 1) -> None:
    wait_for(lambda: len(job.track().times) >= count, seconds=20)


def kill(backend: BackendProcess) -> None:
    os.kill(backend._process.pid, signal.SIGKILL)


class TestFollowing:
    def test_the_track_is_the_engines_to_the_last_bit(self, backend: BackendProcess, tmp_path: Path) -> None:
        job = track_clip_job(backend.client, QUICK, EVERYTHING)
        assert_same(job.result(), direct(QUICK, tmp_path))
        assert job.step() is JobState.DONE
        assert job.clip.width == 32
        assert (job.progress.done, job.progress.total) == (FRAMES, FRAMES)

    def test_each_frame_is_handed_out_once_while_it_runs(self, backend: BackendProcess) -> None:
        job = track_clip_job(backend.client, SLOW, EVERYTHING)
        looks = []
        while job.step() is JobState.RUNNING:
            looks.append(job.new_frames())
            time.sleep(0.02)
        looks.append(job.new_frames())
        assert len([look for look in looks if look]) > 5
        assert [moment for look in looks for moment in times_of(look)] == job.result().times.tolist()
        assert job.new_frames() == ()

    def test_words_tell_how_far_it_is(self, backend: BackendProcess) -> None:
        job = track_clip_job(backend.client, SLOW, EVERYTHING)
        wait_for(lambda: job.progress.done > 20)
        words = job.words
        assert words.startswith("Tracking, frame ")
        assert words.endswith(" s left")
        assert f" of {FRAMES}, " in words
        assert " a second, " in words
        job.cancel()

    def test_looking_never_waits(self, backend: BackendProcess) -> None:
        job = track_clip_job(lambda: time.sleep(3) or backend.client(), SLOW, EVERYTHING)
        start = time.perf_counter()
        for _ in range(100):
            job.step(), job.new_frames(), job.words, job.progress, job.track()
        job.cancel()
        assert time.perf_counter() - start < 2

    def test_a_file_and_a_folder_of_pictures(self, backend: BackendProcess, tmp_path: Path) -> None:
        (tmp_path / "clip.mkv").write_bytes(QUICK)
        assert_same(track_clip_job(backend.client, tmp_path / "clip.mkv", EVERYTHING).result(), direct(QUICK, tmp_path))
        shot = tmp_path / "shot"
        shot.mkdir()
        (shot / "notes.txt").write_text("not a picture", encoding="utf-8")
        for number in (1, 2, 10):
            (shot / f"frame{number}.png").write_bytes(png(brightness=brightness_at(number)))
        track = track_clip_job(backend.client, shot, EVERYTHING).result()
        assert [round(255 * jaw) for jaw in track.channel("jawOpen")] == [
            brightness_at(number) for number in (1, 2, 10)
        ]

    def test_the_backend_knows_the_clip_by_the_name_of_its_file(self, backend: BackendProcess, tmp_path: Path) -> None:
        (tmp_path / "take 3.mkv").write_bytes(QUICK)
        track_clip_job(backend.client, tmp_path / "take 3.mkv", EVERYTHING).result()
        status = backend.client().jobs()[-1]
        assert (status.title, status.phase) == ("take 3.mkv", JobPhase.DONE)

    def test_several_clips_wait_for_each_other(self, backend: BackendProcess) -> None:
        first = track_clip_job(backend.client, SLOW, EVERYTHING)
        wait_for_frames(first)
        second = track_clip_job(backend.client, QUICK, EVERYTHING)
        wait_for(lambda: second.words == "Waiting for 1 other clip")
        assert len(second.result().times) == FRAMES
        assert first.step() is JobState.DONE


class TestFailing:
    def test_what_the_engine_says(self, backend: BackendProcess) -> None:
        job = track_clip_job(backend.client, clip_bytes(width=UNWILLING_WIDTH), EVERYTHING)
        with pytest.raises(EngineError, match="out of breath"):
            job.result()
        assert job.step() is JobState.FAILED
        assert len(job.track().times) == GOOD_FRAMES

    @pytest.mark.parametrize("name", ["nowhere.mp4", "empty"])
    def test_what_cannot_be_sent(self, backend: BackendProcess, tmp_path: Path, name: str) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(InputError, match=name):
            track_clip_job(backend.client, tmp_path / name, EVERYTHING).result()

    def test_a_refusal_reaches_whoever_still_sends(self, backend: BackendProcess, tmp_path: Path) -> None:
        huge = tmp_path / "huge.mov"
        with huge.open("wb") as file:
            file.truncate(50_000_000_000)  # takes no room on the disk
        with pytest.raises(TooLargeError, match="larger than 40000 MB"):
            track_clip_job(backend.client, huge, EVERYTHING).result()

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets one process bound another's files")
    def test_a_full_disk(self, launch: Launch, tmp_path: Path) -> None:
        backend = launch()
        bound_files(backend._process.pid, 1_000_000)
        with pytest.raises(BackendError, match=r"disk .* is full\. Free some space"):
            track_clip_job(backend.client, QUICK + bytes(2_000_000), EVERYTHING).result()
        assert files_of(tmp_path / "work") == ["guard"]
        assert len(track_clip_job(backend.client, QUICK, EVERYTHING).result().times) == FRAMES

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets one process bound another's files")
    def test_a_disk_that_fills_up_while_frames_come(self, launch: Launch, tmp_path: Path) -> None:
        backend = launch()
        (tmp_path / "clip.mkv").write_bytes(SLOW)
        job = track_clip_job(backend.client, tmp_path / "clip.mkv", EVERYTHING)
        wait_for_frames(job, 8)
        bound_files(backend._process.pid, 10_000)
        with pytest.raises(BackendError, match=r"disk .* is full\. Free some space.* \d+ frames are kept"):
            job.result()
        assert 8 <= len(job.track().times) < FRAMES

    def test_the_backend_is_ended(self, launch: Launch, tmp_path: Path) -> None:
        backend = launch()
        job = track_clip_job(backend.client, SLOW, EVERYTHING)
        wait_for_frames(job)
        backend.stop()
        with pytest.raises(BackendError, match=r"was ended\. Start it again.* \d+ frames are kept"):
            job.result()
        assert len(job.track().times) >= 4
        assert files_of(tmp_path / "work") == ["guard"]


class TestResuming:
    @pytest.mark.parametrize("stride", [1, 3])
    def test_a_killed_backend_costs_no_frame(self, launch: Launch, tmp_path: Path, stride: int) -> None:
        request = TrackRequest(start=0.2, end=3.6, stride=stride)
        backend = launch()
        job = track_clip_job(backend.client, SLOW, request)
        wait_for_frames(job, 12)
        kill(backend)
        with pytest.raises(BackendError, match=r"ended .* \d+ frames are kept"):
            job.result()
        whole = direct(SLOW, tmp_path, request)
        came = job.track()
        assert 12 <= len(came.times) < len(whole.times)
        assert_same(came, FaceTrack(*(array[: len(came.times)] for array in vars(whole).values())))
        assert files_of(tmp_path / "work") != ["guard"]

        again = launch()
        resumed = track_clip_job(again.client, SLOW, request, resumed=came)
        assert_same(resumed.result(), whole)
        assert times_of(resumed.new_frames()) == whole.times[len(came.times) :].tolist()
        again.stop()
        assert files_of(tmp_path / "work") == ["guard"], "the killed backend's clip has gone as well"

    def test_resuming_behind_the_last_frame_adds_nothing(self, backend: BackendProcess) -> None:
        whole = track_clip_job(backend.client, QUICK, EVERYTHING).result()
        assert_same(track_clip_job(backend.client, QUICK, EVERYTHING, resumed=whole).result(), whole)

    def test_killed_twice(self, launch: Launch, tmp_path: Path) -> None:
        came = FaceTrack.joined()
        for _ in range(2):
            backend = launch()
            job = track_clip_job(backend.client, SLOW, EVERYTHING, resumed=came)
            wait_for_frames(job, len(came.times) + 12)
            kill(backend)
            job.wait(10)
            came = job.track()
        last = track_clip_job(launch().client, SLOW, EVERYTHING, resumed=came)
        assert_same(last.result(), direct(SLOW, tmp_path))

    def test_another_living_backends_clip_is_left_alone(self, launch: Launch, tmp_path: Path) -> None:
        job = track_clip_job(launch().client, LONG, EVERYTHING)
        wait_for_frames(job)
        before = files_of(tmp_path / "work")
        launch()
        time.sleep(0.2)
        assert files_of(tmp_path / "work") == before == ["clip", "events", "guard"]
        assert job.step() is JobState.RUNNING
        job.cancel()

    def test_a_dropped_connection_is_made_anew_without_a_word(self, backend: BackendProcess, tmp_path: Path) -> None:
        clients = []

        def connect():
            clients.append(backend.client())
            return clients[-1]

        job = track_clip_job(connect, SLOW, EVERYTHING)
        for count in (8, 24, 48):
            wait_for_frames(job, count)
            (connection,) = clients[0]._open
            connection.sock.shutdown(2)
        assert_same(job.result(), direct(SLOW, tmp_path))


class TestCancelling:
    def assert_freed(self, backend: BackendProcess, place: Path) -> None:
        """The backend is soon as if nothing had been asked, and takes the next clip."""
        client = backend.client()
        wait_for(lambda: not [job for job in client.jobs() if not job.phase.is_end])
        wait_for(lambda: set(files_of(place / "work")) <= {"guard", "events"})
        assert len(track_clip_job(backend.client, QUICK, EVERYTHING).result().times) == FRAMES

    def test_before_the_backend_answers(self, backend: BackendProcess, place: Path) -> None:
        begin = threading.Event()
        job = track_clip_job(lambda: begin.wait(5) and backend.client(), SLOW, EVERYTHING)
        job.cancel()
        begin.set()
        with pytest.raises(CancelledError):
            job.result()
        self.assert_freed(backend, place)

    def test_while_it_is_sent(self, backend: BackendProcess, place: Path, tmp_path: Path) -> None:
        clip = tmp_path / "large.mkv"
        with clip.open("wb") as file:
            file.write(SLOW)
            file.truncate(2_000_000_000)
        job = track_clip_job(backend.client, clip, EVERYTHING)
        wait_for(lambda: re.fullmatch(r"Sending the clip, [1-9]\d*%", job.words))
        job.cancel()
        assert job.step() is JobState.CANCELLED
        self.assert_freed(backend, place)

    @pytest.mark.parametrize("delay", [0.0, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08])
    def test_at_any_moment(self, backend: BackendProcess, place: Path, delay: float) -> None:
        job = track_clip_job(backend.client, SLOW, EVERYTHING)
        time.sleep(delay)
        job.cancel()
        self.assert_freed(backend, place)

    def test_while_frames_come(self, backend: BackendProcess, place: Path) -> None:
        job = track_clip_job(backend.client, SLOW, EVERYTHING)
        wait_for_frames(job, 8)
        start = time.perf_counter()
        job.cancel()
        assert time.perf_counter() - start < 2  # of the 8 s that the clip takes
        with pytest.raises(CancelledError):
            job.result()
        assert 8 <= len(job.track().times) < FRAMES
        self.assert_freed(backend, place)

    def test_once_it_is_done(self, backend: BackendProcess) -> None:
        job = track_clip_job(backend.client, QUICK, EVERYTHING)
        job.wait(20)
        job.cancel()
        assert len(job.result().times) == FRAMES


def test_another_client_may_cancel(backend: BackendProcess) -> None:
    job = track_clip_job(backend.client, SLOW, EVERYTHING)
    wait_for_frames(job)
    status = backend.client().jobs()[-1]
    backend.client().cancel_job(status.id)
    with pytest.raises(CancelledError):
        job.result()
    assert job.step() is JobState.CANCELLED
