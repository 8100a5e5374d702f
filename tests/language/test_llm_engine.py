"""Any OpenAI-compatible server directs a script: the two stages, and what comes of answers that are wrong."""

import json
from typing import Any

import pytest

from blender_addon.core.anatomy import faults
from blender_addon.core.errors import CancelledError, EngineError, InputError, TooLargeError
from blender_addon.core.performance import Performance, Role
from inference_backend.language.directing import outline_schema, pose_schema
from inference_backend.language.llm import LanguageServerEngine
from inference_backend.language.making import make_llm
from inference_backend.language.passages import passages_of
from inference_backend.language.settings import LanguageSettings
from tests.language.conftest import Serve
from tests.language.scripted_server import Answer, chat

SCRIPT = "She reads the letter.\nHer smile fades. She blinks at the window."


def moment(passage: int = 1, after: int = 400, hold: int = 0, description: str = "The brows rise.") -> dict[str, Any]:
    return {"passage": passage, "after_ms": after, "hold_ms": hold, "description": description}


class Director:
    """Answers the first question with `moments`, and the later ones with the pose of the moment asked for."""

    def __init__(self, moments: list[dict[str, Any]], poses: list[dict[str, Any]]) -> None:
        self.moments = moments
        self.poses = poses

    def __call__(self, request: dict[str, Any]) -> Answer:
        question = request["messages"][1]["content"]
        if "Give the face at moment" not in question:
            return chat(json.dumps({"moments": self.moments}))
        return chat(json.dumps(self.poses[int(question.rsplit(" ", 1)[1].rstrip(".")) - 1]))


def engine(url: str) -> LanguageServerEngine:
    return make_llm(LanguageSettings(url=url, model="tiny", reply_seconds=5))


def perform(serve: Serve, director: Director, script: str = SCRIPT, **context: Any) -> Performance:
    return engine(serve(director).url).perform(script, **{"life": False, **context})


SMILE_THEN_LOOK = Director(
    [moment(1, 500, 1000, "A smile."), moment(2, 300, 0, "The smile is gone, the eyes turn left.")],
    [{"mouthSmileLeft": 60, "mouthSmileRight": 55}, {"leftEyeYaw": 20, "rightEyeYaw": 20, "browInnerUp": 30}],
)


def test_two_stages_make_described_keys(serve: Serve) -> None:
    performance = perform(serve, SMILE_THEN_LOOK)
    first, second = performance.beats
    assert (first.time, first.hold, second.time) == (0.5, 1.0, 1.8)
    assert (first.description, second.description) == ("A smile.", "The smile is gone, the eyes turn left.")
    assert first.channels["mouthSmileLeft"] == pytest.approx(0.6)
    assert second.channels["mouthSmileLeft"] == 0.0
    assert second.channels["leftEyeYaw"] == pytest.approx(0.349, abs=1e-3)
    assert performance.keyframes[0].role is Role.PASSING
    sources = [beat.source or (0, 0) for beat in performance.beats]
    assert [SCRIPT[start:end] for start, end in sources] == ["She reads the letter.", "Her smile fades."]
    assert performance.not_understood == ("She blinks at the window.",)
    assert faults(performance) == ()


def test_the_schema_is_sent_and_repeated_in_the_words(serve: Serve) -> None:
    server = serve(SMILE_THEN_LOOK)
    engine(server.url).perform(SCRIPT, background="A kitchen.", emotion="grief", plays="she")
    first, *others = server.requests
    for request, schema in [(first, outline_schema(3, 9)), *((other, pose_schema()) for other in others)]:
        assert request["response_format"]["json_schema"]["schema"] == schema
        assert json.dumps(schema, separators=(",", ":")) in request["messages"][0]["content"]
        assert "Background: A kitchen.\nEmotion: grief" in request["messages"][1]["content"]
    assert "2. Her smile fades." in first["messages"][1]["content"]
    assert 'the part of "she"' in first["messages"][1]["content"]
    assert all("1. A smile.\n2. The smile is gone" in other["messages"][1]["content"] for other in others)


def test_the_length_that_was_asked_for_is_kept(serve: Serve) -> None:
    performance = perform(serve, SMILE_THEN_LOOK, duration=4.4)
    assert performance.duration == 4.4
    assert [beat.time for beat in performance.beats] == [1.0, 3.6]


def test_a_seed_asks_for_a_variation(serve: Serve) -> None:
    server = serve(SMILE_THEN_LOOK)
    engine(server.url).perform(SCRIPT, seed=7)
    assert {(request["temperature"], request["seed"]) for request in server.requests} == {(0.7, 7)}


def test_impossible_poses_are_mended_and_told(serve: Serve) -> None:
    both = {"mouthSmileLeft": 80, "mouthFrownLeft": 70, "jawOpen": 10, "mouthClose": 90}
    performance = perform(serve, Director([moment()], [both]))
    assert faults(performance) == ()
    assert any("mouthSmileLeft and mouthFrownLeft act at once" in note for note in performance.notes)


@pytest.mark.parametrize(
    ("moments", "reason"),
    [
        ([], "it lists no moments"),
        ([moment()] * 30, "it lists 30 moments, more than 9"),
        ([moment(passage=4)], "passage is 4, outside 1 to 3"),
        ([moment(after=-5)], "after_ms is -5"),
        ([moment(description=" ")], "a moment has no description"),
        ([moment() | {"description": 5}], "a moment has no description"),
        ([moment() | {"mood": "sad"}], "mood is not asked for"),
        ([{"passage": 1, "description": "A smile."}], "after_ms, hold_ms are missing"),
        ([moment() | {"after_ms": "soon"}], 'after_ms is "soon", not a number'),
        ([moment() | {"passage": 1.5}], "passage is 1.5, not a whole number"),
        (["A smile."], "a moment is not an object"),
        ("A smile.", "it lists no moments"),
    ],
)
def test_an_outline_that_is_wrong_is_refused(serve: Serve, moments: Any, reason: str) -> None:
    with pytest.raises(EngineError, match=f"answer for the moments of the script can't be used, twice: {reason}"):
        perform(serve, Director(moments, []))


@pytest.mark.parametrize(
    ("pose", "reason"),
    [
        ({"jawOpen": 170}, "jawOpen is 170, outside 0 to 100"),
        ({"jawOpen": "wide"}, 'jawOpen is "wide"'),
        ({"jawOpen": 5, "happiness": 80}, "happiness is not asked for"),
        ({"headYaw": 120}, "headYaw is 120"),
        ({"happiness": 80}, "not of the form"),
    ],
)
def test_a_pose_that_is_wrong_is_refused(serve: Serve, pose: dict[str, Any], reason: str) -> None:
    with pytest.raises(EngineError, match=f"answer for moment 1 of 1 can't be used, twice: .*{reason}"):
        perform(serve, Director([moment()], [pose]))


def test_a_face_at_rest_is_an_answer(serve: Serve) -> None:
    performance = perform(serve, Director([moment()], [{}]))
    assert [beat.channels for beat in performance.beats] == [{}]


def test_it_is_cancelled_while_the_server_works(serve: Serve) -> None:
    server = serve(lambda _: chat("{}"))
    server.reply = server.hang
    with pytest.raises(CancelledError):
        engine(server.url).perform(SCRIPT, cancelled=server.hanging.is_set)


@pytest.mark.parametrize("script", ["", "  \n ", "... !? --", "(*)"])
def test_a_script_without_words_is_refused(serve: Serve, script: str) -> None:
    with pytest.raises(InputError):
        perform(serve, SMILE_THEN_LOOK, script)


def test_a_script_beyond_the_limit_is_refused(serve: Serve) -> None:
    with pytest.raises(TooLargeError, match="20,001 characters"):
        perform(serve, SMILE_THEN_LOOK, "a" * 20_001)


@pytest.mark.parametrize("duration", [0.0, -1.0, float("nan"), 1e9])
def test_a_length_that_can_not_be_is_refused(serve: Serve, duration: float) -> None:
    with pytest.raises(InputError, match="length"):
        perform(serve, SMILE_THEN_LOOK, duration=duration)


def test_without_a_server_it_says_how_to_name_one() -> None:
    nowhere = make_llm(LanguageSettings())
    assert nowhere.status().state == "not installed"
    assert "--url" in nowhere.status().detail
    with pytest.raises(EngineError, match="No language server is named"):
        nowhere.perform(SCRIPT)


def test_a_long_script_is_cut_into_few_passages_that_miss_nothing() -> None:
    script = "She smiles. He nods!\n\nANNA: (softly) Why? " * 450
    passages = passages_of(script)
    assert len(passages) <= 60
    assert "".join(script[p.start : p.end] for p in passages).replace(" ", "").replace("\n", "") == script.replace(
        " ", ""
    ).replace("\n", "")
