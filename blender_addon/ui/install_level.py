"""The levels of an installation as a choice."""

from ..client.installing.payload import Level

LEVELS = [
    (Level.BASE.name, "Base", "Pictures, clips and the built-in performer of scripts"),
    (Level.LANGUAGE.name, "Base and Language Models", "Also what runs language models in the backend itself"),
]
