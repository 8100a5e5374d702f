"""Where an engine's model runs: behind a server, or in this process."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from blender_addon.core.errors import EngineError, MienError

from ..engines import Cancelled
from .chat import ChatModel
from .hub import folder_of
from .local_model import HOW_TO_INSTALL, load, missing_packages, plan
from .model_needs import need_in_words
from .residence import Residence
from .weights import read_adapter, read_base


class ModelPlace(Protocol):
    """A model that may have to be loaded before it can be asked."""

    def state(self) -> tuple[str, str]:
        """The state and the detail of an `EngineStatus`; nothing is loaded or called for it."""

    def model(self, cancelled: Cancelled) -> AbstractContextManager[ChatModel]:
        """The model, ready to be asked within the context; raises EngineError where it can't be had."""

    def unload(self) -> None:
        """Give its memory back, unless it is at work."""


class NoModel:
    """What stands in for a model that cannot be had, and says why."""

    def __init__(self, why: MienError) -> None:
        self._why = why

    def state(self) -> tuple[str, str]:
        """Why there is none."""
        return "not installed", str(self._why)

    def model(self, cancelled: Cancelled) -> AbstractContextManager[ChatModel]:  # noqa: ARG002
        """Raise what is the matter."""
        raise self._why.with_traceback(None)  # each time with its own

    def unload(self) -> None:
        """There is nothing in memory."""


class ServedModel:
    """A model that a server has loaded. where: its name and address, for people."""

    def __init__(self, model: ChatModel, *, where: str) -> None:
        self._model = model
        self._where = where

    def state(self) -> tuple[str, str]:
        """Always ready: the server is not called for this."""
        return "ready", f"Asks {self._where}."

    def model(self, cancelled: Cancelled) -> AbstractContextManager[ChatModel]:  # noqa: ARG002
        """The model."""
        return nullcontext(self._model)

    def unload(self) -> None:
        """The server looks after its own memory."""


class LocalModel:
    """A base and its LoRA adapter, each a local folder or a name on the model hub.

    adapter: None where the user has named none yet. adapter_setting: the variable in which to name it.
    """

    def __init__(
        self,
        base: str,
        adapter: str | None,
        residence: Residence,
        *,
        download: bool,
        limit_gib: float | None,
        adapter_setting: str = "MIEN_LANGUAGE_ADAPTER",
    ) -> None:
        self._base = base
        self._adapter = adapter
        self._residence = residence
        self._download = download
        self._limit_gib = limit_gib
        self._how_to_name = (
            f"Name its folder or its name on the model hub in the preferences of Mien or in {adapter_setting}, "
            "or serve it elsewhere and name the address of its server."
        )
        self._arriving: tuple[str, str] | None = None

    def state(self) -> tuple[str, str]:
        """Loaded, ready, or what is lacking and how to get it."""
        if self._residence.holds(self._key):
            return "loaded", f"{self._base} with {self._adapter}."
        if self._arriving is not None:
            return self._arriving
        need = need_in_words(self._base)
        if lacking := missing_packages():
            return "not installed", f"The packages {', '.join(lacking)} are missing. {HOW_TO_INSTALL}{need}"
        if self._adapter is None:
            return "not installed", f"No adapter is named. {self._how_to_name}{need}"
        return "ready", f"{self._base} with {self._adapter}, loaded when first asked.{need}"

    @contextmanager
    def model(self, cancelled: Cancelled) -> Iterator[ChatModel]:
        """Load it if need be, in place of any other model, and keep it for the next time."""
        with self._residence.model(self._key, self._load, cancelled=cancelled) as loaded:
            yield loaded

    def unload(self) -> None:
        """Give the memory back."""
        if self._residence.holds(self._key):
            self._residence.vacate()

    @property
    def _key(self) -> tuple[str, str | None]:
        return self._base, self._adapter

    def _load(self) -> ChatModel:
        if lacking := missing_packages():
            raise EngineError(f"The packages {', '.join(lacking)} are missing.", HOW_TO_INSTALL)
        if self._adapter is None:
            raise EngineError("No adapter is named.", self._how_to_name)
        try:
            # What is small and may be wrong comes first: a base can be 30 GB to fetch and a minute to read.
            adapter = read_adapter(self._folder(self._adapter))
            base = read_base(self._folder(self._base))
            self._arriving = "loading", f"Reads {self._base} into memory.{need_in_words(self._base)}"
            return load(base, adapter, plan(base, limit_gib=self._limit_gib))
        finally:
            self._arriving = None

    def _folder(self, name: str) -> Path:
        if self._download and not Path(name).expanduser().is_dir():
            self._arriving = "downloading", f"Fetches {name} from the model hub."
        return folder_of(name, download=self._download)
