"""The engine semanticface behind a server: by itself, by command and over HTTP. What runs in this process is tested in
`tests/language`."""

import base64
import io
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blender_addon.client.job import JobState, estimate_image_job
from blender_addon.client.launcher import BackendProcess
from blender_addon.core.channels import CHANNELS
from blender_addon.core.errors import CancelledError, EngineError, InputError, TimeLimitError
from blender_addon.core.formats.pose_convention import SEMANTICFACE
from blender_addon.core.formats.semanticface import SYSTEM_PROMPT, USER_PROMPT
from blender_addon.core.semantics.reader import describe
from blender_addon.core.wire import FaceEstimate, image_estimate_from_json
from inference_backend.engines import RgbPicture, never
from inference_backend.language.making import make_semanticface
from inference_backend.language.picture_budget import MOST_PIXELS, within_budget
from inference_backend.language.semanticface import values_begin
from inference_backend.language.settings import LanguageSettings
from tests.face_replies import BAD_REPLIES, REFUTED, VALUES, WORDS, markdown, numbers_of, released_pairs, strict
from tests.language.scripted_server import Answer, Reply, ScriptedServer, chat, error

from .test_cli import mien, only_line

Serve = Callable[..., ScriptedServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    started: list[ScriptedServer] = []

    def start(reply: Reply) -> ScriptedServer:
        started.append(ScriptedServer(reply, models=("semanticface",)))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    """A picture in which the built-in engine finds no face."""
    path = tmp_path / "drawing.png"
    Image.fromarray(picture()).save(path)
    return path


def picture(height: int = 60, width: int = 80) -> RgbPicture:
    return np.random.default_rng(3).integers(0, 255, (height, width, 3), dtype=np.uint8)


def estimate(url: str, *, cancelled: Callable[[], bool] = never, reply_seconds: float = 5) -> FaceEstimate:
    engine = make_semanticface(LanguageSettings(face_url=url, reply_seconds=reply_seconds))
    (face,) = engine.estimate(picture(), max_faces=4, cancelled=cancelled)
    return face


def in_channels(values: dict[str, float]) -> dict[str, float]:
    """Released values as our channels: the release counts a lowered gaze as positive pitch."""
    return SEMANTICFACE.to_pose(values).as_mapping()


class TestReading:
    def test_the_released_request_is_sent_with_the_picture_in_front(self, serve: Serve) -> None:
        server = serve(lambda _: chat(markdown()))
        estimate(server.url)
        (request,) = server.requests
        system, user = request["messages"]
        assert (system["content"], request["temperature"]) == (SYSTEM_PROMPT, 0.0)
        shown, text = user["content"]
        assert text == {"type": "text", "text": USER_PROMPT}
        head, _, data = shown["image_url"]["url"].partition(",")
        assert head == "data:image/png;base64"
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), picture())
        assert "response_format" not in request  # the adapter writes another form than its prompt asks for

    @pytest.mark.parametrize("shape", [markdown, strict])
    def test_the_numbers_arrive_in_either_shape(self, serve: Serve, shape: Callable[[], str]) -> None:
        face = estimate(serve(lambda _: chat(shape())).url)
        assert face.pose.as_mapping() == in_channels(VALUES)
        assert face.pose["leftEyePitch"] == pytest.approx(-0.1)
        assert face.box == (0.0, 0.0, 80.0, 60.0)

    def test_the_description_is_the_faithful_one_with_the_models_own_beside_it(self, serve: Serve) -> None:
        face = estimate(serve(lambda _: chat(markdown())).url)
        assert face.description == describe(face.pose)
        assert face.own_words is not None
        assert face.own_words.text == WORDS
        assert tuple(fault.quote for fault in face.own_words.contradictions) == REFUTED
        assert 0 < face.confidence < 1  # some of the words are borne out

    def test_a_mended_reply_is_doubted(self, serve: Serve) -> None:
        face = estimate(serve(lambda _: chat(strict()[:-1])).url)
        assert any("cut off" in doubt for doubt in face.description.uncertain)

    def test_large_pictures_are_made_smaller(self) -> None:
        large = picture(3000, 2000)
        height, width, _ = within_budget(large).shape
        assert height * width <= MOST_PIXELS
        assert height / width == pytest.approx(1.5, abs=0.01)
        small = picture()
        assert within_budget(small) is small

    def test_an_answer_of_no_use_is_asked_for_again_with_the_schema(self, serve: Serve) -> None:
        answers = iter(["I'd rather not.", strict()])
        server = serve(lambda _: chat(next(answers)))
        assert estimate(server.url).pose["jawOpen"] == pytest.approx(0.3)
        schema = server.requests[1]["response_format"]["json_schema"]["schema"]
        assert len(schema["properties"]["arkit"]["required"]) == 61
        assert "it holds no JSON" in server.requests[1]["messages"][-1]["content"]

    def test_half_a_letter_in_an_answer_of_no_use_is_sent_back_as_a_sign(self, serve: Serve) -> None:
        answers = iter(["I'd rather \ud800 not.", strict()])
        server = serve(lambda _: chat(next(answers)))
        assert estimate(server.url).pose["jawOpen"] == pytest.approx(0.3)
        assert any(message["content"] == "I'd rather ? not." for message in server.requests[1]["messages"])

    def test_words_that_would_steer_a_terminal_are_made_plain(self, serve: Serve) -> None:
        steering = f"\x1b[2J\x1b]0;mine\x07A grin.\x9b\n{markdown()}"
        face = estimate(serve(lambda _: chat(steering)).url)
        assert face.own_words is not None
        assert "A grin." in face.own_words.text
        assert all(line.isprintable() for line in face.own_words.text.split("\n"))
        assert tuple(fault.quote for fault in face.own_words.contradictions) == REFUTED

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("A smile.\n\n{", 10),
            ("A smile.\n\n", None),
            ('{"analysis": {"symmetry": "even"}', None),
            ('```json\n{"analysis": {}, "arkit": {', 34),
            ("```json\n", None),
        ],
    )
    def test_where_the_values_begin(self, text: str, place: int | None) -> None:
        assert values_begin(text) == place


class TestWhatCanBeWrong:
    @pytest.mark.parametrize(("text", "reason"), BAD_REPLIES.values(), ids=BAD_REPLIES)
    def test_a_reply_that_can_not_be_used(self, serve: Serve, text: str, reason: str) -> None:
        server = serve(lambda _: chat(text))
        with pytest.raises(EngineError, match=f"answer for the picture can't be used, twice: .*{reason}"):
            estimate(server.url)
        assert len(server.requests) == 2

    def test_a_reply_that_the_server_cut_off(self, serve: Serve) -> None:
        server = serve(lambda _: chat(markdown()[:600], finish="length"))
        with pytest.raises(EngineError, match="cut off after 2048 tokens"):
            estimate(server.url)

    def test_a_server_that_fails(self, serve: Serve) -> None:
        server = serve(lambda _: error(500, "CUDA out of memory"))
        with pytest.raises(EngineError, match=r"failed \(500\): CUDA out of memory. Look at its log"):
            estimate(server.url)

    def test_a_server_without_eyes(self, serve: Serve) -> None:
        server = serve(lambda _: error(400, "image input is not supported"))
        with pytest.raises(EngineError, match=r"image input is not supported.*not every model takes pictures"):
            estimate(server.url)

    def test_a_server_that_hangs(self, serve: Serve) -> None:
        server = serve(lambda _: chat(""))
        server.reply = server.hang
        with pytest.raises(TimeLimitError, match=r"did not answer within 0\.5 s"):
            estimate(server.url, reply_seconds=0.5)

    def test_it_is_cancelled_while_the_server_works(self, serve: Serve) -> None:
        server = serve(lambda _: chat(""))
        server.reply = server.hang
        with pytest.raises(CancelledError):
            estimate(server.url, cancelled=server.hanging.is_set)
        assert server.is_left(within_seconds=10)

    def test_what_is_no_address(self) -> None:
        engine = make_semanticface(LanguageSettings(face_url="localhost"))
        assert engine.status().state == "not installed"
        with pytest.raises(InputError, match="is not the address of a server"):
            engine.estimate(picture(), max_faces=1)

    def test_without_anything_it_says_what_it_needs_and_how_to_get_it(self) -> None:
        status = make_semanticface(LanguageSettings()).status()
        assert (status.state, status.reads) == ("not installed", ("image",))
        assert "mien[language]" in status.detail
        assert "about 10 GiB of memory" in status.detail


class TestChoosing:
    def test_what_is_named_for_faces_goes_before_what_scripts_use(self) -> None:
        both = LanguageSettings(url="http://a/v1", model="m", key="k", face_url="http://b/v1", face_key="f").of_faces()
        assert (both.url, both.model, both.key) == ("http://b/v1", None, "f")
        shared = LanguageSettings(url="http://a/v1", model="m", key="k", face_model="f").of_faces()
        assert (shared.url, shared.model, shared.key) == ("http://a/v1", "f", "k")
        local = LanguageSettings(url="http://a/v1", key="k", face_adapter="/lora").of_faces()
        assert (local.url, local.adapter, local.key) == (None, "/lora", None)

    def test_every_choice_has_its_variable(self) -> None:
        names = ("url", "model", "key", "base", "adapter")
        found = LanguageSettings.from_environ({f"MIEN_LANGUAGE_FACE_{name.upper()}": name for name in names})
        assert [getattr(found, f"face_{name}") for name in names] == list(names)


class TestByCommand:
    def test_words_numbers_and_what_they_disagree_in(self, serve: Serve, drawing: Path) -> None:
        url = serve(lambda _: chat(markdown())).url
        done = mien("estimate", drawing, "--engine", "semanticface", "--url", url, "--json")
        assert (done.returncode, done.stderr) == (0, b"")
        reply = json.loads(done.stdout)
        (face,) = reply["faces"]
        assert tuple(face["channels"]) == CHANNELS
        assert face["channels"] == in_channels(VALUES)
        assert face["own_words"]["text"] == WORDS
        assert [fault["quote"] for fault in face["own_words"]["contradictions"]] == list(REFUTED)
        read = image_estimate_from_json(reply).faces[0]
        assert read.description == describe(read.pose)

    def test_for_people_the_faithful_words_come_first(self, serve: Serve, drawing: Path) -> None:
        url = serve(lambda _: chat(markdown())).url
        said = mien("estimate", drawing, "--engine", "semanticface", "--url", url).stdout.decode()
        plain = " ".join(said.split())
        assert plain.index("open smile") < plain.index("The model's own words:") < plain.index("A cheerful grin.")
        assert "! - Mouth: The corners of the mouth go up, and the tongue is out." in plain
        assert '! Words against numbers: "the tongue is out": the numbers show no tongue out.' in plain
        assert "left and right are equal in the smile: left 0.5, right 0.5." in plain

    def test_a_fault_is_one_line_and_1(self, serve: Serve, drawing: Path) -> None:
        url = serve(lambda _: Answer(500, b'{"error": "out\\nof memory"}')).url
        done = mien("estimate", drawing, "--engine", "semanticface", "--url", url)
        assert (done.returncode, done.stdout) == (1, b"")
        assert "failed (500): out of memory" in only_line(done.stderr)

    def test_an_engine_that_asks_no_server_takes_no_url(self, drawing: Path) -> None:
        done = mien("estimate", drawing, "--url", "http://localhost:1/v1")
        assert done.returncode == 1
        assert "Use --engine semanticface" in only_line(done.stderr)

    def test_it_is_one_line_of_the_list(self) -> None:
        engines = json.loads(mien("engines", "--json").stdout)["engines"]
        (entry,) = (entry for entry in engines if entry["name"] == "semanticface")
        assert entry["reads"] == ["image"]

    @pytest.mark.parametrize("number", range(len(released_pairs())))
    def test_the_released_requests_give_the_released_numbers(self, serve: Serve, number: int) -> None:
        _, reply, photo = released_pairs()[number]
        url = serve(lambda _: chat(reply)).url
        done = mien("estimate", photo, "--engine", "semanticface", "--url", url, "--json")
        assert json.loads(done.stdout)["faces"][0]["channels"] == in_channels(numbers_of(reply))


class TestOverHttp:
    @pytest.fixture
    def start(self, tmp_path: Path) -> Iterator[Callable[[str], BackendProcess]]:
        running: list[BackendProcess] = []

        def started(url: str) -> BackendProcess:
            environ = {"MIEN_LANGUAGE_FACE_URL": url}
            root = Path(__file__).parents[2]
            running.append(BackendProcess.start(Path(sys.executable), root, tmp_path / "backend.log", environ))
            running[-1].wait_until_ready(20)
            return running[-1]

        yield started
        for backend in running:
            backend.stop()

    def test_it_is_not_asked_ahead_of_the_first_picture(
        self, serve: Serve, start: Callable[[str], BackendProcess], drawing: Path
    ) -> None:
        server = serve(lambda _: chat(markdown()))
        client = start(server.url).client()
        time.sleep(0.5)
        assert server.requests == []
        answer = client.estimate_image(drawing.read_bytes(), engine="semanticface")
        assert answer.engine == "semanticface"
        assert answer.faces[0].own_words is not None
        assert len(server.requests) == 1

    def test_who_leaves_ends_the_work_of_the_model(
        self, serve: Serve, start: Callable[[str], BackendProcess], drawing: Path
    ) -> None:
        server = serve(lambda _: chat(""))
        server.reply = server.hang
        backend = start(server.url)
        job = estimate_image_job(backend.client, drawing.read_bytes(), engine="semanticface")
        assert server.hanging.wait(10)
        job.cancel()
        assert job.step() is JobState.CANCELLED
        assert server.is_left(within_seconds=20)
        server.let_go()
        answered: list[Any] = []
        server.reply = lambda _: chat(markdown())
        asking = threading.Thread(
            target=lambda: answered.append(backend.client().estimate_image(drawing.read_bytes(), engine="semanticface"))
        )
        asking.start()
        asking.join(20)
        assert len(answered) == 1  # the engine is free again
