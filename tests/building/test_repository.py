"""The extension repository: Blender itself installs the add-on from it, and updates it when a newer one lies there."""

import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from building import repository
from building.environments import BLENDERS, ensure
from building.interpreters import find_python
from building.packaging import build_zip, version
from building.repository import make_repository

NEWER = "99.0.0"

USABLE = [
    name for name in (min(BLENDERS), max(BLENDERS)) if any(find_python(python) for python in BLENDERS[name].pythons)
]
"""The oldest and the newest Blender that this machine has a Python for."""

IN_BLENDER = """
import json, os, sys
from pathlib import Path
os.environ["BLENDER_USER_RESOURCES"] = sys.argv[1]
import bpy
preferences = bpy.context.preferences
preferences.system.use_online_access = True  # as Blender wants it for any repository that is no plain folder
shelf = preferences.extensions.repos.new(name="Studio", module="studio", remote_url=Path(sys.argv[2]).as_uri())
bpy.ops.extensions.repo_sync(repo_directory=shelf.directory)
if sys.argv[3] == "install":
    bpy.ops.extensions.package_install(repo_directory=shelf.directory, pkg_id="mien", enable_on_install=True)
else:
    bpy.ops.extensions.package_upgrade_all()
enabled = "bl_ext.studio.mien" in preferences.addons
manifest = Path(shelf.directory, "mien", "blender_manifest.toml").read_text()
print("TOLD", json.dumps({"enabled": enabled, "manifest": manifest}), flush=True)
os._exit(0)  # an ordinary exit of a Python that loaded bpy crashes in 4.2 and can hang in 4.5
"""


@pytest.fixture
def index(tmp_path, monkeypatch) -> Path:
    """A repository of its own with the add-on as it is built."""
    ensure(BLENDERS[USABLE[-1]])  # its tool lists it
    monkeypatch.setattr(repository, "FOLDER", tmp_path / "repository")
    made = make_repository(build_zip())
    assert made is not None
    return made


def test_the_listing_is_of_the_zip_beside_it(index):
    (listed,) = json.loads(index.read_text())["data"]
    archive = index.parent / listed["archive_url"]
    assert (listed["id"], listed["version"]) == ("mien", version())
    assert listed["archive_hash"] == "sha256:" + hashlib.sha256(archive.read_bytes()).hexdigest()
    assert sorted(file.name for file in index.parent.iterdir()) == [index.name, archive.name]


def test_made_again_it_is_the_same(index):
    before = index.read_bytes()
    assert make_repository(build_zip()) == index
    assert index.read_bytes() == before


@pytest.mark.parametrize("blender", USABLE)
def test_blender_installs_from_it_and_updates(index, tmp_path, monkeypatch, blender):
    user_folder = tmp_path / "user"
    assert told_in(blender, user_folder, index, "install")["enabled"]
    make_repository(newer(build_zip(), tmp_path / f"mien-{NEWER}.zip"))
    assert f'version = "{NEWER}"' in told_in(blender, user_folder, index, "upgrade")["manifest"]


def told_in(blender: str, user_folder: Path, index: Path, action: str) -> dict[str, object]:
    command = [ensure(BLENDERS[blender]), "-c", IN_BLENDER, user_folder, index, action]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    told = [line for line in outcome.stdout.splitlines() if line.startswith("TOLD ")]
    assert told, outcome.stdout + outcome.stderr
    answer: dict[str, object] = json.loads(told[-1].removeprefix("TOLD "))
    return answer


def newer(archive: Path, output: Path) -> Path:
    """The same add-on under a later version."""
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(output, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "blender_manifest.toml":
                data = data.replace(f'version = "{version()}"'.encode(), f'version = "{NEWER}"'.encode())
            target.writestr(name, data)
    return output
