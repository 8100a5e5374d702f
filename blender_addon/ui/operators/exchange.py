"""Import Take and Export Take: files of other face programs, and Mien's own."""

from pathlib import Path
from typing import Any, cast

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...core.errors import InputError
from ...core.formats.exchange import READABLE_SUFFIXES, WRITERS, ReadingChoices, WritingChoices
from ...core.formats.pose_convention import CONVENTIONS
from ...core.formats.timecode import DEFAULT_RATE, RATES
from ...scene.added_properties import RELATIVE
from ...scene.imported_takes import ImportOrder
from ...scene.stored_character import active_character
from ...scene.stored_takes import WRITING_MODES, active_take
from ...scene.takes import WritingMode
from ..exporting import Exporting
from ..importing import Importing
from ..work import now
from . import Outcome
from .takes import disabled_reason as no_take_reason
from .waiting import Waits

_UNSAID = "AS_USUAL"

_CONVENTION_WORDS = {
    "radians": ("Radians", "As the Live Link Face app records them; signs as in Mien"),
    "degrees": ("Degrees", "Signs as in Mien"),
    "half-turns": ("Half Turns", "Degrees over 180, as Unreal Engine writes them"),
    "express4d": ("Express4D", "Degrees over 72"),
    "keyframeface": ("KeyframeFace", "Radians, as in the released KeyframeFace files"),
    "semanticface": ("SemanticFace", "Radians with the pitch of the eyes downwards, as in the released files"),
}

_CONVENTIONS = (
    (_UNSAID, "As Usual", "What files of this form mostly have"),
    *((name, *_CONVENTION_WORDS[name]) for name in CONVENTIONS),
)
_RATES = tuple((name, name, f"{rate.frames_per_second:.6g} frames a second") for name, rate in RATES.items())

_ANGLES = "The unit and the signs of the angles of head and eyes, which no file tells"


def import_disabled_reason(context: Context) -> str:
    """Why no file can be put on the head; empty where it can. No backend is needed."""
    if now.work is not None:
        return "Mien is at work; Esc stops it"
    if active_character(context.scene) is None:
        return "Bind a head first: select it and use Bind Character, or use Add Example Head"
    return ""


def export_disabled_reason(context: Context) -> str:
    """The same for Export Take."""
    return "Mien is at work; Esc stops it" if now.work is not None else no_take_reason(context)


class Browses(Waits):
    """An operator that asks for a file first, where it was given none.

    Blender lets no operator wait that its file browser has run; so what the browser has run hands on to another one.
    """

    filepath: Any
    is_browsing = False

    def called_again(self, operators: Any) -> Any:
        """This operator as a function, of those of `bpy.ops.mien`."""
        raise NotImplementedError

    def proposal(self, _context: Context) -> str:
        """What stands in the browser at first."""
        return ""

    def invoke(self, context: Context, event: Event) -> Outcome:
        """Ask for a file, or begin with the one that was given, as by dropping it on the view."""
        if self.filepath:
            return super().invoke(context, event)
        self.is_browsing, self.filepath = True, self.proposal(context)
        context.window_manager.fileselect_add(cast(Operator, self))
        return {"RUNNING_MODAL"}

    def execute(self, context: Context) -> Outcome:
        """Do it now; where the file was chosen in the browser, without holding Blender up."""
        if not self.is_browsing:
            return super().execute(context)
        operators: Any = bpy.ops
        self.called_again(operators.mien)("INVOKE_DEFAULT", **cast(Operator, self).as_keywords())
        return {"CANCELLED"}  # that one makes the step of undo


class MIEN_OT_import_take(Browses, Operator):
    bl_idname = "mien.import_take"
    bl_label = "Import Take"
    bl_description = (
        "Read a face recording or performance from a file, such as a Live Link Face CSV, and key it as a take"
    )
    bl_options = {"REGISTER", "UNDO", "PRESET"}

    filepath: StringProperty(
        name="File", description="The file that is read", subtype="FILE_PATH", options={"SKIP_SAVE"} | RELATIVE
    )
    filter_glob: StringProperty(default=";".join(f"*{suffix}" for suffix in READABLE_SUFFIXES), options={"HIDDEN"})
    convention: EnumProperty(name="Angles", description=_ANGLES, items=_CONVENTIONS)
    rate: EnumProperty(
        name="Timecode",
        description="The frame rate that timecode counts at; slowed rates look like whole ones",
        items=((_UNSAID, "As Its Labels", "What the numbers of the frames speak for, or else 60"), *_RATES),
    )
    placement: EnumProperty(
        name="Begin",
        description="Where the take begins",
        items=(
            ("AS_KEPT", "As the File Says", "A Mien take file tells its frame; other files begin at the playhead"),
            ("PLAYHEAD", "At the Playhead", "Its beginning stands on the current frame"),
            ("SCENE_START", "At the Scene's Start", "Its beginning stands on the first frame of the scene"),
        ),
    )
    write: EnumProperty(
        name="Write",
        description="Where the keys go",
        items=WRITING_MODES,
    )

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return import_disabled_reason(context)

    def called_again(self, operators: Any) -> Any:
        return operators.import_take

    def start(self, context: Context) -> Importing:
        if not self.filepath:
            raise InputError("No file is chosen.", "Choose a file.")
        return Importing(context, _order(self, context))

    def draw(self, _context: Context) -> None:
        """The choices, beside the file browser and in the redo panel."""
        _draw_choices(self, "convention", "rate", "placement", "write")


def _order(operator: Any, context: Context) -> ImportOrder:
    path = Path(bpy.path.abspath(operator.filepath))
    frame: float | None = context.scene.frame_current
    if operator.placement == "SCENE_START":
        frame = context.scene.frame_start
    elif operator.placement == "AS_KEPT" and path.suffix.lower() == ".mien":
        frame = None
    choices = ReadingChoices(CONVENTIONS.get(operator.convention), None if operator.rate == _UNSAID else operator.rate)
    return ImportOrder(path, choices, frame, WritingMode[operator.write])


class MIEN_OT_export_take(Browses, Operator):
    bl_idname = "mien.export_take"
    bl_label = "Export Take"
    bl_description = f"Write the chosen take to a file; the end of its name decides the form: {', '.join(WRITERS)}"
    bl_options = {"REGISTER", "PRESET"}
    is_about_take = True

    filepath: StringProperty(
        name="File", description="The file that is written", subtype="FILE_PATH", options={"SKIP_SAVE"} | RELATIVE
    )
    filter_glob: StringProperty(default=";".join(f"*{suffix}" for suffix in WRITERS), options={"HIDDEN"})
    check_existing: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    keys: EnumProperty(
        name="Write",
        description="What is written; a Mien take file holds both",
        items=(
            ("RAW", "As It Was Read", "Every number as the engine or the file gave it"),
            ("SHAPED", "As Shaped", "What the head does: with gain, smoothing, resting face and speed"),
        ),
    )
    convention: EnumProperty(name="Angles", description=_ANGLES, items=_CONVENTIONS)
    rate: EnumProperty(
        name="Timecode",
        description="The frame rate of timecode, and of the frames of shaped takes and performances",
        items=_RATES,
        default=DEFAULT_RATE,
    )

    @classmethod
    def why_disabled(cls, context: Context) -> str:
        return export_disabled_reason(context)

    def called_again(self, operators: Any) -> Any:
        return operators.export_take

    def start(self, context: Context) -> Exporting:
        if not self.filepath:
            raise InputError("No file is named.", f"Give a name that ends in {', '.join(WRITERS)}.")
        record = active_take(active_character(context.scene).anchor)
        path = Path(bpy.path.abspath(self.filepath))
        choices = WritingChoices(CONVENTIONS.get(self.convention), self.rate, is_shaped=self.keys == "SHAPED")
        return Exporting(context, record, path, choices)

    def proposal(self, context: Context) -> str:
        record = active_take(active_character(context.scene).anchor)
        return str(Path(bpy.data.filepath).parent / f"{bpy.path.clean_name(record.name)}.csv")

    def draw(self, _context: Context) -> None:
        """The choices, beside the file browser."""
        self.layout.label(text="The name's end decides the form:")
        self.layout.label(text=", ".join(WRITERS))
        _draw_choices(self, "keys", "convention", "rate")


def _draw_choices(operator: Any, *names: str) -> None:
    layout = operator.layout
    layout.use_property_split, layout.use_property_decorate = True, False
    for name in names:
        layout.prop(operator, name)


CLASSES = (MIEN_OT_import_take, MIEN_OT_export_take)
