"""What the add-on's pure parts may load, seen in a fresh process."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

_LIST_MODULES = """
import pkgutil, importlib, sys
import blender_addon.core, blender_addon.client
for package in (blender_addon.core, blender_addon.client):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_core_and_client_load_numpy_and_the_standard_library_only() -> None:
    listed = subprocess.run([sys.executable, "-c", _LIST_MODULES], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(listed.stdout.split())
    started_with = set(
        subprocess.run(
            [sys.executable, "-c", "import sys; print(*{name.partition('.')[0] for name in sys.modules})"],
            capture_output=True, text=True, check=True,
        ).stdout.split()
    )  # fmt: skip
    foreign = loaded - started_with - set(sys.stdlib_module_names) - {"blender_addon", "numpy"}
    assert "numpy" in loaded
    assert foreign == set()
