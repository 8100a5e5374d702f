"""A script through client, job and the real backend."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from blender_addon.client import transport
from blender_addon.client.job import JobState, perform_script_job
from blender_addon.client.launcher import BackendProcess
from blender_addon.core.errors import CancelledError, EngineError, InputError
from blender_addon.core.wire import PerformRequest
from tests.backend.asking import wait_for

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendProcess]:
    backend = BackendProcess.start(Path(sys.executable), ROOT, tmp_path_factory.mktemp("log") / "backend.log")
    backend.wait_until_ready(30)
    yield backend
    backend.stop()


def test_a_job_performs_a_script(backend: BackendProcess) -> None:
    job = perform_script_job(backend.client, PerformRequest("She smiles, then looks down.", duration=3.0))
    performance = job.result()
    assert performance.duration == 3.0
    assert max(keyframe.channels.get("mouthSmileLeft", 0.0) for keyframe in performance.keyframes) > 0.4
    assert job.words == "Performing the script"


def test_a_job_raises_what_the_backend_said(backend: BackendProcess) -> None:
    job = perform_script_job(backend.client, PerformRequest("   "))
    with pytest.raises(InputError, match="The script is empty"):
        job.result()
    assert job.step() is JobState.FAILED
    with pytest.raises(EngineError, match="nowhere"):
        backend.client().perform(PerformRequest("She smiles.", engine="nowhere"))


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendProcess]:
    """A backend with an engine that takes as long as it is asked to."""
    folder = tmp_path_factory.mktemp("patient")
    backend = BackendProcess.start(
        Path(sys.executable),
        ROOT,
        folder / "backend.log",
        {"MIEN_WORK_FOLDER": str(folder / "work")},
        program=("-m", "tests.backend.brightness_backend"),
    )
    backend.wait_until_ready(30)
    yield backend
    backend.stop()


def slow_request(seconds: float) -> PerformRequest:
    return PerformRequest("She smiles.", duration=seconds, engine="patient")


def test_cancelling_frees_a_slow_engine(patient: BackendProcess) -> None:
    jobs = [perform_script_job(patient.client, slow_request(60.0)) for _ in range(2)]
    wait_for(lambda: any(job.words == "Waiting for 1 other script" for job in jobs))
    for job in jobs:
        job.cancel()
        with pytest.raises(CancelledError):
            job.result()
    start = time.perf_counter()
    assert perform_script_job(patient.client, slow_request(0.5)).result().duration == 0.5
    assert time.perf_counter() - start < 5


def test_silence_of_a_slow_engine_is_no_fault(patient: BackendProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_SILENCE_SECONDS", 0.1)
    assert perform_script_job(patient.client, slow_request(1.0)).result().duration == 1.0
