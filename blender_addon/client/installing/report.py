"""What a user can send to whoever helps: the end of the log, without what is personal."""

import getpass
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_LINES = 80
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


def report(facts: Mapping[str, str], logs: Sequence[Path]) -> str:
    """The facts, a line each, and the end of each log that is there."""
    lines = [f"{name}: {fact}" for name, fact in {**facts, "System": platform.platform()}.items()]
    for log in logs:
        if log.is_file():
            said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LINES:]
            lines += ["", f"{log.name}:", *said]
    return without_personal_data("\n".join(lines)) + "\n"


def without_personal_data(text: str) -> str:
    """Without the user's name, home folder, computer's name and passwords in addresses."""
    text = _CREDENTIALS.sub("", text)
    for personal, replacement in _personal():
        whole = rf"(?<![^\W_]){re.escape(personal)}(?![^\W_])"
        text = re.sub(whole, replacement, text, flags=re.IGNORECASE)
    return text


def _personal() -> Iterator[tuple[str, str]]:
    """What is personal and what stands for it, the longest first, since the home folder holds the name."""
    home = Path.home()
    yield str(home), "HOME"
    yield home.as_posix(), "HOME"
    yield str(home).replace("\\", "\\\\"), "HOME"
    names = {home.name, _user(), platform.node()}
    # Shorter names, such as "me", would be found within words.
    yield from ((name, "USER") for name in sorted(names, key=len, reverse=True) if len(name) > 2)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
