"""Installs the backend from what the add-on carries, into a folder of its own, and removes it. Knows no Blender."""
