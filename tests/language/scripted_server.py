"""A real HTTP server that answers as a test says: what a language server does when it is not well."""

import json
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """body: sent as it stands. announced: the length it claims to have, where that is another."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    announced: int | None = None


def chat(text: str | None, *, finish: str = "stop") -> Answer:
    """A well-formed reply with these words."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return Answer(body=json.dumps({"object": "chat.completion", "choices": [choice]}).encode())


def error(status: int, message: str) -> Answer:
    return Answer(status, json.dumps({"error": {"message": message, "type": "x"}}).encode())


Reply = Callable[[dict[str, Any]], Answer]


class ScriptedServer:
    """Answers `/v1/models` with `models`, and each chat request with what `reply` makes of its body."""

    def __init__(self, reply: Reply, *, models: tuple[str, ...] = ("tiny",)) -> None:
        self.reply = reply
        self.models = models
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hanging = threading.Event()
        self.client_left = threading.Event()
        self._closing = threading.Event()
        self._asked_over: socket.socket | None = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path != "/v1/models":
                    return self._send(Answer(404, b"<html>not here</html>"))
                listing = {"object": "list", "data": [{"id": name} for name in server.models]}
                return self._send(Answer(body=json.dumps(listing).encode()))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                server._asked_over = self.connection
                server.requests.append(body)
                server.headers.append({name.lower(): value for name, value in self.headers.items()})
                self._send(server.reply(body))

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                length = len(answer.body) if answer.announced is None else answer.announced
                self.send_header("content-length", str(length))
                self.send_header("connection", "close")
                self.end_headers()
                try:
                    self.wfile.write(answer.body)
                except OSError:
                    server.client_left.set()
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def hang(self, _request: dict[str, Any]) -> Answer:
        """Do not answer until the test is over; then write to whoever may still be there."""
        self.hanging.set()
        self._closing.wait(30)
        return Answer(body=b" " * (1 << 22))

    def is_left(self, *, within_seconds: float) -> bool:
        """Whether whoever asked last closes the connection, at which real servers stop generating."""
        assert self._asked_over is not None
        readable, _, _ = select.select([self._asked_over], [], [], within_seconds)
        try:
            return bool(readable) and self._asked_over.recv(1, socket.MSG_PEEK) == b""
        except ConnectionResetError:
            return True

    def let_go(self) -> None:
        """End the hanging."""
        self._closing.set()

    def close(self) -> None:
        self._closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
