import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.core.channels import CHANNELS
from blender_addon.core.errors import ERRORS_BY_CODE, BackendError, InputError, NoFaceError
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.description import Description, Region
from blender_addon.core.semantics.reader import describe
from blender_addon.core.wire import (
    BackendHealth,
    EngineStatus,
    FaceEstimate,
    ImageEstimate,
    engine_status_from_json,
    engine_status_to_json,
    error_from_json,
    error_to_json,
    health_from_json,
    health_to_json,
    image_estimate_from_json,
    image_estimate_to_json,
)

from .poses import FACES, poses

STATUS = EngineStatus("face", ("image", "video"), "ready", "Reads faces in a picture.")
HEALTH = BackendHealth("0.1.0", 1, 12.345, {"face": "loaded", "other": "not installed"})


def estimate(pose=FACES["smirk"]):
    face = FaceEstimate(box=(1.5, 2.0, 30.0, 40.0), confidence=0.9876, pose=pose, description=describe(pose))
    return ImageEstimate(engine="face", width=640, height=480, faces=(face, face))


def through_json(data):
    return json.loads(json.dumps(data))


def changed(data, path, value):
    """A copy of JSON data with one place changed; a value of KeyError takes the place away."""
    data = through_json(data)
    *way, last = path
    place = data
    for step in way:
        place = place[step]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return data


@given(poses().map(lambda pose: Pose.from_mapping(pose.as_mapping())))
def test_an_estimate_comes_back(pose):
    sent = estimate(pose)
    assert image_estimate_from_json(through_json(image_estimate_to_json(sent))) == sent


def test_the_json_of_an_estimate_is_the_documented_one():
    [face, _] = image_estimate_to_json(estimate())["faces"]
    assert set(face) == {"box", "confidence", "channels", "description"}
    assert tuple(face["channels"]) == CHANNELS
    assert face["box"] == [1.5, 2.0, 30.0, 40.0]
    assert face["description"] == {
        "expression": "one-sided smirk",
        "movements": {
            "eyes": "faintly squinted",
            "mouth": "left corner moderately up, right faintly, left corner slightly tucked in",
        },
        "emotion": "possibly contempt",
        "symmetry": "Stronger on the left: smile, dimple.",
        "uncertain": [],
    }


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (["engine"], KeyError, "'engine' is missing"),
        (["engine"], 7, "7 is not a text"),
        (["width"], "640", "'640' is not a number"),
        (["width"], 6.5, "6.5 is not a whole number"),
        (["width"], float("inf"), "inf is not a finite number"),
        (["faces"], {}, "{} is not a list"),
        (["faces"], None, "None is not a list"),
        (["faces", 0], "face", "'face' is not an object"),
        (["faces", 0, "box"], [1, 2, 3], "not enough values"),
        (["faces", 0, "box"], [1, 2, 3, None], "None is not a number"),
        (["faces", 0, "confidence"], True, "True is not a number"),
        (["faces", 0, "confidence"], float("nan"), "nan is not a finite number"),
        (["faces", 0, "channels"], [], r"\[\] is not an object"),
        (["faces", 0, "channels", "jawOpen"], KeyError, "channels are missing: jawOpen"),
        (["faces", 0, "channels", "jawOpen"], "0.5", "'0.5' is not a number"),
        (["faces", 0, "channels", "jawOpen"], 10**400, "is not a finite number"),
        (["faces", 0, "channels", "jawopen"], 0.5, "'jawopen' is not one of"),
        (["faces", 0, "description", "symmetry"], KeyError, "'symmetry' is missing"),
        (["faces", 0, "description", "movements"], [], r"\[\] is not an object"),
        (["faces", 0, "description", "movements"], {"ears": "fully up"}, "'ears' is not a valid Region"),
        (["faces", 0, "description", "uncertain"], "all", "'all' is not a list"),
        (["faces", 0, "description", "uncertain"], [1], "1 is not a text"),
    ],
)
def test_another_estimate_is_refused_with_its_reason(path, value, complaint):
    with pytest.raises(InputError, match=complaint) as caught:
        image_estimate_from_json(changed(image_estimate_to_json(estimate()), path, value))
    assert caught.value.hint == "Use a backend of the same version."


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
@pytest.mark.parametrize("read", [image_estimate_from_json, engine_status_from_json, health_from_json])
def test_anything_else_is_refused_and_never_a_crash(read, data):
    with pytest.raises(InputError, match="could not be read"):
        read(data)


def test_a_refusal_stays_short():
    with pytest.raises(InputError) as caught:
        image_estimate_from_json("x" * 1_000_000)
    assert len(str(caught.value)) < 200


def test_an_engine_comes_back():
    assert engine_status_from_json(through_json(engine_status_to_json(STATUS))) == STATUS


@pytest.mark.parametrize(("path", "value"), [(["name"], KeyError), (["reads"], "image"), (["detail"], None)])
def test_another_engine_is_refused(path, value):
    with pytest.raises(InputError, match="The engine list could not be read"):
        engine_status_from_json(changed(engine_status_to_json(STATUS), path, value))


def test_the_state_of_the_backend_comes_back():
    assert health_from_json(through_json(health_to_json(HEALTH))) == HEALTH


@pytest.mark.parametrize(("path", "value"), [(["protocol"], KeyError), (["uptime"], "long"), (["engines"], ["face"])])
def test_another_state_is_refused(path, value):
    with pytest.raises(InputError, match="The backend's state could not be read"):
        health_from_json(changed(health_to_json(HEALTH), path, value))


@pytest.mark.parametrize("kind", ERRORS_BY_CODE.values())
def test_an_error_comes_back_as_what_it_was(kind):
    sent = kind("It did not work.", "Do this.")
    read = error_from_json(through_json(error_to_json(sent)))
    assert type(read) is kind
    assert (read.message, read.hint) == (sent.message, sent.hint)


def test_an_error_has_one_shape():
    assert error_to_json(NoFaceError("No face.", "Crop it.")) == {
        "error": {"code": "no_face", "message": "No face.", "hint": "Crop it."}
    }


def test_an_error_of_a_newer_backend_keeps_its_words():
    read = error_from_json({"error": {"code": "invented_later", "message": "Out of paint."}})
    assert type(read) is BackendError
    assert (read.message, read.hint) == ("Out of paint.", "")


@given(json_values)
def test_an_unknown_reply_is_an_error_too(data):
    assert type(error_from_json(data)) is BackendError


def test_a_description_is_read_only_in_its_own_shape():
    description = Description("wink", {Region.EYES: "left fully closed"}, "no clear emotion", "Stronger.", ("Maybe.",))
    assert Description.from_json(through_json(description.to_json())) == description
    assert description.sentences() == ["wink; no clear emotion", "eyes: left fully closed", "Stronger.", "Maybe."]
