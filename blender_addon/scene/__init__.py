"""What Mien does to a Blender file: the only place where bpy's data is read and written by rule, not by click."""
