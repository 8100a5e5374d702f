"""What the user has chosen for the language engines.

It comes from the environment of the backend and from its command line, never over HTTP: whoever could
name a server or a folder in a request could make the backend talk to any address or read any file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from blender_addon.core.errors import InputError
from blender_addon.core.formats.pose_convention import ANGLE_UNITS

KEYFRAMEFACE_BASE = "Qwen/Qwen3-14B"


@dataclass(frozen=True)
class LanguageSettings:
    """url, model, key: an OpenAI-compatible server, one of its models, and its bearer token.

    base, adapter: KeyframeFace in this process: a local folder each, or a name on the model hub.
    download: whether a name on the hub may be fetched where it is not on this computer yet.
    pose_unit: the unit in which KeyframeFace's nine angles are taken, one of `ANGLE_UNITS`.
    memory_gib: the memory that a local model may use at most; None: what is free.
    idle_seconds: after which an unused local model leaves the memory.
    """

    url: str | None = None
    model: str | None = None
    key: str | None = None
    base: str = KEYFRAMEFACE_BASE
    adapter: str | None = None
    download: bool = False
    pose_unit: str = "radians"
    memory_gib: float | None = None
    idle_seconds: float = 600.0
    reply_seconds: float = 300.0

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the variables MIEN_LANGUAGE_URL, ..._MODEL and so on; raise InputError for one that can't be read."""
        chosen = {name: environ.get(f"MIEN_LANGUAGE_{name.upper()}", "").strip() for name in _NAMES}
        unit = chosen["pose_unit"] or cls.pose_unit
        if unit not in ANGLE_UNITS:
            raise InputError(f"MIEN_LANGUAGE_POSE_UNIT is '{unit}'.", f"Use one of {', '.join(ANGLE_UNITS)}.")
        memory = chosen["memory_gib"]
        return cls(
            url=chosen["url"] or None,
            model=chosen["model"] or None,
            key=chosen["key"] or None,
            base=chosen["base"] or cls.base,
            adapter=chosen["adapter"] or None,
            download=chosen["download"] == "1",
            pose_unit=unit,
            memory_gib=_positive("memory_gib", memory) if memory else None,
            idle_seconds=_positive("idle_seconds", chosen["idle_seconds"] or str(cls.idle_seconds)),
            reply_seconds=_positive("reply_seconds", chosen["reply_seconds"] or str(cls.reply_seconds)),
        )


_NAMES = tuple(LanguageSettings.__dataclass_fields__)


def _positive(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise InputError(f"MIEN_LANGUAGE_{name.upper()} is '{text}', not a positive number.", "Mend or unset it.")
    return number
