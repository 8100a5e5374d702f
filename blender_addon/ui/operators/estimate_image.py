"""Estimate from Image: a picture's face becomes keys on the head at the current frame."""

from typing import Any

from bpy.props import EnumProperty, IntProperty, StringProperty
from bpy.types import Context, Operator

from ...scene.added_properties import RELATIVE
from ..estimation import EstimateRequest, Estimation
from ..properties import SOURCES, estimate_of, settings_of
from .waiting import Waits


class MIEN_OT_estimate_image(Waits, Operator):
    bl_idname = "mien.estimate_image"
    bl_label = "Estimate from Image"
    bl_description = "Read the face in a picture and key its expression on the head at the current frame"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File",
        description="The picture whose face is keyed; without one, the source is used",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"} | RELATIVE,
    )
    source: EnumProperty(
        name="Picture",
        description="Where the picture comes from",
        items=(*SOURCES, ("PANEL", "As in the Panel", "The source that is chosen in the Mien tab")),
        default="PANEL",
        options={"SKIP_SAVE"},
    )
    face_index: IntProperty(
        name="Face",
        description="Which of several faces is keyed, counted from 0 at the largest",
        min=0,
        options={"SKIP_SAVE"},
    )

    engine: StringProperty(
        name="Engine",
        description="What reads the face; empty for what is chosen in the Mien tab",
        options={"SKIP_SAVE"},
    )

    def start(self, context: Context) -> Estimation:
        return Estimation(context, _request(self, context))

    def draw(self, context: Context) -> None:
        """The redo panel: only what can be changed with sense."""
        if estimate_of(context.scene).face_count > 1:
            self.layout.prop(self, "face_index")


def _request(operator: Any, context: Context) -> EstimateRequest:
    settings = settings_of(context.scene)
    engine = (operator.engine or settings.image_engine).strip()
    if operator.filepath:
        return EstimateRequest("FILE", operator.filepath, operator.face_index, engine)
    source = settings.source if operator.source == "PANEL" else operator.source
    return EstimateRequest(source, settings.filepath, operator.face_index, engine)


CLASSES = (MIEN_OT_estimate_image,)
