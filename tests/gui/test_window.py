"""From the zip alone to a photo's, a script's and a clip's keys in the real window, as `build/gui` shows it."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blender_addon.core.channels import SHAPES
from building.window.driven import HEIGHT, PICTURES, WIDTH
from building.window.story import drive

INSTALLING = ["start", "zip", "extension", "tab", "question", "installing", "installed"]
STEPS = [*INSTALLING, "head", "photo", "reading", "pose", "script", "performance", "clip", "take"]


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    """What Blender told at every step of the story, which is played here, once."""
    return json.loads(drive().read_text())


@pytest.fixture(scope="module")
def keys(result: dict[str, Any]) -> dict[str, list[float]]:
    """Frame and value of every F-curve's only key, by data path and index."""
    curves = [curve for curves in result["steps"]["pose"]["keys"].values() for curve in curves]
    assert all(len(points) == 1 for _path, _index, points in curves)
    return {f"{path}[{index}]": points[0] for path, index, points in curves}


def test_the_add_on_comes_from_the_zip(result):
    steps = result["steps"]
    assert [steps[name]["addon"] for name in ("start", "zip", "extension")] == [False, False, True]


def test_the_backend_is_installed_by_its_button(result):
    steps = result["steps"]
    told = {name: steps[name]["backend"] for name in ("tab", "question", "installing", "installed", "pose")}
    assert told == {
        "tab": "not installed",
        "question": "not installed",
        "installing": "installing",
        "installed": "stopped",
        "pose": "ready",
    }
    assert 0 < steps["installing"]["installed"] < 1


def test_the_mien_tab_is_open(result):
    assert result["steps"]["pose"]["tab"] == "Mien"


def test_the_new_head_is_at_rest(result):
    values = [value for values in result["steps"]["head"]["shape_keys"].values() for value in values.values()]
    assert len(values) >= 52
    assert not any(values)


def test_every_shape_is_keyed_at_the_current_frame(result, keys):
    for name in SHAPES:
        frame, value = keys[f'key_blocks["{name}"].value[0]']
        assert frame == result["steps"]["pose"]["frame"]
        assert 0 <= value <= 1


def test_the_head_bone_is_keyed(keys):
    for axis in range(3):
        assert f'pose.bones["head"].rotation_euler[{axis}]' in keys


def test_the_head_smiles_as_the_photo_does(result):
    face = result["steps"]["pose"]["shape_keys"]["Face"]
    assert face["mouthSmileLeft"] > 0.6
    assert face["mouthSmileRight"] > 0.6
    assert face["jawOpen"] < 0.3


def test_the_script_is_performed(result):
    told = result["steps"]["performance"]
    assert len(told["markers"]) >= 3
    assert any("wink" in marker for marker in told["markers"])


def test_the_clip_is_a_take_with_keys(result):
    told = result["steps"]["take"]
    assert "talking" in told["takes"]
    assert sum(len(points) for curves in told["keys"].values() for _path, _index, points in curves) > 1000


def test_nothing_outlives_a_killed_blender(result):
    assert result["left_behind"] == []


def test_every_step_is_in_the_pictures(result):
    pictures = sorted(PICTURES.glob("*.png"))
    assert [picture.stem for picture in pictures] == [
        f"{number:02}-{step}" for number, step in enumerate(STEPS, start=1)
    ]
    for picture in pictures:
        assert _shows_a_window(picture)
    for before, after in pairwise(pictures):
        assert np.any(_pixels(before) != _pixels(after)), f"{after.stem} looks like {before.stem}"


def _shows_a_window(picture: Path) -> bool:
    """A blank or black screen has few colours."""
    with Image.open(picture) as opened:
        colours = opened.convert("RGB").getcolors(WIDTH * HEIGHT)
        return opened.size == (WIDTH, HEIGHT) and len(colours) > 300


def _pixels(picture: Path) -> np.ndarray:
    with Image.open(picture) as opened:
        return np.asarray(opened.convert("RGB"))
