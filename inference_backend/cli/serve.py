"""`serve`: the HTTP backend, by hand or under the add-on."""

import argparse
import logging
import sys
from pathlib import Path

from blender_addon.core.errors import BackendError
from blender_addon.core.wire import PROTOCOL_VERSION

from ..attachment import Attachment
from ..engines import CLIP_ENGINES, IMAGE_ENGINES, SCRIPT_ENGINES, ClipEngine, ImageEngine, ScriptEngine
from ..security import LOOPBACK, new_token
from ..serving import listen, serve
from ..version import version


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `serve`."""
    parser.add_argument("--port", type=int, default=8765, help="0 picks a free one (default: %(default)s)")
    parser.add_argument(
        "--token-file", type=Path, help="write the token here, readable by you alone, and don't show it"
    )
    parser.add_argument(
        "--attached",
        action="store_true",
        help="for programs that start the backend: read one line of JSON with the token from the standard input, "
        "write one with the port to the standard output once requests are answered, and end when the input ends",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to end."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if arguments.attached:
        _serve_attached(arguments.port)
    else:
        _serve_by_hand(arguments.port, arguments.token_file)
    return 0


def _serve_attached(port: int) -> None:
    listener = listen(port)
    parent = Attachment.from_standard_streams()
    ready = {"port": listener.getsockname()[1], "version": version(), "protocol": PROTOCOL_VERSION}
    serve(
        listener,
        parent.token,
        _built_in_engines,
        make_script_engines=_script_engines,
        make_clip_engines=_clip_engines,
        on_ready=lambda: parent.announce(ready),
        on_start=parent.end_with_parent,
        warm_up=True,
    )


def _serve_by_hand(port: int, token_file: Path | None) -> None:
    listener = listen(port)
    token = new_token()
    address = f"http://{LOOPBACK}:{listener.getsockname()[1]}/v1/"
    where = f"Token of this launch: {token}"
    if token_file is not None:
        _keep_private(token_file, token)
        where = f"Token of this launch: in {token_file}"

    def greet() -> None:
        sys.stdout.write(f"Mien backend {version()} answers at {address}, described at {address}docs\n{where}\n")
        sys.stdout.write("Ctrl-C ends it.\n")
        sys.stdout.flush()

    serve(
        listener,
        token,
        _built_in_engines,
        make_script_engines=_script_engines,
        make_clip_engines=_clip_engines,
        on_ready=greet,
    )


def _built_in_engines() -> dict[str, ImageEngine]:
    return {name: make() for name, make in IMAGE_ENGINES.items()}


def _script_engines() -> dict[str, ScriptEngine]:
    return {name: make() for name, make in SCRIPT_ENGINES.items()}


def _clip_engines() -> dict[str, ClipEngine]:
    return {name: make() for name, make in CLIP_ENGINES.items()}


def _keep_private(path: Path, token: str) -> None:
    """Write the token to a file that nobody else could read at any moment."""
    try:
        path.unlink(missing_ok=True)  # an older file may be readable by others
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(token + "\n", encoding="ascii")
    except OSError as fault:
        raise BackendError(f"The token can't be written to {path}: {fault.strerror}.", "Give another file.") from fault
