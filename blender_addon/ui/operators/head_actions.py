"""What is done with all that plays on a head: one Action of its layers, and an asset of its pose."""

from bpy.props import FloatProperty, StringProperty
from bpy.types import Context, Operator

from ...scene.baking import BAKING_ERROR, bake_to_one_action, has_layers
from ...scene.pose_assets import save_pose, shown_pose, words_of
from ...scene.stored_character import active_character
from .takes import NO_HEAD
from .waiting import Acts


class MIEN_OT_bake_layers(Acts, Operator):
    bl_idname = "mien.bake_layers"
    bl_label = "Bake to One Action"
    bl_description = (
        "Make one Action with few keys of what the head's Action and its NLA tracks come to, shape keys too. "
        "Layers are taken off, other tracks muted, and the former Action is kept"
    )
    bl_options = {"REGISTER", "UNDO"}

    error: FloatProperty(
        name="Error",
        description="How far the baked curves may be from what the layers come to; 0 keeps a key at every frame",
        default=BAKING_ERROR,
        min=0.0,
        soft_max=0.05,
        precision=4,
        step=0.1,
    )

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        character = active_character(context.scene)
        if character is None:
            return NO_HEAD
        return "" if has_layers(character) else "Nothing is layered: no NLA track plays on this head"

    def act(self, context: Context) -> str:
        report = bake_to_one_action(active_character(context.scene), context.scene, error=self.error)
        return " ".join([f"{report.action}: {report.keys} keys on {report.curves} curves.", *report.told])


class MIEN_OT_save_pose(Acts, Operator):
    bl_idname = "mien.save_pose"
    bl_label = "Save Pose as Asset"
    bl_description = (
        "Make an asset of the pose that the head shows now: an Action of one frame with every bound channel, "
        "described in words"
    )
    bl_options = {"REGISTER", "UNDO"}

    name: StringProperty(name="Name", description="Of the asset; without one, the expression in words")
    words: StringProperty(name="Description", description="Of the asset; without one, the pose in words")

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return "" if active_character(context.scene) is not None else NO_HEAD

    def act(self, context: Context) -> str:
        character = active_character(context.scene)
        words = self.words or words_of(shown_pose(character))
        name = self.name or words.splitlines()[0].capitalize()
        actions = save_pose(character, name, words)
        return f"{actions[0].name} is an asset of this file"


CLASSES = (MIEN_OT_bake_layers, MIEN_OT_save_pose)
