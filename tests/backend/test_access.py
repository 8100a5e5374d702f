"""Who is let in."""

import http.client
import socket
from collections.abc import Mapping

import pytest

from .asking import BEARER, ask, error_of
from .conftest import TOKEN, RunningServer
from .pictures import png


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

    @pytest.mark.parametrize(
        "hosts", [[], ["127.0.0.1:{port}", "127.0.0.1:{port}"], ["evil.example", "127.0.0.1:{port}"]]
    )
    def test_one_host_has_to_be_named(self, server: RunningServer, hosts: list[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.putrequest("GET", "/v1/health", skip_host=True)
        for name, value in [*BEARER.items(), *(("Host", host.format(port=server.port)) for host in hosts)]:
            connection.putheader(name, value)
        connection.endheaders()
        reply = connection.getresponse()
        assert (reply.status, error_of(reply.read())["code"]) == (403, "access")
        connection.close()

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
