"""Real backend processes: started, watched, ended, killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blender_addon.client.launcher import BackendProcess, BackendState, fresh_log_path
from blender_addon.core.errors import BackendError

ROOT = Path(__file__).parents[2]
PYTHON = Path(sys.executable)
READY_SECONDS = 20

Start = Callable[..., BackendProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts backends, each with its own log; none is left behind."""
    started: list[BackendProcess] = []

    def begin(*program: str, **changes: object) -> BackendProcess:
        settings = {"package_root": ROOT, "log": tmp_path / f"backend-{len(started)}.log"} | changes
        if program:
            settings["program"] = program
        started.append(BackendProcess.start(PYTHON, **settings))
        return started[-1]

    yield begin
    for backend in started:
        backend.stop()


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return b"State:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()
    except FileNotFoundError:
        return False


def wait_for(condition: Callable[[], bool], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def pid_of(backend: BackendProcess) -> int:
    return backend._process.pid


def test_start_does_not_wait_and_ready_answers(start: Start) -> None:
    backend = start()
    assert backend.state is BackendState.STARTING
    assert backend.why_it_ended() == ""
    client = backend.wait_until_ready(READY_SECONDS)
    assert backend.state is BackendState.READY
    assert client.health().protocol == 1
    assert backend.client().engines()[0].name == "face"


def test_a_client_before_the_backend_is_ready_is_told_so(start: Start) -> None:
    backend = start("-c", "import time; time.sleep(30)")
    with pytest.raises(BackendError, match="still starting"):
        backend.client()
    with pytest.raises(BackendError, match="still starting"):
        backend.wait_until_ready(0.05)


def test_two_at_once_have_their_own_port_token_and_log(start: Start) -> None:
    one, other = start(), start()
    clients = [backend.wait_until_ready(READY_SECONDS) for backend in (one, other)]
    assert clients[0]._address != clients[1]._address
    assert clients[0]._token != clients[1]._token
    assert one.log != other.log
    one.stop()
    assert clients[1].health()
    assert other.state is BackendState.READY


def test_stop_leaves_no_process_and_may_be_repeated(start: Start) -> None:
    backend = start()
    client = backend.wait_until_ready(READY_SECONDS)
    backend.stop()
    backend.stop()
    assert backend.state is BackendState.STOPPED
    assert backend.why_it_ended() == "The backend was stopped."
    assert not Path(f"/proc/{pid_of(backend)}").exists()  # reaped: not even a zombie
    with pytest.raises(BackendError, match="not running"):
        client.health()
    with pytest.raises(BackendError, match="was stopped"):
        backend.client()


def test_stop_ends_a_child_that_does_not_listen(start: Start) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('{}', flush=True); time.sleep(60)"
    )
    backend = start("-c", stubborn)
    before = time.monotonic()
    backend.stop()
    assert time.monotonic() - before < 2
    assert backend.state is BackendState.STOPPED
    assert not Path(f"/proc/{pid_of(backend)}").exists()


def test_stop_is_quick_where_the_child_is_frozen(start: Start) -> None:
    backend = start("-c", "import time; time.sleep(60)")
    os.kill(pid_of(backend), signal.SIGSTOP)
    before = time.monotonic()
    backend.stop()
    assert time.monotonic() - before < 2
    assert not Path(f"/proc/{pid_of(backend)}").exists()


@pytest.mark.parametrize("of_its_own", [False, True])
def test_an_end_is_noticed_where_a_grandchild_holds_the_output(start: Start, of_its_own: bool) -> None:
    leaves_one_behind = (
        "import subprocess, sys;"
        f"left = subprocess.Popen(['sleep', '30'], start_new_session={of_its_own});"
        "sys.exit(f'left {left.pid}')"
    )
    backend = start("-c", leaves_one_behind)
    with pytest.raises(BackendError, match=r"exit status 1\): left \d+"):
        backend.wait_until_ready(READY_SECONDS)
    assert backend.state is BackendState.CRASHED
    grandchild = int(backend.log.read_text().split()[1])
    if of_its_own:
        os.kill(grandchild, signal.SIGKILL)
    wait_for(lambda: not is_alive(grandchild), seconds=5)


def test_a_crash_at_the_start_is_explained_from_the_log(start: Start) -> None:
    backend = start("-c", "raise ModuleNotFoundError('No module named fastapi')")
    with pytest.raises(
        BackendError, match=r"ended by itself \(exit status 1\): ModuleNotFoundError: No module named fastapi\."
    ):
        backend.wait_until_ready(READY_SECONDS)
    assert backend.state is BackendState.CRASHED


def test_a_backend_that_is_not_installed_is_explained(start: Start, tmp_path: Path) -> None:
    backend = start(package_root=tmp_path)
    with pytest.raises(BackendError, match="No module named inference_backend"):
        backend.wait_until_ready(READY_SECONDS)


def test_a_backend_that_is_killed_is_noticed(start: Start) -> None:
    backend = start()
    client = backend.wait_until_ready(READY_SECONDS)
    os.kill(pid_of(backend), signal.SIGKILL)
    wait_for(lambda: backend.state is BackendState.CRASHED, seconds=5)
    assert "signal 9" in backend.why_it_ended()
    with pytest.raises(BackendError, match="not running"):
        client.health()
    backend.stop()
    assert backend.state is BackendState.CRASHED


@pytest.mark.parametrize(
    "line",
    [
        "Hello",
        "[]",
        "[" * 4000,
        "0" * 10_000,
        *(f'{{"port": {port}, "version": "1", "protocol": 1}}' for port in ('"x"', "Infinity", "0", "65536", "8e3")),
    ],
)
def test_a_program_that_is_no_backend_is_ended(start: Start, line: str) -> None:
    backend = start("-c", f"import time; print({line!r}, flush=True); time.sleep(60)")
    with pytest.raises(BackendError, match="no backend of Mien"):
        backend.wait_until_ready(READY_SECONDS)
    assert not is_alive(pid_of(backend))


def test_a_backend_of_another_protocol_is_ended(start: Start) -> None:
    line = '{"port": 1, "version": "9.9.9", "protocol": 999}'
    backend = start("-c", f"import time; print({line!r}, flush=True); time.sleep(60)")
    with pytest.raises(BackendError, match=r"version 9\.9\.9, which does not fit"):
        backend.wait_until_ready(READY_SECONDS)


@pytest.mark.parametrize("words", ["Unknown option: -P", "unknown option -P"])
def test_a_python_that_is_too_old(tmp_path: Path, words: str) -> None:
    python = tmp_path / "python"  # says what Python 3.9 and 3.10 say
    python.write_text(f"#!/bin/sh\necho '{words}' >&2\necho \"Try 'python -h' for more information.\" >&2\nexit 2\n")
    python.chmod(0o755)
    backend = BackendProcess.start(python, ROOT, tmp_path / "log")
    with pytest.raises(BackendError, match=r"too old: it must be 3\.11 or newer"):
        backend.wait_until_ready(READY_SECONDS)
    backend.stop()


def test_a_python_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"can't be started: .*Install"):
        BackendProcess.start(tmp_path / "python", ROOT, tmp_path / "log")


def test_the_token_is_in_no_argument_environment_or_log(start: Start) -> None:
    backend = start()
    backend.wait_until_ready(READY_SECONDS).health()
    token = backend._token.encode()
    for name in ("cmdline", "environ"):
        assert token not in Path(f"/proc/{pid_of(backend)}/{name}").read_bytes()
    backend.stop()
    assert token not in backend.log.read_bytes()
    assert b"Started server process" in backend.log.read_bytes()


def test_what_steers_blenders_python_does_not_reach_the_backend(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nonexistent")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    assert start().wait_until_ready(READY_SECONDS).health()


def test_settings_reach_the_backend_by_its_environment(start: Start, tmp_path: Path) -> None:
    backend = start(environment={"MIEN_FACE_MODEL": str(tmp_path / "elsewhere.task")})
    engine = next(engine for engine in backend.wait_until_ready(READY_SECONDS).engines() if engine.name == "face")
    assert engine.state == "not installed"
    assert "elsewhere.task" in engine.detail


# Starts a backend as Blender would, tells its process and waits to be killed.
_PARENT = """
import sys, time
from pathlib import Path
from blender_addon.client.launcher import BackendProcess
backend = BackendProcess.start(Path(sys.executable), Path.cwd(), Path(sys.argv[1]))
backend.wait_until_ready(20)
print(backend._process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_backend_ends_with_the_program_that_started_it(tmp_path: Path, how: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path / "log")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    backend = int(parent.stdout.readline())
    try:
        assert is_alive(backend)
        parent.send_signal(how)
        parent.wait(5)
        wait_for(lambda: not is_alive(backend), seconds=5)
    finally:
        parent.kill()
        parent.stdout.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(backend, signal.SIGKILL)


def test_an_earlier_log_is_kept_once(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "own.log"
    for words in ("first", "second", "third"):
        start("-c", f"import sys; sys.exit({words!r})", log=log)._ended.wait(READY_SECONDS)
    assert log.read_text().strip() == "third"
    assert (tmp_path / "own.log.previous").read_text().strip() == "second"
    assert len(list(tmp_path.iterdir())) == 2


def test_logs_of_earlier_blenders_do_not_pile_up(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(20):
        log = folder / f"backend-{number}.log"
        log.touch()
        os.utime(log, (number, number))
    own = fresh_log_path(folder)
    assert own.name == f"backend-{os.getpid()}.log"
    assert sorted(log.name for log in folder.iterdir()) == [f"backend-{number}.log" for number in range(15, 20)]


def test_only_own_logs_are_removed(tmp_path: Path) -> None:
    others = [tmp_path / name for name in ("backend-mine.log", "backend-1.log.txt", "my backend-2.log")]
    for path in (*others, *(tmp_path / f"backend-{number}.log" for number in range(10))):
        path.touch()
        os.utime(path, (0, 0))
    fresh_log_path(tmp_path)
    assert all(path.exists() for path in others)
    assert len(list(tmp_path.iterdir())) == len(others) + 5


def test_a_log_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()
    with pytest.raises(BackendError, match="folder of the backend's logs can't be used"):
        fresh_log_path(tmp_path / "logs")
