"""A job of the backend, followed from here: begun, read on after a dropped connection, cancelled."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from ..core.errors import BackendError, CancelledError, MienError, TimeLimitError
from ..core.wire import Ended, JobEvent
from .transport import BackendClient

# A connection that drops is made anew at once; one that drops again and again without news is given up.
_DROPS = 4
_PAUSE_SECONDS = 0.1


class RemoteJob:
    """One job. Its id is made here, so that it can be cancelled before the backend has told of it.

    `connect` and `events` wait and belong on a worker thread; `break_off` never waits.
    """

    def __init__(self, connect: Callable[[], BackendClient]) -> None:
        self.id = secrets.token_hex(16)
        self._connect = connect
        self._client: BackendClient | None = None
        self._is_cancelled = False
        self._guard = threading.Lock()

    def connect(self) -> BackendClient:
        """A client of the backend, once it answers."""
        client = self._connect()
        with self._guard:
            self._client = client
            if self._is_cancelled:
                raise CancelledError("Stopped.")
        return client

    def events(self) -> Iterator[JobEvent]:
        """All events up to the last, each once; raise BackendError where the backend is gone."""
        assert self._client is not None, "connect comes first"
        client, last, drops = self._client, 0, 0
        while True:
            try:
                for number, event in client.events(self.id, after=last):
                    last, drops = number, 0
                    yield event
                    if isinstance(event, Ended):
                        return
            except TimeLimitError:
                client.health()  # silence is no fault while the backend is there
            except BackendError as fault:
                drops += 1
                if drops >= _DROPS:
                    raise BackendError(
                        "The backend ended while it worked.", "Start the backend again; its log says more."
                    ) from fault
                time.sleep(_PAUSE_SECONDS * drops)

    def break_off(self) -> None:
        """Close the connection, and have the backend told that nobody wants the job any more."""
        with self._guard:
            self._is_cancelled = True
            client = self._client
        if client is not None:
            client.close()
            threading.Thread(target=self._withdraw, args=(client.reopened(),), name="mien-cancel", daemon=True).start()

    def _withdraw(self, client: BackendClient) -> None:
        with suppress(MienError):  # it is gone, or never came to be
            client.cancel_job(self.id)
