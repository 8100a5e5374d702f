"""build.py: environments, locks, carriers, the zip, headless Blender, the report."""
