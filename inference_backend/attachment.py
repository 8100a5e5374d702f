"""The tie between a backend and the program that started it.

The token comes over the standard input, so that it stands in no argument list and no environment.
The input then stays open and silent. It ends when the parent ends, however it ends, on every
system; so the backend needs no list of processes and no polling to know that it is alone.
"""

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from blender_addon.core.errors import BackendError

_log = logging.getLogger(__name__)

_STANDARD_INPUT = 0
_LONGEST_LINE = 4096

# Once the parent is gone nobody can want a result: after this the process ends whatever its threads do.
_GRACE_SECONDS = 2.5


@dataclass(frozen=True)
class Attachment:
    """A parent that handed over the token and waits for the port."""

    token: str = field(repr=False)

    @classmethod
    def from_standard_streams(cls) -> Self:
        """Wait for the parent's line `{"token": ...}`."""
        try:
            token = json.loads(_first_line())["token"]
        except (OSError, ValueError, KeyError, TypeError):  # OSError: the input is closed
            token = None
        if not isinstance(token, str) or not token:
            raise BackendError(
                "No token came over the standard input.", "Start the backend from the add-on, or without --attached."
            )
        return cls(token)

    def announce(self, facts: Mapping[str, Any]) -> None:
        """Tell the parent, in one line, where the backend answers."""
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()

    def end_with_parent(self, end: Callable[[], None]) -> None:
        """Call `end` once the parent is gone."""
        threading.Thread(target=_outlive_nobody, args=(end,), name="parent-watch", daemon=True).start()


def _first_line() -> bytes:
    # os.read, not sys.stdin: a thread that waits inside sys.stdin holds a lock the interpreter needs to exit.
    line = b""
    while not line.endswith(b"\n") and len(line) < _LONGEST_LINE:
        chunk = os.read(_STANDARD_INPUT, _LONGEST_LINE)
        if not chunk:
            break
        line += chunk
    return line


def _outlive_nobody(end: Callable[[], None]) -> None:
    while os.read(_STANDARD_INPUT, _LONGEST_LINE):
        pass
    _log.info("the program that started this backend closed the connection")
    end()
    time.sleep(_GRACE_SECONDS)
    _log.warning("work was still under way; ending without it")
    end_at_once()


def end_at_once() -> None:
    """End this process with status 0, as its parent waits for; taking an interpreter with models apart takes 0.4 s."""
    logging.shutdown()
    os._exit(0)
