"""Work on another thread."""

import threading
import time

import pytest

from blender_addon.client.job import Job, JobState, Say
from blender_addon.core.errors import CancelledError, InputError


def test_a_job_gives_its_result() -> None:
    job = Job(lambda say: 42)
    assert job.wait(5) is JobState.DONE
    assert job.result() == 42
    assert job.step() is JobState.DONE


def test_step_never_waits() -> None:
    finish = threading.Event()
    job = Job(lambda say: finish.wait(5))
    start = time.perf_counter()
    assert [job.step() for _ in range(100)] == [JobState.RUNNING] * 100
    assert time.perf_counter() - start < 3  # of 5 s
    assert job.wait(0.01) is JobState.RUNNING
    finish.set()
    assert job.wait(5) is JobState.DONE


def test_the_error_is_raised_where_the_result_is_taken() -> None:
    def fail(say: Say) -> None:
        raise InputError("That is no picture.", "Take another.")

    job = Job(fail)
    assert job.wait(5) is JobState.FAILED
    with pytest.raises(InputError, match="no picture"):
        job.result()


def test_a_bug_keeps_its_traceback() -> None:
    def fail(say: Say) -> float:
        return 1 / 0

    with pytest.raises(ZeroDivisionError) as caught:
        Job(fail).result()
    assert "fail" in [entry.name for entry in caught.traceback]


def test_words_tell_what_is_done() -> None:
    said, go_on = threading.Event(), threading.Event()

    def work(say: Say) -> None:
        say("Reading the face")
        said.set()
        go_on.wait(5)

    job = Job(work)
    assert said.wait(5)
    assert job.words == "Reading the face"
    assert 0 < job.elapsed < 5
    go_on.set()
    job.result()


def test_cancel_ends_the_job_at_once_and_breaks_off_its_wait() -> None:
    broken_off = threading.Event()
    job = Job(lambda say: broken_off.wait(5), on_cancel=broken_off.set)
    job.cancel()
    assert job.step() is JobState.CANCELLED
    assert broken_off.is_set()
    with pytest.raises(CancelledError):
        job.result()


def test_what_comes_after_the_cancel_does_not_count() -> None:
    go_on, left = threading.Event(), threading.Event()
    stopped: list[str] = []

    def work(say: Say) -> int:
        go_on.wait(5)
        try:
            say("Still here")
        except CancelledError:
            stopped.append("by say")
            raise
        finally:
            left.set()
        return 1

    job = Job(work)
    job.cancel()
    go_on.set()
    assert left.wait(5)
    assert stopped == ["by say"]
    assert job.words == ""
    with pytest.raises(CancelledError):
        job.result()


def test_cancel_after_the_end_changes_nothing() -> None:
    calls: list[str] = []
    job = Job(lambda say: "result", on_cancel=lambda: calls.append("cancel"))
    job.wait(5)
    job.cancel()
    assert (job.step(), job.result(), calls) == (JobState.DONE, "result", [])
