"""JSONL of KeyframeFace and SemanticFace: the released files, our own, and damaged ones."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_addon.core.channels import CHANNELS
from blender_addon.core.formats.file_text import FormatError
from blender_addon.core.formats.keyframeface_file import (
    context_of,
    is_keyframeface,
    read_keyframeface,
    write_keyframeface,
)
from blender_addon.core.formats.live_link_face import read_live_link_face
from blender_addon.core.formats.pose_convention import KEYFRAMEFACE, RELEASED_NAMES, SEMANTICFACE
from blender_addon.core.formats.semanticface_file import (
    DescribedFace,
    is_semanticface,
    read_faces,
    read_semanticface,
    released_words,
    write_semanticface,
)
from blender_addon.core.performance import Keyframe, Performance, Role
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.reader import describe
from blender_addon.core.track import FaceTrack

from ..poses import FACES, poses

VALUES = dict.fromkeys(RELEASED_NAMES, 0.0) | {"JawOpen": 0.3, "LeftEyePitch": -0.2, "HeadYaw": 0.1}
RELEASED_KEYFRAME = json.dumps({"response": json.dumps({"Keyframe_one": VALUES})})
MARKDOWN = "1. **Facial Expression Category**: A smile.\n4. **Symmetry**: Even."
RELEASED_FACE = json.dumps({
    "response": f"{MARKDOWN}\n\n{json.dumps(VALUES)}",
    "images": [{"bytes": None, "path": "example_img/35.jpg"}],
})  # fmt: skip
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=20)
CONVENTIONS = st.sampled_from([KEYFRAMEFACE, SEMANTICFACE, replace(SEMANTICFACE, unit="half-turns")])


@st.composite
def described(draw):
    """Performances of whole faces with words, as the form can hold them."""
    found = draw(st.lists(poses(), min_size=1, max_size=4))
    times = np.cumsum(draw(st.lists(st.floats(0.01, 9), min_size=len(found), max_size=len(found)))).tolist()
    keyframes = [
        Keyframe(time, dict(zip(CHANNELS, pose.values.astype(float).tolist(), strict=True)), draw(WORDS))
        for time, pose in zip(times, found, strict=True)
    ]
    return Performance(tuple(keyframes), duration=times[-1] + 1)


class TestKeyframeFace:
    @settings(deadline=None, max_examples=50)
    @given(described(), WORDS, WORDS)
    def test_writing_and_reading_gives_the_very_same_keyframes(self, performance, background, emotion):
        text = write_keyframeface(performance, background=background, emotion=emotion)
        found = read_keyframeface(text)
        assert found.raw == performance
        assert found.notes == ()
        assert context_of(found.words)["background"] == (background or "Not specified.")
        assert write_keyframeface(found.raw, **context_of(found.words)) == text

    @settings(deadline=None, max_examples=30)
    @given(described(), CONVENTIONS)
    def test_any_unit_gives_the_same_float32(self, performance, convention):
        text = write_keyframeface(performance, convention=convention)
        found = read_keyframeface(text, convention=convention).raw
        for one, other in zip(found.keyframes, performance.keyframes, strict=True):
            assert Pose.from_mapping(one.channels) == Pose.from_mapping(other.channels)

    def test_a_released_result(self):
        found = read_keyframeface("\n".join([RELEASED_KEYFRAME] * 3) + "\n")
        assert [keyframe.time for keyframe in found.raw.keyframes] == [0, 1, 2]
        assert found.raw.duration == 3
        assert found.raw.keyframes[1].channels["leftEyePitch"] == -0.2
        assert len(found.raw.keyframes[1].channels) == 61

    def test_the_reply_may_stand_among_the_messages(self):
        messages = [{"role": "assistant", "content": json.dumps({"Keyframe_one": {"JawOpen": 0.5}})}]
        found = read_keyframeface(json.dumps({"messages": messages}))
        assert found.raw.keyframes[0].channels == {"jawOpen": 0.5}

    def test_what_holds_only_requests_is_told(self):
        with pytest.raises(FormatError, match="request without a reply"):
            read_keyframeface(json.dumps({"messages": [{"role": "user", "content": "Keyframe One"}]}))

    @pytest.mark.parametrize(
        "line",
        [
            RELEASED_KEYFRAME[:400],
            json.dumps({"response": '{"Keyframe_one": {"JawOpen": 0.5'}),
            json.dumps({"response": "I can't."}),
            json.dumps({"response": '{"Keyframe_one": {"JawOpen": "wide"}}'}),
            json.dumps({"response": '{"Keyframe_one": {"JawOpen": NaN}}'}),
            json.dumps({"response": '{"Keyframe_one": {"JawOpen": 1e400}}'}),
            json.dumps({"response": '{"Keyframe_one": {"Ear": 1}}'}),
            json.dumps({"response": '{"Keyframe_one": {"JawOpen": 1, "JawOpen": 0}}'}),
            json.dumps({"response": 5}),
            "[1, 2]",
            "[" * 100_000,
        ],
    )
    def test_a_bad_line_is_left_out_and_named(self, line):
        found = read_keyframeface(f"{RELEASED_KEYFRAME}\n{line}\n")
        assert len(found.raw.keyframes) == 1
        (note,) = found.notes
        assert note.startswith("Line 2 was left out: ")
        with pytest.raises(FormatError):
            read_keyframeface(line)

    def test_what_has_no_described_moments_cannot_be_written(self):
        speech = Keyframe(0, {"jawOpen": 1}, role=Role.SPEECH)
        for keyframes in ((), (speech,), tuple(Keyframe(n, {"jawOpen": 1}) for n in range(100))):
            with pytest.raises(FormatError, match="do not fit"):
                write_keyframeface(Performance(keyframes, 200))


class TestSemanticFace:
    @settings(deadline=None, max_examples=50)
    @given(st.lists(st.builds(DescribedFace, WORDS, poses(), WORDS), min_size=1, max_size=4), CONVENTIONS)
    def test_writing_and_reading_gives_the_very_same_faces(self, faces, convention):
        text = write_semanticface(faces, convention=convention)
        assert read_faces(text, convention=convention) == (faces, [])

    @pytest.mark.parametrize("name", ["smile", "smirk", "neutral"])
    def test_our_own_description_in_the_fields_of_the_release(self, name):
        words = released_words(describe(FACES[name]))
        assert words.startswith("1. **Facial Expression Category**: ")
        assert "\n4. **Symmetry**: " in words
        (face,), _ = read_faces(write_semanticface([DescribedFace(words, FACES[name])]))
        assert face.words == words

    def test_one_released_face_is_a_track_of_one_frame(self):
        found = read_semanticface(RELEASED_FACE)
        assert isinstance(found.raw, FaceTrack)
        assert found.words == MARKDOWN
        assert found.source == "example_img/35.jpg"
        assert found.raw.channel("leftEyePitch")[0] == pytest.approx(0.2)  # its pitch is positive downwards

    def test_several_are_keyframes_a_second_apart(self):
        found = read_semanticface(f"{RELEASED_FACE}\n\n{RELEASED_FACE}\n").raw
        assert [(keyframe.time, keyframe.description) for keyframe in found.keyframes] == [(0, MARKDOWN), (1, MARKDOWN)]

    @pytest.mark.parametrize(
        "reply",
        [
            json.dumps({"analysis": {"expression_category": "A smile."}, "arkit": VALUES}),
            f"```json\n{json.dumps({'analysis': {'expression_category': 'A smile.'}, 'arkit': VALUES})}\n```",
        ],
    )
    def test_the_shape_that_its_prompt_asks_for(self, reply):
        (face,), _ = read_faces(json.dumps({"response": reply}))
        assert face.words == "expression category: A smile."
        assert face.pose["jawOpen"] == pytest.approx(0.3)

    def test_a_face_cut_off_is_left_out(self):
        faces, notes = read_faces(f"{RELEASED_FACE}\n{RELEASED_FACE[:600]}")
        assert len(faces) == 1
        assert notes[0].startswith("Line 2 was left out: its JSON is")

    @pytest.mark.parametrize("text", ["", "\n", "{}", "nothing", '{"response": ""}', '{"response": "{}"}'])
    def test_nothing_to_read_is_told(self, text):
        with pytest.raises(FormatError):
            read_semanticface(text)


def test_each_is_told_from_the_other():
    assert is_keyframeface(RELEASED_KEYFRAME)
    assert not is_keyframeface(RELEASED_FACE)
    assert is_semanticface(RELEASED_FACE)
    assert not is_semanticface("Timecode,JawOpen\n")


def test_their_tables_count_seconds_beyond_59():
    rows = [f"00:00:{n:02d}:00.000,61,0.5" for n in range(70)]  # as both converters write them
    times = read_live_link_face("Timecode,BlendshapeCount,JawOpen\n" + "\n".join(rows)).raw.times
    assert times.tolist() == list(range(70))
