"""`--url` and `--model`: which server a language engine speaks to, on any verb that has such engines."""

import argparse
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from blender_addon.core.errors import InputError

from ..language.settings import LanguageSettings

_Engine = TypeVar("_Engine")


def add_language_arguments(parser: argparse.ArgumentParser) -> None:
    """The two options."""
    parser.add_argument("--url", metavar="URL", help="an OpenAI-compatible server, such as http://localhost:8000/v1")
    parser.add_argument("--model", metavar="NAME", help="the server's name for the model; needed if it has several")


def make_engine(
    arguments: argparse.Namespace,
    engines: Mapping[str, Callable[[], _Engine]],
    language_engines: Mapping[str, Callable[[LanguageSettings], _Engine]],
) -> _Engine:
    """The engine that `--engine` names; the options go before the variables of the environment."""
    name = arguments.engine
    if name not in language_engines:
        if arguments.url or arguments.model:
            raise InputError(
                f"The engine '{name}' speaks to no server.", f"Use --engine {' or '.join(language_engines)}."
            )
        return engines[name]()
    settings = LanguageSettings.from_environ(os.environ)
    # What stands in the command is meant for its engine, whichever of the variables that engine reads.
    chosen = {"url": arguments.url, "face_url": arguments.url, "model": arguments.model, "face_model": arguments.model}
    return language_engines[name](replace(settings, **{option: text for option, text in chosen.items() if text}))
