"""The client against servers that misbehave, and against none."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from blender_addon.client.transport import BackendClient
from blender_addon.core.errors import AccessError, BackendError, CancelledError, MienError, TooLargeError


@contextmanager
def server_that(answer: Callable[[socket.socket], None]) -> Iterator[BackendClient]:
    """A client of a server that does just this with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield BackendClient(f"http://127.0.0.1:{listener.getsockname()[1]}", "token")


def replying(status: str, body: str) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + body).encode())

    return answer


def test_a_backend_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(BackendError, match=r"The backend is not running\. Start"):
        BackendClient(f"http://127.0.0.1:{port}", "token").health()


def test_a_backend_that_ends_before_it_answers() -> None:
    with (
        server_that(lambda connection: connection.recv(65536)) as client,
        pytest.raises(BackendError, match="ended before"),
    ):
        client.estimate_image(b"picture")


def test_a_backend_that_ends_within_its_answer() -> None:
    def cut_short(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"faces"')

    with server_that(cut_short) as client, pytest.raises(BackendError, match="ended before"):
        client.estimate_image(b"picture")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[]",
        "null",
        "{}",
        '{"error": 3}',
        '{"faces": [{}]}',
        '{"engine": 1, "width": 1, "height": 1, "faces": [{}]}',
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "500 Oh"])
def test_an_answer_in_no_known_form(status: str, body: str) -> None:
    with server_that(replying(status, body)) as client:
        for ask in (lambda: client.estimate_image(b"picture"), client.health, client.engines):
            with pytest.raises(MienError, match="version"):
                ask()


def test_errors_keep_their_kind_sentence_and_hint() -> None:
    body = '{"error": {"code": "access", "message": "No.", "hint": "Ask again."}}'
    with server_that(replying("401 Unauthorized", body)) as client, pytest.raises(AccessError) as caught:
        client.health()
    assert (caught.value.message, caught.value.hint) == ("No.", "Ask again.")


def test_a_code_that_is_new_to_this_client_is_a_backend_error() -> None:
    body = '{"error": {"code": "tired", "message": "Later.", "hint": ""}}'
    with server_that(replying("503 Later", body)) as client, pytest.raises(BackendError, match="Later"):
        client.health()


def test_a_refusal_that_comes_before_the_whole_picture_is_sent() -> None:
    body = '{"error": {"code": "too_large", "message": "Too large.", "hint": ""}}'

    def refuse_early(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(f"HTTP/1.1 413 No\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass

    with server_that(refuse_early) as client, pytest.raises(TooLargeError):
        client.estimate_image(b"x" * 20_000_000)


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    body = '{"version": "1.0.0", "protocol": 1, "uptime": 1, "engines": {}}'
    with server_that(replying("200 OK", body)) as client:
        assert client.health().version == "1.0.0"


def test_headers_and_body_of_a_small_request_are_sent_at_once() -> None:
    first_bytes = bytearray()

    def take_what_comes_first(connection: socket.socket) -> None:
        first_bytes.extend(connection.recv(65536))

    with server_that(take_what_comes_first) as client, pytest.raises(BackendError):
        client.estimate_image(b"picture")
    assert first_bytes.startswith(b"POST /v1/estimate")
    assert first_bytes.endswith(b"\r\n\r\npicture")


def test_close_wakes_a_request_that_waits() -> None:
    arrived = threading.Event()

    def never_answer(connection: socket.socket) -> None:
        connection.recv(65536)
        arrived.set()
        while connection.recv(65536):
            pass

    with server_that(never_answer) as client:
        threading.Thread(target=lambda: arrived.wait(5) and client.close()).start()
        start = time.perf_counter()
        with pytest.raises(CancelledError):
            client.estimate_image(b"picture")
        assert time.perf_counter() - start < 2


def test_a_closed_client_asks_nothing_more() -> None:
    with server_that(replying("200 OK", "{}")) as client:
        client.close()
        with pytest.raises(CancelledError):
            client.health()


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://127.0.0.1:80", "http://127.0.0.1:x", "http://a/?b"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(BackendError, match="no address"):
        BackendClient(url, "token")
