"""`build.py gui`: Blender's real window, used by mouse and keyboard as a person would, and photographed."""

import shutil
import subprocess
import sys

TOOLS = {
    "debootstrap": "debootstrap",
    "chroot": "coreutils",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "ip": "iproute2",
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "tesseract": "tesseract-ocr",
}
"""The programs it takes, and the Debian packages that have them."""


def missing() -> str:
    """What this machine lacks for a window of its own, in a sentence; empty where nothing is missing."""
    if sys.platform != "linux":
        return "the window is driven on Linux only, in a Debian system of its own with a virtual screen"
    if absent := [package for tool, package in TOOLS.items() if shutil.which(tool) is None]:
        return f"not installed: {', '.join(absent)} (apt-get install --no-install-recommends {' '.join(absent)})"
    for needed in (["chroot", "/", "true"], ["unshare", "--net", "true"]):
        if subprocess.run(needed, capture_output=True, check=False).returncode != 0:
            return f"{needed[0]} is not permitted here; the window's Debian system needs it (run as root)"
    return ""
