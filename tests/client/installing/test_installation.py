"""Installing, going on after whatever ended it, updating and removing."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from blender_addon.client.installing import payload as payload_module
from blender_addon.client.installing.folder_lock import hold
from blender_addon.client.installing.installation import Installation
from blender_addon.client.installing.payload import Level, Payload
from blender_addon.client.installing.place import InstallState
from blender_addon.client.installing.plan import InstallPlan
from blender_addon.client.job import JobState
from blender_addon.core.errors import CancelledError, InstallError

from .packages import listing, wheel

LIMIT_S = 60


@pytest.fixture(autouse=True)
def fresh_digests():
    """The packages of an add-on change only with it, but the tests change them under it."""
    payload_module._digest.cache_clear()
    payload_module._sizes.cache_clear()


def state(place, shelf, version="0.1.0"):
    return place.state(Payload(shelf.payload, version))


def test_from_a_folder_without_a_network(install, place, shelf):
    assert state(place, shelf) is InstallState.NOTHING
    installed = install()
    assert state(place, shelf) is InstallState.INSTALLED
    assert place.installed(Payload(shelf.payload, "0.1.0")) == installed
    command = [installed.python, "-I", "-m", "inference_backend"]
    assert "ready" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert sorted(path.name for path in place.folder.iterdir()) == [
        installed.folder.name,
        "install.log",
        "installing.lock",
    ]
    (site_packages,) = installed.folder.glob("**/site-packages")
    assert (site_packages / "gamma" / "part_2.bin").stat().st_size == 2_000_000
    assert not list(site_packages.glob("pip*"))


def test_from_the_index_with_progress_that_moves(plan, index, place, shelf):
    index.bytes_per_second = 4_000_000
    installation = Installation(plan(wheelhouse=None))
    seen = []
    while installation.job.wait(0.02) is JobState.RUNNING:
        seen.append((installation.fraction, installation.words))
    installation.job.result()
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 10
    assert 0 <= fractions[0] < 0.1
    assert fractions[-1] >= 0.7
    assert any(words.startswith("Fetching gamma") for _, words in seen)
    assert state(place, shelf) is InstallState.INSTALLED


def test_what_will_be_done_is_told_before(plan, index, place, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", index.url.replace("//", "//me:secret@"))
    told = "\n".join(plan(wheelhouse=None).words())
    assert index.url in told
    assert "secret" not in told
    assert str(place.folder) in told
    assert "4 packages, 8 MB" in told
    assert not place.folder.exists()


def test_another_file_under_a_known_name_is_refused_and_mended(install, shelf, place):
    right = (shelf.wheels / "beta-2.1-py3-none-any.whl").read_bytes()
    wheel(shelf.wheels, "beta", "2.1", {"beta/evil.py": b""})
    with pytest.raises(InstallError, match="not the one that this version of Mien was tested with"):
        install()
    assert state(place, shelf) is InstallState.INCOMPLETE
    (shelf.wheels / "beta-2.1-py3-none-any.whl").write_bytes(right)
    install()
    assert state(place, shelf) is InstallState.INSTALLED


def test_a_dead_proxy_is_told(install, monkeypatch, place, shelf):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.invalid/simple")
    with pytest.raises(InstallError, match="The proxy can't be reached") as told:
        install(wheelhouse=None)
    assert "Folder of Wheels" in told.value.hint
    assert state(place, shelf) is InstallState.INCOMPLETE


def test_no_network_is_told(install):
    with pytest.raises(InstallError, match="The package index can't be reached"):
        install(wheelhouse=None)


def test_what_was_fetched_is_not_fetched_again(install, index, place):
    index.breaks_at = "gamma"
    with pytest.raises(InstallError, match="The connection to the package index broke off"):
        install(wheelhouse=None)
    assert any(name.startswith("alpha") for name in index.fetched)
    index.fetched.clear()
    index.breaks_at = ""
    install(wheelhouse=None)
    assert {name.split("-")[0] for name in index.fetched} == {"gamma"}
    assert not place.downloads.exists()


def test_a_folder_that_lacks_a_wheel(install, shelf):
    (shelf.wheels / "alpha-1.0-py3-none-any.whl").unlink()
    with pytest.raises(InstallError, match=r"lacks alpha==1\.0"):
        install()


def test_a_folder_without_wheels(plan, tmp_path):
    with pytest.raises(InstallError, match="There are no wheels"):
        plan(wheelhouse=tmp_path)


def test_blender_set_offline_is_asked_for_nothing(shelf, place):
    with pytest.raises(InstallError, match="set to stay offline"):
        InstallPlan.make(Payload(shelf.payload, "0.1.0"), place, Path(sys.executable), Level.BASE, None, online=False)


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0])
def test_stopped_at_any_time_it_goes_on_with_the_next_press(plan, install, index, place, shelf, seconds):
    index.bytes_per_second = 6_000_000
    installation = Installation(plan(wheelhouse=None))
    time.sleep(seconds)
    installation.cancel()
    with pytest.raises(CancelledError):
        installation.job.result()
    assert state(place, shelf) in {InstallState.NOTHING, InstallState.INCOMPLETE}
    install(wheelhouse=None)
    assert state(place, shelf) is InstallState.INSTALLED


def test_too_little_room_is_told_before(plan, shelf, place):
    shelf.weigh(installed_bytes=10**16)
    with pytest.raises(InstallError, match=r"The disk is too full: .* are free, and installing needs 10000000"):
        plan()
    assert not place.folder.exists()


def is_root_on_linux() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0


@pytest.mark.skipif(not is_root_on_linux(), reason="a full disk is made by mounting a small one, as root on Linux")
def test_a_disk_that_becomes_full_is_told_and_mended(install, shelf, place, tmp_path, monkeypatch):
    place.folder.parent.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", place.folder.parent], check=True)
    try:
        monkeypatch.setattr(InstallPlan, "require_room", lambda _: None)  # another program filled it meanwhile
        with pytest.raises(InstallError, match="The disk is full"):
            install()
        assert state(place, shelf) is InstallState.INCOMPLETE
        subprocess.run(["mount", "-o", "remount,size=200m", place.folder.parent], check=True)
        install()
        assert state(place, shelf) is InstallState.INSTALLED
    finally:
        subprocess.run(["umount", place.folder.parent], check=True)


def test_uninstalling_removes_every_byte(install, place, tmp_path):
    place.folder.parent.mkdir(parents=True)
    before = listing(tmp_path / "user")
    install()
    (place.work / "clip").mkdir(parents=True)
    place.remove()
    assert listing(tmp_path / "user") == before
    place.remove()  # and again


def test_an_update_works_beside_the_former_version_until_it_is_complete(install, place, shelf):
    first = install()
    shelf.carry("0.2.0", "raise SystemExit('a library is missing')")
    assert state(place, shelf, "0.2.0") is InstallState.OTHER_VERSION
    payload_module._digest.cache_clear()
    with pytest.raises(InstallError, match=r"does not run: a library is missing\."):
        install("0.2.0")
    assert first.is_whole()
    shelf.carry("0.2.0")
    payload_module._digest.cache_clear()
    second = install("0.2.0")
    assert state(place, shelf, "0.2.0") is InstallState.INSTALLED
    assert [path for path in place.folder.iterdir() if path.is_dir()] == [second.folder]


def test_an_environment_whose_python_is_gone_is_mended(install, place, shelf):
    installed = install()
    installed.python.unlink()
    assert state(place, shelf) is InstallState.INCOMPLETE
    install()
    assert state(place, shelf) is InstallState.INSTALLED


def test_two_blenders_do_not_install_at_once(plan, place, monkeypatch):
    monkeypatch.setattr("blender_addon.client.installing.place._LOCK_SECONDS", 0.1)
    place.folder.mkdir(parents=True)
    with hold(place.folder / "installing.lock", 1):
        installation = Installation(plan())
        with pytest.raises(InstallError, match="Another Blender is installing"):
            installation.job.result()


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("#!/bin/sh\necho hello\n", "does not answer as a Python does"),
        ("#!/bin/sh\necho No module named venv >&2; exit 1\n", r"can't make environments \(No module named venv\)"),
        ('#!/bin/sh\necho \'{"version": "3.9", "system": "linux-x86_64", "base": "/x"}\'\n', "needs Python 3.11 to"),
        ('#!/bin/sh\necho \'{"version": "3.11", "system": "plan9-mips", "base": "/x"}\'\n', "does not run on this sys"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
def test_a_python_that_will_not_do(plan, tmp_path, program, sentence):
    python = tmp_path / "python"
    python.write_text(program)
    python.chmod(0o755)
    with pytest.raises(InstallError, match=sentence):
        plan(python=str(python))


def test_a_python_that_is_not_there(plan):
    with pytest.raises(InstallError, match="can't be started"):
        plan(python="/nowhere/python")
