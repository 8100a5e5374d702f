"""An environment is complete by its stamp alone; interrupted and outdated ones are mended."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from building import environments
from building.environments import BLENDERS, Environment, default_blender, ensure, lock_hash, require_inside
from building.interpreters import RUNNING, find_python, require_python
from building.progress import BuildError


def empty_environment(place: Path) -> Environment:
    """A real one that needs nothing from outside: its lock is empty."""

    @dataclass(frozen=True)
    class EmptyEnvironment(Environment):
        @property
        def folder(self) -> Path:
            return place / "environment"

        @property
        def home(self) -> Path:
            return place

        @property
        def lock(self) -> Path:
            return place / "empty.lock"

    empty = EmptyEnvironment("of-a-test", "empty", "a test", (RUNNING,), download_mb=0)
    empty.lock.write_text("# nothing\n")
    return empty


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return empty_environment(tmp_path)


@pytest.fixture(scope="module")
def made_from_nothing(tmp_path_factory) -> Environment:
    """Only looked at; making one takes seconds."""
    made = empty_environment(tmp_path_factory.mktemp("made"))
    ensure(made)
    return made


@pytest.fixture
def made(made_from_nothing: Environment, environment: Environment) -> Environment:
    """A copy of it, to be changed. What its scripts run is the Python of the first, but nobody runs them."""
    shutil.copytree(made_from_nothing.folder, environment.folder, symlinks=True)
    return environment


def test_is_made_from_nothing_and_then_left_alone(made_from_nothing):
    mark = made_from_nothing.folder / "mark"
    mark.touch()
    assert ensure(made_from_nothing).exists()
    assert mark.exists()


def test_an_interrupted_one_is_made_anew(environment):
    environment.folder.mkdir()
    leftover = environment.folder / "half-made"
    leftover.touch()
    assert ensure(environment).exists()
    assert not leftover.exists()


def test_an_outdated_one_is_updated_in_place(made):
    mark = made.folder / "update"
    mark.touch()
    site_packages = next(made.folder.glob("**/site-packages"))
    stray = site_packages / "stray-1.0.dist-info"
    stray.mkdir()
    (stray / "METADATA").write_text("Metadata-Version: 2.1\nName: stray\nVersion: 1.0\n")
    (stray / "RECORD").write_text("stray-1.0.dist-info/METADATA,,\nstray-1.0.dist-info/RECORD,,\n")
    made.lock.write_text("--prefer-binary\n")
    ensure(made)
    assert mark.exists()
    assert not stray.exists(), "what the lock does not name is taken out"
    assert environments._is_complete(made)


def test_one_of_another_checkout_is_used_but_never_changed(made_from_nothing, environment):
    environment.folder.symlink_to(made_from_nothing.folder)
    assert ensure(environment).exists(), "it is complete"
    stamp = (made_from_nothing.folder / "mien-complete").read_text()
    environment.lock.write_text("--prefer-binary\n")
    with pytest.raises(BuildError, match="outside this checkout"):
        ensure(environment)
    assert (made_from_nothing.folder / "mien-complete").read_text() == stamp
    assert environment.folder.is_symlink()


def test_the_lock_lies_beside_the_environment(made_from_nothing):
    assert (made_from_nothing.folder.parent / "of-a-test.lock").exists()


def test_a_failed_installation_leaves_it_incomplete(made):
    made.lock.write_text("no-such-thing @ file:///nowhere/at/all.whl --hash=sha256:" + 64 * "0" + "\n")
    with pytest.raises(BuildError, match=r"build/logs/of-a-test\.log"):
        ensure(made)
    assert not environments._is_complete(made)


def test_comments_of_a_lock_do_not_count(tmp_path):
    lock = tmp_path / "some.lock"
    lock.write_text("one==1\n")
    before = lock_hash(lock)
    lock.write_text("# made on another day\none==1\n    # via two\n")
    assert lock_hash(lock) == before
    lock.write_text("one==2\n")
    assert lock_hash(lock) != before


def test_the_running_python_is_found():
    version, python = require_python((RUNNING,), "a test")
    assert version == RUNNING
    assert python.exists()


def test_a_missing_python_is_named_with_its_purpose():
    assert find_python("3.99") is None
    with pytest.raises(BuildError, match=r"Python 3\.99 is needed for Blender 9\.9"):
        require_python(("3.99",), "Blender 9.9")


def test_the_default_blender_runs_on_the_running_python():
    assert RUNNING in BLENDERS[default_blender()].pythons


def test_a_folder_that_a_link_leads_out_is_refused(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    (other / "lock").mkdir(parents=True)
    (home / ".venv").symlink_to(other)
    require_inside(home / "own", home, "and so on")
    with pytest.raises(BuildError, match="outside this checkout, and so on"):
        require_inside(home / ".venv" / "lock", home, "and so on")
