"""The language engines as the user has set them up."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from blender_addon.core.errors import InputError
from blender_addon.core.formats.pose_convention import KEYFRAMEFACE, SEMANTICFACE

from ..engines import ImageEngine, ScriptEngine
from ..script.engine import BuiltInPerformer
from .keyframeface import KeyframeFaceEngine
from .llm import LanguageServerEngine
from .model_place import LocalModel, ModelPlace, NoModel, ServedModel
from .residence import Residence
from .semanticface import SemanticFaceEngine
from .settings import LanguageSettings

if TYPE_CHECKING:
    from .server import ChatServer


def make_llm(settings: LanguageSettings) -> LanguageServerEngine:
    """A general language model behind `settings.url`; "not installed" where there is none."""
    try:
        server = _server(settings)
    except InputError as fault:  # the other engines can still be used
        return LanguageServerEngine(fault)
    return LanguageServerEngine(server, where=_where(settings)) if server else LanguageServerEngine()


def make_keyframeface(settings: LanguageSettings) -> KeyframeFaceEngine:
    """The released adapter: behind `settings.url` where there is one, else in this process."""
    place = _place(settings, adapter_setting="MIEN_LANGUAGE_ADAPTER")
    return KeyframeFaceEngine(place, BuiltInPerformer(), KEYFRAMEFACE.with_unit(settings.pose_unit))


def make_semanticface(settings: LanguageSettings) -> SemanticFaceEngine:
    """The released adapter that reads pictures: behind its server where there is one, else in this process."""
    place = _place(settings.of_faces(), adapter_setting="MIEN_LANGUAGE_FACE_ADAPTER")
    return SemanticFaceEngine(place, SEMANTICFACE.with_unit(settings.pose_unit))


def _place(settings: LanguageSettings, *, adapter_setting: str) -> ModelPlace:
    """Where base and adapter of the settings run."""
    try:
        server = _server(settings)
    except InputError as fault:  # the other engines can still be used
        return NoModel(fault)
    if server is not None:
        return ServedModel(server, where=_where(settings))
    return LocalModel(
        settings.base,
        settings.adapter,
        residence(settings.idle_seconds),
        download=settings.download,
        limit_gib=settings.memory_gib,
        adapter_setting=adapter_setting,
    )


LANGUAGE_ENGINES: Mapping[str, Callable[[LanguageSettings], ScriptEngine]] = {
    "llm": make_llm,
    "keyframeface": make_keyframeface,
}
"""The engines for scripts that `--url` and `--model` speak to."""

LANGUAGE_IMAGE_ENGINES: Mapping[str, Callable[[LanguageSettings], ImageEngine]] = {
    "semanticface": make_semanticface,
}
"""The engines for pictures that they speak to."""


@cache
def residence(idle_seconds: float) -> Residence:
    """The one place for a model in this process, whichever engines share it."""
    return Residence(idle_seconds=idle_seconds)


def _server(settings: LanguageSettings) -> "ChatServer | None":
    if settings.url is None:
        return None
    from .server import ChatServer, ServerPatience  # its HTTP client takes a fifth of a second to load

    patience = ServerPatience(reply_seconds=settings.reply_seconds)
    return ChatServer(settings.url, settings.model, key=settings.key, patience=patience)


def _where(settings: LanguageSettings) -> str:
    return f"{settings.model or 'the only model'} at {settings.url}"
