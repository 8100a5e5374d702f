"""The command line of build.py."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from . import bench, checks, wheelhouse
from .blender import backend_environ, run_script
from .demonstration import run_demo
from .environments import BLENDERS, default_blender
from .layout import ROOT, shown
from .locks import remake
from .packaging import build_zip, validate, version
from .payload import LEVELS
from .progress import BuildError, Command, become
from .repository import make_repository
from .wheelhouse import PYTHONS, SYSTEMS, this_system
from .window.story import drive

_DOCS_IMAGES = ROOT / "docs" / "images"


def main(arguments: Sequence[str]) -> int:
    """Do one command; 0 done, 1 could not, 2 wrong usage."""
    options = _parser().parse_args(arguments[:1] if arguments[:1] == ["backend"] else arguments)
    if options.run is _backend:
        options.arguments = arguments[1:]  # all its own, the leading options too, which argparse would take for ours
    try:
        return int(options.run(options))
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("build.py: stopped; run it again to go on", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build.py", description="Build, run and check Mien.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    demo = commands.add_parser("demo", help="a photo becomes a keyed pose; results in build/demo")
    demo.add_argument("--docs", action="store_true", help="take docs/images/photo-and-head.jpg anew as well")
    demo.set_defaults(run=_demo)

    addon = commands.add_parser("addon", help="dist/mien-<version>.zip, validated, the same bytes on every build")
    addon.add_argument("--wheelhouse", action="store_true", help="also its wheels, for machines without a network")
    addon.add_argument("--system", choices=[*SYSTEMS, "all"], help="whose wheels; default: this one's")
    addon.add_argument("--python", choices=PYTHONS, help="for one Python alone; default: all of Blender's")
    addon.add_argument("--level", choices=LEVELS, default="base", help="how much of the backend; default: %(default)s")
    addon.set_defaults(run=_addon)

    backend = commands.add_parser("backend", help="the backend's command line in its environment: backend ARGS...")
    backend.set_defaults(run=_backend)

    blender = commands.add_parser("blender", help="a script in headless Blender with the built add-on enabled")
    blender.add_argument("--version", choices=BLENDERS, default=default_blender(), help="default: %(default)s")
    blender.add_argument("script", type=Path)
    blender.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS")
    blender.set_defaults(run=_blender)

    test = commands.add_parser("test", help="every check that CI runs, with a summary")
    test.add_argument(
        "checks", nargs="*", metavar="CHECK", help="only those whose names start so, such as core or add-on"
    )
    test.set_defaults(run=_test)

    bench = commands.add_parser("bench", help="the benchmarks; build/bench/report.json and report.md")
    bench.add_argument("benchmarks", nargs="*", metavar="BENCHMARK", help="only these modules of benchmarks/")
    bench.set_defaults(run=_bench)

    gui = commands.add_parser("gui", help="the real Blender window, driven and photographed; pictures in build/gui")
    gui.add_argument("--docs", action="store_true", help="take the pictures of docs/images anew, instead of checking")
    gui.set_defaults(run=_gui)

    lock = commands.add_parser("lock", help="remake requirements/*.lock from the pins in pyproject.toml")
    lock.add_argument("--upgrade", action="store_true", help="look for newer versions of what is not pinned there")
    lock.add_argument("--sizes", action="store_true", help="also weigh all packages for every system (fetches 10 GB)")
    lock.set_defaults(run=_lock)
    return parser


def _addon(options: argparse.Namespace) -> int:
    archive = build_zip()
    print(f"{shown(archive)}: {archive.stat().st_size:,} bytes, {validate(archive)}")
    if index := make_repository(archive):
        print(f"{shown(index)}: an extension repository, for any web server or a shared disk")
    if options.wheelhouse:
        systems = list(SYSTEMS) if options.system == "all" else [options.system or this_system()]
        folder = wheelhouse.make(version(), systems, [options.python] if options.python else PYTHONS, options.level)
        wheels = list(folder.glob("*.whl"))
        size = sum(wheel.stat().st_size for wheel in wheels)
        print(f"{shown(folder)}: {len(wheels)} wheels, {size:,} bytes; name it as Folder of Wheels in the preferences")
    return 0


def _backend(options: argparse.Namespace) -> int:
    environ = backend_environ()
    command: Command = [environ["MIEN_BACKEND_PYTHON"], "-m", "inference_backend", *options.arguments]
    return become(command, environ | {"PYTHONPATH": str(ROOT)})


def _blender(options: argparse.Namespace) -> int:
    return run_script(options.version, options.script, options.arguments)


def _demo(options: argparse.Namespace) -> int:
    return run_demo(_DOCS_IMAGES / "photo-and-head.jpg" if options.docs else None)


def _test(options: argparse.Namespace) -> int:
    return checks.run_all(options.checks)


def _bench(options: argparse.Namespace) -> int:
    return bench.run_all(options.benchmarks)


def _gui(options: argparse.Namespace) -> int:
    if options.docs:
        drive(docs_images=_DOCS_IMAGES)
        return 0
    return checks.run_all(["window"])


def _lock(options: argparse.Namespace) -> int:
    remake(upgrade=options.upgrade)
    if options.sizes:
        wheelhouse.measure()
    return 0
