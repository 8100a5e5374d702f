"""Pictures of the head for a model to learn from, rendered one at a time while Blender goes on."""

from collections.abc import Generator
from contextlib import ExitStack

from bpy.types import Context

from ..core.errors import CancelledError
from ..scene.training_renders import Made, TrainingOrder, TrainingRenders
from .work import HeadWork, bound_character


class TrainingSet(HeadWork):
    """One picture at each look. Esc keeps those that are made; the same order then goes on where it stopped."""

    def __init__(self, context: Context, order: TrainingOrder) -> None:
        """Set up the stage; raise MienError where there is no head to film."""
        super().__init__(context)
        renders = TrainingRenders(bound_character(context), order)
        self._folder = order.folder
        self._count = len(order.shots)
        self._remaining = len(renders.remaining())
        self._stack = ExitStack()
        self._stack.enter_context(renders)
        self._steps: Generator[Made, None, None] = renders.render()
        self._chosen: float | None = 0.0
        self._is_running = True
        self._is_stopped = False
        self._fault: Exception | None = None

    @property
    def progress(self) -> str:
        """How many pictures there are, once it is known what to tell of them."""
        if self._chosen is not None:
            return f"Choosing the points to learn, {self._chosen:.0%}"
        return f"Rendering pictures to learn from, {self._count - self._remaining} of {self._count}"

    @property
    def stopped_words(self) -> str:
        """What is told after Esc."""
        return f"Stopped; {self._count - self._remaining} pictures are in {self._folder.name}"

    def is_running(self) -> bool:
        """Whether pictures are missing."""
        return self._is_running

    def look(self) -> None:
        """Take the next step: a channel is shown, or a picture rendered. What goes wrong is told by `finish`."""
        if not self._is_running:
            return
        try:
            self._take_step()
        except Exception as fault:  # noqa: BLE001 - raised by `finish`, once the scene is as it was
            self._fault = fault
            self._end()

    def wait(self, seconds: float) -> None:  # noqa: ARG002 - a picture is rendered in well under a second
        """Take the next step."""
        self.look()

    def cancel(self) -> None:
        """Stop; the scene is as it was."""
        self._is_stopped = True
        self._end()

    def finish(self) -> str:
        """Render what is missing."""
        while self._is_running:
            self.look()
        if self._is_stopped:
            raise CancelledError("Stopped.")
        if self._fault is not None:
            raise self._fault
        return f"{self._count} pictures are in {self._folder.name}"

    def _take_step(self) -> None:
        self.head_now()  # raises where the head is gone
        made = next(self._steps, None)
        if made is None:
            self._end()
        elif isinstance(made, float):
            self._chosen = made
        else:
            self._chosen = None
            self._remaining -= 1

    def _end(self) -> None:
        if self._is_running:
            self._is_running = False
            self._steps.close()
            self._stack.close()
