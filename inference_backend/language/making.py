"""The language engines as the user has set them up."""

from collections.abc import Callable, Mapping
from functools import cache

from blender_addon.core.errors import InputError
from blender_addon.core.formats.pose_convention import KEYFRAMEFACE

from ..engines import ScriptEngine
from ..script.engine import BuiltInPerformer
from .keyframeface import KeyframeFaceEngine
from .llm import LanguageServerEngine
from .model_place import LocalModel, ModelPlace, NoModel, ServedModel
from .residence import Residence
from .server import ChatServer, ServerPatience
from .settings import LanguageSettings


def make_llm(settings: LanguageSettings) -> LanguageServerEngine:
    """A general language model behind `settings.url`; "not installed" where there is none."""
    try:
        server = _server(settings)
    except InputError as fault:  # the other engines can still be used
        return LanguageServerEngine(fault)
    return LanguageServerEngine(server, where=_where(settings)) if server else LanguageServerEngine()


def make_keyframeface(settings: LanguageSettings) -> KeyframeFaceEngine:
    """The released adapter: behind `settings.url` where there is one, else in this process."""
    place: ModelPlace
    try:
        server = _server(settings)
    except InputError as fault:
        return KeyframeFaceEngine(NoModel(fault), BuiltInPerformer())
    if server is not None:
        place = ServedModel(server, where=_where(settings))
    else:
        place = LocalModel(
            settings.base,
            settings.adapter,
            residence(settings.idle_seconds),
            download=settings.download,
            limit_gib=settings.memory_gib,
        )
    return KeyframeFaceEngine(place, BuiltInPerformer(), KEYFRAMEFACE.with_unit(settings.pose_unit))


LANGUAGE_ENGINES: Mapping[str, Callable[[LanguageSettings], ScriptEngine]] = {
    "llm": make_llm,
    "keyframeface": make_keyframeface,
}
"""The engines that `--url` and `--model` speak to."""


@cache
def residence(idle_seconds: float) -> Residence:
    """The one place for a model in this process, whichever engines share it."""
    return Residence(idle_seconds=idle_seconds)


def _server(settings: LanguageSettings) -> ChatServer | None:
    if settings.url is None:
        return None
    patience = ServerPatience(reply_seconds=settings.reply_seconds)
    return ChatServer(settings.url, settings.model, key=settings.key, patience=patience)


def _where(settings: LanguageSettings) -> str:
    return f"{settings.model or 'the only model'} at {settings.url}"
