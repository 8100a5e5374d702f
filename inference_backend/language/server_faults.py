"""What a language server's refusals mean, in plain sentences."""

import json
from collections.abc import Sequence

from blender_addon.core.errors import EngineError

_SHOWN_CHARS = 200
_SHOWN_MODELS = 20


def unreachable(url: str, reason: str) -> EngineError:
    """Nothing can be reached at the address."""
    return EngineError(
        f"No language server can be reached at {url}: {reason.rstrip('.')}.", "Start it, or check the address."
    )


def fault_of_status(url: str, status: int, body: str, *, model: str, models: Sequence[str] = ()) -> EngineError:
    """The error for a reply whose status is not 200; `models` are those that the server has, where known."""
    said = _message(body)
    if status in {401, 403}:
        return EngineError(
            f"The language server at {url} refuses access ({status}){said}.",
            "Set its key in the preferences of Mien or in the variable MIEN_LANGUAGE_KEY.",
        )
    if status == 404:
        offered = ", ".join(models[:_SHOWN_MODELS]) or "none"
        return EngineError(
            f"The language server at {url} does not know the model '{model}'{said}.", f"It offers: {offered}."
        )
    if status == 429:
        return EngineError(f"The language server at {url} is too busy (429){said}.", "Try again later.")
    if status >= 500:
        return EngineError(f"The language server at {url} failed ({status}){said}.", "Look at its log.")
    return EngineError(
        f"The language server at {url} refuses the request ({status}){said}.",
        "A shorter request, a larger context or another model may help; not every model takes pictures.",
    )


def _message(body: str) -> str:
    """What the server itself says, as ": ..." for a sentence; empty where it says nothing readable."""
    try:
        data = json.loads(body)
    except (RecursionError, ValueError):
        return ""
    found = data.get("error", data) if isinstance(data, dict) else None
    if isinstance(found, dict):
        found = found.get("message") or found.get("detail")
    if not isinstance(found, str):
        return ""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in found).split())
    return f": {line[:_SHOWN_CHARS].rstrip('.')}" if line else ""
