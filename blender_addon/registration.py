"""What Blender is told of this add-on, in order; undone in reverse."""

import bpy

from .scene import markers, preview, stored_character, stored_takes
from .ui import (
    backend_install,
    backend_session,
    binding_test,
    clip_options,
    live_shaping,
    preferences,
    properties,
    shape_sliders,
    teaching,
)
from .ui.operators import (
    backend,
    bind_character,
    binding,
    edit_take,
    estimate_image,
    example_head,
    exchange,
    file_drop,
    head_actions,
    install,
    perform_script,
    stop,
    takes,
    track_video,
    training_set,
)
from .ui.operators import teaching as teaching_operators
from .ui.panels import editors, main, script, teach
from .ui.panels import takes as take_list

CLASSES = (
    *stored_character.CLASSES,
    *stored_takes.CLASSES,
    *clip_options.CLASSES,
    *properties.CLASSES,
    *shape_sliders.CLASSES,
    *teaching.CLASSES,
    *preferences.CLASSES,
    *backend.CLASSES,
    *install.CLASSES,
    *bind_character.CLASSES,
    *binding.CLASSES,
    *example_head.CLASSES,
    *estimate_image.CLASSES,
    *perform_script.CLASSES,
    *takes.CLASSES,
    *edit_take.CLASSES,
    *head_actions.CLASSES,
    *exchange.CLASSES,
    *track_video.CLASSES,
    *training_set.CLASSES,
    *teaching_operators.CLASSES,
    *file_drop.CLASSES,
    *stop.CLASSES,
    *script.CLASSES,
    *take_list.CLASSES,
    *main.CLASSES,
    *teach.CLASSES,
    *editors.CLASSES,
)


ADDED = (
    *stored_character.ADDED,
    *stored_takes.ADDED,
    *markers.ADDED,
    *properties.ADDED,
    *shape_sliders.ADDED,
    *teaching.ADDED,
    *binding_test.ADDED,
)


def register() -> None:
    """Called by Blender when the add-on is enabled."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    for added in ADDED:
        added.register()
    backend_session.register()
    live_shaping.register()


def unregister() -> None:
    """Called by Blender when the add-on is disabled or Blender ends; ends the backend too."""
    live_shaping.unregister()
    backend_install.unregister()
    backend_session.unregister()
    preview.end_previews()
    for added in reversed(ADDED):
        added.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
