"""Six scripts performed on the example head, as rows of frames on one sheet; run it in Blender with Mien enabled.

    python build.py blender examples/performances.py [SHEET.jpg]

Writes docs/images/performances.jpg where no other file is given. A person should recognise each performance with the
scripts covered. Pictures are kept under build/performances/.
"""

import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import bpy

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "build" / "performances"
SIZE_PX = 256
SAMPLES = 8
FRAMES_IN_ROW = 8


@dataclass(frozen=True)
class Scene:
    """One row: its name, and the words that the head performs."""

    name: str
    script: str


SCENES = (
    Scene("double take", "He glances to the left and looks back, bored. Then he does a double take, astonished."),
    Scene(
        "a sad smile", "She gives a sad smile. Slowly her smile fades into grief. She looks down, her chin quivering."
    ),
    Scene(
        "an angry line", 'He glares, furious. "Get out of my house!" he shouts. He bares his teeth and shakes his head.'
    ),
    Scene("a sly wink", "She smirks and raises one eyebrow. She looks at us sideways, then winks with her left eye."),
    Scene(
        "fear to relief",
        "He freezes, terrified. After a beat he closes his eyes and exhales slowly. "
        "He opens his eyes and smiles, relieved.",
    ),
    Scene("bored", "She looks bored. She rolls her eyes and sighs heavily. Then she tilts her head and yawns."),
)


def main(sheet: Path) -> None:
    """Perform, render, lay out."""
    rows: list[str] = []
    for scene in SCENES:
        rows += [f"# {scene.script}", *perform_and_render(scene)]
    script = Path(__file__).with_name("contact_sheet.py")
    subprocess.run([backend_python(), str(script), str(sheet), str(FRAMES_IN_ROW), *rows], check=True)


def perform_and_render(scene: Scene) -> list[str]:
    """The pictures of one performance, each as `time=path`."""
    bpy.ops.wm.read_homefile(use_empty=True)
    set_up_render(bpy.context.scene)
    bpy.ops.mien.add_example_head()
    bpy.context.scene.frame_set(1)
    bpy.ops.mien.perform_script(script=scene.script, life=False)  # without the blinks that nobody wrote
    (performance,) = bpy.context.scene.mien_head.mien_takes.items
    if performance.not_understood:
        sys.exit(f"{scene.name}: not understood: {performance.not_understood}")
    folder = PICTURES / scene.name.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    fps = bpy.context.scene.render.fps
    rows = []
    for frame in telling_frames(bpy.context.scene, round(performance.frame_end)):
        picture = folder / f"{frame:04d}.png"
        bpy.context.scene.frame_set(frame)
        bpy.context.scene.render.filepath = str(picture)
        bpy.ops.render.render(write_still=True)
        rows.append(f"{(frame - 1) / fps:.1f} s={picture}")
    return rows


def set_up_render(scene: bpy.types.Scene) -> None:
    """Small portraits, rendered on the processor."""
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = SIZE_PX
    scene.cycles.samples = SAMPLES
    scene.cycles.use_denoising = True


def telling_frames(scene: bpy.types.Scene, last: int) -> list[int]:
    """Rest, the end, and in between those frames whose faces differ most from all that are shown already."""
    poses = [pose_at(scene, frame) for frame in range(1, last + 1)]
    shown = [0, len(poses) - 1]
    while len(shown) < FRAMES_IN_ROW:
        shown.append(max(range(len(poses)), key=lambda index: min(difference(poses, index, other) for other in shown)))
    return [index + 1 for index in sorted(shown)]


def pose_at(scene: bpy.types.Scene, frame: int) -> list[float]:
    """The face's shapes and the turn of its head; a radian counts as two shapes."""
    scene.frame_set(frame)
    rig = scene.mien_head
    faces = (child.data.shape_keys for child in rig.children if child.data.shape_keys)
    keys = max(faces, key=lambda keys: len(keys.key_blocks))
    turn = rig.pose.bones["head"].matrix_basis.to_euler()
    return [*(key.value for key in keys.key_blocks), *(2.0 * angle for angle in turn)]


def difference(poses: list[list[float]], one: int, other: int) -> float:
    """How differently two frames look; nearby frames a little less."""
    apart = math.dist(poses[one], poses[other])
    return apart + 0.25 * min(abs(one - other) / 12, 1.0)


def backend_python() -> str:
    """The Python that has Pillow, as build.py names it."""
    if "MIEN_BACKEND_PYTHON" not in os.environ:
        sys.exit("Run this by `python build.py blender examples/performances.py`, which knows the backend.")
    return os.environ["MIEN_BACKEND_PYTHON"]


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "docs" / "images" / "performances.jpg")
