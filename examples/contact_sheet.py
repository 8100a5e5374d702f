"""Lays pictures out in rows with their names under them; runs in the backend's Python, which has Pillow.

python contact_sheet.py OUTPUT.jpg COLUMNS NAME=PICTURE...
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CELL_PX = 150
NAME_HEIGHT_PX = 18
CROP = (0.2, 0.12, 0.8, 0.72)  # left, top, right, bottom: the face without the shoulders
PAPER, INK = (250, 249, 246), (30, 30, 34)
JPEG_QUALITY = 82


def main(output: Path, columns: int, named: list[tuple[str, Path]]) -> None:
    """Draw the sheet."""
    rows = -(-len(named) // columns)
    sheet = Image.new("RGB", (columns * CELL_PX, rows * (CELL_PX + NAME_HEIGHT_PX)), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=11)
    for number, (name, path) in enumerate(named):
        left, top = number % columns * CELL_PX, number // columns * (CELL_PX + NAME_HEIGHT_PX)
        with Image.open(path) as picture:
            width, height = picture.size
            box = (CROP[0] * width, CROP[1] * height, CROP[2] * width, CROP[3] * height)
            cell = picture.convert("RGB").resize((CELL_PX - 2, CELL_PX - 2), Image.Resampling.LANCZOS, box=box)
        sheet.paste(cell, (left + 1, top + 1))
        draw.text((left + CELL_PX / 2, top + CELL_PX + 2), name, fill=INK, font=font, anchor="ma")
    output.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(output, quality=JPEG_QUALITY, optimize=True)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]),
        [(name, Path(path)) for name, _, path in (argument.partition("=") for argument in sys.argv[3:])],
    )
