"""Talks to the backend: starts it, asks it, ends it. Knows no Blender."""
