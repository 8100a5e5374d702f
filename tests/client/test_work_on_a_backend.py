"""Client, launcher, job and server together: requests that are cancelled, and backends that die under them."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from blender_addon.client.job import JobState, estimate_image_job
from blender_addon.client.launcher import BackendProcess, BackendState
from blender_addon.core.errors import BackendError, CancelledError, InputError, TimeLimitError
from tests.backend.brightness_engine import FATAL_WIDTH, SLOW_SECONDS, SLOW_WIDTH
from tests.backend.pictures import png

ROOT = Path(__file__).parents[2]


def launch(log: Path) -> BackendProcess:
    return BackendProcess.start(Path(sys.executable), ROOT, log, program=("-m", "tests.backend.brightness_backend"))


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendProcess]:
    backend = launch(tmp_path / "backend.log")
    backend.wait_until_ready(20)
    yield backend
    backend.stop()


def test_a_job_waits_for_a_backend_that_is_still_starting(tmp_path: Path) -> None:
    backend = launch(tmp_path / "backend.log")
    try:
        job = estimate_image_job(lambda: backend.wait_until_ready(20), png())
        assert job.words in ("", "Starting the backend")
        assert job.result().faces[0].pose["jawOpen"] == pytest.approx(0.8, abs=1e-3)
        assert job.words == "Reading the face"
    finally:
        backend.stop()


def test_a_job_raises_what_the_backend_said(backend: BackendProcess) -> None:
    job = estimate_image_job(backend.client, b"no picture")
    with pytest.raises(InputError, match="not a picture"):
        job.result()
    assert job.step() is JobState.FAILED


def test_a_backend_that_crashes_under_a_request(backend: BackendProcess, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"ended before it answered\. Start the backend again"):
        backend.client().estimate_image(png(width=FATAL_WIDTH))
    backend._ended.wait(5)
    assert backend.state is BackendState.CRASHED
    assert backend.why_it_ended() == "The backend ended by itself (exit status 3): MemoryError: the last words."
    again = launch(tmp_path / "backend.log")
    assert again.wait_until_ready(20).estimate_image(png()).faces
    again.stop()


def test_a_backend_that_is_killed_under_a_request(backend: BackendProcess) -> None:
    client = backend.client()
    threading.Timer(SLOW_SECONDS / 4, os.kill, (backend._process.pid, signal.SIGKILL)).start()
    with pytest.raises(BackendError, match="ended before it answered"):
        client.estimate_image(png(width=SLOW_WIDTH))


def test_a_backend_that_hangs_is_told_left_and_ended(backend: BackendProcess) -> None:
    client, process = backend.client(), backend._process
    os.kill(process.pid, signal.SIGSTOP)
    job = estimate_image_job(backend.client, png())
    begun = time.monotonic()
    with pytest.raises(TimeLimitError, match="did not answer within 5 s"):
        client.health()
    assert job.step() is JobState.RUNNING
    job.cancel()
    with pytest.raises(CancelledError):
        job.result()
    backend.stop()
    assert time.monotonic() - begun < 8
    assert process.poll() is not None
    assert backend.state is BackendState.STOPPED


def test_stop_does_not_wait_for_work_under_way(backend: BackendProcess) -> None:
    job = estimate_image_job(backend.client, png(width=SLOW_WIDTH))
    time.sleep(SLOW_SECONDS / 4)
    start = time.perf_counter()
    backend.stop()
    assert time.perf_counter() - start < 5
    assert backend.state is BackendState.STOPPED
    assert job.wait(5) in (JobState.DONE, JobState.FAILED)


def test_cancel_closes_the_connection_and_frees_the_backend(backend: BackendProcess) -> None:
    jobs = [estimate_image_job(backend.client, png(width=SLOW_WIDTH)) for _ in range(5)]
    time.sleep(SLOW_SECONDS / 4)
    for job in jobs:
        job.cancel()
        assert job.step() is JobState.CANCELLED
        with pytest.raises(CancelledError):
            job.result()
    start = time.perf_counter()
    assert backend.client().estimate_image(png()).faces
    assert time.perf_counter() - start < 2 * SLOW_SECONDS  # the one at work ends; the four that waited do not begin


def test_cancel_while_the_backend_still_starts(tmp_path: Path) -> None:
    backend = launch(tmp_path / "backend.log")
    try:
        job = estimate_image_job(lambda: backend.wait_until_ready(20), png())
        job.cancel()
        with pytest.raises(CancelledError):
            job.result()
        assert backend.wait_until_ready(20).estimate_image(png()).faces
    finally:
        backend.stop()


def open_connections(backend: BackendProcess) -> list[int]:
    """The local ports of the connections that wait for their next request."""
    return [connection.sock.getsockname()[1] for connection in backend._connections._waiting]


def test_requests_one_after_the_other_share_a_connection(backend: BackendProcess) -> None:
    backend.client().health()
    (port,) = open_connections(backend)
    for _ in range(3):
        assert backend.client().estimate_image(png()).faces
        with pytest.raises(InputError):
            backend.client().estimate_image(b"no picture")
        assert open_connections(backend) == [port]


def test_requests_at_once_each_have_a_connection(backend: BackendProcess) -> None:
    jobs = [estimate_image_job(backend.client, png(width=SLOW_WIDTH)) for _ in range(2)]
    assert all(job.result().faces for job in jobs)
    assert len(set(open_connections(backend))) == 2


def test_a_cancelled_request_takes_its_connection_with_it(backend: BackendProcess) -> None:
    backend.client().health()
    job = estimate_image_job(backend.client, png(width=SLOW_WIDTH))
    time.sleep(SLOW_SECONDS / 4)
    assert open_connections(backend) == []  # it is in use
    job.cancel()
    assert backend.client().estimate_image(png()).faces
    assert len(open_connections(backend)) == 1


def test_a_connection_that_broke_while_it_waited_is_replaced(backend: BackendProcess) -> None:
    backend.client().health()
    (waiting,) = backend._connections._waiting
    waiting.sock.shutdown(socket.SHUT_RDWR)
    assert backend.client().estimate_image(png()).faces


def test_no_connection_outlives_its_backend(backend: BackendProcess) -> None:
    client = backend.client()
    client.health()
    os.kill(backend._process.pid, signal.SIGKILL)
    backend._ended.wait(5)
    assert open_connections(backend) == []
    with pytest.raises(BackendError, match="is not running"):
        client.health()
