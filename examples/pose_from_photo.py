"""Keys the face of a photo on the example head and saves the scene.

    python build.py blender examples/pose_from_photo.py PHOTO OUT.blend

For your own head, open its file and select the head in place of `read_homefile` and `add_example_head`.
"""

import sys
from pathlib import Path

import bpy


def main(photo: Path, scene_file: Path) -> None:
    """Add the head, key the photo's face on it, tell what was seen, save."""
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.mien.add_example_head()
    bpy.ops.mien.bind_character()
    bpy.ops.mien.estimate_image(filepath=str(photo))
    seen = bpy.context.scene.mien_estimate
    print(f"{seen.picture}: {seen.expression}\n{seen.words}")
    bpy.ops.wm.save_as_mainfile(filepath=str(scene_file))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: pose_from_photo.py PHOTO OUT.blend")
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
