"""The HTTP interface over a real socket."""

import http.client
import json
import logging
import re
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from opentelemetry import trace

from blender_addon.core.errors import (
    EngineError,
    NoFaceError,
    TimeLimitError,
    TooLargeError,
)
from blender_addon.core.wire import PROTOCOL_VERSION
from inference_backend.limits import Limits

from .brightness_engine import BROKEN_WIDTH, SLOW_SECONDS, SLOW_WIDTH, UNWILLING_WIDTH
from .conftest import TOKEN, RunningServer
from .pictures import BAD_PICTURES, png

StartServer = Callable[[Limits], RunningServer]
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def ask(
    server: RunningServer, method: str, path: str, headers: Mapping[str, str] = BEARER, body: object = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, body, dict(headers))
        reply = connection.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
    finally:
        connection.close()


def error_of(body: bytes) -> dict[str, str]:
    content = json.loads(body)
    assert set(content) == {"error"}
    assert set(content["error"]) == {"code", "message", "hint"}
    assert content["error"]["message"].endswith(".")
    return content["error"]


class TestState:
    def test_health_tells_version_protocol_uptime_and_engines(self, fresh_server: RunningServer) -> None:
        health = fresh_server.client().health()
        assert re.fullmatch(r"\d+\.\d+\.\d+", health.version)
        assert health.protocol == PROTOCOL_VERSION
        assert 0 <= health.uptime < 10
        assert health.engines == {"brightness": "ready"}

    def test_engines_are_listed_as_they_describe_themselves(self, server: RunningServer) -> None:
        (engine,) = server.client().engines()
        assert engine == server.engine.status()

    def test_an_engine_that_has_worked_is_loaded(self, fresh_server: RunningServer) -> None:
        fresh_server.client().estimate_image(png())
        assert fresh_server.client().health().engines == {"brightness": "loaded"}


class TestEstimate:
    def test_faces_come_back_as_the_engine_gave_them(self, server: RunningServer) -> None:
        estimate = server.client().estimate_image(png(width=40, height=20, brightness=204))
        assert (estimate.engine, estimate.width, estimate.height) == ("brightness", 40, 20)
        assert [round(face.pose["jawOpen"], 3) for face in estimate.faces] == [0.8, 0.4]
        assert estimate.faces[0].description.expression == "open mouth"

    def test_no_more_faces_than_asked_for(self, server: RunningServer) -> None:
        assert len(server.client().estimate_image(png(), engine="brightness", max_faces=1).faces) == 1

    def test_an_unknown_engine_is_named_with_those_there_are(self, server: RunningServer) -> None:
        with pytest.raises(EngineError, match=r"no engine named 'sun'.*brightness"):
            server.client().estimate_image(png(), engine="sun")

    def test_what_the_engine_says_reaches_the_client(self, server: RunningServer) -> None:
        with pytest.raises(EngineError, match=r"out of breath\. Let it rest\."):
            server.client().estimate_image(png(width=UNWILLING_WIDTH))

    def test_one_connection_can_be_used_again_without_delay(self, server: RunningServer) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        seconds = []
        for _ in range(15):
            start = time.perf_counter()
            connection.request("GET", "/v1/health", headers=BEARER)
            assert connection.getresponse().read()
            seconds.append(time.perf_counter() - start)
        connection.close()
        assert statistics.median(seconds) < 0.03  # Nagle's delay would make it 0.04


class TestBadInput:
    @pytest.mark.parametrize("fault", BAD_PICTURES)
    def test_each_gets_a_clear_sentence(self, server: RunningServer, fault: str) -> None:
        data, code, words = BAD_PICTURES[fault]
        status, _, body = ask(server, "POST", "/v1/estimate", body=data)
        assert 400 <= status < 500
        error = error_of(body)
        assert error["code"] == code
        assert words in error["message"]
        assert error["hint"]

    def test_a_picture_without_a_face_is_its_own_error_for_clients(self, server: RunningServer) -> None:
        with pytest.raises(NoFaceError):
            server.client().estimate_image(png(brightness=0))

    @pytest.mark.parametrize("query", ["max_faces=0", "max_faces=9999", "max_faces=many"])
    def test_wrong_parameters_are_named(self, server: RunningServer, query: str) -> None:
        status, _, body = ask(server, "POST", f"/v1/estimate?{query}", body=png())
        assert status == 422
        assert "max_faces" in error_of(body)["message"]

    def test_nothing_there(self, server: RunningServer) -> None:
        status, _, body = ask(server, "GET", "/v1/nothing")
        assert (status, error_of(body)["code"]) == (404, "bad_input")

    def test_wrong_method(self, server: RunningServer) -> None:
        status, headers, body = ask(server, "GET", "/v1/estimate")
        assert (status, headers["allow"]) == (405, "POST")
        assert "GET" in error_of(body)["message"]

    def test_a_bug_is_told_plainly_and_logged_in_full(
        self, server: RunningServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            status, _, body = ask(server, "POST", "/v1/estimate", body=png(width=BROKEN_WIDTH))
            assert server.client().health()  # the log comes after the reply
        assert status == 500
        assert "secret" not in body.decode()
        assert "log" in error_of(body)["hint"]
        assert "ZeroDivisionError: a bug with a secret in it" in caplog.text
        assert TOKEN not in caplog.text


class TestAccess:
    def refused(self, server: RunningServer, headers: Mapping[str, str], path: str = "/v1/health") -> int:
        status, reply_headers, body = ask(server, "GET", path, headers)
        assert error_of(body)["code"] == "access"
        assert not [name for name in reply_headers if name.startswith("access-control")]
        return status

    @pytest.mark.parametrize(
        "authorization",
        ["Bearer wrong", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer", f"Basic {TOKEN}", "", "Bearer é"],
    )
    @pytest.mark.parametrize("path", ["/v1/health", "/v1/engines", "/v1/estimate", "/", "/nothing"])
    def test_no_path_opens_without_the_token(self, server: RunningServer, authorization: str, path: str) -> None:
        assert self.refused(server, {"Authorization": authorization}, path) == 401

    def test_no_token_at_all(self, server: RunningServer) -> None:
        assert self.refused(server, {}) == 401

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "evil.example:{port}",
            "127.0.0.1",
            "127.0.0.1:1",
            "localhost.evil.example:{port}",
            "[::1]:{port}",
            "",
        ],
    )
    @pytest.mark.parametrize("path", ["/v1/health", "/v1/docs"])
    def test_a_foreign_host_is_refused(self, server: RunningServer, host: str, path: str) -> None:
        assert self.refused(server, {**BEARER, "Host": host.format(port=server.port)}, path) == 403

    @pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}"])
    def test_the_names_of_this_computer_pass(self, server: RunningServer, host: str) -> None:
        status, _, _ = ask(server, "GET", "/v1/health", {**BEARER, "Host": host.format(port=server.port)})
        assert status == 200

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:{port}", ""])
    def test_any_origin_is_refused(self, server: RunningServer, origin: str) -> None:
        assert self.refused(server, {**BEARER, "Origin": origin.format(port=server.port)}) == 403

    @pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site"])
    def test_requests_from_pages_are_refused(self, server: RunningServer, site: str) -> None:
        assert self.refused(server, {**BEARER, "Sec-Fetch-Site": site}) == 403

    def test_a_preflight_gets_no_permission(self, server: RunningServer) -> None:
        headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        status, reply_headers, _ = ask(server, "OPTIONS", "/v1/estimate", headers)
        assert status == 403
        assert not [name for name in reply_headers if name.startswith("access-control")]

    def test_a_refused_picture_never_reaches_the_engine(self, fresh_server: RunningServer) -> None:
        status, _, _ = ask(fresh_server, "POST", "/v1/estimate", {"Authorization": "Bearer wrong"}, png())
        assert (status, fresh_server.engine.estimates) == (401, 0)

    def test_only_the_loopback_is_listened_on(self, server: RunningServer) -> None:
        name = socket.gethostbyname(socket.gethostname())
        other = name if not name.startswith("127.0.0.1") else "127.0.0.2"
        with (
            pytest.raises(OSError, match=r"refused|timed out|unreachable"),
            socket.create_connection((other, server.port), 1),
        ):
            pass


class TestDocumentation:
    def test_the_page_shows_every_address_and_loads_nothing(self, server: RunningServer) -> None:
        status, headers, body = ask(server, "GET", "/v1/docs", {})
        page = body.decode()
        assert status == 200
        assert "default-src 'none'" in headers["content-security-policy"]
        for address in ("GET /v1/health", "GET /v1/engines", "POST /v1/estimate", "max_faces"):
            assert address in page
        assert not re.findall(r"<script|https?://|src=", page)

    def test_the_openapi_document_describes_body_and_errors(self, server: RunningServer) -> None:
        _, _, body = ask(server, "GET", "/v1/openapi.json", {})
        estimate = json.loads(body)["paths"]["/v1/estimate"]["post"]
        assert "application/octet-stream" in estimate["requestBody"]["content"]
        assert {"4XX", "5XX"} <= set(estimate["responses"])

    def test_replies_are_as_documented(self, server: RunningServer) -> None:
        _, _, document = ask(server, "GET", "/v1/openapi.json", {})
        for method, path, body in (
            ("get", "/v1/health", None),
            ("get", "/v1/engines", None),
            ("post", "/v1/estimate", png()),
        ):
            documented = json.loads(document)["paths"][path][method]["responses"]["200"]
            _, _, reply = ask(server, method.upper(), path, body=body)
            check_shape(json.loads(reply), documented["content"]["application/json"]["schema"])

    def test_frameworks_own_pages_are_off(self, server: RunningServer) -> None:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert ask(server, "GET", path)[0] == 404


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
            ("GET /v1/health HTTP/1.1\r\n\r\n", "Host"),
            ("GET /v1/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "Host"),
            ("hello\r\n\r\n", "not valid HTTP"),
            ("\x16\x03\x01\x02\r\n\r\n", "not valid HTTP"),
            ("POST /v1/estimate HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", "Content-Length"),
            ("GET / HTTP/1.1\r\nX: " + "a" * 200_000, "not valid HTTP"),
        ],
    )
    def test_what_is_not_http_is_told_in_the_same_shape(
        self, server: RunningServer, request_head: str, words: str
    ) -> None:
        status, body = said_to(server, request_head.encode("latin-1"))
        assert 400 <= status < 500
        error = error_of(body)
        assert error["code"] == "bad_input"
        assert words in error["message"]

    @pytest.mark.parametrize("begun", [b"", b"GET /v1/health HT"])
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


class _Collector(trace.TracerProvider):
    """Stands where a program's own telemetry would, and notes who asks for it."""

    def __init__(self) -> None:
        self.asked_by: list[str] = []

    def get_tracer(self, instrumenting_module_name: str, *args: object, **kwargs: object) -> trace.Tracer:
        self.asked_by.append(instrumenting_module_name)
        return trace.NoOpTracer()


def test_the_framework_reports_to_no_collector(start_server: StartServer) -> None:
    collector = _Collector()
    trace.set_tracer_provider(collector)  # the process keeps it; without an exporter it does nothing
    assert start_server(Limits()).client().estimate_image(png()).faces
    assert collector.asked_by == []


class TestSharing:
    def test_the_server_answers_while_an_engine_works(self, fresh_server: RunningServer) -> None:
        with request_under_way(fresh_server, body=png(width=SLOW_WIDTH)):
            wait_for(lambda: fresh_server.engine.estimates == 1)
            start = time.perf_counter()
            fresh_server.client().health()
            assert time.perf_counter() - start < SLOW_SECONDS / 2

    def test_requests_that_went_away_do_not_hold_up_the_next(self, fresh_server: RunningServer) -> None:
        with request_under_way(fresh_server, body=png(width=SLOW_WIDTH)):
            wait_for(lambda: fresh_server.engine.estimates == 1)
            for _ in range(6):  # more than there are threads to wait in
                with request_under_way(fresh_server, body=png(width=SLOW_WIDTH)):
                    time.sleep(0.02)
            start = time.perf_counter()
            assert fresh_server.client().estimate_image(png()).faces
            assert time.perf_counter() - start < 2 * SLOW_SECONDS
        assert fresh_server.engine.estimates == 2

    def test_callers_at_the_same_time_each_get_their_own(self, server: RunningServer) -> None:
        found: dict[int, float] = {}

        def ask_for(brightness: int) -> None:
            estimate = server.client().estimate_image(png(brightness=brightness))
            found[brightness] = estimate.faces[0].pose["jawOpen"]

        threads = [threading.Thread(target=ask_for, args=(brightness,)) for brightness in range(50, 250, 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert found == {brightness: pytest.approx(brightness / 255, abs=1e-4) for brightness in range(50, 250, 10)}

    def test_a_client_that_leaves_while_it_sends_is_forgotten(self, server: RunningServer) -> None:
        with request_under_way(server, announced=1000, sent=b"half"):
            pass
        assert server.client().estimate_image(png()).faces


def check_shape(value: object, schema: Mapping[str, Any]) -> None:
    """Types, and in objects exactly the documented members."""
    kinds = {"object": dict, "array": list, "string": str, "number": (int, float), "integer": int}
    assert isinstance(value, kinds[schema["type"]])
    if isinstance(value, dict) and "required" in schema:
        assert list(value) == schema["required"]
        for name, member in value.items():
            check_shape(member, schema["properties"][name])
    elif isinstance(value, dict):
        for name, member in value.items():
            check_shape(member, schema.get("properties", {}).get(name, {"type": "string"}))
    elif isinstance(value, list):
        for member in value:
            check_shape(member, schema["items"])


@contextmanager
def request_under_way(
    server: RunningServer, *, body: bytes = b"", announced: int | None = None, sent: bytes | None = None
) -> Iterator[socket.socket]:
    """A request to estimate, sent by hand; the client goes away at the end without waiting for the reply."""
    head = (
        f"POST /v1/estimate HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Length: {len(body) if announced is None else announced}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + (body if sent is None else sent))
        yield connection


def wait_for(condition: Callable[[], bool], *, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
