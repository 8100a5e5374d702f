"""What the tests of the installer share."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blender_addon.client.installing.installation import Installation
from blender_addon.client.installing.payload import Level, Payload
from blender_addon.client.installing.place import InstallPlace
from blender_addon.client.installing.plan import InstallPlan
from building.payload import ensure_pip_wheel

from .packages import Index, Shelf, index_of

LIMIT_S = 90


@pytest.fixture(autouse=True, scope="session")
def carried_pip() -> Path:
    """The pip that every payload carries, fetched with this machine's settings before they are left aside."""
    return ensure_pip_wheel()


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch, tmp_path_factory):
    """The settings of pip on this machine are left aside, and its index is never asked."""
    nowhere = tmp_path_factory.mktemp("no-settings") / "pip.conf"
    nowhere.touch()
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null" if sys.platform != "win32" else "nul")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def index(shelf: Shelf, monkeypatch) -> Iterator[Index]:
    with index_of(shelf.wheels) as served:
        monkeypatch.setenv("PIP_INDEX_URL", served.url)
        monkeypatch.setenv("PIP_TRUSTED_HOST", "127.0.0.1")  # pip keeps only what came from where it trusts
        yield served


@pytest.fixture
def place(tmp_path: Path) -> InstallPlace:
    return InstallPlace(tmp_path / "user" / "mien" / "backend")


@pytest.fixture
def plan(shelf: Shelf, place: InstallPlace) -> Callable[..., InstallPlan]:
    """A plan for the packages of the shelf: from its folder, or with `wheelhouse=None` from the index."""

    def make(version: str = "0.1.0", *, wheelhouse: Path | None = shelf.wheels, python: str = sys.executable):
        payload = Payload(shelf.payload, version)
        return InstallPlan.make(payload, place, Path(python), Level.BASE, wheelhouse, online=True)

    return make


@pytest.fixture
def install(plan):
    """Installs to the end: what is installed; raises what ended it otherwise."""

    def run(version: str = "0.1.0", **options):
        installation = Installation(plan(version, **options))
        installation.job.wait(LIMIT_S)
        return installation.job.result()

    return run
