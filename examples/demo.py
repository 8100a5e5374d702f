"""A photo becomes a keyed pose on an ARKit head, then a script a performance; run it in Blender with Mien enabled.

    python build.py blender examples/demo.py PHOTO FOLDER

Adds the example head, keys the face of PHOTO on it, checks what was keyed, renders the head and saves the scene as
FOLDER/mien-demo.blend. Then the head performs a script, and the scene is saved as FOLDER/mien-demo-script.blend. What
was done is told in FOLDER/demo.json. Your own head takes the place of the example's
when you select it before `bind_character`.
"""

import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bpy

FRAME = 1
RENDER_SIZE_PX = 448
RENDER_SAMPLES = 6
ARKIT_SHAPES = 52
SCRIPT = "She frowns, then smiles warmly and winks with her left eye."
LEAST_SMILE = 0.6  # of 1.0; the photo shows a broad smile


def main(photo: Path, folder: Path) -> None:
    """Do it all, and end with a sentence where the photo did not come out as it should."""
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.context.scene.frame_set(FRAME)
    set_up_render(bpy.context.scene)

    times_s = {}
    started = time.perf_counter()
    bpy.ops.mien.add_example_head()
    bpy.ops.mien.bind_character()
    times_s["add and bind the head"] = time.perf_counter() - started

    started = time.perf_counter()
    bpy.ops.mien.estimate_image(filepath=str(photo))
    times_s["estimate, with the start of the backend"] = time.perf_counter() - started

    started = time.perf_counter()
    bpy.ops.mien.estimate_image(filepath=str(photo))
    times_s["estimate once more"] = time.perf_counter() - started

    shapes = keyed_shapes()
    head_bone = keyed_bone("head")
    check(shapes, head_bone)

    started = time.perf_counter()
    bpy.context.scene.render.filepath = str(folder / "head.png")
    bpy.ops.render.render(write_still=True)
    times_s["render"] = time.perf_counter() - started

    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "mien-demo.blend"))
    started = time.perf_counter()
    beats = performed_beats()
    times_s["perform a script"] = time.perf_counter() - started
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "mien-demo-script.blend"))

    seen = bpy.context.scene.mien_estimate
    summary = {
        "blender": bpy.app.version_string,
        "expression": seen.expression,
        "words": seen.words.splitlines(),
        "uncertain": seen.uncertain.splitlines(),
        "shapes": shapes,
        "head_bone_degrees": head_bone,
        "script": SCRIPT,
        "beats": beats,
        "times_s": times_s,
    }
    (folder / "demo.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")


def performed_beats() -> list[str]:
    """Perform the script; each beat as its frame, the words of the script, and what they did."""
    bpy.ops.mien.perform_script(script=SCRIPT)
    take = bpy.context.scene.mien_head.mien_takes.items[-1]
    return [f"frame {beat.frame:.0f}: {beat.words} -> {beat.name}" for beat in take.beats]


def set_up_render(scene: bpy.types.Scene) -> None:
    """A small portrait, rendered on the processor; before the head comes, whose camera looks at the picture's shape."""
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x = render.resolution_y = RENDER_SIZE_PX
    scene.cycles.samples = RENDER_SAMPLES
    scene.cycles.use_denoising = True


def keyed_shapes() -> dict[str, float]:
    """The value of every shape that has a key at FRAME, by name."""
    values = {}
    for mesh in bpy.data.meshes:
        if mesh.shape_keys:
            for path, _index, value in keys_at_frame(mesh.shape_keys):
                values[path.split('"')[1]] = round(value, 4)  # key_blocks["jawOpen"].value
    return values


def keyed_bone(bone: str) -> list[float]:
    """The turns of a bone about its own axes in degrees, where they have keys at FRAME."""
    angles = {
        index: round(math.degrees(value), 1)
        for item in bpy.data.objects
        if item.type == "ARMATURE"
        for path, index, value in keys_at_frame(item)
        if path == f'pose.bones["{bone}"].rotation_euler'
    }
    return [angles[index] for index in sorted(angles)]


def keys_at_frame(datablock: bpy.types.ID) -> Iterator[tuple[str, int, float]]:
    """Data path, index and value of every F-curve of a datablock that has a key at FRAME."""
    for curve in fcurves(datablock.animation_data):
        for point in curve.keyframe_points:
            if point.co.x == FRAME:
                yield curve.data_path, curve.array_index, point.co.y


def fcurves(animation: bpy.types.AnimData | None) -> Iterator[bpy.types.FCurve]:
    """The F-curves of one datablock: in a slot of its action since Blender 4.4, the whole action before."""
    if animation is None or animation.action is None:
        return
    if not hasattr(animation, "action_slot"):
        yield from animation.action.fcurves
        return
    for layer in animation.action.layers:
        for strip in layer.strips:
            if channelbag := strip.channelbag(animation.action_slot):
                yield from channelbag.fcurves


def check(shapes: dict[str, float], head_bone: list[float]) -> None:
    """The truth of this photo: everything is keyed, and she smiles."""
    if len(shapes) != ARKIT_SHAPES:
        sys.exit(f"{len(shapes)} shape keys carry a key at frame {FRAME}, not {ARKIT_SHAPES}")
    if len(head_bone) != 3:
        sys.exit(f"The head bone carries {len(head_bone)} keys at frame {FRAME}, not 3")
    for name in ("mouthSmileLeft", "mouthSmileRight"):
        if shapes[name] <= LEAST_SMILE:
            sys.exit(f"{name} is {shapes[name]:.2f}, and should be above {LEAST_SMILE}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
