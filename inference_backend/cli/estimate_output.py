"""The forms in which `estimate` gives its results."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import degrees
from typing import TYPE_CHECKING, Any

from blender_addon.core.channels import ANGLES, CHANNELS, SHAPES
from blender_addon.core.errors import MienError
from blender_addon.core.formats.semanticface_file import DescribedFace, released_words, write_semanticface
from blender_addon.core.pose import Pose
from blender_addon.core.semantics.own_words import OwnWords
from blender_addon.core.wire import FaceEstimate, ImageEstimate, error_to_json, image_estimate_to_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

# What a person takes in at a glance; the JSON has all 61.
_TOP_SHAPES = 8
_LEAST_SHAPE = 0.1
_LEAST_ANGLE_DEGREES = 2.0
_BAR_CELLS = 20
_INDENT = (0, 0, 0, 4)
"""Above, right, below, left; a sentence that is wrapped stays under its beginning."""


@dataclass(frozen=True)
class Reading:
    """What became of one picture. `image` is as the user wrote it."""

    image: str
    result: ImageEstimate | MienError


def to_json(readings: Sequence[Reading]) -> dict[str, Any] | list[dict[str, Any]]:
    """The wire form for one picture; for several a list of it, each with its `image`, in their order."""
    forms = [_form(reading.result) for reading in readings]
    if len(readings) == 1:
        return forms[0]
    return [{"image": reading.image, **form} for reading, form in zip(readings, forms, strict=True)]


def to_csv(readings: Sequence[Reading]) -> str:
    """61 named columns; a row for each face, in the order of the pictures, largest face first."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(CHANNELS)
    for reading in readings:
        if isinstance(reading.result, ImageEstimate):
            writer.writerows(face.pose.as_mapping().values() for face in reading.result.faces)
    return table.getvalue()


def to_jsonl(readings: Sequence[Reading]) -> str:
    """SemanticFace's records: a line for each face, in words and its 61 values."""
    return write_semanticface(
        [
            DescribedFace(released_words(face.description), face.pose, reading.image)
            for reading in readings
            if isinstance(reading.result, ImageEstimate)
            for face in reading.result.faces
        ]
    )


WRITERS: dict[str, Callable[[Sequence[Reading]], str]] = {
    ".json": lambda readings: json.dumps(to_json(readings), indent=2) + "\n",
    ".csv": to_csv,
    ".jsonl": to_jsonl,
}
"""What `-o` writes, by the suffix of the file."""


def show(readings: Sequence[Reading]) -> None:
    """Print for people what was read; errors have been told elsewhere."""
    from rich.console import Console

    console = Console(highlight=False)
    for reading in readings:
        if isinstance(reading.result, ImageEstimate):
            _show_estimate(console, reading.image, reading.result)


def _form(result: ImageEstimate | MienError) -> dict[str, Any]:
    return error_to_json(result) if isinstance(result, MienError) else image_estimate_to_json(result)


def _show_estimate(console: "Console", image: str, estimate: ImageEstimate) -> None:
    from rich.padding import Padding
    from rich.text import Text

    count = len(estimate.faces)
    console.print(f"{image}: {count} face{'s' if count > 1 else ''}", style="bold", markup=False)
    for number, face in enumerate(estimate.faces, start=1):
        x, y, width, height = (round(edge) for edge in face.box)
        console.print(f"  Face {number}: {width} x {height} pixels at {x}, {y}; confidence {face.confidence:.2f}")
        for sentence in face.description.sentences():
            console.print(Padding(Text(sentence), _INDENT))
        if face.own_words is not None:
            _show_own_words(console, face.own_words)
        console.print(_numbers(face, ascii_only=console.options.ascii_only))


def _show_own_words(console: "Console", own_words: OwnWords) -> None:
    """What the model wrote, as a quotation; a line that its numbers refute is marked, and told why."""
    from rich.padding import Padding
    from rich.text import Text

    console.print(Padding(Text("The model's own words:", style="dim"), _INDENT))
    for line, is_refuted in own_words.lines():
        console.print(Padding(Text(f"{'!' if is_refuted else '|'} {line}", style="dim"), _INDENT))
    for contradiction in own_words.contradictions:
        console.print(Padding(Text(f"! Words against numbers: {contradiction}"), _INDENT))


def _numbers(face: FaceEstimate, *, ascii_only: bool) -> "Table":
    from rich.table import Table

    bar, degree = ("#", " degrees") if ascii_only else ("━", "°")
    table = Table.grid(padding=(0, 2))
    for row in (*_shape_rows(face.pose, bar), *_angle_rows(face.pose, degree)):
        table.add_row("  ", *row)
    return table


def _shape_rows(pose: Pose, bar: str) -> Iterator[tuple[str, str, str]]:
    strongest = sorted(SHAPES, key=lambda name: -pose[name])[:_TOP_SHAPES]
    for name in strongest:
        if pose[name] >= _LEAST_SHAPE:
            yield name, f"{pose[name]:.2f}", bar * round(_BAR_CELLS * pose[name])


def _angle_rows(pose: Pose, degree: str) -> Iterator[tuple[str, str, str]]:
    for name in ANGLES:
        if abs(angle := degrees(pose[name])) >= _LEAST_ANGLE_DEGREES:
            yield name, f"{angle:+.0f}{degree}", ""
