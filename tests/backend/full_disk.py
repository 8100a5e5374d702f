"""A disk that is full, for one process: no file of it grows beyond a bound."""

UNCACHED = {"PYTHONDONTWRITEBYTECODE": "1"}
"""For every process whose files are bound: Python up to 3.13.0 keeps as much of a compiled module as fitted, which no
later process can load."""


def bound_files(process: int, size: int) -> None:
    """Let no file that this process writes (0: the calling one) grow beyond this many bytes. Linux only."""
    import resource  # not on Windows

    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, size))


def bound_own_files() -> None:
    """For `preexec_fn`: hardly a line fits."""
    bound_files(0, 100)
