import pytest

from blender_addon.core.binding import find_eye_bone, find_head_bone, find_neck_bone, load_presets, recognise, words_of
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


def found_in(*names):
    return recognise({"Face": names})


def own_rows(found):
    """(channel, key) of the shapes that carry a channel wholly."""
    return [(row.channel, row.key) for row in found.rows if not row.is_approximated]


def keys_of(found):
    return [key for _, key in own_rows(found)]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_way_of_writing_is_read(form):
    written = spell(form)
    found = found_in(*written)
    assert {key: channel for channel, key in own_rows(found)} == written
    assert found.doubts == ()


def names_of(preset):
    """Every shape of a preset, and every one that stands for another."""
    own = [name for names in preset.shapes.values() for name in names]
    return list(dict.fromkeys([*own, *(name for parts in preset.approximated.values() for name in parts)]))


def mark_of(preset):
    """A name that a rig of this preset has beside its shapes."""
    return {"VRM Perfect Sync": ["J_Bip_C_Head"], "Faceit": ["FaceitControlRig"], "MPFB": ["Human.high-poly"]}.get(
        preset.name, []
    )


@pytest.mark.parametrize("preset", load_presets(), ids=lambda preset: preset.name)
def test_every_preset_is_recognised_by_its_own_names(preset):
    found = recognise({"Face": names_of(preset)}, mark_of(preset))
    assert found.preset == preset.name
    for channel, names in preset.shapes.items():
        assert [key for bound, key in own_rows(found) if bound == channel] == list(names)
    assert {row.channel for row in found.rows} >= {*preset.shapes, *preset.approximated}


COMPLETE = [preset for preset in load_presets() if len(preset.shapes) >= 51]


@pytest.mark.parametrize("affix", ["{}", "Head_{}", "{}_Mesh", "CTRL_expressions_{}", "Face.M_F00_000_{}"])
@pytest.mark.parametrize("preset", COMPLETE, ids=lambda preset: preset.name)
def test_whole_presets_are_bound_whatever_stands_around_their_names(preset, affix):
    names = [affix.format(name) for name in names_of(preset)]
    found = recognise({"Face": names}, mark_of(preset))
    assert {channel for channel, _ in own_rows(found)} >= set(preset.shapes)


def test_the_presets_that_the_documentation_names_are_complete():
    complete = {preset.name for preset in COMPLETE}
    assert complete >= {
        "ARKit",
        "Live Link Face",
        "ARKit with _L and _R",
        "VRM Perfect Sync",
        "Reallusion CC4",
        "iClone ARKit",
        "MetaHuman",
        "Faceit",
        "ICT-FaceKit",
        "MPFB",
    }


def test_one_channel_drives_both_sides_of_ict_facekit():
    found = recognise({"Face": names_of(next(p for p in COMPLETE if p.name == "ICT-FaceKit"))})
    assert [key for channel, key in own_rows(found) if channel == "cheekPuff"] == ["cheekPuff_L", "cheekPuff_R"]
    assert [key for channel, key in own_rows(found) if channel == "browInnerUp"] == ["browInnerUp_L", "browInnerUp_R"]


def test_eyes_of_cc4_and_metahuman_look_to_the_right_side():
    """There the side of the eye and the direction of the look stand in one name."""
    for name, keys in {
        "Reallusion CC4": ("Eye_L_Look_L", "Eye_R_Look_L"),
        "MetaHuman": ("eyeLookLeftL", "eyeLookLeftR"),
    }.items():
        found = recognise({"Face": names_of(next(p for p in COMPLETE if p.name == name))})
        assert dict(own_rows(found))["eyeLookOutLeft"] == keys[0]
        assert dict(own_rows(found))["eyeLookInRight"] == keys[1]


def test_the_morphs_of_an_exported_metahuman_are_bound():
    """Its mesh has other separators than its curves, sides written out, and corrections beside the shapes."""
    left = "brow_down_{s} brow_raiseIn_{s} brow_raiseOuter_{side} eye_blink_{s} eye_widen_{s} eye_squintInner_{s} "
    left += "eye_cheekRaise_{s} eye_lookUp_{s} eye_lookDown_{s} eye_lookLeft_{s} eye_lookRight_{s} nose_wrinkle_{side} "
    left += "mouth_cornerPull_{side} mouth_cornerDepress_{s} mouth_dimple_{side} mouth_stretch_{side} "
    left += "mouth_lowerLipDepress_{side} mouth_upperLipRaise_{side} mouth_lowerLipRollIn_{s} mouth_upperLipRollIn_{s} "
    left += "mouth_lipsPress_{s} mouth_funnel_U{s} mouth_funnel_D{s} mouth_lipsPurse_U{s} mouth_lipsPurse_D{s}"
    names = [name.format(s=side[0].upper(), side=side) for side in ("left", "right") for name in left.split()]
    names += ["jaw_open", "jaw_fwd", "jaw_left", "jaw_right", "mouth_left", "mouth_right", "cheek_blow_cor"]
    names += ["Mfunnel_MupperLipRaise_MlowerLipDepress_UL", "EcheekRaise_EsquintInner_L", "eye_blink1_L"]
    teeth = ["jaw_open", "tongue_out_cor"]
    found = recognise(
        {"head": [f"head_lod0_mesh__{name}" for name in names], "teeth": [f"teeth_lod0_mesh__{name}" for name in teeth]}
    )
    assert found.preset == "MetaHuman"
    assert {row.channel for row in found.rows} >= set(SHAPES) - {"mouthShrugUpper", "mouthShrugLower"}
    assert len({channel for channel, _ in own_rows(found)}) >= 44


def test_several_meshes_are_one_table():
    found = recognise({"Body": ["Jaw_Open", *names_of(COMPLETE[-1])], "Tongue": ["tongueOut"], "Empty": []})
    assert {row.mesh for row in found.rows} == {"Body", "Tongue"}


def test_a_preset_that_lacks_a_channel_takes_the_plain_name():
    cc4 = [name for name in names_of(next(p for p in COMPLETE if p.name == "Reallusion CC4")) if "Tongue" not in name]
    assert ("tongueOut", "tongueOut") in own_rows(found_in(*cc4, "tongueOut"))


def test_a_few_names_of_a_preset_are_not_enough_for_it():
    assert found_in("Jaw_L", "Mouth_R", "Jaw_Open").preset == "ARKit"
    assert keys_of(found_in("Jaw_L", "Mouth_R", "Jaw_Open")) == ["Jaw_Open"]


def test_half_a_rig_is_approximated_and_says_so():
    names = [name for index, name in enumerate(SHAPES) if index % 2]
    found = found_in(*names)
    assert set(keys_of(found)) == set(names)
    approximated = {row.channel for row in found.rows if row.is_approximated}
    assert approximated
    assert not approximated & set(names)
    close = [row for row in found_in(*[name for name in SHAPES if name != "mouthClose"]).rows if row.is_approximated]
    assert [(row.channel, row.key, row.gain) for row in close] == [("mouthClose", "jawOpen", -0.8)]


def test_a_shape_of_both_sides_stands_for_each_half():
    found = found_in("mouthSmile", "jawOpen")
    smile = [(row.channel, row.gain, row.is_approximated) for row in found.rows if row.key == "mouthSmile"]
    assert smile == [("mouthSmileLeft", 0.5, True), ("mouthSmileRight", 0.5, True)]


def test_foreign_names_match_nothing():
    found = found_in("Basis", "Smile", "MTH_A", "Fcl_ALL_Joy", "viseme_aa", "jaw_L", "mouth.R", "open jaw")
    assert (found.rows, found.doubts, found.preset) == ((), (), "")


def test_a_combination_shape_is_left_alone():
    assert keys_of(found_in("jawOpen", "mouthSmileLeft", "jawOpen_mouthSmileLeft")) == ["jawOpen", "mouthSmileLeft"]


def test_a_copy_does_not_replace_the_original():
    assert keys_of(found_in("jawOpen", "jawOpen.001", "mouthClose")) == ["jawOpen", "mouthClose"]


def doubts_of(found):
    return [(doubt.channel, doubt.key) for doubt in found.doubts]


def test_the_name_that_arkit_itself_writes_goes_first():
    found = found_in("JawOpen", "jawOpen", "Mouth_Close", "MouthClose")
    assert keys_of(found) == ["jawOpen"]
    assert doubts_of(found) == [("mouthClose", "Mouth_Close"), ("mouthClose", "MouthClose")]


def test_a_lone_suffix_is_doubtful_and_not_used():
    found = found_in("jawOpen_fix", "mouthClose")
    assert keys_of(found) == ["mouthClose"]
    assert doubts_of(found) == [("jawOpen", "jawOpen_fix")]


def test_two_complete_sets_are_doubtful():
    found = found_in(*[f"{rig}_{name}" for rig in ("old", "new") for name in SHAPES])
    assert own_rows(found) == []
    assert ("jawOpen", "old_jawOpen") in doubts_of(found)
    assert ("jawOpen", "new_jawOpen") in doubts_of(found)


def test_a_tongue_with_a_single_prefixed_key_is_bound():
    assert own_rows(found_in("Basis", "tongue_tongueOut")) == [("tongueOut", "tongue_tongueOut")]


@pytest.mark.parametrize("separator", ["Left/Right", "_L/_R", ".l/.r"])
def test_a_split_channel_drives_both_halves(separator):
    left, right = separator.split("/")
    found = found_in(*[f"{stem}{side}" for stem in ("browInnerUp", "cheekPuff") for side in (left, right)])
    assert own_rows(found) == [
        ("browInnerUp", "browInnerUp" + left),
        ("browInnerUp", "browInnerUp" + right),
        ("cheekPuff", "cheekPuff" + left),
        ("cheekPuff", "cheekPuff" + right),
    ]


def test_a_whole_key_is_used_rather_than_its_halves():
    assert keys_of(found_in("browInnerUp", "browInnerUpLeft", "browInnerUpRight")) == ["browInnerUp"]


def test_the_neck_is_the_nearest_bone_above_the_head():
    assert find_neck_bone(["neck_02", "neck_01", "spine_05"]) == "neck_02"
    assert find_neck_bone(["spine", "hips"]) is None


@pytest.mark.parametrize(
    ("names", "head"),
    [
        (["neck", "head"], "head"),
        (["mixamorig:Neck", "mixamorig:Head", "mixamorig:HeadTop_End"], "mixamorig:Head"),
        (["CC_Base_Head", "CC_Base_JawRoot"], "CC_Base_Head"),
        (["DEF-head", "ORG-head", "head", "head_end"], "head"),
        (["neck.x", "head.x", "c_head_scale.x"], "head.x"),
        (["head.x", "c_head.x", "c_neck.x"], "c_head.x"),
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
        (["J_Adj_L_FaceEye", "J_Adj_R_FaceEye"], "J_Adj_L_FaceEye", "J_Adj_R_FaceEye"),
        (["FACIAL_L_Eye", "FACIAL_R_Eye", "FACIAL_L_EyeParallel"], "FACIAL_L_Eye", "FACIAL_R_Eye"),
        (["eye.L", "eye.R", "master_eye.L", "master_eye.R"], "master_eye.L", "master_eye.R"),
        (["eyeball_left", "eyebrow_left", "eye_target_left"], "eyeball_left", None),
    ],
)
def test_eye_bones(names, left, right):
    assert (find_eye_bone(names, "left"), find_eye_bone(names, "right")) == (left, right)
