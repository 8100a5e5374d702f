import pytest

from blender_addon.core.binding import find_eye_bone, find_head_bone, match_shape_keys, words_of
from blender_addon.core.channels import SHAPES


def spell(form):
    """All 52 shape names in another way of writing."""
    return {form(name): name for name in SHAPES}


def short_side(separator):
    def write(name):
        for side in ("Left", "Right"):
            if name.endswith(side) and name not in {"jawLeft", "jawRight", "mouthLeft", "mouthRight"}:
                return name.removesuffix(side) + separator + side[0]
        return name

    return write


FORMS = {
    "camelCase": lambda name: name,
    "PascalCase": lambda name: name[0].upper() + name[1:],
    "snake_case": lambda name: "_".join(words_of(name)),
    "lower": str.lower,
    "UPPER": str.upper,
    "_L": short_side("_"),
    ".L": short_side("."),
    "unity prefix": lambda name: "Face.M_F00_000_" + name,
    "maya prefix": lambda name: "blendShape1." + name,
    "prefix and _L": lambda name: "head_" + short_side("_")(name),
    "suffix": lambda name: name + "_Mesh",
    "numbered": lambda name: f"A{SHAPES.index(name) + 1:02}_" + name[0].upper() + name[1:],
    "side first": lambda name: ("L_" + name[:-4]) if name.endswith("Left") and name[:3] == "eye" else name,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_way_of_writing_is_read(form):
    written = spell(form)
    found = match_shape_keys(["Basis", *written])
    assert {match.key: match.channel for match in found.matches} == written
    assert found.doubtful == {}


def test_foreign_names_match_nothing():
    found = match_shape_keys(["Basis", "Smile", "MTH_A", "Fcl_ALL_Joy", "viseme_aa", "jaw_L", "mouth.R", "open jaw"])
    assert found.matches == ()
    assert found.doubtful == {}


def test_a_combination_shape_is_left_alone():
    found = match_shape_keys(["jawOpen", "mouthSmileLeft", "jawOpen_mouthSmileLeft"])
    assert [match.key for match in found.matches] == ["jawOpen", "mouthSmileLeft"]


def test_a_copy_does_not_replace_the_original():
    found = match_shape_keys(["jawOpen", "jawOpen.001", "mouthClose"])
    assert [match.key for match in found.matches] == ["jawOpen", "mouthClose"]


def test_the_name_that_arkit_itself_writes_goes_first():
    found = match_shape_keys(["JawOpen", "jawOpen", "Mouth_Close", "MouthClose"])
    assert [match.key for match in found.matches] == ["jawOpen"]
    assert found.doubtful == {"mouthClose": ("Mouth_Close", "MouthClose")}


def test_a_lone_suffix_is_doubtful_and_not_used():
    found = match_shape_keys(["jawOpen_fix", "mouthClose"])
    assert [match.key for match in found.matches] == ["mouthClose"]
    assert found.doubtful == {"jawOpen": ("jawOpen_fix",)}


def test_two_complete_sets_are_doubtful():
    found = match_shape_keys([f"{rig}_{name}" for rig in ("old", "new") for name in SHAPES])
    assert found.matches == ()
    assert found.doubtful["jawOpen"] == ("old_jawOpen", "new_jawOpen")


def test_a_tongue_with_a_single_prefixed_key_is_bound():
    assert [match.channel for match in match_shape_keys(["Basis", "tongue_tongueOut"]).matches] == ["tongueOut"]


@pytest.mark.parametrize("separator", ["Left/Right", "_L/_R", ".l/.r"])
def test_a_split_channel_drives_both_halves(separator):
    left, right = separator.split("/")
    found = match_shape_keys([f"{stem}{side}" for stem in ("browInnerUp", "cheekPuff") for side in (left, right)])
    assert [(match.channel, match.key, match.half) for match in found.matches] == [
        ("browInnerUp", "browInnerUp" + left, True),
        ("browInnerUp", "browInnerUp" + right, True),
        ("cheekPuff", "cheekPuff" + left, True),
        ("cheekPuff", "cheekPuff" + right, True),
    ]


def test_a_whole_key_is_used_rather_than_its_halves():
    found = match_shape_keys(["browInnerUp", "browInnerUpLeft", "browInnerUpRight"])
    assert [match.key for match in found.matches] == ["browInnerUp"]


@pytest.mark.parametrize(
    ("names", "head"),
    [
        (["neck", "head"], "head"),
        (["mixamorig:Neck", "mixamorig:Head", "mixamorig:HeadTop_End"], "mixamorig:Head"),
        (["CC_Base_Head", "CC_Base_JawRoot"], "CC_Base_Head"),
        (["DEF-head", "ORG-head", "head", "head_end"], "head"),
        (["neck.x", "head.x", "c_head_scale.x"], "head.x"),
        (["headphones", "forehead", "ahead", "overhead_lamp"], None),
        (["left_head", "right_head"], None),
        ([], None),
    ],
)
def test_head_bone(names, head):
    assert find_head_bone(names) == head


@pytest.mark.parametrize(
    ("names", "left", "right"),
    [
        (["eye.L", "eye.R", "eyelid.L"], "eye.L", "eye.R"),
        (["LeftEye", "RightEye", "LeftEyeLid"], "LeftEye", "RightEye"),
        (["CC_Base_L_Eye", "CC_Base_R_Eye"], "CC_Base_L_Eye", "CC_Base_R_Eye"),
        (["eyeball_left", "eyebrow_left", "eye_target_left"], "eyeball_left", None),
    ],
)
def test_eye_bones(names, left, right):
    assert (find_eye_bone(names, "left"), find_eye_bone(names, "right")) == (left, right)
