"""`estimate`: the faces in pictures, as words, JSON or a table of numbers."""

import argparse
import json
import sys
from collections.abc import Iterator
from functools import partial

from blender_addon.core.errors import MienError
from blender_addon.core.wire import DEFAULT_FACES, MOST_FACES, HeadFrame, ImageEstimate

from ..engines import IMAGE_ENGINES, ImageEngine
from ..language.making import LANGUAGE_IMAGE_ENGINES
from ..limits import PICTURE_BYTES
from ..picture_estimate import estimate_pictures
from . import COULD_NOT, DONE, complain
from .estimate_output import WRITERS, Reading, show, to_json
from .language_options import add_language_arguments, make_engine
from .output_file import file_of_form, write_whole
from .quiet import native_chatter_hidden
from .source import bytes_of
from .track_progress import counting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `estimate`."""
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="a picture file; - reads the standard input")
    parser.add_argument("--engine", choices=tuple(IMAGE_ENGINES), default=next(iter(IMAGE_ENGINES)))
    add_language_arguments(parser)
    parser.add_argument(
        "--faces",
        type=int,
        default=DEFAULT_FACES,
        choices=range(1, MOST_FACES + 1),
        metavar=f"1..{MOST_FACES}",
        help="read at most so many faces in each picture, largest first (default: %(default)s)",
    )
    parser.add_argument(
        "--head-frame",
        type=HeadFrame,
        choices=tuple(HeadFrame),
        default=HeadFrame.CAMERA,
        metavar="|".join(frame.value for frame in HeadFrame),
        help="what the head's angles are measured from: the camera's axes, or the line from the viewer to the face, "
        "which suits a photo cut out of a larger one (default: camera)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON: an object, or a list of objects for several pictures"
    )
    parser.add_argument(
        "-o",
        dest="output",
        type=file_of_form(WRITERS),
        metavar="FILE",
        help=".json: what --json prints; .csv: a row for each face, the 61 channels as columns; "
        ".jsonl: SemanticFace's form",
    )


def run(arguments: argparse.Namespace) -> int:
    """Read each picture; one that can't be read does not keep the others from it."""
    engine = make_engine(arguments, IMAGE_ENGINES, LANGUAGE_IMAGE_ENGINES)
    with native_chatter_hidden(), counting(len(arguments.images), "pictures") as count:
        readings = []
        for image, result in zip(arguments.images, _results(arguments, engine), strict=True):
            readings.append(Reading(image, result))
            count()
    for reading in readings:
        if isinstance(reading.result, MienError):
            complain(reading.result, about=reading.image)
    if arguments.output is not None and any(isinstance(reading.result, ImageEstimate) for reading in readings):
        write_whole(arguments.output, WRITERS[arguments.output.suffix.lower()](readings))
    if arguments.json:
        sys.stdout.write(json.dumps(to_json(readings), indent=2) + "\n")
    elif arguments.output is None:
        show(readings)
    return COULD_NOT if any(isinstance(reading.result, MienError) for reading in readings) else DONE


def _results(arguments: argparse.Namespace, engine: ImageEngine) -> Iterator[ImageEstimate | MienError]:
    files = (partial(bytes_of, image, noun="The file", most=PICTURE_BYTES) for image in arguments.images)
    return estimate_pictures(files, engine, max_faces=arguments.faces, head_frame=arguments.head_frame)
