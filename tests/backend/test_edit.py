"""Orders in words over HTTP and on the command line, and takes told in words."""

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import pytest

from blender_addon.client.transport import BackendClient
from blender_addon.core.channels import CHANNELS, INDEX
from blender_addon.core.errors import InputError
from blender_addon.core.formats.exchange import open_take
from blender_addon.core.wire import (
    EditReply,
    EditRequest,
    edit_reply_from_json,
    edit_reply_to_json,
    edit_request_from_json,
)
from inference_backend.editing.reader import read_edits
from inference_backend.limits import Limits
from inference_backend.serving import listen, serve

from .test_cli import mien, only_line

TOKEN = "a-token-of-the-tests"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    ends, ready = [], threading.Event()
    listener = listen(0)

    def run() -> None:
        serve(
            listener, TOKEN, dict, make_script_engines=dict, limits=Limits(), on_ready=ready.set, on_start=ends.append
        )

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    yield listener.getsockname()[1]
    ends[0]()
    thread.join(10)


@pytest.mark.parametrize("words", ["1000000 times slower", "hold the smile for 10000000 seconds"])
@pytest.mark.parametrize("suffix", [".mien", ".csv"])
def test_a_take_without_end_is_refused(tmp_path: Path, words: str, suffix: str) -> None:
    take = tmp_path / f"take{suffix}"
    assert mien("perform", "-", "-o", take, stdin=b"She smiles.").returncode == 0
    ended = mien("edit", take, words)
    assert ended.returncode == 1
    assert f'"{words}" would make the take' in only_line(ended.stderr)


@pytest.mark.parametrize("words", ["100 % shorter", "at 0 % speed", "half the smile, 0 times faster"])
def test_what_no_take_can_do_is_told_in_a_line(tmp_path: Path, words: str) -> None:
    take, edited = tmp_path / "take.mien", tmp_path / "edited.mien"
    assert mien("perform", "-", "-o", take, stdin=b"She smiles.").returncode == 0
    ended = mien("edit", take, words, "-o", edited)
    assert ended.returncode == 1
    assert f'{words.rsplit(", ", maxsplit=1)[-1]}" would ' in only_line(ended.stderr)
    assert not edited.exists()


def test_frames_that_run_backwards_are_refused(tmp_path: Path) -> None:
    take = tmp_path / "take.mien"
    assert mien("perform", "-", "-o", take, stdin=b"She smiles.").returncode == 0
    ended = mien("edit", take, "no smile", "--frames", "50", "10")
    assert ended.returncode == 1
    assert "From frame 50 to 10 runs backwards." in only_line(ended.stderr)


def test_a_number_that_is_none_is_no_frame(tmp_path: Path) -> None:
    assert b"nan is no frame" in mien("edit", tmp_path / "take.mien", "slower", "--frames", "nan", "9").stderr


class TestOverHttp:
    def test_the_client_gets_what_the_reader_gives(self, port: int) -> None:
        request = EditRequest("half the smile from 20 to 40, more cowbell", 24.0, 1.0, 5.0)
        found = BackendClient(f"http://127.0.0.1:{port}", TOKEN).read_edits(request)
        assert found == read_edits(request)
        assert found.not_understood == ("more cowbell",)

    def test_it_comes_back_from_its_json(self) -> None:
        reply = read_edits(EditRequest("slower, no blinks, nod at the end, mirror it, hold it", 24.0, 1.0, 5.0))
        assert edit_reply_from_json(json.loads(json.dumps(edit_reply_to_json(reply)))) == reply
        assert isinstance(reply, EditReply)

    def test_a_field_of_an_older_add_on_is_no_obstacle(self) -> None:
        assert edit_request_from_json({"words": "slower", "is_pose": True}) == EditRequest("slower")

    @pytest.mark.parametrize(
        "body",
        [
            *(b"", b"[]", b'{"words": 3}', b'{"words": "slower", "speed": 0}', b'{"words": " "}'),
            *(b'{"words": "slower", "limits": [50, 10]}', b'{"words": "at 0 % speed", "duration": 3}'),
        ],
    )
    def test_what_is_no_order_is_refused(self, port: int, body: bytes) -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request("POST", "/v1/edits", body, {"Authorization": f"Bearer {TOKEN}"})
            reply = connection.getresponse()
            assert reply.status == 400
            assert b'"bad_input"' in reply.read()

    def test_a_stranger_is_refused(self, port: int) -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request("POST", "/v1/edits", b'{"words": "slower"}')
            assert connection.getresponse().status == 401

    def test_too_long_an_order_is_told(self) -> None:
        with pytest.raises(InputError, match="At most"):
            read_edits(EditRequest("slower " * 1000))


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("takes")
    script = folder / "scene.txt"
    script.write_text("She smiles broadly and nods. Then she frowns with raised brows.")
    assert mien("perform", script, "-o", folder / "scene.mien").returncode == 0
    return folder / "scene.mien"


class TestEdit:
    def test_a_take_file_keeps_the_raw_result_and_the_edits(self, take: Path, tmp_path: Path) -> None:
        ended = mien("edit", take, "half the smile, no blinks", "-o", tmp_path / "out.mien")
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert b"50 % weaker" in ended.stdout
        before, after = open_take(take).take, open_take(tmp_path / "out.mien").take
        assert after.raw == before.raw
        assert [edit.words for edit in after.shaping.edits] == ["half the smile", "no blinks"]
        was, now = (found.curves(24.0)["mouthSmileLeft"].values.max() for found in (before, after))
        assert now == pytest.approx(was / 2, abs=0.02)

    def test_a_table_has_what_is_seen(self, take: Path, tmp_path: Path) -> None:
        assert mien("edit", take, "no smile", "-o", tmp_path / "out.csv").returncode == 0
        table = open_take(tmp_path / "out.csv").take.raw
        assert table.channel("mouthSmileLeft").max() < 0.001  # type: ignore[union-attr]  # a table is a track
        assert table.channel("browOuterUpLeft").max() > 0.3  # type: ignore[union-attr]

    def test_frames_limit_it(self, take: Path) -> None:
        plain, limited = (
            json.loads(mien("edit", take, words, "--json", *more).stdout)
            for words, more in (("mirror it. mirror it back", ()), ("less smile", ("--frames", "8", "20")))
        )
        assert plain["not_understood"] == ["mirror it back"]
        assert limited["channels"] == list(CHANNELS)
        original = json.loads(mien("edit", take, "no blinks", "--json").stdout)
        column = INDEX["mouthSmileLeft"]
        was, now = (np.array(found["values"])[:, column] for found in (original, limited))
        frames = 1 + np.arange(len(was))
        assert np.abs(was - now)[(frames < 8) | (frames > 20)].max() < 0.002
        assert np.abs(was - now)[(frames >= 8) & (frames <= 20)].max() > 0.02

    def test_what_is_not_understood_is_told_and_the_rest_done(self, take: Path) -> None:
        ended = mien("edit", take, "slower and more cowbell")
        assert ended.returncode == 0
        assert b"Not understood: more cowbell." in ended.stdout

    def test_nothing_understood_is_1_and_writes_nothing(self, take: Path, tmp_path: Path) -> None:
        ended = mien("edit", take, "purple", "-o", tmp_path / "out.mien")
        assert ended.returncode == 1
        assert "Not understood: purple." in only_line(ended.stderr)
        assert not (tmp_path / "out.mien").exists()

    def test_no_take_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "no.mien").write_text("{}")
        assert mien("edit", tmp_path / "no.mien", "slower").returncode == 1


class TestDescribe:
    def test_a_take_in_few_lines(self, take: Path) -> None:
        ended = mien("describe", take)
        lines = ended.stdout.decode().splitlines()
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert lines[0].startswith("scene: ")
        assert 2 <= len(lines) - 1 <= 12
        assert "smile" in lines[1]
        assert "brows" in lines[-1]

    def test_as_json(self, take: Path) -> None:
        found = json.loads(mien("describe", take, "--json").stdout)
        ends = [(stretch["start"], stretch["end"]) for stretch in found["stretches"]]
        assert ends[0][0] == 0
        assert all(end == start for (_, end), (start, _) in itertools.pairwise(ends))
        assert ends[-1][1] == pytest.approx(found["duration"], abs=0.05)

    def test_the_words_follow_the_numbers(self, take: Path, tmp_path: Path) -> None:
        mien("edit", take, "no smile", "-o", tmp_path / "calm.mien")
        assert "smile" not in mien("describe", tmp_path / "calm.mien").stdout.decode().split("\n", 1)[1]
