"""Mien: facial performance on an ARKit head, from a photo, a clip or a script.

Importing this package loads no bpy, so that the backend and the tests can share `core` and `client`.
"""


def register() -> None:
    """Called by Blender when the add-on is enabled."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Called by Blender when the add-on is disabled."""
    from . import registration

    registration.unregister()
