"""The built-in performer as an engine."""

import re
from typing import TYPE_CHECKING

from blender_addon.core.errors import InputError, TooLargeError
from blender_addon.core.framing import FrameCount
from blender_addon.core.performance import Performance
from blender_addon.core.wire import EngineStatus

from ..engines import Cancelled, never

if TYPE_CHECKING:
    from .nearest import Nearest
    from .performing import Performer

LONGEST_SCRIPT = 200_000
"""Characters; an hour of film is about 60,000."""
LONGEST_DURATION = 3600.0
"""Seconds that may be asked for."""


class BuiltInPerformer:
    """Performs a script without a model and without a network; the same input gives the same result."""

    name = "performer"

    def __init__(self, nearest: "Nearest | None" = None) -> None:
        self._nearest = nearest
        self._performer: Performer | None = None

    def status(self) -> EngineStatus:
        """Always ready."""
        return EngineStatus(
            self.name, ("script",), "ready", "Performs a script in English by its own lexicon, offline and at once."
        )

    def unload(self) -> None:
        """Nothing to give back: the lexicon is small."""

    def perform(  # noqa: PLR0913 - one keyword for each field of a request
        self,
        script: str,
        *,
        background: str = "",
        emotion: str = "",
        plays: str = "",
        duration: float | None = None,
        seed: int = 0,
        life: bool = True,
        frames: FrameCount | None = None,
        cancelled: Cancelled = never,  # noqa: ARG002 - it is done before anybody could cancel
    ) -> Performance:
        """See ScriptEngine."""
        _refuse_unusable(script, duration)
        return self._loaded().perform(
            script,
            background=background,
            emotion=emotion,
            plays=plays,
            duration=duration,
            seed=seed,
            life=life,
            frames=frames,
        )

    def _loaded(self) -> "Performer":
        """What does the work; loaded late, since it would take a good part of the backend's start."""
        if self._performer is None:
            from .performing import Performer

            self._performer = Performer(self._nearest)
        return self._performer


def _refuse_unusable(script: str, duration: float | None) -> None:
    if not script.strip():
        raise InputError("The script is empty.", 'Say what the face does, such as "She smiles, then looks down."')
    if not re.search(r"\w", script):
        raise InputError("The script has no words in it.", 'Say what the face does, such as "She smiles."')
    if len(script) > LONGEST_SCRIPT:
        raise TooLargeError(
            f"The script has {len(script):,} characters; at most {LONGEST_SCRIPT:,} are performed at once.",
            "Perform it scene by scene.",
        )
    if duration is not None and not 0.2 <= duration <= LONGEST_DURATION:
        raise InputError(
            f"A length of {duration:g} seconds cannot be performed.",
            f"Ask for 0.2 to {LONGEST_DURATION:g} seconds, or leave it to the script.",
        )
