"""A backend that a team shares: one token for every launch, behind a proxy that speaks TLS."""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from blender_addon.client import address
from blender_addon.client.remote_backend import RemoteBackend
from blender_addon.core.errors import AccessError, BackendError
from tests.carriers import astronaut_photo, face_model_file

ROOT = Path(__file__).parents[2]
CERTIFICATE = ROOT / "tests" / "backend" / "localhost.pem"
"""Made for these tests and trusted nowhere else, with its key: `openssl req -x509 -nodes`, for localhost."""
TOKEN = "a-token-that-everybody-in-the-studio-has"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    return path


@contextmanager
def shared_backend(*options: str) -> Iterator[int]:
    """The port of a backend started by hand."""
    command = [sys.executable, "-m", "inference_backend", "serve", "--port", "0", *options]
    environment = {**os.environ, "MIEN_FACE_MODEL": str(face_model_file())}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        greeting = [process.stdout.readline() for _ in range(3)]
        assert TOKEN not in "".join(greeting)
        yield int(greeting[0].split("127.0.0.1:")[1].split("/")[0])
    finally:
        process.terminate()
        process.communicate(timeout=10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def tls_proxy(port: int, inner_port: int) -> Iterator[None]:
    """Takes the TLS off connections to `port` and passes on what is in them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def serve_one(plain: socket.socket) -> None:
        with (
            suppress(OSError),
            context.wrap_socket(plain, server_side=True) as outer,
            socket.create_connection(("127.0.0.1", inner_port)) as inner,
        ):
            threading.Thread(target=pass_on, args=(inner, outer), daemon=True).start()
            pass_on(outer, inner)

    with closing(socket.create_server(("127.0.0.1", port))) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve_one, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def trusted_certificate(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    address._trusting_this_computers_roots.cache_clear()
    yield
    address._trusting_this_computers_roots.cache_clear()


@pytest.mark.usefixtures("trusted_certificate")
def test_a_photo_is_read_through_tls_by_the_proxys_name(token_file: Path) -> None:
    port = free_port()
    with (
        shared_backend("--read-token", str(token_file), "--public-name", f"LocalHost:{port}") as inner,
        tls_proxy(port, inner),
    ):
        with closing(RemoteBackend(f"https://localhost:{port}/", TOKEN)) as remote:
            client = remote.answering()
            for _ in range(3):  # over kept connections
                (face,) = client.estimate_image(astronaut_photo().read_bytes(), max_faces=1).faces
                assert face.pose["mouthSmileLeft"] > 0.6
        with (
            closing(RemoteBackend(f"https://localhost:{port}", "x" * 40)) as stranger,
            pytest.raises(AccessError, match="token"),
        ):
            stranger.health()


def test_a_certificate_that_nobody_knows_is_told(token_file: Path) -> None:
    port = free_port()
    with (
        shared_backend("--read-token", str(token_file), "--public-name", f"localhost:{port}") as inner,
        tls_proxy(port, inner),
        closing(RemoteBackend(f"https://localhost:{port}", TOKEN)) as remote,
        pytest.raises(BackendError, match=r"certificate of localhost is not trusted"),
    ):
        remote.health()


@pytest.mark.usefixtures("trusted_certificate")
def test_a_name_that_it_was_not_given_is_refused(token_file: Path) -> None:
    port = free_port()
    with (
        shared_backend("--read-token", str(token_file), "--public-name", "elsewhere") as inner,
        tls_proxy(port, inner),
        closing(RemoteBackend(f"https://localhost:{port}", TOKEN)) as remote,
        pytest.raises(AccessError, match="another host"),
    ):
        remote.health()


@pytest.mark.parametrize("content", [None, b"", b"short", b"two words that are long enough together", b"\xff" * 40])
def test_a_token_file_that_holds_none_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    command = [sys.executable, "-m", "inference_backend", "serve", "--port", "0", "--read-token", str(path)]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert outcome.returncode == 1
    assert len(outcome.stderr.splitlines()) == 1
    assert str(path) in outcome.stderr
    assert outcome.stdout == ""
