"""The standard streams as they may be: closed, full, left by their reader, or of a small character set."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from blender_addon.core.errors import MienError

_OUTPUT, _ERRORS = 1, 2


class OutputError(MienError):
    """The standard output takes no more of a result."""


@contextmanager
def checked_streams() -> Iterator[None]:
    """Let a result that can't be written raise OutputError meanwhile, or BrokenPipeError where its reader has gone."""
    kept = sys.stdout or _closed(_OUTPUT)
    sys.stderr = sys.stderr or _closed(_ERRORS)
    for stream in (kept, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # `?` for what a terminal or pipe lacks, rather than the end of all
            stream.reconfigure(errors="replace")
    sys.stdout = output = _Output(kept.buffer, encoding=kept.encoding, errors="replace", line_buffering=kept.isatty())
    try:
        try:
            yield
        finally:
            output.flush()  # here, where a fault is still told, and not when the program ends
    except (OutputError, BrokenPipeError):
        _drop_the_rest()
        raise
    finally:
        output.detach()
        sys.stdout = kept


class _Output(io.TextIOWrapper):
    """The standard output, whose faults are told for what they are."""

    def write(self, text: str) -> int:
        """Write the text, or raise OutputError."""
        try:
            return super().write(text)
        except BrokenPipeError:
            raise
        except OSError as fault:
            raise _told(fault) from fault

    def flush(self) -> None:
        """Send it off, or raise OutputError."""
        try:
            super().flush()
        except BrokenPipeError:
            raise
        except OSError as fault:
            raise _told(fault) from fault


def _told(fault: OSError) -> OutputError:
    reason = "it is closed" if fault.errno == errno.EBADF else fault.strerror
    return OutputError(f"The standard output can't be written to: {reason}.", "Send it elsewhere.")


def _closed(number: int) -> TextIO:
    """A stream that was closed before the program began: its number must not come to mean the next file."""
    # Open for reading alone, so that writing fails as it would have.
    _put(os.open(os.devnull, os.O_RDONLY if number == _OUTPUT else os.O_WRONLY), number)
    return os.fdopen(number, "w", encoding="utf-8", closefd=False)


def _drop_the_rest() -> None:
    """Let Python flush what is left into nothing at its end."""
    _put(os.open(os.devnull, os.O_WRONLY), _OUTPUT)


def _put(opened: int, number: int) -> None:
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
