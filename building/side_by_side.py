"""Puts a photo beside the head that took its pose, with the words of the estimate under both.

Runs in the backend's Python, which has Pillow; reads what to do as JSON from its standard input.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_SIDE = 640
_MARGIN = 24
_JPEG_QUALITY = 90
_LINE_HEIGHT = 26
_PAPER, _INK, _SOFT_INK = (250, 249, 246), (30, 30, 34), (110, 110, 118)
_FACE_PART_OF_CROP = 0.42  # the height of the face in the crop of the photo, near what the camera of the demo shows


@dataclass(frozen=True)
class Order:
    """What to put together. face_box: x, y, width, height in pixels of the photo."""

    photo: Path
    face_box: tuple[float, float, float, float]
    head: Path
    expression: str
    words: list[str]
    outputs: list[Path]


def compose(order: Order) -> Image.Image:
    """The finished picture."""
    title_font, font = ImageFont.load_default(22), ImageFont.load_default(17)
    lines = [line for words in order.words for line in _wrapped(words, font, 2 * _SIDE)]
    width = 2 * _SIDE + 3 * _MARGIN
    text_top = _SIDE + 2 * _MARGIN
    height = text_top + _LINE_HEIGHT * (len(lines) + 1) + _MARGIN
    page = Image.new("RGB", (width, height), _PAPER)
    page.paste(_around_face(order), (_MARGIN, _MARGIN))
    with Image.open(order.head) as head:
        page.paste(head.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS), (_SIDE + 2 * _MARGIN, _MARGIN))
    draw = ImageDraw.Draw(page)
    draw.text((_MARGIN, text_top), order.expression, fill=_INK, font=title_font)
    for number, line in enumerate(lines, start=1):
        draw.text((_MARGIN, text_top + 4 + number * _LINE_HEIGHT), line, fill=_SOFT_INK, font=font)
    return page


def _around_face(order: Order) -> Image.Image:
    """A square of the photo with the face as large as the head beside it, as far as the photo reaches."""
    with Image.open(order.photo) as opened:
        photo = opened.convert("RGB")
    x, y, width, height = order.face_box
    side = min(max(width, height) / _FACE_PART_OF_CROP, photo.width, photo.height)
    left = min(max(x + width / 2 - side / 2, 0), photo.width - side)
    top = min(max(y + height / 2 - side / 2, 0), photo.height - side)
    return photo.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side))


def _wrapped(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def main() -> None:
    """Make the picture that the standard input asks for."""
    asked = json.load(sys.stdin)
    order = Order(
        photo=Path(asked["photo"]),
        face_box=tuple(asked["face_box"]),
        head=Path(asked["head"]),
        expression=asked["expression"],
        words=asked["words"],
        outputs=[Path(output) for output in asked["outputs"]],
    )
    page = compose(order)
    for output in order.outputs:
        page.save(output, quality=_JPEG_QUALITY)


if __name__ == "__main__":
    main()
