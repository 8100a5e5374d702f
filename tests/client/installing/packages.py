"""Small packages, as real wheels, in a folder, in a list with hashes, and behind a real index."""

import hashlib
import json
import os
import py_compile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from building.payload import ensure_pip_wheel
from building.tree import write_zip
from building.wheelhouse import this_system

WORKS = 'print(\'{"engines": [{"name": "face", "state": "ready"}]}\')\n'
"""What the real backend's `engines --json` says, in short."""


def wheel(folder: Path, name: str, version: str, files: dict[str, bytes]) -> Path:
    """A wheel with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    path, about = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    content = {
        **files,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{member},,\n" for member in [*content, f"{about}/RECORD"])
    write_zip(path, [*content.items(), (f"{about}/RECORD", record.encode())])
    return path


def ballast(name: str, files: int, size: int) -> dict[str, bytes]:
    """Files that take a moment to fetch and to unpack."""
    return {f"{name}/part_{number}.bin": os.urandom(size) for number in range(files)}


class Shelf:
    """What an add-on carries (`payload`) and what it needs besides (`wheels`)."""

    def __init__(self, folder: Path) -> None:
        self.payload = folder / "addon" / "backend"
        self.wheels = folder / "wheels"
        self.needs = [
            wheel(self.wheels, "alpha", "1.0", ballast("alpha", 40, 30_000)),
            wheel(self.wheels, "beta", "2.1", ballast("beta", 400, 2_000)),
            wheel(self.wheels, "gamma", "0.3", ballast("gamma", 3, 2_000_000)),
        ]
        self.payload.mkdir(parents=True)
        (self.payload / ensure_pip_wheel().name).write_bytes(compiled_pip())
        self.carry("0.1.0")

    def carry(self, version: str, program: str = WORKS) -> None:
        """Let the add-on be of this version, with a backend that is this program."""
        files = {"inference_backend/__init__.py": b"", "inference_backend/__main__.py": program.encode()}
        for old in self.payload.glob("mien-*.whl"):
            old.unlink()
        wheels = [*self.needs, wheel(self.payload, "mien", version, files)]
        lines = (f"{pin(path)} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in wheels)
        (self.payload / "base.txt").write_text("".join(lines))
        self.weigh(installed_bytes=sum(path.stat().st_size for path in wheels))

    def weigh(self, installed_bytes: int) -> None:
        """Say what it weighs."""
        download = sum(path.stat().st_size for path in self.needs)
        weight = {"packages": 4, "download_bytes": download, "installed_bytes": installed_bytes}
        pythons = {python: {"base": weight} for python in ("3.11", "3.12", "3.13")}
        (self.payload / "sizes.json").write_text(json.dumps({this_system(): pythons}))


@cache
def compiled_pip() -> bytes:
    """The carried pip with its bytecode beside its sources, since each of its many starts would compile them anew."""
    with TemporaryDirectory() as folder, ZipFile(ensure_pip_wheel()) as carried:
        carried.extractall(folder)
        for source in list(Path(folder).rglob("*.py")):
            py_compile.compile(str(source), f"{source}c", invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
        compiled = BytesIO()
        with ZipFile(compiled, "w") as archive:
            for file in filter(Path.is_file, Path(folder).rglob("*")):
                archive.write(file, file.relative_to(folder))
    return compiled.getvalue()


def pin(path: Path) -> str:
    """The line of a list for a wheel."""
    name, version = path.name.split("-")[:2]
    return f"{name}=={version}"


class Index(ThreadingHTTPServer):
    """A package index on this machine. `asked`: the files that were fetched; `breaks_at`: the one that never ends."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Pages, directory=str(folder)))
        self.fetched: list[str] = []
        self.breaks_at = ""
        self.bytes_per_second = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests are about."""


class _Pages(SimpleHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        name = self.path.strip("/").split("/")[-1]
        if self.path.startswith("/simple/"):
            self._page("".join(f'<a href="/{file.name}">{file.name}</a>' for file in self._wheels(f"{name}-*.whl")))
        else:
            self._file(name)

    def _wheels(self, pattern: str) -> list[Path]:
        return sorted(Path(self.directory).glob(pattern))

    def _page(self, links: str) -> None:
        body = f"<!DOCTYPE html><html><body>{links}</body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _file(self, name: str) -> None:
        self.server.fetched.append(name)
        data = (Path(self.directory) / name).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        if name.startswith(self.server.breaks_at or " "):
            self.wfile.write(data[: len(data) // 2])
            return
        step = 65536
        for begin in range(0, len(data), step):
            self.wfile.write(data[begin : begin + step])
            if self.server.bytes_per_second:
                time.sleep(step / self.server.bytes_per_second)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def index_of(folder: Path) -> Iterator[Index]:
    """An index that serves the wheels of a folder."""
    with Index(folder) as index:
        thread = threading.Thread(target=index.serve_forever, daemon=True)
        thread.start()
        try:
            yield index
        finally:
            index.shutdown()
            thread.join()


def listing(folder: Path) -> list[str]:
    """Everything below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
