"""The HTTP interface over a real socket."""

import http.client
import json
import logging
import re
import time
from collections.abc import Callable

import pytest
from opentelemetry import trace

from blender_addon.core.errors import EngineError, NoFaceError
from blender_addon.core.wire import PROTOCOL_VERSION
from inference_backend.limits import Limits

from .asking import BEARER, ask, check_shape, error_of
from .brightness_engine import BROKEN_WIDTH, UNWILLING_WIDTH
from .conftest import TOKEN, RunningServer
from .pictures import BAD_PICTURES, png

StartServer = Callable[[Limits], RunningServer]


class TestState:
    def test_health_tells_version_protocol_uptime_and_engines(self, fresh_server: RunningServer) -> None:
        health = fresh_server.client().health()
        assert re.fullmatch(r"\d+\.\d+\.\d+", health.version)
        assert health.protocol == PROTOCOL_VERSION
        assert 0 <= health.uptime < 10
        assert health.engines == {"brightness": "ready"}
        assert health.memory_bytes > 10_000_000

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
        assert min(seconds) < 0.03  # Nagle's delay would make every one 0.04


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
