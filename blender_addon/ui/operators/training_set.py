"""Render Training Set: pictures of the bound head with their exact numbers, for a model to learn from."""

from pathlib import Path
from typing import Any

import bpy
from bpy.props import IntProperty, StringProperty
from bpy.types import Context, Operator

from ...core.errors import InputError
from ...scene.added_properties import RELATIVE
from ...scene.stored_character import active_character
from ...scene.training_renders import DEFAULT_SAMPLES, DEFAULT_SIZE_PX, TrainingOrder
from ..training_set import TrainingSet
from ..work import now
from .exchange import Browses


class MIEN_OT_render_training_set(Browses, Operator):
    bl_idname = "mien.render_training_set"
    bl_label = "Render Training Set"
    bl_description = (
        "Render the head in the poses and views of a shot list, with the exact numbers of each picture, "
        "so that a model can learn to read this head"
    )
    bl_options = {"REGISTER"}

    filepath: StringProperty(
        name="Shot List",
        description="The faces, views and lights to render, as Plan Shots makes them up",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"} | RELATIVE,
    )
    filter_glob: StringProperty(default="*.jsonl", options={"HIDDEN"})
    folder: StringProperty(
        name="Folder",
        description="Where the pictures and their manifest go; without one, beside the shot list",
        subtype="DIR_PATH",
        options={"SKIP_SAVE"} | RELATIVE,
    )
    size: IntProperty(name="Size", description="Pixels of each side of a picture", default=DEFAULT_SIZE_PX, min=16)
    samples: IntProperty(name="Samples", description="Rays for each pixel", default=DEFAULT_SAMPLES, min=1)

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        if now.work is not None:
            return "Mien is at work; Esc stops it"
        if active_character(context.scene) is None:
            return "Bind a head first: select it and use Bind Character, or use Add Example Head"
        return ""

    def called_again(self, operators: Any) -> Any:
        return operators.render_training_set

    def start(self, context: Context) -> TrainingSet:
        if not self.filepath:
            raise InputError("No shot list is chosen.", "Make one with Plan Shots and choose it.")
        plan = Path(bpy.path.abspath(self.filepath))
        folder = Path(bpy.path.abspath(self.folder)) if self.folder else plan.with_suffix("")
        return TrainingSet(context, TrainingOrder.read(plan, folder, size_px=self.size, samples=self.samples))


CLASSES = (MIEN_OT_render_training_set,)
