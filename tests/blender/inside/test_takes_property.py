"""Random takes on random animation, in every way of writing: reverting leaves every curve of the file as it was."""

from dataclasses import dataclass

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.channels import CHANNEL_COUNT, SHAPES
from bl_ext.user_default.mien.core.performance import Keyframe, Performance
from bl_ext.user_default.mien.core.shaping import Shaping
from bl_ext.user_default.mien.core.shaping.regions import REGION_OF, REGIONS
from bl_ext.user_default.mien.core.take import Take, TakeKind
from bl_ext.user_default.mien.core.track import FaceTrack
from bl_ext.user_default.mien.scene.actions import fcurves_of
from bl_ext.user_default.mien.scene.character import bind
from bl_ext.user_default.mien.scene.curve_states import CurveState, is_same
from bl_ext.user_default.mien.scene.stored_character import store
from bl_ext.user_default.mien.scene.stored_takes import add_take, keep_shaping, take_of
from bl_ext.user_default.mien.scene.takes import WritingMode, apply_take, revert_take
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from .scenes import add_armature, add_mesh, dress
from .whole_file import shown_values, whole_file

AWAY = "tongue"
"""The region that no take here keys: where the animator works meanwhile."""
LOOSE = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass(frozen=True)
class Plan:
    """What happens: a head, the animator's keys on it, a take, and in which ways it is written one after the other."""

    seed: int
    has_bones: bool
    share: float
    kind: str
    frame_start: float
    fps: float
    modes: tuple[WritingMode, ...]
    all_channels: bool
    speed: float


plans = st.builds(
    Plan,
    seed=st.integers(0, 2**20),
    has_bones=st.booleans(),
    share=st.sampled_from([0.0, 0.2, 1.0]),
    kind=st.sampled_from(["dense", "gappy", "pose", "script"]),
    frame_start=st.sampled_from([-31.0, 1.0, 12.5, 250.0]),
    fps=st.sampled_from([24.0, 23.976, 60.0]),
    modes=st.lists(st.sampled_from(list(WritingMode)), min_size=1, max_size=3).map(tuple),
    all_channels=st.booleans(),
    speed=st.sampled_from([0.5, 1.0, 3.0]),
)


def new_head(plan, random):
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 24, 24 / plan.fps
    mesh = add_mesh("Face", SHAPES)
    if plan.has_bones:
        rig = add_armature()
        dress(rig, mesh)
        rig.pose.bones["head"].rotation_mode = str(random.choice(["QUATERNION", "XYZ", "YZX"]))
        rig.keyframe_insert("location", frame=3)
    for name in SHAPES:
        if random.random() < plan.share:
            frames = random.choice(np.arange(-40, 200), random.integers(1, 9), replace=False)
            for frame in np.sort(frames).tolist():
                key_shape(mesh, name, frame, random.random())
    for fcurve in fcurves_of(mesh.data.shape_keys):
        for point in fcurve.keyframe_points:
            point.interpolation = str(random.choice(["BEZIER", "LINEAR", "CONSTANT", "BOUNCE"]))
            point.handle_left_type = point.handle_right_type = str(random.choice(["FREE", "AUTO", "VECTOR", "ALIGNED"]))
        fcurve.update()
        fcurve.extrapolation = str(random.choice(["CONSTANT", "LINEAR"]))
    character = bind(mesh)
    store(character, scene)
    scene.frame_set(int(random.integers(-10, 100)))
    return character, scene


def key_shape(mesh, name, frame, value):
    block = mesh.data.shape_keys.key_blocks[name]
    block.value = value
    block.keyframe_insert("value", frame=frame)


def new_take(plan, random):
    regions = tuple(name for name in REGIONS if name != AWAY and random.random() < 0.8) or ("mouth",)
    return Take(
        name="Random",
        kind=TakeKind.SCRIPT if plan.kind == "script" else TakeKind.VIDEO,
        raw=performance(random) if plan.kind == "script" else track(plan, random),
        shaping=Shaping(regions=regions, speed=plan.speed, error=float(random.choice([0.0, 0.02, 0.1]))),
        frame_start=plan.frame_start,
    )


def track(plan, random):
    count = 1 if plan.kind == "pose" else int(random.integers(2, 60))
    times = np.arange(count) / 25
    values = random.random((count, CHANNEL_COUNT)) * (random.random(CHANNEL_COUNT) < 0.6)
    confidence = np.ones(count)
    if plan.kind == "gappy":
        confidence[count // 3 : count // 2] = 0.0
    return FaceTrack(times, values, confidence)


def performance(random):
    times = np.cumsum(random.random(5) * 0.6 + 0.05)
    names = [name for name in SHAPES if REGION_OF[name] != AWAY]
    frames = [
        Keyframe(float(time), {str(name): float(random.random()) for name in random.choice(names, 6, replace=False)})
        for time in times
    ]
    return Performance(tuple(frames), float(times[-1]) + 0.5)


@LOOSE
@given(plan=plans)
def test_reverting_leaves_every_curve_of_the_file_as_it_was(plan):
    random = np.random.default_rng(plan.seed)
    character, scene = new_head(plan, random)
    before, values = whole_file(), shown_values()
    record = add_take(character.anchor, new_take(plan, random), scene=scene)
    record.all_channels = plan.all_channels
    for mode in plan.modes:
        report = apply_take(character, record, scene, mode=mode)
        note(f"{mode}: {report}")
        assert WritingMode.of(record) is mode
        assert whole_file() != before
        keep_shaping(record, Shaping(regions=take_of(record).shaping.regions, gain={"mouth": float(random.random())}))
    revert_take(character, record, scene)
    assert whole_file() == before
    assert shown_values() == pytest.approx(values, abs=1e-6)


@LOOSE
@given(plan=plans)
def test_what_is_edited_elsewhere_meanwhile_stays(plan):
    random = np.random.default_rng(plan.seed)
    character, scene = new_head(plan, random)
    mesh = next(iter(character.meshes))
    before = states(mesh)
    record = add_take(character.anchor, new_take(plan, random), scene=scene)
    edited = {}
    for mode in plan.modes:
        apply_take(character, record, scene, mode=mode)
        for name in REGIONS[AWAY]:
            key_shape(mesh, name, int(random.integers(-50, 300)), random.random())
        mesh.location.x = random.random()
        mesh.keyframe_insert("location", frame=int(random.integers(0, 50)))
        edited = {place: state for place, state in states(mesh).items() if "tongue" in place[1] or place[0] == "Face"}
    revert_take(character, record, scene)
    after, wanted = states(mesh), {**before, **edited}
    assert after.keys() == wanted.keys()
    assert all(is_same(after[place], state) for place, state in wanted.items())


def states(mesh):
    return {
        (owner.name, fcurve.data_path, fcurve.array_index): CurveState.of(fcurve)
        for owner in (mesh, mesh.data.shape_keys)
        for fcurve in fcurves_of(owner)
    }
