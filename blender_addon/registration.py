"""What Blender is told of this add-on, in order; undone in reverse."""

import bpy

from .scene import markers, preview, stored_character, stored_takes
from .ui import backend_session, preferences, properties
from .ui.operators import backend, bind_character, estimate_image, example_head, file_drop, perform_script, takes
from .ui.panels import editors, main, script

CLASSES = (
    *stored_character.CLASSES,
    *stored_takes.CLASSES,
    *properties.CLASSES,
    *preferences.CLASSES,
    *backend.CLASSES,
    *bind_character.CLASSES,
    *example_head.CLASSES,
    *estimate_image.CLASSES,
    *perform_script.CLASSES,
    *takes.CLASSES,
    *file_drop.CLASSES,
    *script.CLASSES,
    *main.CLASSES,
    *editors.CLASSES,
)


def register() -> None:
    """Called by Blender when the add-on is enabled."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    stored_character.register_properties()
    stored_takes.register_properties()
    markers.register_properties()
    properties.register_properties()
    backend_session.register()


def unregister() -> None:
    """Called by Blender when the add-on is disabled or Blender ends; ends the backend too."""
    backend_session.unregister()
    preview.end_previews()
    properties.unregister_properties()
    markers.unregister_properties()
    stored_takes.unregister_properties()
    stored_character.unregister_properties()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
