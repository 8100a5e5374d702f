"""The levels of an installation as a choice."""

from ..client.installing.payload import Level

_NAMES = {Level.BASE: "Base", Level.FULL: "Base, Language Models and Training"}

LEVELS = [(level.name, name, level.purpose) for level, name in _NAMES.items()]
