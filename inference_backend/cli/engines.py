"""`engines`: what there is to work with."""

import argparse
import json
import sys

from blender_addon.core.wire import EngineStatus, engine_status_to_json

from ..engines import CLIP_ENGINES, IMAGE_ENGINES, SCRIPT_ENGINES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `engines`."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """List the engines."""
    statuses = [
        make().status() for engines in (IMAGE_ENGINES, SCRIPT_ENGINES, CLIP_ENGINES) for make in engines.values()
    ]
    if arguments.json:
        json.dump({"engines": [engine_status_to_json(status) for status in statuses]}, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _show(statuses)
    return 0


def _show(statuses: list[EngineStatus]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("engine", "reads", "state", "", box=None, pad_edge=False)
    for status in statuses:
        table.add_row(status.name, ", ".join(status.reads), status.state, escape(status.detail))
    Console().print(table)
