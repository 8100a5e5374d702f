"""What the user has chosen for the language engines.

It comes from the environment of the backend and from its command line, never over HTTP: whoever could
name a server or a folder in a request could make the backend talk to any address or read any file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from blender_addon.core.errors import InputError
from blender_addon.core.formats.pose_convention import ANGLE_UNITS

KEYFRAMEFACE_BASE = "Qwen/Qwen3-14B"
SEMANTICFACE_BASE = "Qwen/Qwen3-VL-4B-Instruct"


@dataclass(frozen=True)
class LanguageSettings:
    """url, model, key: an OpenAI-compatible server, one of its models, and its bearer token.

    base, adapter: KeyframeFace in this process: a local folder each, or a name on the model hub.
    download: whether a name on the hub may be fetched where it is not on this computer yet.
    pose_unit: the unit in which KeyframeFace's nine angles are taken, one of `ANGLE_UNITS`.
    memory_gib: the memory that a local model may use at most; None: what is free.
    idle_seconds: after which an unused local model leaves the memory.
    face_...: the same for SemanticFace, which reads pictures (see `of_faces`).
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
    face_url: str | None = None
    face_model: str | None = None
    face_key: str | None = None
    face_base: str = SEMANTICFACE_BASE
    face_adapter: str | None = None

    def of_faces(self) -> Self:
        """The settings of the engine that reads pictures, by the names that the others use.

        What is named for it alone goes first; then an adapter in this process; then the server of the others.
        """
        own = self.face_url is not None or self.face_adapter is not None
        url = self.face_url if own else self.url
        model, key = (self.face_model, self.face_key) if own else (self.face_model or self.model, self.key)
        return replace(self, url=url, model=model, key=key, base=self.face_base, adapter=self.face_adapter)

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
            face_url=chosen["face_url"] or None,
            face_model=chosen["face_model"] or None,
            face_key=chosen["face_key"] or None,
            face_base=chosen["face_base"] or cls.face_base,
            face_adapter=chosen["face_adapter"] or None,
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
