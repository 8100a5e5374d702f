"""Asks a backend over HTTP. Its errors are the backend's own, or say plainly that it is not there.

Built on the standard library's connection: it knows no proxies, costs less time than a session of
`requests`, and gives the socket away, so that a request under way can be broken off.
"""

import json
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException, HTTPResponse
from ssl import SSLCertVerificationError
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from ..core.clips import TrackRequest
from ..core.errors import BackendError, CancelledError, TimeLimitError
from ..core.performance import Performance
from ..core.wire import (
    DEFAULT_FACES,
    BackendHealth,
    EditReply,
    EditRequest,
    Ended,
    EngineStatus,
    HeadFrame,
    ImageEstimate,
    JobEvent,
    JobStatus,
    PerformRequest,
    edit_reply_from_json,
    edit_request_to_json,
    engine_status_from_json,
    error_from_json,
    event_from_json,
    health_from_json,
    image_estimate_from_json,
    job_status_from_json,
    perform_request_to_json,
    performance_from_json,
    track_request_to_json,
)
from .address import BackendAddress
from .clip_body import ClipBody
from .connections import KeptConnections, WholeRequests

# Longer than the backend's own limits, so that its plainer sentence arrives first.
_REPLY_SECONDS = 120.0
_SLOW_REPLY_SECONDS = 1860.0  # an engine that is asked for by name may be a language model
_STATE_SECONDS = 5.0

# A job may have nothing to tell for long; after this its reader asks whether the backend is still there.
_SILENCE_SECONDS = 30.0
_READ_BYTES = 256 * 1024

_RESTART_HINT = "Start the backend again; its log says more."


class BackendClient:
    """One backend, any number of requests, from any thread.

    url: what stands before "/v1", such as "http://127.0.0.1:8765"; raises BackendError where it is no address.
    kept: connections to it that clients share, one request after the other; closed by whoever made them. Without
        it each request makes a connection of its own.
    advice: what the user may do where the backend is gone.
    """

    def __init__(
        self, url: str, token: str, kept: KeptConnections | None = None, *, advice: str = _RESTART_HINT
    ) -> None:
        self._address = BackendAddress.parse(url)
        self._token = token
        self._kept = kept
        self._advice = advice
        self._open: set[WholeRequests] = set()
        self._closed = False
        self._guard = threading.Lock()

    def health(self) -> BackendHealth:
        """What the backend says of itself."""
        return health_from_json(self._ask("GET", "/v1/health", seconds=_STATE_SECONDS))

    def engines(self) -> tuple[EngineStatus, ...]:
        """The engines, the default one first."""
        reply = self._ask("GET", "/v1/engines", seconds=_STATE_SECONDS)
        try:
            return tuple(engine_status_from_json(engine) for engine in reply["engines"])
        except (KeyError, TypeError) as fault:
            raise _unreadable() from fault

    def estimate_image(
        self,
        data: bytes,
        *,
        engine: str | None = None,
        max_faces: int = DEFAULT_FACES,
        head_frame: HeadFrame = HeadFrame.CAMERA,
    ) -> ImageEstimate:
        """The faces in a picture file's bytes, largest first; raise NoFaceError where there is none."""
        query: dict[str, str | int] = {"max_faces": max_faces, "head_frame": head_frame.value}
        if engine is not None:
            query["engine"] = engine
        seconds = _REPLY_SECONDS if engine is None else _SLOW_REPLY_SECONDS
        path = f"/v1/estimate?{urlencode(query)}"
        return image_estimate_from_json(self._ask("POST", path, body=data, seconds=seconds))

    def perform(self, request: PerformRequest) -> Performance:
        """The script as described keyframes; raise InputError where it cannot be performed."""
        body = json.dumps(perform_request_to_json(request)).encode()
        return performance_from_json(self._ask("POST", "/v1/perform", body=body))

    def read_edits(self, request: EditRequest) -> EditReply:
        """What an order in words comes to; raise InputError where there is none."""
        body = json.dumps(edit_request_to_json(request)).encode()
        return edit_reply_from_json(self._ask("POST", "/v1/edits", body=body))

    def start_track(self, clip: ClipBody, request: TrackRequest, job_id: str) -> JobStatus:
        """Send a clip and have a face followed through it; `job_id`, of the caller's making, names the job from now."""
        query = urlencode({"id": job_id, "title": clip.title, **track_request_to_json(request)})
        headers = {"Content-Type": clip.content_type, "Content-Length": str(clip.size)}
        return job_status_from_json(
            self._ask("POST", f"/v1/jobs/track?{query}", body=clip.blocks, headers=headers, seconds=_REPLY_SECONDS)
        )

    def start_perform(self, request: PerformRequest, job_id: str) -> JobStatus:
        """Have a script performed; as `start_track`."""
        body = json.dumps(perform_request_to_json(request)).encode()
        return job_status_from_json(self._ask("POST", f"/v1/jobs/perform?{urlencode({'id': job_id})}", body=body))

    def jobs(self) -> tuple[JobStatus, ...]:
        """The jobs that the backend keeps."""
        reply = self._ask("GET", "/v1/jobs", seconds=_STATE_SECONDS)
        try:
            return tuple(job_status_from_json(status) for status in reply["jobs"])
        except (KeyError, TypeError) as fault:
            raise _unreadable() from fault

    def cancel_job(self, job_id: str) -> JobStatus:
        """End a job at once, or forget one that has ended."""
        return job_status_from_json(self._ask("DELETE", f"/v1/jobs/{job_id}", seconds=_STATE_SECONDS))

    def events(self, job_id: str, *, after: int = 0) -> Iterator[tuple[int, JobEvent]]:
        """The events behind number `after` with their numbers, as they come, up to the last one.

        Raises TimeLimitError where nothing is told for long, and BackendError where the connection breaks off; either
        may be read on from.
        """
        event: JobEvent | None = None
        path = f"/v1/jobs/{job_id}/events?after={after}"
        with self._answering("GET", path, None, {}, _SILENCE_SECONDS) as response:
            if response.status != 200:
                raise error_from_json(_json_in(response.read()))
            begun = b""
            while data := response.read1(_READ_BYTES):
                *lines, begun = (begun + data).split(b"\n")
                for line in lines:
                    number, event = event_from_json(_json_in(line))
                    yield number, event
        if not isinstance(event, Ended):
            raise BackendError("The backend broke off its answer.", self._advice)

    def reopened(self) -> "BackendClient":
        """A client of the same backend that is not closed."""
        return BackendClient(str(self._address), self._token, advice=self._advice)

    def close(self) -> None:
        """Break off what is under way, from any thread: those requests raise CancelledError, and so do later ones."""
        with self._guard:
            self._closed = True
            connections = tuple(self._open)
        for connection in connections:
            _break_off(connection)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        seconds: float = _REPLY_SECONDS,
    ) -> dict[str, Any]:
        with self._answering(method, path, body, headers, seconds) as response:
            status, content = response.status, _json_in(response.read())
        if status not in (200, 201):
            raise error_from_json(content)
        if not isinstance(content, dict):
            raise _unreadable()
        return content

    @contextmanager
    def _answering(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None,
        headers: Mapping[str, str],
        seconds: float,
    ) -> Iterator[HTTPResponse]:
        """The reply to a request, while it is read. What goes wrong with the connection meanwhile is told plainly."""
        headers = {"Authorization": f"Bearer {self._token}", **headers}
        try:
            with self._connection(seconds) as connection:
                if connection.sock is None:
                    connection.connect()
                if self._closed:  # `close` may have come before there was a socket to break
                    raise CancelledError("Stopped.")
                _send(connection, method, self._address.prefix + path, body, headers)
                yield connection.getresponse()
        except (OSError, HTTPException) as fault:
            if self._closed:
                raise CancelledError("Stopped.") from fault
            raise self._explained(fault, seconds) from fault

    @contextmanager
    def _connection(self, seconds: float) -> Iterator[WholeRequests]:
        """A kept connection or a new, unconnected one; kept for the next request where this one went well."""
        if self._closed:
            raise CancelledError("Stopped.")
        kept = self._kept.take(seconds) if self._kept is not None else None
        connection = kept or self._address.connection(seconds)
        try:
            with self._guard:
                self._open.add(connection)
            yield connection
        except BaseException:
            connection.close()
            raise
        finally:
            with self._guard:
                self._open.discard(connection)
        if self._kept is None:
            connection.close()
        else:
            self._kept.keep(connection)

    def _explained(self, fault: Exception, seconds: float) -> BackendError:
        if isinstance(fault, SSLCertVerificationError):
            return BackendError(
                f"The certificate of {self._address.host} is not trusted here: {fault.verify_message}.",
                "Ask whoever runs that backend for a certificate that this computer knows.",
            )
        if isinstance(fault, ConnectionRefusedError):
            return BackendError("The backend is not running.", self._advice)
        if isinstance(fault, TimeoutError):
            return TimeLimitError(f"The backend did not answer within {seconds:g} s.", self._advice)
        if isinstance(fault, ConnectionError | HTTPException):
            return BackendError("The backend ended before it answered.", self._advice)
        return BackendError(f"The backend can't be reached: {fault}.", self._advice)


def _send(
    connection: WholeRequests,
    method: str,
    path: str,
    body: bytes | Iterable[bytes] | None,
    headers: Mapping[str, str],
) -> None:
    # A backend that refuses a large body answers and closes before it is all sent; its answer still counts.
    with suppress(BrokenPipeError, ConnectionResetError, ConnectionAbortedError):
        connection.ask(method, path, body, headers)


def _break_off(connection: WholeRequests) -> None:
    # Closing alone would not wake the thread that waits on the socket; shutting down does, on every system.
    if (sock := connection.sock) is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _json_in(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise _unreadable() from fault


def _unreadable() -> BackendError:
    return BackendError("The backend answered in a form that is not known.", "Use a backend of the same version.")
