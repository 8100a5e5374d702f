"""Lays pictures out in rows with their names under them; runs in the backend's Python, which has Pillow.

python contact_sheet.py OUTPUT.jpg COLUMNS [# HEADING] NAME=PICTURE...

A heading, an argument that begins with "# ", begins a new row and stands above it.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CELL_PX = 150
NAME_HEIGHT_PX = 18
HEADING_HEIGHT_PX = 26
CROP = (0.17, 0.06, 0.83, 0.72)  # left, top, right, bottom: the face without the shoulders
PAPER, INK = (250, 249, 246), (30, 30, 34)
JPEG_QUALITY = 82

Row = tuple[str, list[tuple[str, Path]]]
"""A heading, which may be empty, and named pictures."""


def main(output: Path, columns: int, rows: list[Row]) -> None:
    """Draw the sheet."""
    height = sum(_height(heading) for heading, _ in rows)
    sheet = Image.new("RGB", (columns * CELL_PX, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    top = 0
    for heading, named in rows:
        if heading:
            draw.text((6, top + 7), heading, fill=INK, font=ImageFont.load_default(size=14))
        for column, (name, path) in enumerate(named):
            _draw_cell(sheet, draw, column * CELL_PX, top + _height(heading) - CELL_PX - NAME_HEIGHT_PX, name, path)
        top += _height(heading)
    output.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(output, quality=JPEG_QUALITY, optimize=True)


def _height(heading: str) -> int:
    return CELL_PX + NAME_HEIGHT_PX + (HEADING_HEIGHT_PX if heading else 0)


def _draw_cell(sheet: Image.Image, draw: ImageDraw.ImageDraw, left: int, top: int, name: str, path: Path) -> None:
    with Image.open(path) as picture:
        width, height = picture.size
        box = (CROP[0] * width, CROP[1] * height, CROP[2] * width, CROP[3] * height)
        cell = picture.convert("RGB").resize((CELL_PX - 2, CELL_PX - 2), Image.Resampling.LANCZOS, box=box)
    sheet.paste(cell, (left + 1, top + 1))
    draw.text(
        (left + CELL_PX / 2, top + CELL_PX + 2), name, fill=INK, font=ImageFont.load_default(size=11), anchor="ma"
    )


def rows_of(arguments: Iterable[str], columns: int) -> list[Row]:
    """The rows that the arguments name."""
    rows: list[Row] = []
    for argument in arguments:
        if argument.startswith("# "):
            rows.append((argument.removeprefix("# "), []))
            continue
        if not rows or len(rows[-1][1]) == columns:
            rows.append(("", []))
        name, _, path = argument.partition("=")
        rows[-1][1].append((name, Path(path)))
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), rows_of(sys.argv[3:], int(sys.argv[2])))
