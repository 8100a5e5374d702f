"""The house stands as it was drawn: who may import whom, and what may be loaded where."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ADDON = ROOT / "blender_addon"

# What the modules of a part may import of this project, besides the part itself.
ALLOWED = {
    "blender_addon.core": (),
    "blender_addon.client": ("blender_addon.core",),
    "blender_addon.scene": ("blender_addon.core",),
    "blender_addon.ui": ("blender_addon.scene", "blender_addon.client", "blender_addon.core"),
    "blender_addon.registration": (
        "blender_addon.ui",
        "blender_addon.scene",
        "blender_addon.client",
        "blender_addon.core",
    ),
    "blender_addon": ("blender_addon.registration",),
    "inference_backend": ("blender_addon.core",),
}
HOST_ONLY = {"bpy", "bpy_extras", "mathutils", "bmesh", "gpu", "blf", "aud"}

LOAD_EVERY_MODULE = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module: str) -> str:
    """The most particular part of the house that a module belongs to."""
    return max((part for part in ALLOWED if is_in(module, part)), key=len)


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere in it, by its full name."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            # `from . import curves` names a module, `from .curves import Curve` does not: ask the folder.
            yield from (
                f"{source}.{alias.name}" if is_module(f"{source}.{alias.name}") else source for alias in node.names
            )


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sources("blender_addon", "inference_backend"), ids=ids)
def test_imports_point_one_way(path):
    part = part_of(module_name(path))
    for name in imports_of(path):
        if name.partition(".")[0] in ("blender_addon", "inference_backend"):
            assert part_of(name) == part or any(is_in(name, to) for to in ALLOWED[part]), (
                f"{part} must not import {name}"
            )


@pytest.mark.parametrize("path", sources("blender_addon/core"), ids=ids)
def test_core_needs_numpy_and_the_standard_library_only(path):
    foreign = {name.partition(".")[0] for name in imports_of(path)} - sys.stdlib_module_names
    assert foreign <= {"numpy", "blender_addon"}


@pytest.mark.parametrize("path", sources("blender_addon"), ids=ids)
def test_the_addon_names_itself_by_relative_imports_only(path):
    # Blender names the installed package bl_ext.<repository>.mien, so an absolute name would not be found.
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not any(is_in(alias.name, "blender_addon") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert not is_in(node.module or "", "blender_addon")


@pytest.mark.parametrize("path", sources("blender_addon/core", "blender_addon/client", "inference_backend"), ids=ids)
def test_only_scene_and_ui_know_blender(path):
    assert HOST_ONLY.isdisjoint(name.partition(".")[0] for name in imports_of(path))


def loaded_by(package: str) -> set[str]:
    """The foreign top-level names that are loaded in a fresh process after every module of a package."""
    program = [sys.executable, "-c", LOAD_EVERY_MODULE]
    done = subprocess.run([*program, package], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # What the environment itself loads at its start, such as the finder of an editable install, is not ours.
    bare = subprocess.run([*program, "json"], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split()) - set(bare.stdout.split()) - sys.stdlib_module_names - {"blender_addon"}


@pytest.mark.parametrize("package", ["blender_addon.core", "blender_addon.client"])
def test_core_and_client_load_nothing_but_numpy(package):
    assert loaded_by(package) == {"numpy"}


def test_the_addon_itself_loads_without_blender():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, blender_addon; print('bpy' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_the_checks_here_can_fail(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    core = tmp_path / "blender_addon" / "core"
    core.mkdir(parents=True)
    (tmp_path / "blender_addon" / "scene").mkdir()
    wrong = core / "wrong.py"
    wrong.write_text("from ..scene import keys\nimport bpy\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"blender_addon\.core must not import blender_addon\.scene"):
        test_imports_point_one_way(wrong)
    with pytest.raises(AssertionError):
        test_core_needs_numpy_and_the_standard_library_only(wrong)
    with pytest.raises(AssertionError):
        test_only_scene_and_ui_know_blender(wrong)
