"""The words and replies of the KeyframeFace release."""

import json
import re
from pathlib import Path

import pytest

from blender_addon.core.channels import CHANNELS
from blender_addon.core.formats.keyframeface import (
    MOST_KEYFRAMES,
    RANGES,
    SYSTEM_PROMPT,
    UNSTATED,
    ordinal_word,
    read_reply,
    reply_key,
    user_prompt,
)
from blender_addon.core.formats.model_reply import ReplyError
from blender_addon.core.formats.pose_convention import KEYFRAMEFACE

RELEASE = Path(__file__).resolve().parents[4] / "shared" / "data" / "keyframeface"

MOVING = {
    "EyeLookDownLeft": 0.2,
    "EyeLookDownRight": 0.2,
    "MouthPressLeft": 0.4,
    "HeadPitch": -0.1,
    "LeftEyePitch": -0.2,
}
VALUES = dict.fromkeys(RANGES, 0.0) | MOVING


def reply(number: int = 1, **changed: object) -> str:
    return json.dumps({reply_key(number): VALUES | changed})


def test_the_61_numbers_come_out_as_they_stand() -> None:
    assert read_reply(reply(), 1) == VALUES


def test_they_become_a_pose_in_the_projects_names_and_units() -> None:
    pose = KEYFRAMEFACE.to_pose(read_reply(reply(), 1)).as_mapping()
    assert {name: value for name, value in pose.items() if value} == {
        "eyeLookDownLeft": 0.2,
        "eyeLookDownRight": 0.2,
        "mouthPressLeft": 0.4,
        "headPitch": -0.1,
        "leftEyePitch": -0.2,
    }


@pytest.mark.parametrize("key", ["Keyframe_one", "keyframe_1", "Keyframe One", "KeyframeOne"])
def test_the_key_may_be_written_in_several_ways(key: str) -> None:
    assert read_reply(json.dumps({key: VALUES}), 1) == VALUES


def test_bare_values_are_taken_too() -> None:
    assert read_reply(json.dumps(VALUES), 3) == VALUES


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (reply(2), "it answers Keyframe_two instead of Keyframe_one"),
        (json.dumps({"Keyframe_one": VALUES, "Keyframe_two": VALUES}), "it answers 2 keyframes"),
        (json.dumps({"Keyframe_one": [1, 2]}), "holds no values"),
        (reply(JawOpen=1.7), "JawOpen is 1.7"),
        (reply(HeadYaw=-1.2), "HeadYaw is -1.2"),
        (reply(JawOpen="open"), 'JawOpen is "open"'),
        (reply(JawOpen=float("nan")), "NaN"),
        (reply(JawAjar=0.1), "JawAjar is not asked for"),
        (json.dumps({"Keyframe_one": {n: v for n, v in VALUES.items() if n != "TongueOut"}}), "TongueOut is missing"),
        (reply()[:400], "it is cut off"),
    ],
)
def test_anything_else_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ReplyError, match=reason):
        read_reply(text, 1)


def test_the_request_shows_the_whole_sequence() -> None:
    words = user_prompt(["Looks\ndown.", "Smiles."], 2, background="A hall.", emotion="")
    assert words.splitlines() == [
        "Keyframe Description Sequence:",
        "- Keyframe One: Looks down.",
        "- Keyframe Two: Smiles.",
        "",
        "Background: A hall.",
        f"Emotion: {UNSTATED}",
        "",
        "Task Instruction: Generate the facial expression parameters for Keyframe Two.",
    ]


def test_keyframes_are_counted_in_words() -> None:
    words = [ordinal_word(number) for number in range(1, MOST_KEYFRAMES + 1)]
    assert len(set(words)) == MOST_KEYFRAMES
    assert [words[index - 1] for index in (1, 10, 20, 21, 99)] == ["one", "ten", "twenty", "twenty-one", "ninety-nine"]


def test_there_is_a_range_for_every_channel() -> None:
    assert [name[0].lower() + name[1:] for name in RANGES] == list(CHANNELS)


@pytest.mark.skipif(not RELEASE.is_dir(), reason="the release's own example is not part of this repository")
class TestRelease:
    def messages(self) -> list[dict[str, str]]:
        line = (RELEASE / "example.jsonl").read_text(encoding="utf-8").splitlines()[0]
        found: list[dict[str, str]] = json.loads(line)["messages"]
        return found

    def test_the_request_is_the_released_one_to_the_letter(self) -> None:
        system, user = (message["content"] for message in self.messages())
        descriptions = re.findall(r"^- Keyframe \w+: (.*)$", user, re.MULTILINE)
        background, emotion = (
            re.search(f"^{name}: (.*)$", user, re.MULTILINE)[1] for name in ("Background", "Emotion")
        )
        assert system == SYSTEM_PROMPT
        assert user == user_prompt(descriptions, 1, background=background, emotion=emotion)

    def test_the_reply_gives_exactly_the_released_numbers(self) -> None:
        line = (RELEASE / "example_result.jsonl").read_text(encoding="utf-8").splitlines()[0]
        response = json.loads(line)["response"]
        assert read_reply(response, 1) == json.loads(response)["Keyframe_one"]
