"""`distill describe`: from recordings to a manifest, and from numbers to words."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from blender_addon.core.errors import InputError
from blender_addon.core.training import MANIFEST_NAME, Example, write_lines

from .. import DONE
from ..output_file import write_whole
from .amounts import whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the step."""
    parser.add_argument("source", type=Path, help="a clip (with --numbers), a folder of a.png + a.json, or a manifest")
    parser.add_argument("--numbers", type=Path, metavar="FILE", help="the clip's recording: a Live Link Face CSV")
    parser.add_argument("--stride", type=whole(1), default=5, help="take every so many frames (default: %(default)s)")
    parser.add_argument("--offset", type=float, default=0.0, help="seconds of the numbers where the clip begins")
    parser.add_argument("-o", dest="output", type=Path, metavar="FOLDER", help="for a clip: where its frames go")
    parser.add_argument("--words", action="store_true", help="print the four fields of each example")
    parser.add_argument("--rewrite-url", metavar="URL", help="with --words: let this OpenAI-compatible server say them")
    parser.add_argument("--model", metavar="NAME", help="the server's model; needed if it has several")


def run(arguments: argparse.Namespace) -> int:
    """Write the manifest, or print the words."""
    manifest, examples = _examples(arguments)
    if arguments.words:
        _print_words(examples, arguments)
    else:
        write_whole(manifest, write_lines(examples))
    return DONE


def _examples(arguments: argparse.Namespace) -> tuple[Path, list[Example]]:
    from ...distill.manifest import Manifest
    from ...distill.recordings import from_folder, from_recording

    source, numbers = arguments.source, arguments.numbers
    if numbers is not None:
        if arguments.output is None:
            raise InputError("The frames of the clip have no folder to go to.", "Name one with -o.")
        steps = {"stride": arguments.stride, "offset": arguments.offset}
        return arguments.output / MANIFEST_NAME, list(from_recording(source, numbers, arguments.output, **steps))
    if source.is_dir() and not (source / MANIFEST_NAME).exists():
        return source / MANIFEST_NAME, list(from_folder(source))
    read = Manifest.read(source)
    return read.folder / MANIFEST_NAME, [_anew(one) for one in read.examples]


def _anew(example: Example) -> Example:
    return replace(Example.of(example.image, example.pose, example.source), box=example.box)


def _print_words(examples: list[Example], arguments: argparse.Namespace) -> None:
    from ...distill.stage_one import words_of

    if arguments.rewrite_url is None:
        sys.stdout.writelines(f"{example.image}\n{words_of(example.pose)}\n\n" for example in examples)
        return
    from ...distill.rewriting import rewrite
    from ...language.server import ChatServer
    from ...language.settings import LanguageSettings

    model = ChatServer(arguments.rewrite_url, arguments.model, key=LanguageSettings.from_environ(os.environ).key)
    for example in examples:
        done = rewrite(example.pose, model)
        sys.stderr.writelines(f"{example.image}: rejected: {why}\n" for why in done.rejected)
        sys.stdout.write(f"{example.image}\n{done.words}\n\n")
