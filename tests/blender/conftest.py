"""The tests in `inside/` need Blender's Python; `run_in_blender.py` runs them there, once for each Blender."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("bpy") else ["inside"]
