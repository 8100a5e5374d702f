"""A backend on another computer, such as one that a studio runs for all its animators."""

from ..core.errors import BackendError
from ..core.wire import PROTOCOL_VERSION, BackendHealth
from .address import BackendAddress
from .connections import KeptConnections
from .transport import BackendClient

_ADVICE = "Ask whoever runs the remote backend, or empty its address in the preferences to work with one of your own."


class RemoteBackend:
    """One backend that somebody else starts and ends. For any thread."""

    def __init__(self, url: str, token: str) -> None:
        """token: the one that the backend was started with. Raises BackendError where `url` is no address."""
        self.address = BackendAddress.parse(url)
        self._token = token
        self._connections = KeptConnections()

    def client(self) -> BackendClient:
        """A new client of it, without asking whether it answers."""
        return BackendClient(str(self.address), self._token, self._connections, advice=_ADVICE)

    def health(self) -> BackendHealth:
        """What it says of itself; raise BackendError where it does not answer or does not fit this add-on."""
        health = self.client().health()
        if health.protocol != PROTOCOL_VERSION:
            raise BackendError(
                f"The remote backend is version {health.version}, which does not fit this add-on.",
                "Ask for the same version of Mien there as here.",
            )
        return health

    def answering(self) -> BackendClient:
        """A client of it once it has answered."""
        self.health()
        return self.client()

    def close(self) -> None:
        """Let go of the connections to it."""
        self._connections.close()
