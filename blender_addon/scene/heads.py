"""The bound heads of a scene, and takes that go from one to another."""

from dataclasses import dataclass
from typing import Any

from bpy.types import Scene

from ..core.errors import CharacterError
from .character import Character
from .keys import KeyReport
from .stored_character import stored_character
from .stored_takes import duplicate_take, forgotten_if_not_keyed
from .takes import apply_take


@dataclass(frozen=True)
class CopiedTake:
    """A take on another head: its record there, and what was keyed."""

    record: Any
    report: KeyReport


def other_heads(character: Character, scene: Scene) -> list[Character]:
    """The other bound heads in a scene, by name."""
    found = (stored_character(thing, scene) for thing in scene.objects if thing != character.anchor)
    return sorted((head for head in found if head is not None), key=lambda head: head.name)


def other_head(character: Character, name: str, scene: Scene) -> Character:
    """The one of a name; raise CharacterError where there is none."""
    for head in other_heads(character, scene):
        if head.name == name:
            return head
    raise CharacterError(f"There is no bound head {name} besides {character.name}.", "Bind it first.")


def copy_take(character: Character, record: Any, other: Character, scene: Scene) -> CopiedTake:
    """Keep a copy of a take with another head, as its active one, and key it there at the same frames.

    Raises MienError, with nothing changed, where it cannot be keyed.
    """
    with forgotten_if_not_keyed(other.anchor):
        copied = duplicate_take(character.anchor, record, onto=other.anchor, scene=scene)
        report = apply_take(other, copied, scene)
    return CopiedTake(copied, report)
