"""A script through client, job and the real backend."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blender_addon.client.job import JobState, perform_script_job
from blender_addon.client.launcher import BackendProcess
from blender_addon.core.errors import EngineError, InputError
from blender_addon.core.wire import PerformRequest

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
