"""Scripts over HTTP and on the command line."""

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from blender_addon.core.formats.exchange import read_take
from blender_addon.core.wire import performance_from_json, performance_to_json
from inference_backend.engines import SCRIPT_ENGINES
from inference_backend.limits import Limits
from inference_backend.serving import listen, serve

from .test_cli import mien, only_line

TOKEN = "a-token-of-the-tests"
SCRIPT = "She smiles, then looks down. (pause) She juggles."


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    ends, ready = [], threading.Event()
    listener = listen(0)
    number = listener.getsockname()[1]

    def run() -> None:
        serve(
            listener,
            TOKEN,
            dict,
            make_script_engines=lambda: {name: make() for name, make in SCRIPT_ENGINES.items()},
            limits=Limits(script_bytes=50_000),
            on_ready=ready.set,
            on_start=ends.append,
        )

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    yield number
    ends[0]()
    thread.join(10)
    assert not thread.is_alive()


def post(port: int, body: object, *, token: str = TOKEN) -> tuple[int, dict]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request("POST", "/v1/perform", data, {"Authorization": f"Bearer {token}"})
    reply = connection.getresponse()
    found = json.loads(reply.read())
    connection.close()
    return reply.status, found


class TestHttp:
    def test_a_script_becomes_keyframes(self, port: int) -> None:
        status, reply = post(port, {"script": SCRIPT, "emotion": "sad", "seed": 4})
        assert status == 200
        expected = SCRIPT_ENGINES["performer"]().perform(SCRIPT, emotion="sad", seed=4)
        assert reply == json.loads(json.dumps(performance_to_json(expected)))
        assert reply["not_understood"] == ["She juggles"]

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"script": "   "}, 400, "bad_input"),
            ({"words": "She smiles."}, 400, "bad_input"),
            ({"script": "She smiles.", "duration": "long"}, 400, "bad_input"),
            ({"script": "She smiles.", "engine": "nobody"}, 503, "engine"),
            (b"She smiles.", 400, "bad_input"),
            (b"[" * 20_000, 400, "bad_input"),
            ({"script": "a" * 60_000}, 413, "too_large"),
        ],
    )
    def test_what_cannot_be_performed_is_said_in_the_one_shape(
        self, port: int, body: object, status: int, code: str
    ) -> None:
        found, reply = post(port, body)
        assert (found, reply["error"]["code"]) == (status, code)
        assert reply["error"]["message"]
        assert reply["error"]["hint"]

    def test_the_token_is_needed(self, port: int) -> None:
        assert post(port, {"script": SCRIPT}, token="another")[0] in (401, 403)

    def test_many_at_once_each_get_their_own(self, port: int) -> None:
        scripts = [f"She smiles. (pause) He blinks {count} times." for count in range(2, 8)]
        replies: dict[str, dict] = {}
        threads = [
            threading.Thread(target=lambda text=text: replies.update({text: post(port, {"script": text})[1]}))
            for text in scripts
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        performer = SCRIPT_ENGINES["performer"]()
        for text in scripts:
            assert replies[text] == json.loads(json.dumps(performance_to_json(performer.perform(text))))


class TestCommandLine:
    def test_json_from_the_standard_input(self) -> None:
        ended = mien("perform", "-", "--json", "--seed", "4", stdin=SCRIPT.encode())
        assert ended.returncode == 0
        performance = performance_from_json(json.loads(ended.stdout))
        assert performance.not_understood == ("She juggles",)
        assert performance.beats

    def test_one_part_of_it(self) -> None:
        ended = mien("perform", "-", "--json", "--plays", "ben", stdin=b"Anna smiles. Ben winks.")
        performance = performance_from_json(json.loads(ended.stdout))
        assert [beat.description for beat in performance.beats] == ["one eye winks, on the left"]
        ended = mien("perform", "-", "--plays", "Cleo", stdin=b"Anna smiles. Ben winks.")
        assert ended.returncode == 1
        assert 'names nobody "Cleo"' in ended.stderr.decode()

    def test_a_file_in_and_a_file_out(self, tmp_path: Path) -> None:
        script, output = tmp_path / "scene.txt", tmp_path / "scene.json"
        script.write_text("\ufeff" + SCRIPT, encoding="utf-8")
        ended = mien("perform", script, "-o", output, "--duration", "9", "--background", "a funeral")
        assert (ended.returncode, ended.stdout) == (0, b"")
        assert json.loads(output.read_text(encoding="utf-8"))["duration"] == 9

    @pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".mien"])
    def test_every_form_of_output_is_read_again(self, suffix: str, tmp_path: Path) -> None:
        arguments = ("-", "--json", "--emotion", "sad", "-o", tmp_path / f"scene{suffix}")
        ended = mien("perform", *arguments, stdin=SCRIPT.encode())
        assert ended.returncode == 0
        performance = performance_from_json(json.loads(ended.stdout))
        take = read_take((tmp_path / f"scene{suffix}").read_bytes(), f"scene{suffix}").take
        assert take.duration == pytest.approx(performance.duration, abs=1.1)
        if suffix == ".mien":
            assert (take.words, take.engine) == (SCRIPT, "performer")
            assert performance_to_json(take.raw) == performance_to_json(performance)
        if suffix == ".jsonl":
            assert [beat.description for beat in take.raw.beats] == [beat.description for beat in performance.beats]
            assert take.words == "Background: Not specified.\nEmotion: sad"

    def test_words_for_people(self) -> None:
        shown = mien("perform", "-", stdin=SCRIPT.encode()).stdout.decode()
        assert "the corners of the mouth rise" in shown
        assert "not understood: She juggles" in shown

    @pytest.mark.parametrize("text", [b"", b"  \n", b"... !?", "\u00e9t\u00e9".encode("latin-1")])
    def test_a_script_without_words_is_one_clear_line_and_1(self, text: bytes) -> None:
        ended = mien("perform", "-", stdin=text)
        assert (ended.returncode, ended.stdout) == (1, b"")
        assert only_line(ended.stderr).startswith("mien: The script")

    def test_a_file_that_is_not_there(self) -> None:
        ended = mien("perform", "nowhere.txt")
        assert ended.returncode == 1
        assert "nowhere.txt" in only_line(ended.stderr)

    @pytest.mark.parametrize("arguments", [[], ["-", "--duration", "long"], ["-", "-o", "scene.mov"]])
    def test_wrong_usage_is_2(self, arguments: list[str]) -> None:
        assert mien("perform", *arguments, stdin=b"She smiles.").returncode == 2


def test_the_page_for_people_shows_how_to_perform(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/v1/docs")
    reply = connection.getresponse()
    page = reply.read().decode()
    connection.close()
    assert reply.status == 200
    assert "POST /v1/perform" in page
    assert "the script as `script`" in page
