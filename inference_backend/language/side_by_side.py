"""Several requests under way at once."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from blender_addon.core.errors import CancelledError

from ..engines import Cancelled

_Result = TypeVar("_Result")


def side_by_side(tasks: Sequence[Callable[[Cancelled], _Result]], *, most: int, cancelled: Cancelled) -> list[_Result]:
    """The results in the order of the tasks, at most `most` of which run at once.

    The first failure cancels the others and is raised.
    """
    failed = threading.Event()

    def stop() -> bool:
        return failed.is_set() or cancelled()

    def run(task: Callable[[Cancelled], _Result]) -> _Result:
        try:
            return task(stop)
        except BaseException:
            failed.set()
            raise

    with ThreadPoolExecutor(min(most, len(tasks)) or 1, thread_name_prefix="ask") as pool:
        running = [pool.submit(run, task) for task in tasks]
    # The one that failed first made the others end as cancelled: it is the one to tell of.
    faults = [fault for future in running if (fault := future.exception()) is not None]
    if faults:
        raise next((fault for fault in faults if not isinstance(fault, CancelledError)), faults[0])
    return [future.result() for future in running]
