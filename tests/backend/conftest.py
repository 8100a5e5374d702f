"""A real server on a real socket, over an engine that needs no model."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from blender_addon.client.transport import BackendClient
from inference_backend.limits import Limits
from inference_backend.serving import listen, serve

from .brightness_engine import BrightnessEngine

TOKEN = "a-token-of-the-tests"


@dataclass(frozen=True)
class RunningServer:
    port: int
    engine: BrightnessEngine
    token: str = TOKEN

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> BackendClient:
        return BackendClient(self.url, self.token)


@contextmanager
def servers() -> Iterator[Callable[[Limits], RunningServer]]:
    """Starts servers; ends them all at the end."""
    ends: list[Callable[[], None]] = []
    threads: list[threading.Thread] = []

    def start(limits: Limits) -> RunningServer:
        engine, ready = BrightnessEngine(), threading.Event()
        listener = listen(0)
        port = listener.getsockname()[1]

        def run() -> None:
            serve(
                listener, TOKEN, lambda: {"brightness": engine}, limits=limits, on_ready=ready.set, on_start=ends.append
            )

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        assert ready.wait(10)
        return RunningServer(port, engine)

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
