"""Keeps the error stream for errors."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def native_chatter_hidden() -> Iterator[None]:
    """Drop what native libraries write to the error stream meanwhile.

    LiteRT announces there, with no setting against it, how it will run a model. Python's own errors
    are raised, and so come out as ever.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123  # os.devnull is a name, not a path
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
