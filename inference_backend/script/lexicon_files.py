"""Reads the data files of the lexicon, once each."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The content of lexicon/<name>.toml."""
    text = files(f"{__package__}.lexicon").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def word_list(name: str) -> tuple[str, ...]:
    """A list of words.toml, in its order."""
    return tuple(str(table("words")["lists"][name]).split())


@cache
def word_set(name: str) -> frozenset[str]:
    """The same, to ask whether a word is in it."""
    return frozenset(word_list(name))


@cache
def part_classes(name: str) -> frozenset[str]:
    """Keys of the classes that are parts of a face; see words.toml."""
    return frozenset(f"@{part}" for part in str(table("words")["parts"][name]).split())
