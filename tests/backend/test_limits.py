"""Clients that ask for too much, send too slowly, or do not speak HTTP."""

import http.client
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from blender_addon.core.errors import TimeLimitError, TooLargeError
from inference_backend.limits import Limits

from .asking import BEARER, ask, error_of, request_under_way, wait_for
from .brightness_engine import SLOW_SECONDS, SLOW_WIDTH
from .conftest import TOKEN, RunningServer
from .pictures import png

CHUNKED = (
    "POST /v1/estimate HTTP/1.1\r\nHost: localhost:PORT\r\n"
    f"Authorization: Bearer {TOKEN}\r\nTransfer-Encoding: chunked\r\n\r\n"
)

StartServer = Callable[[Limits], RunningServer]


def said_to(server: RunningServer, data: bytes) -> tuple[int, bytes]:
    """The status and the body of the reply to some bytes, once the server has closed the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(data)
        reply = http.client.HTTPResponse(connection)
        reply.begin()
        body = reply.read()
        with suppress(ConnectionResetError):  # what was sent beyond the fault is not read
            assert connection.recv(1) == b""
    return reply.status, body


def chunks_taken(connection: socket.socket, chunk: bytes, *, most: int) -> int:
    """How many can be sent until the connection is closed."""
    for count in range(most):
        try:
            connection.sendall(chunk)
        except ConnectionError:
            return count
    return most


class TestBelowTheApp:
    """What uvicorn itself refuses, before the app sees it."""

    @pytest.mark.parametrize(
        ("request_head", "words"),
        [
            ("hello\r\n\r\n", "not valid HTTP"),
            ("\x16\x03\x01\x02\r\n\r\n", "not valid HTTP"),
            ("POST /v1/estimate HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", "Content-Length"),
            ("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "Content-Length"),
            ("GET http://[ HTTP/1.1\r\n\r\n", "address"),
            ("GET http://evil.example HTTP/1.1\r\n\r\n", "address"),
            ("CONNECT 127.0.0.1:80 HTTP/1.1\r\n\r\n", "address"),
            ("POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}", "Upgrade"),
            ("GET / HTTP/1.1\r\nX: " + "a" * 200_000, "headers are too long"),
            ("GET / HTTP/1.1\r\n" + "X: a\r\n" * 60_000, "headers are too long"),
            (CHUNKED + "3\r\nabc\r\n0\r\nX: a\r\n\r\n", "headers behind the body"),
        ],
    )
    def test_what_is_not_http_is_told_in_the_same_shape(
        self, server: RunningServer, request_head: str, words: str
    ) -> None:
        status, body = said_to(server, request_head.replace("PORT", str(server.port)).encode("latin-1"))
        assert 400 <= status < 500
        error = error_of(body)
        assert error["code"] == "bad_input"
        assert words in error["message"]

    @pytest.mark.parametrize("begun", [b"", b"GET /v1/health HT", b"\r\n", b"\r"])
    def test_headers_that_do_not_arrive(self, start_server: StartServer, begun: bytes) -> None:
        status, body = said_to(start_server(Limits(head_seconds=0.2)), begun)
        assert (status, error_of(body)["code"]) == (408, "time_limit")

    def test_a_connection_that_has_been_used_may_rest(self, start_server: StartServer) -> None:
        server = start_server(Limits(head_seconds=0.2))
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        for _ in range(2):
            connection.request("GET", "/v1/health", headers=BEARER)
            assert connection.getresponse().read()
            time.sleep(0.4)
        assert connection.sock is not None, "the server has not asked to close"
        connection.close()

    def test_a_used_connection_on_which_only_a_blank_line_comes(self, start_server: StartServer) -> None:
        server = start_server(Limits(head_seconds=0.2))
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/v1/health", headers=BEARER)
        assert connection.getresponse().read()
        connection.sock.sendall(b"\r\n")
        reply = http.client.HTTPResponse(connection.sock)
        reply.begin()
        assert reply.status == 408
        connection.close()

    def test_a_wish_for_another_protocol_is_not_heeded(self, server: RunningServer) -> None:
        headers = {**BEARER, "Connection": "Upgrade", "Upgrade": "websocket"}
        status, told, _ = ask(server, "GET", "/v1/health", headers)
        assert (status, told["connection"]) == (200, "close")

    @pytest.mark.parametrize("behind", ["hello\r\n\r\n", "GET / HTTP/1.1\r\nX: " + "a" * 200_000, "GET /v1/he"])
    def test_what_comes_behind_a_request_does_not_spoil_its_reply(self, start_server: StartServer, behind: str) -> None:
        server = start_server(Limits(head_seconds=0.3))
        body = png(width=SLOW_WIDTH)
        with request_under_way(server, body=body, sent=body + behind.encode()) as connection:
            reply = http.client.HTTPResponse(connection)
            reply.begin()
            assert reply.status == 200
            assert b"faces" in reply.read()

    def test_headers_and_body_of_a_reply_come_at_once(self, server: RunningServer) -> None:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(f"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
            first_bytes = connection.recv(65536)
        assert first_bytes.startswith(b"HTTP/1.1 401")
        assert first_bytes.endswith(b"}}")

    def test_an_address_with_a_stroke_too_many_is_told_in_the_same_shape(self, server: RunningServer) -> None:
        status, _, body = ask(server, "GET", "/v1/health/")
        assert status == 404
        assert error_of(body)

    @pytest.mark.parametrize(("token", "status"), [("wrong", 401), (TOKEN, 413)])
    def test_a_refused_upload_is_not_received(self, start_server: StartServer, token: str, status: int) -> None:
        server = start_server(Limits(body_bytes=1_000_000))
        head = (
            f"POST /v1/estimate HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {token}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(head.encode())
            assert chunks_taken(connection, chunk, most=200) < 100  # and most of them by the buffers of the system
            reply = http.client.HTTPResponse(connection)
            reply.begin()
            assert (reply.status, reply.getheader("connection")) == (status, "close")
            assert error_of(reply.read())


class TestLimits:
    def test_an_announced_body_beyond_the_limit(self, start_server: StartServer) -> None:
        server = start_server(Limits(body_bytes=1_000_000))
        with pytest.raises(TooLargeError, match=r"larger than 1 MB"):
            server.client().estimate_image(b"x" * 1_000_001)
        assert server.client().estimate_image(png()).faces

    def test_a_body_that_does_not_tell_its_size(self, start_server: StartServer) -> None:
        server = start_server(Limits(body_bytes=1_000_000))
        status, _, body = ask(server, "POST", "/v1/estimate", body=(b"x" * 100_000 for _ in range(20)))
        assert (status, error_of(body)["code"]) == (413, "too_large")
        assert server.client().estimate_image(png()).faces

    def test_a_body_of_exactly_the_limit_is_read(self, start_server: StartServer) -> None:
        picture = png()
        server = start_server(Limits(body_bytes=len(picture)))
        assert server.client().estimate_image(picture).faces

    def test_a_client_that_does_not_send_what_it_announced(self, start_server: StartServer) -> None:
        server = start_server(Limits(upload_seconds=0.3))
        with request_under_way(server, announced=100, sent=b"some") as connection:
            reply = http.client.HTTPResponse(connection)
            reply.begin()
            assert (reply.status, error_of(reply.read())["code"]) == (408, "time_limit")

    def test_work_beyond_the_time_limit(self, start_server: StartServer) -> None:
        server = start_server(Limits(work_seconds=SLOW_SECONDS / 4))
        start = time.perf_counter()
        with pytest.raises(TimeLimitError, match="not read within"):
            server.client().estimate_image(png(width=SLOW_WIDTH))
        assert time.perf_counter() - start < SLOW_SECONDS

    def test_the_engine_serves_again_after_work_beyond_the_limit(self, start_server: StartServer) -> None:
        server = start_server(Limits(work_seconds=SLOW_SECONDS / 4))
        with pytest.raises(TimeLimitError):
            server.client().estimate_image(png(width=SLOW_WIDTH))
        with pytest.raises(TimeLimitError, match=r"in use for too long|not read within"):
            server.client().estimate_image(png())
        time.sleep(SLOW_SECONDS)
        assert server.client().estimate_image(png()).faces

    def test_a_rested_engine_gives_its_memory_back_and_loads_again(self, start_server: StartServer) -> None:
        server = start_server(Limits(idle_seconds=0.2))
        server.client().estimate_image(png())
        assert server.engine.loaded
        wait_for(lambda: not server.engine.loaded)
        assert server.client().estimate_image(png()).faces
