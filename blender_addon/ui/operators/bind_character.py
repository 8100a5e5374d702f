"""Bind Character: find the channels of the selected head."""

from bpy.types import Context, Operator

from ...scene.binding_obstacles import obstacles
from ...scene.character import Character, bind
from ...scene.stored_character import active_character, store
from .waiting import Acts


class MIEN_OT_bind_character(Acts, Operator):
    bl_idname = "mien.bind_character"
    bl_label = "Bind Character"
    bl_description = (
        "Find the shape keys and the bones of the active object's head by their names, all its meshes at once; "
        "what was set by hand stays"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return "" if context.active_object is not None else "Select the head or its armature first"

    def act(self, context: Context) -> str:
        store(bind(context.active_object), context.scene)
        return told_of(active_character(context.scene))


def told_of(character: Character) -> str:
    """What was found, in a few sentences."""
    names = f"names of {character.preset}" if character.preset else "names of no known kind"
    told = [f"{character.name}: {character.summary()}; {names}.", character.eyes_words()]
    if character.suggestions:
        count = len({suggestion.channel for suggestion in character.suggestions})
        told.append(f"For {count} channels the panel Binding has suggestions.")
    if not character.bound and not character.suggestions:
        told.append("Choose the shape keys in the panel Binding.")
    return " ".join(filter(None, [*told, *obstacles(character)]))


CLASSES = (MIEN_OT_bind_character,)
