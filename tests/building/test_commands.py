"""The command line of build.py, run for real."""

import os
import socket
import subprocess
import sys

import pytest

from building.environments import default_blender
from building.layout import ROOT

LIMIT_S = 180


def build(*arguments: str, folder=ROOT) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "build.py"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)


def test_help_lists_the_commands():
    outcome = build("--help")
    assert outcome.returncode == 0
    for command in ("demo", "test", "addon", "backend", "blender", "bench", "gui"):
        assert f"\n    {command} " in outcome.stdout


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["blender"], ["blender", "--version", "1.0", "x.py"]])
def test_wrong_usage_is_2(arguments):
    outcome = build(*arguments)
    assert outcome.returncode == 2
    assert "usage: build.py" in outcome.stderr


def test_a_missing_script_is_told_in_a_sentence():
    outcome = build("blender", "nowhere.py")
    assert outcome.returncode == 1
    assert outcome.stderr.strip().endswith("build.py: There is no script nowhere.py.")


def test_the_backend_gets_its_own_options_and_gives_its_own_status():
    assert "VERB" in build("backend", "--help").stdout
    assert build("backend", "no-such-verb").returncode == 2


def test_an_unknown_check_is_refused():
    outcome = build("test", "no-such-check")
    assert outcome.returncode == 1
    assert "There is no check no-such-check" in outcome.stderr


@pytest.mark.parametrize(
    ("ending", "status"), [("pass", 0), ("raise ValueError('as meant')", 1), ("sys.exit(5)", 5), ("sys.exit('no')", 1)]
)
def test_a_script_in_blender_ends_with_its_own_status(ending, status, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(f"import sys, bpy\nprint(*sys.argv[1:], bpy.app.version_string, sep='|')\n{ending}\n")
    outcome = build("blender", "script.py", "--version", "one two", folder=tmp_path)
    assert outcome.returncode == status, outcome.stderr
    told = outcome.stdout.strip()
    assert told.startswith(f"--version|one two|{default_blender()}."), "stdout belongs to the script alone"
    assert ("ValueError: as meant" in outcome.stderr) == ("ValueError" in ending)


def test_a_script_in_blender_has_the_add_on(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import bpy\nbpy.ops.mien.add_example_head()\nprint(len(bpy.data.meshes))\n")
    outcome = build("blender", str(script))
    assert outcome.returncode == 0, outcome.stderr
    assert int(outcome.stdout.split()[-1]) > 1


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signals that a program could be asked to end by")
def test_ending_build_py_ends_the_backend_that_it_runs():
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "build.py"), "backend", "serve", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    greeting = server.stdout.readline()
    port = int(greeting.split("/v1/")[0].rsplit(":", 1)[1])
    server.terminate()
    server.communicate(timeout=10)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    with pytest.raises(ProcessLookupError):
        os.killpg(server.pid, 0)
