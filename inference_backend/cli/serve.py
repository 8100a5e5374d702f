"""`serve`: the HTTP backend, by hand or under the add-on."""

import argparse
import logging
import sys
from pathlib import Path

from blender_addon.core.errors import BackendError
from blender_addon.core.wire import PROTOCOL_VERSION

from ..attachment import Attachment, end_at_once
from ..engines import CLIP_ENGINES, IMAGE_ENGINES, SCRIPT_ENGINES, ClipEngine, ImageEngine, ScriptEngine
from ..security import LEAST_TOKEN_LENGTH, LOOPBACK, new_token
from ..serving import listen, serve
from ..version import version


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `serve`."""
    parser.add_argument("--port", type=int, default=8765, help="0 picks a free one (default: %(default)s)")
    token = parser.add_mutually_exclusive_group()
    token.add_argument("--token-file", type=Path, help="write the token here, readable by you alone, and don't show it")
    token.add_argument(
        "--read-token",
        type=Path,
        metavar="FILE",
        help="use the token that this file holds, the same at every launch, for a backend that a team shares",
    )
    parser.add_argument(
        "--public-name",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="answer to this name too, under which a proxy on this computer offers the backend to others",
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
        _serve_by_hand(arguments)
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
    end_at_once()


def _serve_by_hand(arguments: argparse.Namespace) -> None:
    token, where = _token(arguments)
    listener = listen(arguments.port)
    address = f"http://{LOOPBACK}:{listener.getsockname()[1]}/v1/"

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
        public_names=arguments.public_name,
        on_ready=greet,
    )


def _token(arguments: argparse.Namespace) -> tuple[str, str]:
    """The token, and a line that tells where it is."""
    if arguments.read_token is not None:
        return _kept_token(arguments.read_token), f"Token: in {arguments.read_token}"
    token = new_token()
    if arguments.token_file is None:
        return token, f"Token of this launch: {token}"
    _keep_private(arguments.token_file, token)
    return token, f"Token of this launch: in {arguments.token_file}"


def _kept_token(path: Path) -> str:
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as fault:
        reason = getattr(fault, "strerror", None) or "it is no plain text"
        raise BackendError(
            f"The token can't be read from {path}: {reason}.", "Give a file that you may read, with the token in it."
        ) from fault
    if len(token) < LEAST_TOKEN_LENGTH or not token.isprintable() or " " in token:
        raise BackendError(
            f"{path} holds no token of at least {LEAST_TOKEN_LENGTH} characters in one word.",
            'Make one: python -c "import secrets; print(secrets.token_urlsafe(32))"',
        )
    return token


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
