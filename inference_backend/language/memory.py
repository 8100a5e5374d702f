"""How much memory there is, before a model is put into it."""

from dataclasses import dataclass
from pathlib import Path

from blender_addon.core.errors import EngineError

GIB = 1 << 30

MOST_ROWS = 8
"""More pictures at once hardly save time: the pass is then bound by arithmetic, and the slowest row holds up all."""
_COPIES = 2
"""While a cache grows, the old and the new one are in memory."""


@dataclass(frozen=True)
class Room:
    """A place where a model can live. device: torch's name of it; "auto" spreads over several GPUs."""

    device: str
    free_bytes: int


def rooms() -> list[Room]:
    """Where a model could go, the fastest place first."""
    import torch

    found = []
    if torch.cuda.is_available():
        free = [torch.cuda.mem_get_info(index)[0] for index in range(torch.cuda.device_count())]
        found = [Room(f"cuda:{index}", size) for index, size in enumerate(free)]
        if len(free) > 1:
            found.append(Room("auto", sum(free)))
    elif torch.backends.mps.is_available():
        found = [Room("mps", torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())]
    return [*found, Room("cpu", _free_ram_bytes())]


def room_for(need_bytes: int, places: list[Room], *, limit_bytes: int | None, what: str) -> Room:
    """The fastest place with enough memory; raise EngineError where there is none.

    limit_bytes: what the user allows at most, wherever it is.
    """
    if limit_bytes is not None and need_bytes > limit_bytes:
        raise EngineError(
            f"{what} needs {_gib(need_bytes)} of memory, and Mien may use {_gib(limit_bytes)}.",
            "Raise MIEN_LANGUAGE_MEMORY_GIB, or serve the model on another machine and use --url.",
        )
    for place in places:
        if need_bytes <= place.free_bytes:
            return place
    largest = max((place.free_bytes for place in places), default=0)
    raise EngineError(
        f"{what} needs {_gib(need_bytes)} of memory, and {_gib(largest)} are free.",
        "Close other programs, or serve the model on another machine and use --url.",
    )


@dataclass(frozen=True)
class Plan:
    """What a model needs with one answer, where it goes, and the most that it may take; None: all that is free."""

    need_bytes: int
    room: Room
    limit_bytes: int | None = None

    def rows(self, row_bytes: int) -> int:
        """So many answers can be worked on side by side in what is free now; for one, memory is set aside."""
        free = next((place.free_bytes for place in rooms() if place.device == self.room.device), 0)
        if self.limit_bytes is not None:
            free = min(free, self.limit_bytes - self.need_bytes)
        return max(1, min(MOST_ROWS, free // (_COPIES * row_bytes)))


def _gib(count: int) -> str:
    return f"{count / GIB:.2g} GiB" if count < 10 * GIB else f"{count / GIB:.0f} GiB"


def _free_ram_bytes() -> int:
    import psutil  # accelerate, peft need it too

    free = int(psutil.virtual_memory().available)
    try:  # a container may be allowed less than the machine has (Linux, control groups v2)
        allowed = int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii"))
        used = int(Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return free
    return min(free, allowed - used)
