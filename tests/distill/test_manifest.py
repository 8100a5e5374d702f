"""Shots and manifests, on disk and back."""

import json
from dataclasses import replace
from math import radians

import numpy as np
import pytest
from PIL import Image

from blender_addon.core.channels import CHANNELS
from blender_addon.core.errors import InputError
from blender_addon.core.face_points import FACE_POINTS_NAME
from blender_addon.core.pose import Pose
from blender_addon.core.rotation import BLENDER_FACING, Facing, head_angles, head_rotation
from blender_addon.core.training import Example, View, read_examples, read_shots, write_lines
from inference_backend.cli import main
from inference_backend.distill.manifest import Manifest
from inference_backend.distill.shots import plan_shots

SMILE = Pose.from_mapping({"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5, "headYaw": 0.2})


def save_picture(path, size=(32, 24), colour=(90, 120, 40)):
    Image.new("RGB", size, colour).save(path)


def test_shots_come_back_from_their_lines():
    shots = list(plan_shots(20, 3))
    again = read_shots(write_lines(shots))
    assert [shot.view for shot in again] == [shot.view for shot in shots]
    assert all(np.allclose(a.pose.values, b.pose.values, atol=1e-5) for a, b in zip(again, shots, strict=True))


def test_a_longer_plan_begins_with_the_shorter_one():
    assert list(plan_shots(8, 3))[:5] == list(plan_shots(5, 3))


@pytest.mark.parametrize("facing", [BLENDER_FACING, Facing((0, 0.1, 1), (0, 1, 0), is_mirrored=True)])
def test_angles_come_back_from_their_rotation(facing):
    random = np.random.default_rng(1)
    for yaw, pitch, roll in random.uniform(-1.2, 1.2, (50, 3)):
        assert head_angles(head_rotation(yaw, pitch, roll, facing), facing) == pytest.approx((yaw, pitch, roll))


def test_a_head_that_looks_into_the_camera_is_seen_from_the_front():
    turned = Pose.from_mapping({"headYaw": 0.4, "headPitch": -0.2, "headRoll": 0.1, "jawOpen": 0.3})
    seen = View(yaw=0.4, pitch=-0.2, roll=0.1).seen(turned)
    assert np.allclose([seen[name] for name in ("headYaw", "headPitch", "headRoll")], 0, atol=1e-6)
    assert seen["jawOpen"] == turned["jawOpen"]


def test_a_camera_at_the_left_sees_a_head_turned_to_its_right():
    assert View(yaw=radians(20)).seen(Pose.neutral())["headYaw"] == pytest.approx(-radians(20))


def test_an_example_comes_back_from_its_line():
    example = Example.of("a.png", SMILE, "Frog", (1.0, 2.0, 3.0, 4.0))
    (again,) = read_examples(write_lines([example]))
    assert again == replace(example, pose=again.pose)
    assert np.allclose(again.pose.values, SMILE.values, atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"box": [0, 0, 0, 10]},
        {"box": [0, 0, 10, -1]},
        {"box": [0, 0, 1e300, 10]},
        {"box": [float("nan"), 0, 10, 10]},
        {"box": [0, 0, 10]},
        {"landmarks": [[1e300, 0]]},
        {"landmarks": [[0, float("inf")]]},
        {"channels": {"jawOpen": 1e300}},
    ],
)
def test_numbers_that_nobody_could_have_measured_are_refused(change):
    line = json.dumps({**Example.of("a.png", SMILE, "Frog").to_json(), **change})
    with pytest.raises(InputError, match="Line 1 is no example"):
        read_examples(line)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"image": "a" * 5000}, "has too long a name"),
        ({"image": "folder/" * 400 + "a.png"}, "has too long a name"),
        ({"image": "\ud800.png"}, "is half a letter"),
        ({"source": "\ud800"}, "is half a letter"),
    ],
)
def test_texts_that_no_file_can_hold_are_refused(change, told):
    line = json.dumps({**Example.of("a.png", SMILE, "Frog").to_json(), **change})
    with pytest.raises(InputError, match=f"Line 1 is no example: .* {told}") as caught:
        read_examples(line)
    assert len(str(caught.value)) < 200


def test_letters_that_json_writes_in_two_halves_are_read():
    example = Example.of("a.png", SMILE, "\N{FROG FACE}")
    assert read_examples(json.dumps(example.to_json()))[0].source == "\N{FROG FACE}"


@pytest.mark.parametrize("number", ["1e30", "-1e39", "1e400", "1" + "0" * 400, "NaN"])
def test_points_that_are_too_far_away_are_refused(tmp_path, number):
    face = '{"points": ["Head 0"], "rest": [[0, 0, 0]], "moves": {"jawOpen": [[0, %s, 0]]}}'
    (tmp_path / FACE_POINTS_NAME).write_text(face % number)
    with pytest.raises(InputError, match=r"tells no points of a face: .*Render the training set again"):
        Manifest(tmp_path, ()).face_points()


def test_what_is_nested_too_deep_is_refused(tmp_path):
    deep = "[" * 100_000
    with pytest.raises(InputError, match="Line 1 is no example"):
        read_examples(deep)
    (tmp_path / FACE_POINTS_NAME).write_text(deep)
    with pytest.raises(InputError, match="can't be read"):
        Manifest(tmp_path, ()).face_points()


def test_points_that_cannot_be_learnt_from_are_told(tmp_path):
    pointed = Example.of("a.png", SMILE, "Frog", landmarks=((1.0, 2.0),))
    bare = Example.of("b.png", SMILE, "Frog")
    assert "face_points.json is missing" in Manifest(tmp_path, (pointed,)).why_points_are_unused
    assert not Manifest(tmp_path, (bare,)).why_points_are_unused
    face = {"points": ["Head 0"], "rest": [[0, 0, 0]], "moves": {"jawOpen": [[0, 1, 0]]}}
    (tmp_path / FACE_POINTS_NAME).write_text(json.dumps(face))
    assert "1 of 2 lines, such as that of b.png" in Manifest(tmp_path, (pointed, bare)).why_points_are_unused
    assert Manifest(tmp_path, (pointed,)).knows_points


@pytest.mark.parametrize("image", ["../a.png", "/etc/passwd", ""])
def test_a_picture_outside_the_folder_is_refused(image):
    line = json.dumps(replace(Example.of("a.png", SMILE, "x"), image=image).to_json())
    with pytest.raises(InputError, match="Line 1 is no example"):
        read_examples(line)


@pytest.mark.parametrize("change", [{"channels": {"nose": 1}}, {"channels": {"jawOpen": "much"}}, {"view": {}}])
def test_a_line_that_is_no_shot_is_told_by_its_number(change):
    lines = [json.dumps(shot.to_json()) for shot in plan_shots(2, 1)]
    lines[1] = json.dumps({**json.loads(lines[1]), **change})
    with pytest.raises(InputError, match="Line 2 is no shot"):
        read_shots("\n".join(lines))


def test_an_empty_manifest_is_refused():
    with pytest.raises(InputError, match="has no lines"):
        read_examples("\n\n")


def test_a_missing_picture_is_told(tmp_path):
    (tmp_path / "manifest.jsonl").write_text(write_lines([Example.of("a.png", SMILE, "x")]))
    with pytest.raises(InputError, match=r"a\.png of manifest\.jsonl is missing"):
        Manifest.read(tmp_path)


def test_a_picture_that_is_cut_short_is_named(tmp_path):
    save_picture(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    examples = tuple(Example.of(f"{name}.png", SMILE, "x") for name in "abc")
    manifest = Manifest(tmp_path, examples)
    manifest.picture(examples[0])
    with pytest.raises(InputError, match=r"^b\.png: The picture is damaged"):
        manifest.picture(examples[1])
    with pytest.raises(InputError, match=r"The picture c\.png can't be read"):
        manifest.picture(examples[2])


def test_a_folder_of_pictures_and_numbers_becomes_a_manifest(tmp_path):
    forms = {
        "own": {"faces": [{"channels": {"jawOpen": 0.4}}]},
        "plain": {"jawOpen": 0.4},
        "released": {"JawOpen": 0.4, "HeadYaw": 0.1},
        "asked": {"analysis": {}, "arkit": {"JawOpen": 0.4}},
    }
    for name, numbers in forms.items():
        save_picture(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.json").write_text(json.dumps(numbers))
    save_picture(tmp_path / "alone.png")
    assert main(["distill", "describe", str(tmp_path)]) == 0
    manifest = Manifest.read(tmp_path)
    assert [example.image for example in manifest.examples] == sorted(f"{name}.png" for name in forms)
    assert all(example.pose["jawOpen"] == pytest.approx(0.4) for example in manifest.examples)
    assert manifest.picture(manifest.examples[0]).shape == (24, 32, 3)


@pytest.mark.parametrize("text", ["{", "[]", '{"jawOpen": "0.4"}', '{"jawOpen": NaN}', '{"faces": []}', '{"smile": 1}'])
def test_a_file_without_numbers_is_told(tmp_path, capsys, text):
    save_picture(tmp_path / "a.png")
    (tmp_path / "a.json").write_text(text)
    assert main(["distill", "describe", str(tmp_path)]) == 1
    assert "a.json holds no numbers of a face" in capsys.readouterr().err


def test_a_recorded_clip_becomes_a_manifest(tmp_path):
    frames = tmp_path / "clip"
    frames.mkdir()
    for number in range(10):
        save_picture(frames / f"{number:03}.png")
    header = ["Timecode", "BlendshapeCount", *(name[0].upper() + name[1:] for name in CHANNELS)]
    jaw = header.index("JawOpen")
    rows = [",".join(header)]
    for frame in range(20):  # at 60 frames a second: the jaw opens by 0.05 each
        cells = [f"00:00:00:{frame:02}.000", "61", *["0"] * 61]
        cells[jaw] = str(0.05 * frame)
        rows.append(",".join(cells))
    (tmp_path / "take.csv").write_text("\n".join(rows))
    out = tmp_path / "out"
    words = ["--numbers", str(tmp_path / "take.csv"), "--stride", "2", "-o", str(out)]
    assert main(["distill", "describe", str(frames), *words]) == 0
    manifest = Manifest.read(out)
    jaws = [example.pose["jawOpen"] for example in manifest.examples]
    assert jaws == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8], abs=1e-3)  # every other frame of 30 a second


def test_the_words_of_a_manifest_are_printed(tmp_path, capsys):
    save_picture(tmp_path / "a.png")
    (tmp_path / "manifest.jsonl").write_text(write_lines([Example.of("a.png", SMILE, "x")]))
    assert main(["distill", "describe", str(tmp_path), "--words"]) == 0
    assert "**Mouth**: corners moderately up (50%)" in capsys.readouterr().out


def test_plans_are_written(tmp_path):
    assert main(["distill", "plan", "--count", "3", "-o", str(tmp_path / "shots.jsonl")]) == 0
    assert len(read_shots((tmp_path / "shots.jsonl").read_text())) == 3
