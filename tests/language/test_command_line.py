"""`perform` and the backend with a language engine, as a user starts them."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from blender_addon.core.channels import CHANNELS
from tests.language.conftest import Serve
from tests.language.scripted_server import Answer, chat
from tests.language.test_llm_engine import SCRIPT, SMILE_THEN_LOOK


def mien(*words: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command: Sequence[str | Path] = [sys.executable, "-m", "inference_backend", *words]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={"OMP_NUM_THREADS": "1"} | environ,
        input=SCRIPT,
        check=False,
        timeout=60,
    )


def test_a_server_performs_a_script(serve: Serve) -> None:
    done = mien("perform", "-", "--engine", "llm", "--url", serve(SMILE_THEN_LOOK).url, "--model", "tiny", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    performance = json.loads(done.stdout)
    described = [frame for frame in performance["keyframes"] if frame.get("role", "beat") == "beat"]
    assert [frame["description"] for frame in described] == ["A smile.", "The smile is gone, the eyes turn left."]
    assert all(set(frame["channels"]) <= set(CHANNELS) for frame in performance["keyframes"])
    assert performance["not_understood"] == ["She blinks at the window."]


def test_the_address_may_stand_in_the_environment(serve: Serve) -> None:
    url = serve(SMILE_THEN_LOOK).url
    assert mien("perform", "-", "--engine", "llm", MIEN_LANGUAGE_URL=url).returncode == 0


@pytest.mark.parametrize("words", [("--engine", "llm"), ("--engine", "keyframeface")])
def test_a_fault_is_one_line_and_1(serve: Serve, words: tuple[str, ...]) -> None:
    server = serve(lambda _: Answer(500, b'{"error": "out\\nof memory"}'))
    done = mien("perform", "-", *words, "--url", server.url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("mien: The language server at http://127.0.0.1:")
    assert "failed (500): out of memory. Look at its log." in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_an_address_it_says_how_to_give_one() -> None:
    done = mien("perform", "-", "--engine", "llm")
    assert done.returncode == 1
    assert "--url http://HOST:PORT/v1" in done.stderr


def test_the_engines_are_listed_with_their_state(base_folder: Path, adapter_folder: Path) -> None:
    environ = {"MIEN_LANGUAGE_BASE": str(base_folder), "MIEN_LANGUAGE_ADAPTER": str(adapter_folder)}
    listing = json.loads(mien("engines", "--json", **environ).stdout)["engines"]
    states = {entry["name"]: entry["state"] for entry in listing}
    assert (states["llm"], states["keyframeface"]) == ("not installed", "ready")


def test_a_local_adapter_performs_a_script(base_folder: Path, adapter_folder: Path) -> None:
    environ = {"MIEN_LANGUAGE_BASE": str(base_folder), "MIEN_LANGUAGE_ADAPTER": str(adapter_folder)}
    done = mien("perform", "-", "--engine", "keyframeface", "--json", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(done.stdout)["keyframes"]) > 1


def test_a_reply_with_escape_codes_does_not_reach_the_terminal(serve: Serve) -> None:
    done = mien("perform", "-", "--engine", "llm", "--url", serve(lambda _: chat("\x1b[31mno")).url)
    assert done.returncode == 1
    assert "\x1b" not in done.stderr
