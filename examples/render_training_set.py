"""Renders pictures of a head for a model to learn from; run it in Blender with the Mien add-on enabled.

    python build.py blender examples/render_training_set.py SHOTS.jsonl FOLDER [HEAD.blend] [SIZE_PX SAMPLES]

SHOTS.jsonl comes from `mien distill plan`. HEAD.blend holds your bound head; without one the example head is rendered.
An interrupted run goes on where it stopped.
"""

import sys
from pathlib import Path

import bpy


def main(shots: str, folder: str, head: str = "", size: str = "192", samples: str = "4") -> None:
    """Open the head and render."""
    if head:
        bpy.ops.wm.open_mainfile(filepath=str(Path(head).resolve()))
    else:
        bpy.ops.wm.read_homefile(use_empty=True)
        bpy.ops.mien.add_example_head()
    shots, folder = str(Path(shots).resolve()), str(Path(folder).resolve())
    bpy.ops.mien.render_training_set(filepath=shots, folder=folder, size=int(size), samples=int(samples))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except RuntimeError as fault:
        sys.exit(str(fault))
