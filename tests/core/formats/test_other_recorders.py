"""Audio2Face JSON and Face Cap TXT."""

import json
import math

import numpy as np
import pytest

from blender_addon.core.channels import INDEX, SHAPES
from blender_addon.core.formats.audio2face import is_audio2face, read_audio2face
from blender_addon.core.formats.face_cap import is_face_cap, read_face_cap
from blender_addon.core.formats.file_text import FormatError
from blender_addon.core.formats.pose_convention import PoseConvention
from blender_addon.core.formats.shape_names import channel_named

SHAPE_COLUMNS = [SHAPES.index("jawOpen"), SHAPES.index("mouthSmileLeft")]


def audio2face(**changed):
    fields = {
        "exportFps": 60.0,
        "trackPath": "C:/voice.wav",
        "numPoses": 2,
        "numFrames": 3,
        "facsNames": ["jawOpen", "mouthSmile_L"],
        "weightMat": [[0.0, 0.25], [0.5, 0], [1, 1.125]],
    }
    return json.dumps({name: value for name, value in (fields | changed).items() if value is not None})


class TestAudio2Face:
    def test_weights_by_name_at_the_rate_of_the_file(self):
        found = read_audio2face(audio2face())
        assert found.raw.times.tolist() == [0, 1 / 60, 2 / 60]
        assert found.raw.values[:, SHAPE_COLUMNS].tolist() == [[0, 0.25], [0.5, 0], [1, 1.125]]
        assert found.raw.values.sum() == 2.875
        assert (found.engine, found.source, found.notes) == ("Audio2Face", "C:/voice.wav", ())

    def test_what_is_left_aside_is_told(self):
        rows = [[0.0, 1.0], None, [1.0, 0.0]]
        found = read_audio2face(
            audio2face(exportFps=None, facsNames=["jawOpen", "tongueTipUp"], weightMat=rows, joints=["head"])
        )
        assert found.raw.confidence.tolist() == [1, 0, 1]
        assert found.raw.times[1] == 1 / 30
        assert [
            words in note for words, note in zip(["30 was taken", "tongueTipUp", "joints"], found.notes, strict=True)
        ]
        assert all(words in note for words, note in zip(["30 was", "tongueTipUp", "joints"], found.notes, strict=True))

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (audio2face()[:-30], "cut off"),
            (audio2face(weightMat=None), "'weightMat' is missing"),
            (audio2face(weightMat=[], numFrames=0), "no frames"),
            (audio2face(weightMat="many"), "not a list"),
            (audio2face(numFrames=1_000_000_000), "claims 1,000,000,000 frames and holds 3"),
            (audio2face(numPoses=46), "claims 46 names and holds 2"),
            (audio2face(weightMat=[[0], [0, 0], [0, 0]]), "row 0 of its numbers"),
            (audio2face(weightMat=[[0, float("nan")], [0, 0], [0, 0]]), "NaN"),
            (audio2face(weightMat=[[0, "1"], [0, 0], [0, 0]]), "no number"),
            (audio2face(weightMat=[[0, 1e300], [0, 0], [0, 0]]), "too large"),
            (audio2face(facsNames=["jawOpen", "jaw_Open"]), "more than one column"),
            (audio2face(facsNames=["lipsPart", "browLowerL"]), "not ARKit's"),
            (audio2face(facsNames=["jawOpen", 5]), "5 is not a text"),
            (audio2face(exportFps=-5), "no frame rate"),
            ("[1]", "not an object"),
        ],
    )
    def test_damage_is_told(self, text, words):
        with pytest.raises(FormatError, match=words):
            read_audio2face(text)


def row(time, weights=(0.5, 0.25), *, head=(0, 0, 0), eyes=(0, 0, 0, 0), position=(0, 0, 0)):
    return ",".join(map(str, ("k", time, *position, *head, *eyes, *weights)))


FACE_CAP = "info,Face Cap 1.5,recorded on a phone\nbs,jawOpen,mouthSmile_L\n"


def face_cap(*rows, head=FACE_CAP):
    return head + "\n".join(rows) + "\n"


class TestFaceCap:
    def test_frames_in_milliseconds_and_degrees(self):
        found = read_face_cap(face_cap(row(1000), row(1016), row(1050.5, (1, 0), head=(-10, 20, 350))))
        np.testing.assert_allclose(found.raw.times, [0, 0.016, 0.0505])
        assert found.raw.values[2, SHAPE_COLUMNS].tolist() == [1, 0]
        angles = [math.degrees(found.raw.channel(name)[2]) for name in ("headPitch", "headYaw", "headRoll")]
        assert angles == pytest.approx([10, 20, 10])  # up, to the own left, to the own left shoulder
        assert found.words == "Face Cap 1.5, recorded on a phone"
        assert found.notes == ()

    @pytest.mark.parametrize("pitch_first", [True, False])
    def test_the_lids_tell_which_angle_of_an_eye_is_the_pitch(self, pitch_first):
        rows = []
        for time in range(60):
            up, aside = math.sin(time / 5), math.sin(time / 7)
            pair = (-20 * up, 10 * aside) if pitch_first else (10 * aside, -20 * up)
            rows.append(row(time * 16, (max(up, 0), max(-up, 0)), eyes=(*pair, *pair)))
        raw = read_face_cap(face_cap(*rows, head="bs,eyeLookUp_L,eyeLookDown_L\n")).raw
        expected = np.radians(20 * np.sin(np.arange(60) / 5))
        np.testing.assert_allclose(raw.channel("leftEyePitch"), expected, atol=1e-6)
        np.testing.assert_allclose(raw.channel("leftEyeYaw"), np.radians(10 * np.sin(np.arange(60) / 7)), atol=1e-6)

    def test_signs_are_a_choice(self):
        raw = read_face_cap(face_cap(row(0, head=(10, 0, 0))), convention=PoseConvention("degrees")).raw
        assert math.degrees(raw.channel("headPitch")[0]) == pytest.approx(10)

    def test_what_is_left_aside_is_told(self):
        text = face_cap(row(0), row(16, position=(0, 1, 0)), head=FACE_CAP.replace("jawOpen", "jawTwist"))
        found = read_face_cap(text + row(32)[:-9])
        assert all(words in note for words, note in zip(["position", "jawTwist", "cut off"], found.notes, strict=True))
        assert len(found.raw.times) == 2

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "names the shapes"),
            (row(0), "names the shapes"),
            (FACE_CAP, "holds no frames"),
            (face_cap(row(0), row(16, (1,)), row(32)), "line 4 has 13 cells instead of 14"),
            (face_cap(row(0, ("much", 0))), "line 3 holds something that is no number"),
            (face_cap(row("nan")), "no number"),
            (face_cap(row(-5)), "no number"),
            (face_cap(row(0, ("nan", 0))), "no number"),
            (face_cap(row(0, ("1e300", 0))), "no number"),
            (face_cap(row(50), row(10)), "runs back"),
            (face_cap(row(0), head="bs,smile,frown\n"), "not ARKit's"),
            (face_cap(row(0), head="bs,jawOpen,JawOpen\n"), "more than one column"),
        ],
    )
    def test_damage_is_told(self, text, words):
        with pytest.raises(FormatError, match=words):
            read_face_cap(text)


def test_each_is_known_by_its_content():
    assert is_audio2face(audio2face())
    assert not is_audio2face(FACE_CAP)
    assert is_face_cap(FACE_CAP)
    assert not is_face_cap(audio2face())


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("browDown_L", "browDownLeft"),
        ("BrowDown.R", "browDownRight"),
        ("eyeBlinkLeft", "eyeBlinkLeft"),
        ("eye_blink_l", "eyeBlinkLeft"),
        ("jawLeft", "jawLeft"),
        ("jawOpenLeft", None),
        ("headYaw", None),
        ("", None),
    ],
)
def test_shapes_in_any_spelling(name, channel):
    assert channel_named(name) == channel


def test_every_shape_has_a_name_of_its_own():
    assert [channel_named(name) for name in SHAPES] == list(SHAPES)
    assert len(INDEX) == 61
