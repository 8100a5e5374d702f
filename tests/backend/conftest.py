"""A real server on a real socket, over an engine that needs no model."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from blender_addon.client.transport import BackendClient
from inference_backend.limits import Limits
from inference_backend.script.engine import BuiltInPerformer
from inference_backend.serving import listen, serve

from .brightness_clips import BrightnessClips
from .brightness_engine import BrightnessEngine
from .patient_performer import PatientPerformer

TOKEN = "a-token-of-the-tests"


@dataclass(frozen=True)
class RunningServer:
    port: int
    engine: BrightnessEngine
    clips: BrightnessClips | None = None
    token: str = TOKEN

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> BackendClient:
        return BackendClient(self.url, self.token)


@contextmanager
def servers(*, with_jobs: bool = False) -> Iterator[Callable[[Limits], RunningServer]]:
    """Starts servers; ends them all at the end. with_jobs: they also track clips and perform scripts."""
    ends: list[Callable[[], None]] = []
    threads: list[threading.Thread] = []

    def start(limits: Limits) -> RunningServer:
        engine, clips, ready = BrightnessEngine(), BrightnessClips(), threading.Event()
        listener = listen(0)
        port = listener.getsockname()[1]

        def run() -> None:
            serve(
                listener,
                TOKEN,
                lambda: {"brightness": engine},
                make_script_engines=(lambda: {"performer": BuiltInPerformer(), "patient": PatientPerformer()})
                if with_jobs
                else dict,
                make_clip_engines=(lambda: {"brightness": clips}) if with_jobs else dict,
                limits=limits,
                on_ready=ready.set,
                on_start=ends.append,
            )

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        assert ready.wait(10)
        return RunningServer(port, engine, clips)

    yield start
    for end in ends:
        end()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def start_server() -> Iterator[Callable[[Limits], RunningServer]]:
    """For tests that need limits of their own."""
    with servers() as start:
        yield start


@pytest.fixture
def fresh_server(start_server: Callable[[Limits], RunningServer]) -> RunningServer:
    """For tests that look at what the engine has done."""
    return start_server(Limits())


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """For all the others."""
    with servers() as start:
        yield start(Limits())


@pytest.fixture
def start_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Limits], RunningServer]]:
    """Starts such backends, which keep clips under `tmp_path / "work"`."""
    monkeypatch.setenv("MIEN_WORK_FOLDER", str(tmp_path / "work"))
    with servers(with_jobs=True) as start:
        yield start


@pytest.fixture
def job_server(start_jobs: Callable[[Limits], RunningServer]) -> RunningServer:
    """A backend that also tracks clips and performs scripts."""
    return start_jobs(Limits())
