"""The command line, as a program."""

import json
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from blender_addon.client.transport import BackendClient
from inference_backend.cli import VERBS
from tests.carriers import face_model_file
from tests.photos import astronaut

from .pictures import BAD_PICTURES, encoded, png

ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    return os.environ | {"MIEN_FACE_MODEL": str(face_model_file())}


def mien(*arguments: object, stdin: bytes | None = None, cwd: Path = ROOT) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "inference_backend", *map(str, arguments)]
    return subprocess.run(
        command, input=stdin, capture_output=True, cwd=cwd, env=environment() | {"PYTHONPATH": str(ROOT)}, timeout=60,
        check=False,
    )  # fmt: skip


def mien_with_closed_input(*arguments: object) -> "subprocess.CompletedProcess[bytes]":
    """As from a shell with `<&-`, which closes what would be the standard input."""
    command = [sys.executable, "-m", "inference_backend", *map(str, arguments)]
    return subprocess.run(
        ["sh", "-c", '"$@" <&-', "sh", *command], capture_output=True, cwd=ROOT, env=environment(), timeout=60,
        check=False,
    )  # fmt: skip


def only_line(stream: bytes) -> str:
    lines = stream.decode().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


class TestUsage:
    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["dance"],
            ["estimate"],
            ["estimate", "a.png", "--engine", "sun"],
            ["estimate", "a.png", "-o", "a.docx"],
            ["estimate", "a.png", "--faces", "0"],
            ["serve", "--port", "none"],
            ["engines", "--nothing"],
        ],
    )
    def test_wrong_usage_is_2_and_shows_how(self, arguments: Sequence[str]) -> None:
        ended = mien(*arguments)
        assert ended.returncode == 2
        assert b"usage: mien" in ended.stderr
        assert ended.stdout == b""

    def test_help_lists_every_verb(self) -> None:
        ended = mien("--help")
        assert ended.returncode == 0
        for verb in VERBS:
            assert verb in ended.stdout.decode()

    @pytest.mark.parametrize("verb", VERBS)
    def test_every_verb_explains_itself(self, verb: str) -> None:
        assert f"usage: mien {verb}" in mien(verb, "--help").stdout.decode()


class TestEngines:
    def test_as_a_table(self) -> None:
        ended = mien("engines")
        assert ended.returncode == 0
        assert "face" in ended.stdout.decode()
        assert "ready" in ended.stdout.decode()

    def test_as_json(self) -> None:
        engine, *_others = json.loads(mien("engines", "--json").stdout)["engines"]
        assert (engine["name"], engine["state"], engine["reads"]) == ("face", "ready", ["image"])


class TestEstimateOfBadInput:
    @pytest.mark.parametrize("fault", BAD_PICTURES)
    def test_each_is_one_clear_line_and_1(self, fault: str, tmp_path: Path) -> None:
        data, _, words = BAD_PICTURES[fault]
        picture = tmp_path / "picture.png"
        picture.write_bytes(data)
        ended = mien("estimate", picture)
        assert (ended.returncode, ended.stdout) == (1, b"")
        line = only_line(ended.stderr)
        assert line.startswith(f"mien: {picture}: ")
        assert words in line

    @pytest.mark.parametrize("name", ["missing.png", "."])
    def test_a_path_that_is_no_file(self, name: str, tmp_path: Path) -> None:
        ended = mien("estimate", tmp_path / name)
        assert ended.returncode == 1
        assert "can't be read" in only_line(ended.stderr)

    def test_one_bad_picture_does_not_keep_the_others_from_being_told(self, tmp_path: Path) -> None:
        for name in ("one.png", "two.png"):
            (tmp_path / name).write_bytes(b"nothing")
        ended = mien("estimate", "one.png", "two.png", "--json", cwd=tmp_path)
        assert ended.returncode == 1
        assert [(entry["image"], entry["error"]["code"]) for entry in json.loads(ended.stdout)] == [
            ("one.png", "bad_input"),
            ("two.png", "bad_input"),
        ]
        assert len(ended.stderr.splitlines()) == 2

    def test_the_error_is_json_too_where_json_is_asked_for(self) -> None:
        ended = mien("estimate", "-", "--json", stdin=b"nothing")
        assert json.loads(ended.stdout)["error"]["code"] == "bad_input"

    def test_a_model_that_is_not_installed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        command = [sys.executable, "-m", "inference_backend", "estimate", "-"]
        setting = {"MIEN_FACE_MODEL": str(tmp_path / "none.task")}
        ended = subprocess.run(
            command, input=png(), capture_output=True, cwd=ROOT, env=os.environ | setting, timeout=60, check=False
        )
        assert ended.returncode == 1
        assert "not installed" in only_line(ended.stderr)


class TestEndlessInput:
    @pytest.mark.parametrize("verb", ["estimate", "perform"])
    @pytest.mark.parametrize("name", ["/dev/zero", "-"])
    def test_it_is_too_large_before_it_fills_the_memory(self, verb: str, name: str) -> None:
        command = [sys.executable, "-m", "inference_backend", verb, name]
        gigabyte = 1 << 30
        with Path("/dev/zero").open("rb") as endless:
            ended = subprocess.run(
                command, stdin=endless, capture_output=True, cwd=ROOT, env=environment(), timeout=60, check=False,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (gigabyte, gigabyte)),
            )  # fmt: skip
        assert ended.returncode == 1
        assert "is larger than" in only_line(ended.stderr)


class TestClosedInput:
    @pytest.mark.parametrize("verb", ["estimate", "perform"])
    def test_it_can_not_be_read(self, verb: str) -> None:
        ended = mien_with_closed_input(verb, "-")
        assert ended.returncode == 1
        assert "the standard input is closed" in only_line(ended.stderr)

    def test_no_token_can_come_from_it(self) -> None:
        ended = mien_with_closed_input("serve", "--port", "0", "--attached")
        assert ended.returncode == 1
        assert "No token came" in only_line(ended.stderr)


class TestClosedOutput:
    @pytest.mark.parametrize("form", [[], ["--json"]])
    def test_a_reader_that_has_enough_ends_it_quietly(self, form: list[str]) -> None:
        command = [sys.executable, "-m", "inference_backend", "estimate", "-", *form]
        face = encoded(Image.fromarray(astronaut()), "PNG")
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as closed:
            ended = subprocess.run(
                command, input=face, stdout=closed, stderr=subprocess.PIPE, cwd=ROOT, env=environment(), timeout=60,
                check=False,
            )  # fmt: skip
        assert (ended.returncode, ended.stderr) == (1, b"")

    @pytest.mark.parametrize(
        ("arguments", "redirection"),
        [
            (("--help",), ">/dev/full"),
            (("engines",), ">&-"),
            (("engines", "--json"), ">/dev/full"),
            (("estimate", "-"), ">&-"),
            (("estimate", "-", "--json"), ">/dev/full"),
            (("estimate", "-", "--json"), ">&- 2>&-"),
            (("perform", "fine.txt"), ">/dev/full"),
            (("perform", "fine.txt", "--json"), ">&-"),
            (("track", "no-such.mp4"), ">/dev/full"),
            (("track", "no-such.mp4", "--json"), ">&-"),
            (("serve", "--port", "0"), ">&-"),
            (("serve", "--port", "0"), ">/dev/full"),
            (("serve", "--port", "0"), ">&- 2>&-"),
        ],
    )
    def test_what_can_not_be_written_is_one_line_and_1(
        self, arguments: Sequence[object], redirection: str, tmp_path: Path
    ) -> None:
        script = tmp_path / "fine.txt"
        script.write_text("She smiles.")
        command = [script if word == "fine.txt" else word for word in arguments]
        ended = subprocess.run(
            ["sh", "-c", f'"$@" {redirection}', "sh", sys.executable, "-m", "inference_backend", *map(str, command)],
            input=encoded(Image.fromarray(astronaut()), "PNG"), capture_output=True, cwd=ROOT, env=environment(),
            timeout=60, check=False,
        )  # fmt: skip
        assert ended.returncode == 1
        if "2>" not in redirection:
            *before, line = ended.stderr.decode().splitlines()
            assert line.startswith("mien: The standard output can't be written to")
            assert not any("Traceback" in line or "Exception ignored" in line for line in before)

    def test_a_file_can_be_written_without_it(self, tmp_path: Path) -> None:
        (tmp_path / "scene.txt").write_text("She smiles.")
        ended = subprocess.run(
            ["sh", "-c", '"$@" >&-', "sh", sys.executable, "-m", "inference_backend", "perform",
             str(tmp_path / "scene.txt"), "-o", str(tmp_path / "scene.json")],
            capture_output=True, cwd=ROOT, env=environment(), timeout=60, check=False,
        )  # fmt: skip
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert json.loads((tmp_path / "scene.json").read_text())["keyframes"]


class TestSmallCharacterSets:
    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
    def test_a_reading_is_shown_as_far_as_they_go(self, encoding: str, tmp_path: Path) -> None:
        picture = tmp_path / "Zoë….jpg"
        Image.fromarray(astronaut()).save(picture)
        environ = environment() | {"PYTHONIOENCODING": encoding}
        command = [sys.executable, "-m", "inference_backend", "estimate", picture]
        ended = subprocess.run(command, capture_output=True, cwd=ROOT, env=environ, timeout=60, check=False)
        assert (ended.returncode, ended.stderr) == (0, b"")
        bar = "━━━" if encoding == "utf-8" else "###"
        assert bar in ended.stdout.decode(encoding)

    def test_so_is_an_error(self) -> None:
        command = [sys.executable, "-m", "inference_backend", "estimate", "Zoë….png"]
        environ = environment() | {"PYTHONIOENCODING": "ascii"}
        ended = subprocess.run(command, capture_output=True, cwd=ROOT, env=environ, timeout=60, check=False)
        assert ended.returncode == 1
        assert "can't be read" in only_line(ended.stderr)


class TestServe:
    def test_by_hand_with_a_token_file(self, tmp_path: Path) -> None:
        token_file = tmp_path / "token"
        token_file.write_text("an old one")
        token_file.chmod(0o644)
        process = subprocess.Popen(
            [sys.executable, "-m", "inference_backend", "serve", "--port", "0", "--token-file", str(token_file)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            greeting = [process.stdout.readline() for _ in range(3)]
            token = token_file.read_text().strip()
            assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
            assert token not in "".join(greeting)
            url = greeting[0].split()[5].removesuffix("/v1/,")
            assert BackendClient(url, token).health().protocol == 1
        finally:
            process.send_signal(signal.SIGINT)
            status = process.wait(10)
            process.stdout.close()
        assert status == 130

    def test_by_hand_the_token_is_shown_once(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "inference_backend", "serve", "--port", "0"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        greeting = [process.stdout.readline() for _ in range(3)]
        process.terminate()
        rest, log = process.communicate(timeout=10)
        token = greeting[1].split()[-1]
        assert len(token) >= 32
        assert token not in rest + log

    @pytest.mark.parametrize("port", ["70000", "-1"])
    def test_a_port_that_is_none(self, port: str) -> None:
        ended = mien("serve", "--port", port)
        assert ended.returncode == 1
        assert "can't be used" in only_line(ended.stderr)

    def test_a_port_that_is_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            ended = mien("serve", "--port", taken.getsockname()[1])
        assert ended.returncode == 1
        assert "in use" in only_line(ended.stderr)

    @pytest.mark.parametrize(
        "handover", [b"", b"\n", b"hello\n", b"[]\n", b'{"token": ""}\n', b'{"token": 3}\n', b"x" * 9000]
    )
    def test_attached_without_a_token_ends_at_once(self, handover: bytes) -> None:
        ended = mien("serve", "--port", "0", "--attached", stdin=handover)
        assert (ended.returncode, ended.stdout) == (1, b"")
        assert "No token came" in only_line(ended.stderr)

    def test_attached_says_one_line_and_ends_with_its_input(self) -> None:
        start = time.perf_counter()
        ended = mien("serve", "--port", "0", "--attached", stdin=b'{"token": "t"}\n')
        assert ended.returncode == 0
        assert set(json.loads(only_line(ended.stdout))) == {"port", "version", "protocol"}
        assert time.perf_counter() - start < 10
