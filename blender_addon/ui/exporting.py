"""A take on its way to a file."""

from pathlib import Path
from typing import Any

from bpy.types import Context, Scene

from ..client.job import Job
from ..core.formats.exchange import WritingChoices, save_text, write_take
from ..scene.character import Character
from ..scene.stored_takes import take_of
from .work import Work


class Exporting(Work[str]):
    """The text is made on another thread; the file is written at the end, so that Esc leaves it as it was."""

    doing = "Writing the take"

    def __init__(self, context: Context, record: Any, path: Path, choices: WritingChoices) -> None:
        """Begin; raise MienError where there is no head, or the take is damaged."""
        take = take_of(record)
        self.name, self.path = take.name, path
        super().__init__(context, Job(lambda _say: write_take(take, path.suffix, choices)))

    def key(self, answer: str, _character: Character, _scene: Scene) -> str:
        """Write the file; nothing is keyed."""
        save_text(answer, self.path)
        return f"{self.name} is written to {self.path.name}"
