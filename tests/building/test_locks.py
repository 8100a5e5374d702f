"""The locks hold what pyproject.toml asks for, with hashes, and name no index."""

import re
import tomllib
from pathlib import Path

import pytest

from building.layout import REQUIREMENTS, ROOT

LOCKS = sorted(REQUIREMENTS.glob("*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(lock: Path) -> dict[str, list[str]]:
    """The locked versions by name; several where they differ by Python."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(version)
    return found


def pins(requirements: list) -> list[tuple[str, str]]:
    """Name and version of what is pinned exactly."""
    exact = (requirement.split(";")[0] for requirement in requirements if isinstance(requirement, str))
    return [tuple(requirement.strip().split("==")) for requirement in exact if "==" in requirement]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_host_is_named_and_every_package_has_hashes(lock):
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    requirements = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert requirements
    for requirement in requirements:
        assert "--hash=sha256:" in requirement, requirement


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("backend", PROJECT["project"]["dependencies"]),
        ("test", PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["test"]),
        ("carriers", PROJECT["dependency-groups"]["carriers"]),
        *(
            (f"blender-{version}", PROJECT["dependency-groups"][f"blender-{version.replace('.', '-')}"])
            for version in ("4.2", "4.5", "5.0", "5.2")
        ),
    ],
)
def test_the_lock_holds_the_pins(lock, requirements):
    versions = locked(REQUIREMENTS / f"{lock}.lock")
    assert pins(requirements)
    for name, version in pins(requirements):
        assert versions.get(name) == [version], f"run `python build.py lock`: {name}"


def test_the_checks_run_on_the_packages_of_the_backend():
    backend, test = locked(REQUIREMENTS / "backend.lock"), locked(REQUIREMENTS / "test.lock")
    assert {name: test.get(name) for name in backend} == backend


def test_the_base_install_has_neither_torch_nor_opengl():
    assert not {"torch", "mediapipe", "jax", "pyopengl", "opencv-python"} & set(locked(REQUIREMENTS / "backend.lock"))
