"""The sentence model's arithmetic and the search over it, on a small model made here in the released format."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from inference_backend.script.engine import BuiltInPerformer
from inference_backend.script.entries import entries
from inference_backend.script.meaning import MeaningIndex
from inference_backend.script.nearest import Nearest
from inference_backend.script.sentence_model import HEADS, LAYERS, SentenceModel
from inference_backend.script.words import tokens_of

WIDTH = HEADS * 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("model")
    letters = [mark + letter for mark in ("", "##") for letter in "abcdefghijklmnopqrstuvwxyz',:;-."]
    vocabulary = ["[UNK]", "[CLS]", "[SEP]", "the", "eyebrows", "eye", "##brows", *letters]
    (made / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    write_safetensors(made / "model.safetensors", weights(len(vocabulary)))
    return made


def weights(words: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(5)

    def matrix(*shape: int) -> np.ndarray:
        return (random.standard_normal(shape) * 0.2).astype(np.float32)

    found = {
        "embeddings.word_embeddings.weight": matrix(words, WIDTH) * 10,
        "embeddings.position_embeddings.weight": matrix(80, WIDTH),
        "embeddings.token_type_embeddings.weight": matrix(2, WIDTH),
        "embeddings.LayerNorm.weight": np.ones(WIDTH, np.float32),
        "embeddings.LayerNorm.bias": np.zeros(WIDTH, np.float32),
    }
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        sizes = {f"attention.self.{part}": (WIDTH, WIDTH) for part in ("query", "key", "value")}
        sizes |= {
            "attention.output.dense": (WIDTH, WIDTH),
            "intermediate.dense": (96, WIDTH),
            "output.dense": (WIDTH, 96),
        }
        for part, size in sizes.items():
            found[f"{name}.{part}.weight"], found[f"{name}.{part}.bias"] = matrix(*size), matrix(size[0])
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            found[f"{name}.{part}.weight"] = np.ones(WIDTH, np.float32)
            found[f"{name}.{part}.bias"] = np.zeros(WIDTH, np.float32)
    return found


def write_safetensors(path: Path, tensors: dict[str, np.ndarray]) -> None:
    table, at = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in tensors.items():
        table[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + tensor.nbytes]}
        at += tensor.nbytes
    head = json.dumps(table).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + b"".join(tensor.tobytes() for tensor in tensors.values()))


class TestModel:
    def test_directions_have_length_one_and_do_not_depend_on_company(self, folder: Path) -> None:
        model = SentenceModel(folder)
        sentences = ["the eyebrows rise", "a smile", "the jaw drops", "a smile that fades away slowly"]
        together = model.directions(sentences)
        assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)
        for sentence, direction in zip(sentences, together, strict=True):
            assert model.directions([sentence])[0] == pytest.approx(direction, abs=1e-4)

    def test_case_and_accents_do_not_matter_but_order_does(self, folder: Path) -> None:
        plain, shouted, turned = SentenceModel(folder).directions(["the cafe eye", "The CAFÉ eye", "eye the cafe"])
        assert plain @ shouted == pytest.approx(1.0, abs=1e-5)
        assert plain @ turned < 0.9999

    def test_the_longest_piece_is_taken(self, folder: Path) -> None:
        model = SentenceModel(folder)
        whole, parted = model.directions(["eyebrows", "eye brows"])
        assert whole @ parted < 0.999


class TestSearch:
    def test_what_an_entry_says_of_itself_is_found(self, folder: Path, tmp_path: Path) -> None:
        index = MeaningIndex(folder, tmp_path, margin=0.0)
        for name in ("yawn", "smile", "terror"):
            (score, entry), _ = index.best(entries()[name].does)
            assert (entry.name, round(score, 4)) == (name, 1.0)
            assert index.nearest(entries()[name].does) is entry

    def test_the_directions_are_kept_and_read_again(self, folder: Path, tmp_path: Path) -> None:
        first = MeaningIndex(folder, tmp_path).best("a smile that fades")
        (kept,) = tmp_path.glob("*.npy")
        written = kept.stat().st_mtime_ns
        assert MeaningIndex(folder, tmp_path).best("a smile that fades") == first
        assert kept.stat().st_mtime_ns == written

    def test_a_spoiled_file_is_made_anew(self, folder: Path, tmp_path: Path) -> None:
        first = MeaningIndex(folder, tmp_path).best("a smile that fades")
        (kept,) = tmp_path.glob("*.npy")
        kept.write_bytes(b"nothing")
        assert MeaningIndex(folder, tmp_path).best("a smile that fades") == first

    def test_what_is_too_far_is_not_guessed(self, folder: Path, tmp_path: Path) -> None:
        index = MeaningIndex(folder, tmp_path, threshold=0.99)
        (score, entry), _ = index.best("a zebra")
        assert score < 0.99
        assert index.nearest("a zebra") is None
        near = MeaningIndex(folder, tmp_path, threshold=score - 0.01, margin=0.0)
        assert near.nearest("a zebra") is entry

    def test_of_two_as_near_none_is_guessed(self, folder: Path, tmp_path: Path) -> None:
        (score, _), (other, _) = MeaningIndex(folder, tmp_path).best("a zebra")
        index = MeaningIndex(folder, tmp_path, threshold=score - 0.01, margin=score - other + 0.01)
        assert index.nearest("a zebra") is None


class TestPerformer:
    def test_a_clause_that_only_the_model_knows_is_performed_and_noted(self) -> None:
        performer = BuiltInPerformer(Nearest(lambda clause: entries()["yawn"] if "zonk" in clause else None))
        performance = performer.perform("He zonks. He plays the piano.")
        assert [beat.description for beat in performance.beats] == ["a yawn"]
        assert performance.not_understood == ("He plays the piano",)
        assert any("a yawn" in note for note in performance.notes)


class TestSpelling:
    @pytest.mark.parametrize(
        ("wrong", "right"), [("smlies", "smiles"), ("grimmaces", "grimaces"), ("eyebrwos", "eyebrows")]
    )
    def test_one_slip_is_mended(self, wrong: str, right: str) -> None:
        words, corrections = Nearest().respelled(tokens_of(wrong))
        assert corrections
        assert words[0].bases & set(tokens_of(right)[0].bases)

    @pytest.mark.parametrize("word", ["styles", "stiles", "frock", "wink", "lächelt", "zzz"])
    def test_real_words_and_strange_ones_are_left_alone(self, word: str) -> None:
        assert not Nearest().respelled(tokens_of(word))[1]
