"""What Mien is about, in numpy and the standard library alone.

Shared by the add-on and the backend; nothing here knows Blender, HTTP or a model.
"""
