"""A pose shown on a head without a key, as while a clip is being read: cheap enough for thirty a second.

What is shown lies in the properties alone, the values of shape keys and the rotations of bones; they are put back
as they were. Nothing is pushed to the undo stack and no animation data is touched.

- A property with an F-curve or a driver keeps its last shown value only until Blender evaluates it, on a change of
  frame or of what a driver reads. A `Preview` therefore shows its last pose again after each change of frame.
  For driven properties that is in vain: they are left alone, as they are when keys are written.
- A muted shape key shows nothing, whatever its value; it is left muted.
- Before a file is saved the values are put back, and shown again afterwards, so that no preview is ever in a file.
- Before an undo or a redo, and before another file is read, the preview ends: what it holds on to is about to go.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from types import TracebackType
from typing import Any, Final, Self

import bpy
import numpy as np
from bpy.app.handlers import persistent
from bpy.utils import escape_identifier

from ..core.pose import Pose
from .actions import driven_paths
from .binding_targets import ShapeTarget, TurnTarget
from .bone_rotation import angle_channels, own_rotations, rotation_components, rotation_path
from .character import Character

_SAME: Final = 1e-6
"""Values and radians that differ by less look the same; Blender keeps fewer digits than a pose."""


@dataclass(frozen=True, eq=False)
class _Shown:
    """One property that is shown a pose on.

    holder: finds what has the property, None where it is gone; looked up each time, because a reference to a deleted
        shape key or bone would end Blender. value: of the property, for a pose.
    """

    holder: Callable[[], Any]
    attribute: str
    value: Callable[[Pose], Any]

    def now(self) -> Any:
        """What the property is."""
        holder = self.holder()
        value = getattr(holder, self.attribute) if holder is not None else None
        return value if value is None or isinstance(value, float) else tuple(value)

    def show(self, pose: Pose) -> None:
        """Set it for a pose; left alone where it is so already, since Blender evaluates anew whatever hangs on it."""
        value, now = self.value(pose), self.now()
        if now is not None and not _is_same(now, value):
            self.set(value)

    def set(self, value: Any) -> None:
        """Change it, where it still is."""
        holder = self.holder()
        if holder is not None and value is not None:
            setattr(holder, self.attribute, value)


class Preview:
    """Poses on a head for a while; a context manager, or `end` it. Main thread only, as all that touches Blender."""

    def __init__(self, character: Character) -> None:
        """Note what the head shows now."""
        self._pose: Pose | None = None
        self._is_running = True
        self._shown = (*_free_shapes(character), *_free_bones(character))
        self._before = [shown.now() for shown in self._shown]
        _running.append(self)
        _listen()

    @property
    def is_running(self) -> bool:
        """Whether poses are still shown; False after `end`, an undo, or the opening of another file."""
        return self._is_running

    def show(self, pose: Pose) -> None:
        """Show a pose; does nothing once the preview has ended."""
        if not self._is_running:
            return
        self._pose = pose
        try:
            for shown in self._shown:
                shown.show(pose)
        except ReferenceError:  # the head has been deleted
            self.end()

    def end(self) -> None:
        """Put everything back as it was; may be called again."""
        if not self._is_running:
            return
        self._is_running = False
        _running.remove(self)
        if not _running:
            _stop_listening()
        self.suspend()

    def suspend(self) -> None:
        """Put everything back for a moment."""
        try:
            for shown, value in zip(self._shown, self._before, strict=True):
                shown.set(value)
        except ReferenceError:  # the head has been deleted: there is nothing left to put back
            return

    def resume(self) -> None:
        """Show the last pose again; what the head shows without it is noted anew."""
        if self._pose is None:
            return
        try:
            self._before = [shown.now() for shown in self._shown]
        except ReferenceError:
            self.end()
            return
        self.show(self._pose)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _fault: object, _trace: TracebackType | None) -> None:
        self.end()


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, float):
        return bool(abs(one - other) < _SAME)
    return all(abs(part - wanted) < _SAME for part, wanted in zip(one, other, strict=True))


def _free_shapes(character: Character) -> Iterator[_Shown]:
    """The values of the shape keys that no driver moves and that can be changed, each once."""
    for (owner, key), rows in character.rows_by_key.items():
        path = f'key_blocks["{escape_identifier(key)}"].value'
        if path not in driven_paths(owner) and owner.is_editable:
            yield _Shown(partial(_found, owner, "key_blocks", key), "value", partial(_value_of, rows))


def _value_of(rows: Iterable[ShapeTarget], pose: Pose) -> float:
    return sum(row.gain * pose[row.channel] + row.offset for row in rows)


def _free_bones(character: Character) -> Iterator[_Shown]:
    """The rotations of the bones and objects that no driver turns."""
    for turns, target in character.turns.items():
        thing: Any = target.thing
        attribute, _ = rotation_path(target.holder)
        if target.path(attribute) not in driven_paths(thing) and thing.is_editable:
            holder = partial(_found, thing, "pose.bones", target.bone) if target.bone else partial(_itself, thing)
            yield _Shown(holder, attribute, partial(_rotation_of, character, turns, _near(target)))


def _found(owner: Any, things: str, name: str) -> Any:
    return attrgetter(things)(owner).get(name)


def _itself(thing: Any) -> Any:
    thing.name  # noqa: B018 - raises ReferenceError where it has been deleted
    return thing


def _near(target: TurnTarget) -> tuple[float, ...]:
    return tuple(target.holder.rotation_quaternion)


def _rotation_of(character: Character, turns: str, near: tuple[float, ...], pose: Pose) -> tuple[float, ...]:
    yaw, pitch, roll = (np.array([pose[channel]]) for channel in angle_channels(turns))
    rotations = own_rotations(character, turns, yaw, pitch, roll)
    return tuple(rotation_components(character.turns[turns], rotations, near)[0].tolist())


_running: list[Preview] = []
"""The previews that are being shown; Blender's handlers know no arguments of ours."""


def _suspend_all(*_: object) -> None:
    for preview in _running:
        preview.suspend()


def _resume_all(*_: object) -> None:
    for preview in _running:
        preview.resume()


def _end_all(*_: object) -> None:
    while _running:
        _running[-1].end()


_HANDLERS = tuple(
    (name, persistent(handler))
    for name, handler in (
        ("save_pre", _suspend_all),
        ("save_post", _resume_all),
        ("save_post_fail", _resume_all),
        ("frame_change_pre", _suspend_all),
        ("frame_change_post", _resume_all),
        ("undo_pre", _end_all),
        ("redo_pre", _end_all),
        ("load_pre", _end_all),
    )
)


def _listen() -> None:
    for name, handler in _HANDLERS:
        handlers = getattr(bpy.app.handlers, name)
        if handler not in handlers:
            handlers.append(handler)


def _stop_listening() -> None:
    for name, handler in _HANDLERS:
        handlers = getattr(bpy.app.handlers, name)
        if handler in handlers:
            handlers.remove(handler)


def end_previews() -> None:
    """End every preview, as when the add-on is disabled."""
    _end_all()
