"""Forced-skeleton decoding: a language model fills in the numbers of an answer whose other letters are known.

Known text is not generated token by token but fed in one pass, together with a guess of the numbers
(that all are at rest, which most channels are). The pass gives the model's own choice at every place,
so a guess that agrees is accepted and the first that does not is corrected there. What comes out is
exactly what greedy decoding under the same constraint would write, in a fraction of the passes: the
acceptance rule of speculative decoding (Leviathan et al. 2023, arXiv 2211.17192) with a free guess.

Several prompts are filled in side by side, in the passes that the slowest of them needs.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from blender_addon.core.errors import CancelledError

from ..engines import Cancelled
from .answer_form import Opening
from .prompt_cache import Prefix, Prompt
from .token_form import Choices, TokenForm, Walk

if TYPE_CHECKING:
    import torch

_BETWEEN = "\n\n"
"""Between an opening that did not lead to the form by itself and the form."""


@dataclass(frozen=True)
class Filling:
    """The numbers of a form, what was written in front of it, and the passes through the model, the prompt's included.

    The passes are those of the whole batch.
    """

    numbers: tuple[str, ...]
    passes: int
    opening: str = ""


@dataclass(frozen=True)
class FreeWords:
    """How a model writes freely in front of a form. decode: from tokens to text. ends: tokens that end an answer."""

    opening: Opening
    decode: Callable[[Sequence[int]], str]
    ends: Collection[int]


class _Reader(Protocol):
    """What a model has read, a row for each prompt."""

    def feed(self, model: Any, rows: Sequence[Sequence[int]]) -> "list[torch.Tensor]":
        """The logits after each of the next tokens of each row."""

    def take_back(self, counts: Sequence[int]) -> None:
        """Forget so many of the last tokens of each row."""


def fill(
    model: Any,
    prompts: Sequence[Prompt],
    form: TokenForm,
    *,
    window: int,
    cancelled: Cancelled,
    prefix: Prefix | None = None,
    words: FreeWords | None = None,
) -> list[Filling]:
    """Decode greedily under the form, one answer for each prompt.

    window: so many tokens are guessed ahead. More mean fewer passes and more work that is thrown away:
        many where a pass costs the reading of the weights (GPU), few where it costs the arithmetic (CPU).
    prefix: what the model has read before, which is made use of and goes on to grow.
    words: what is written freely before the form begins; None where an answer is the form from its first letter.
    """
    import torch

    prefix = Prefix() if prefix is None else prefix
    with torch.inference_mode():
        reader: _Reader = prefix
        if len(prompts) == 1:
            logits = [prefix.read(model, prompts[0])]
        else:
            reader, logits = prefix.side_by_side(model, prompts)
        work = _Work(model, reader, logits, cancelled)
        openings = work.write(words) if words else [("", "")] * len(prompts)
        forms = [form.after(rest) if rest else form for _, rest in openings]
        walks = work.walk([form.start() for form in forms], window)
    return [
        Filling(tuple(walk.numbers), work.passes, written + rest)
        for walk, (written, rest) in zip(walks, openings, strict=True)
    ]


class _Work:
    """The passes for one batch. logits: of each row, after its last tokens, shape (count, vocabulary)."""

    def __init__(self, model: Any, reader: _Reader, logits: "list[torch.Tensor]", cancelled: Cancelled) -> None:
        self._model, self._reader, self._logits, self._cancelled = model, reader, logits, cancelled
        self.passes = 1

    def write(self, words: FreeWords) -> list[tuple[str, str]]:
        """For each row what it writes in front of the form, and the letters that still belong before the form."""
        tokens: list[list[int]] = [[] for _ in self._logits]
        texts = ["" for _ in self._logits]
        done: list[tuple[str, str] | None] = [None for _ in self._logits]
        while None in done:
            fed: list[list[int]] = [[] for _ in tokens]
            for row in (row for row, end in enumerate(done) if end is None):
                token = int(self._logits[row][-1].argmax())
                text = words.decode([*tokens[row], token])
                if token in words.ends or len(tokens[row]) >= words.opening.most_tokens:
                    done[row] = texts[row], _BETWEEN if texts[row] else ""
                elif (place := words.opening.form_begins(text)) is not None:
                    done[row] = texts[row], text[len(texts[row]) : place]
                else:
                    fed[row], texts[row] = [token], text
                    tokens[row].append(token)
            if any(fed):
                self._feed(fed)
        return [end for end in done if end is not None]

    def walk(self, walks: list[Walk], window: int) -> list[Walk]:
        """Take each walk to its end."""
        while True:
            drafts = [
                [] if walk.ended else _draft(walk, logits[-1], window)
                for walk, logits in zip(walks, self._logits, strict=True)
            ]
            if not any(drafts):
                return walks
            found = self._feed(drafts)
            surplus = []
            for row, draft in enumerate(drafts):
                accepted = _accept(walks[row], draft, found[row]) if draft else 0
                surplus.append(len(draft) - accepted)
                if accepted:
                    self._logits[row] = found[row][:accepted]
            self._reader.take_back(surplus)

    def _feed(self, rows: list[list[int]]) -> "list[torch.Tensor]":
        if self._cancelled():
            raise CancelledError("The request was cancelled.")
        found = self._reader.feed(self._model, rows)
        self.passes += 1
        for row, logits in enumerate(found):
            if len(logits):
                self._logits[row] = logits
        return found


def _draft(walk: Walk, logits: "torch.Tensor", window: int) -> list[int]:
    """The tokens to feed next; none, and the walk is ended, where no choice is left to the model.

    The choice at the first place is already known, from the pass before.
    """
    ahead = [_choose(logits, walk.allowed())]
    draft = walk.copy()
    draft.step(ahead[0])
    choices_left = False
    while not draft.ended and (len(ahead) < window or not choices_left):
        choices_left = choices_left or len(draft.allowed()) > 1
        ahead.append(draft.guess())
        draft.step(ahead[-1])
    if not choices_left:
        for token in ahead:
            walk.step(token)
        return []
    return ahead


def _accept(walk: Walk, ahead: Sequence[int], logits: "torch.Tensor") -> int:
    """Walk along the tokens as far as the model agrees; the first one is always right."""
    walk.step(ahead[0])
    for place in range(1, len(ahead)):
        if _choose(logits[place - 1], walk.allowed()) != ahead[place]:
            return place
        walk.step(ahead[place])
    return len(ahead)


def _choose(logits: "torch.Tensor", allowed: Choices) -> int:
    """The likeliest allowed token; of equals the one with the lowest number, as argmax over all tokens would."""
    if len(allowed) == 1:
        return next(iter(allowed))
    tokens = sorted(allowed)
    return tokens[int(logits[tokens].argmax())]
