"""Blender's real window, used by mouse and keyboard; `python build.py gui` runs these."""
