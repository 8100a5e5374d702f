"""Tracks a clip on the example head until somebody kills this Blender; told the add-on's zip and the clip."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from building.inside_blender import installed_addon

archive, clip = sys.argv[1:]
with installed_addon(archive):
    import bpy

    bpy.ops.mien.add_example_head()
    while True:
        bpy.ops.mien.track_video(filepath=clip)
