"""How much memory this process takes, from what the system itself counts."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path


def resident_bytes() -> int:
    """The memory that this process occupies now; 0 where the system does not tell."""
    try:
        return _resident()
    except (OSError, ValueError, IndexError, AttributeError, subprocess.SubprocessError):
        return 0


if sys.platform == "win32":
    from ctypes import wintypes

    class _Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS of psapi.h."""

        _fields_ = (
            ("cb", wintypes.DWORD),
            ("PageFaultCount", wintypes.DWORD),
            *(
                (name, ctypes.c_size_t)
                for name in (
                    *("PeakWorkingSetSize", "WorkingSetSize", "QuotaPeakPagedPoolUsage", "QuotaPagedPoolUsage"),
                    *("QuotaPeakNonPagedPoolUsage", "QuotaNonPagedPoolUsage", "PagefileUsage", "PeakPagefileUsage"),
                )
            ),
        )

    def _resident() -> int:
        counters = _Counters()
        counters.cb = ctypes.sizeof(counters)
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        ask = kernel.K32GetProcessMemoryInfo
        ask.argtypes = (wintypes.HANDLE, ctypes.POINTER(_Counters), wintypes.DWORD)
        told = ask(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
        return int(counters.WorkingSetSize) if told else 0

elif sys.platform == "linux":

    def _resident() -> int:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

else:

    def _resident() -> int:
        command = ["ps", "-o", "rss=", "-p", str(os.getpid())]
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=5)
        return int(told.stdout) * 1024
