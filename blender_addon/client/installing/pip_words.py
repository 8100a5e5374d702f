"""What pip says while it works: read as progress, and as reasons of a failure."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from ...core.errors import InstallError

_BYTES = {"bytes": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
_FILE = re.compile(
    r"(?:Downloading|Using cached) (?P<name>\S+?)(?:-[^\s-]*)*\.whl.*? \((?P<size>[\d.]+) (?P<unit>\w+)\)"
)
_LOCAL_FILE = re.compile(r"Processing (?P<path>.+?\.whl)(?: \(from .*\))?$")
_BEGUN = re.compile(r"Progress (?P<done>\d+) of (?P<total>\d+)")


class PipProgress:
    """How far pip has come in fetching. Written by one thread, read by any."""

    def __init__(self) -> None:
        self.package = ""
        self.is_placing = False
        self._before = 0
        self._size = 0
        self._done = 0

    @property
    def fetched_bytes(self) -> int:
        """Bytes fetched, or found in the cache, up to now."""
        return self._before + self._done

    def hear(self, line: str) -> None:
        """Take one line of pip."""
        text = line.strip()
        if begun := _BEGUN.fullmatch(text):
            self._size, self._done = int(begun["total"]), int(begun["done"])
        elif found := _FILE.match(text):
            self._next(found["name"], int(float(found["size"]) * _BYTES.get(found["unit"], 1)))
        elif found := _LOCAL_FILE.match(text):
            path = Path(found["path"].removeprefix("file://"))
            self._next(path.name.partition("-")[0], path.stat().st_size if path.is_file() else 0)
        elif text.startswith("Installing collected packages"):
            self._before, self._size, self._done = self._before + self._size, 0, 0
            self.is_placing = True

    def _next(self, package: str, size: int) -> None:
        package = package.replace("_", "-")
        if package != self.package:  # a second try of the same file begins anew
            self._before += self._size
        self.package, self._size, self._done = package, size, 0


_NETWORK_HINT = (
    "Check the connection, or install from a folder of wheels that was made on another computer; "
    "see Folder of Wheels in the preferences of Mien. What is fetched already is kept."
)

# The first that fits is told: a package that "could not be found" was not found because of what stands above it.
_REASONS: tuple[tuple[str, str, str], ...] = (
    (
        r"No space left on device|Errno 28\b|WinError 112|not enough space on the disk|Disk quota exceeded",
        "The disk is full.",
        "Make room, then press Install Backend again; it goes on where it ended.",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "A package is not the one that this version of Mien was tested with, so it was not installed.",
        "Try again; if it happens again, the package index or the folder of wheels holds another file of that name.",
    ),
    (
        r"ProxyError|Cannot connect to proxy|Tunnel connection failed|407 Proxy",
        "The proxy can't be reached or refuses the connection.",
        "Check the proxy that the system or pip's settings name. " + _NETWORK_HINT,
    ),
    (
        r"incomplete-download|IncompleteRead|ConnectionResetError",
        "The connection to the package index broke off.",
        "Press Install Backend again; it goes on where it ended.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
        "The connection to the package index is not trusted: its certificate can't be checked.",
        "In a company, ask for its root certificate to be installed on this computer. " + _NETWORK_HINT,
    ),
    (
        r"NewConnectionError|NameResolutionError|Name or service not known|name resolution|getaddrinfo failed|"
        r"Network is unreachable|ConnectTimeout|ReadTimeout|Connection refused|No route to host|timed out",
        "The package index can't be reached.",
        _NETWORK_HINT,
    ),
    (
        r"\b(401|403|407) Client Error|\b40[13] (Error|Unauthorized|Forbidden)",
        "The package index refuses the request.",
        "Check the index and the password that pip's settings name.",
    ),
    (
        r"WinError (5|32)\b|Access is denied|being used by another process|Permission denied|PermissionError",
        "A file could not be written: another program holds it, or the folder is protected.",
        "A virus scanner may be looking at it: try again in a minute, or exempt the folder that the report names.",
    ),
    (
        r"WinError 206|File name too long|Errno 36\b|path is too long",
        "The path of the folder is too long for this system.",
        "Switch on long paths in Windows, or move Blender's user folder to a shorter one.",
    ),
    (
        r"is not a supported wheel on this platform|requires a different Python|requires-python",
        "A package does not fit this system or this Python.",
        "Choose another Python, 3.11 to 3.14, as Install with in the preferences of Mien.",
    ),
)
_NOT_FOUND = re.compile(r"No matching distribution found for (?P<name>[\w.-]+==[\w.]+)")


def explain(said: str, *, wheelhouse: Path | None) -> InstallError:
    """Why pip failed, in words for the user."""
    if _names_proxy(said):
        said += " ProxyError"
    for pattern, sentence, hint in _REASONS:
        if re.search(pattern, said, re.IGNORECASE):
            return InstallError(sentence, hint)
    if missing := _NOT_FOUND.search(said):
        if wheelhouse is not None:
            return InstallError(
                f"The folder of wheels lacks {missing['name']} for this system and Python.",
                "Make the folder with the same version of Mien, for this system.",
            )
        return InstallError(
            f"The package index has no {missing['name']} for this system and Python.", "Copy Report tells more."
        )
    errors = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines()
    reason = errors[-1].removeprefix("ERROR:").strip().rstrip(".") if errors else "it said nothing"
    return InstallError(f"The installation failed: {reason}.", "Copy Report tells more.")


def _names_proxy(said: str) -> bool:
    """Whether what could not be connected to is the proxy: pip then complains of it as of any other host."""
    proxies = {urlsplit(address).hostname for address in [*getproxies().values(), os.environ.get("PIP_PROXY", "")]}
    unreached = re.findall(r"ConnectionError\(\"?HTTPS?Connection\(host='([^']+)'", said)
    return not proxies.isdisjoint(unreached)
