"""An engine for scripts that takes its time, as large models do, and ends soon after it is cancelled."""

import time

from blender_addon.core.errors import CancelledError
from blender_addon.core.framing import FrameCount
from blender_addon.core.performance import Performance
from blender_addon.core.wire import EngineStatus
from inference_backend.engines import Cancelled, never
from inference_backend.script.engine import BuiltInPerformer


class PatientPerformer:
    """Thinks for as long as the performance lasts."""

    name = "patient"

    def status(self) -> EngineStatus:
        return EngineStatus(self.name, ("script",), "ready", "Thinks as long as it acts.")

    def unload(self) -> None:
        pass

    def perform(
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
        cancelled: Cancelled = never,
    ) -> Performance:
        end = time.monotonic() + (duration or 1.0)
        while time.monotonic() < end:
            if cancelled():
                raise CancelledError("Stopped.")
            time.sleep(0.01)
        return BuiltInPerformer().perform(script, plays=plays, duration=duration, seed=seed, life=life, frames=frames)
