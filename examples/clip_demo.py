"""A talking clip becomes a take on an ARKit head; run it in Blender with the Mien add-on enabled.

    python build.py blender examples/clip_demo.py CLIP FOLDER

Adds the example head, tracks CLIP onto it, renders a small picture of the head for every fourth frame of the scene into
FOLDER/clip-frames, and saves the scene as FOLDER/mien-demo-clip.blend. What was done is told in FOLDER/clip.json: the
frames of the clip with their keys, and for each picture its file and its second of the clip.
"""

import json
import sys
import time
from pathlib import Path

import bpy

FRAMES_PER_SECOND = 24  # not the clip's 29.97: seconds stay seconds
STEP = 4
SIZE_PX = 840  # more than is shown: anti-aliasing for a tenth of what Workbench's own costs here
MOST_SECONDS = 5.0
STUDIO_LIGHT = "outdoor.sl"
EXPOSURE = 0.7  # of the view: Workbench lights a face darkly


def main(clip: Path, folder: Path) -> None:
    """Track, render, save, tell."""
    bpy.ops.wm.read_homefile(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = FRAMES_PER_SECOND, 1.0
    scene.render.resolution_x = scene.render.resolution_y = SIZE_PX  # before the head, whose camera looks at it
    scene.frame_set(1)
    bpy.ops.mien.add_example_head()

    started = time.perf_counter()
    bpy.ops.mien.track_video(filepath=str(clip), add_strip=True)
    tracked_s = time.perf_counter() - started
    take = scene.mien_head.mien_takes.items[0]
    scene.frame_start, scene.frame_end = round(take.written_from), round(take.written_until)
    scene.frame_set(scene.frame_start)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "mien-demo-clip.blend"))

    started = time.perf_counter()
    frames = scene.frame_end - scene.frame_start + 1
    pictures = rendered(scene, folder / "clip-frames")
    summary = {
        "blender": bpy.app.version_string,
        "clip_frames": take.read_frames,
        "seen": take.seen,
        "keys": sum(len(curve.keyframe_points) for curve in keyed_curves()),
        "curves": len(keyed_curves()),
        "frames": frames,
        "frames_per_second": FRAMES_PER_SECOND / STEP,
        "pictures": pictures,
        "tracked_s": tracked_s,
        "rendered_s": time.perf_counter() - started,
    }
    (folder / "clip.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")


def rendered(scene: bpy.types.Scene, folder: Path) -> list[dict[str, object]]:
    """The head at every `STEP`-th frame: a file each, and the second of the clip that it shows."""
    last = min(scene.frame_end, scene.frame_start + round(MOST_SECONDS * FRAMES_PER_SECOND))
    set_up_render(scene)
    scene.frame_end, scene.frame_step = last, STEP
    scene.render.filepath = str(folder / "head-")
    bpy.ops.render.render(animation=True)  # in one go: a third quicker than picture by picture
    return [
        {"file": scene.render.frame_path(frame=frame), "second": (frame - scene.frame_start) / FRAMES_PER_SECOND}
        for frame in range(scene.frame_start, last + 1, STEP)
    ]


def set_up_render(scene: bpy.types.Scene) -> None:
    """Workbench, which draws a face in a fraction of a second without a graphics card."""
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.use_sequencer = False  # the clip stands there
    scene.render.use_simplify, scene.render.simplify_subdivision_render = True, 0  # subdividing takes half the time
    scene.display.render_aa = "OFF"
    shading = scene.display.shading
    shading.light, shading.color_type, shading.studio_light = "STUDIO", "MATERIAL", STUDIO_LIGHT
    scene.view_settings.view_transform, scene.view_settings.exposure = "Standard", EXPOSURE


def keyed_curves() -> list[bpy.types.FCurve]:
    """Every F-curve of the file."""
    found: list[bpy.types.FCurve] = []
    for action in bpy.data.actions:
        if hasattr(action, "layers") and action.layers:
            bags = (bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags)
            found.extend(curve for bag in bags for curve in bag.fcurves)
        elif hasattr(action, "fcurves"):
            found.extend(action.fcurves)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
