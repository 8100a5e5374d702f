"""`distill`: teach a model to read a character, one step a word."""

import argparse
import importlib
from types import ModuleType
from typing import Final

STEPS: Final = {
    "plan": "write a list of shots of a character, for Blender to render",
    "describe": "make a manifest of recordings, or say the examples of one in words",
    "train-student": "teach a small network to read one character",
    "tune": "teach a vision-language model by a LoRA adapter",
    "evaluate": "compare what engines read with the truth",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The steps, each with its own options."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, purpose in STEPS.items():
        step = steps.add_parser(name, help=purpose, description=purpose.capitalize() + ".")
        _module(name).add_arguments(step)


def run(arguments: argparse.Namespace) -> int:
    """Do one step."""
    return int(_module(arguments.step).run(arguments))


def _module(step: str) -> ModuleType:
    return importlib.import_module(f".distilling.{step.replace('-', '_')}", __package__)
