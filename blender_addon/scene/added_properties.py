"""Properties that the add-on adds to Blender's own types, for as long as it is enabled."""

from typing import Any, Final

import bpy

RELATIVE: Final[set[Any]] = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()
"""The option of paths that may begin with "//", at the .blend file; before Blender 4.5 all could, and none said so."""


class AddedProperties:
    """The properties, by name, that one of Blender's types gets."""

    def __init__(self, owner: type, **properties: Any) -> None:
        self._owner = owner
        self._properties = properties

    def register(self) -> None:
        """Give them to the type; the classes that they point to must be registered."""
        for name, definition in self._properties.items():
            setattr(self._owner, name, definition)

    def unregister(self) -> None:
        """Take them away again."""
        for name in reversed(self._properties):
            delattr(self._owner, name)
