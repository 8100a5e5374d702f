"""Forced-skeleton decoding: a language model fills in the numbers of an answer whose other letters are known.

Known text is not generated token by token but fed in one pass, together with a guess of the numbers
(that all are at rest, which most channels are). The pass gives the model's own choice at every place,
so a guess that agrees is accepted and the first that does not is corrected there. What comes out is
exactly what greedy decoding under the same constraint would write, in a fraction of the passes: the
acceptance rule of speculative decoding (Leviathan et al. 2023, arXiv 2211.17192) with a free guess.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from blender_addon.core.errors import CancelledError

from ..engines import Cancelled
from .answer_form import AnswerForm, NumberSlot

if TYPE_CHECKING:
    import torch

Encode = Callable[[str], list[int]]
"""From text to tokens, without special ones."""

Choices = frozenset[int]
"""The tokens that may stand at a place."""

_REST = 0.0


@dataclass
class _Node:
    """A place within a number: the tokens that may follow, and the number that has ended here."""

    following: dict[int, "_Node"] = field(default_factory=dict)
    number: str | None = None


class TokenForm:
    """An answer form in the tokens of one model, walked from left to right.

    Within a slot the allowed tokens are those of the numbers that are still possible. All numbers of
    a slot have the same digits after the point, so that none is the beginning of another.
    """

    def __init__(self, form: AnswerForm, encode: Encode) -> None:
        self._texts = [encode(text) for text in form.texts]
        tries = {slot: _trie(slot, encode) for slot in set(form.slots)}
        self._slots = [tries[slot] for slot in form.slots]
        guesses = {slot: encode(f"{_REST:.{slot.decimals}f}") for slot in set(form.slots)}
        self._guesses = [guesses[slot] for slot in form.slots]

    def start(self) -> "Walk":
        """Before the first token."""
        return Walk(self)


class Walk:
    """A walk through a form: which token is known to come next, or which may."""

    def __init__(self, form: TokenForm) -> None:
        self._form = form
        self._part = 0  # texts have even numbers, slots odd ones
        self._depth = 0
        self._node: _Node | None = None
        self.numbers: list[str] = []
        self._settle()

    @property
    def ended(self) -> bool:
        """Whether the whole form has been written."""
        return self._part > 2 * len(self._form._slots)

    def allowed(self) -> Choices:
        """What may come next; a single token where it is known."""
        if self._node is None:
            return frozenset((self._form._texts[self._part // 2][self._depth],))
        return frozenset(self._node.following)

    def guess(self) -> int:
        """The token that is likely to come next."""
        allowed = self.allowed()
        if len(allowed) > 1:
            guesses = self._form._guesses[self._part // 2]
            if self._depth < len(guesses) and guesses[self._depth] in allowed:
                return guesses[self._depth]
        return min(allowed)

    def step(self, token: int) -> None:
        """Write one token, which is an allowed one."""
        self._depth += 1
        if self._node is not None:
            self._node = self._node.following[token]
        self._settle()

    def copy(self) -> "Walk":
        """A second walk that stands where this one does."""
        other = Walk.__new__(Walk)
        other.__dict__.update(self.__dict__, numbers=list(self.numbers))
        return other

    def _settle(self) -> None:
        """Go on to the next part where this one is written."""
        while not self.ended:
            if self._node is not None:
                if self._node.number is None:
                    return
                self.numbers.append(self._node.number)
            elif self._depth < len(self._form._texts[self._part // 2]):
                return
            self._part, self._depth = self._part + 1, 0
            in_slot = self._part % 2 == 1 and not self.ended
            self._node = self._form._slots[self._part // 2] if in_slot else None


def _trie(slot: NumberSlot, encode: Encode) -> _Node:
    root = _Node()
    for number in slot.candidates():
        node = root
        for token in encode(number):
            node = node.following.setdefault(token, _Node())
        node.number = number
    return root


class Prefix:
    """What a model has read so far: its key-value cache and the tokens in it.

    The requests for the keyframes of one script differ in their last words only, so that a request
    needs to be read from where it parts from the one before.
    """

    def __init__(self) -> None:
        self._tokens: list[int] = []
        self._cache: Any = None

    def read(self, model: Any, prompt: "torch.Tensor") -> "torch.Tensor":  # noqa: ANN401
        """Logits of shape (1, vocabulary) after the prompt, of shape (1, length)."""
        from transformers import DynamicCache

        wanted = prompt[0].tolist()
        # One token at least has to be fed: the logits after it are not kept.
        shared = min(_shared_length(self._tokens, wanted), len(wanted) - 1)
        if self._cache is None:
            self._cache = DynamicCache()
        self.take_back(len(self._tokens) - shared)
        return self.feed(model, prompt[:, shared:], keep=1)

    def feed(self, model: Any, tokens: "torch.Tensor", *, keep: int) -> "torch.Tensor":  # noqa: ANN401
        """Logits of shape (keep, vocabulary) after the last `keep` tokens of shape (1, length)."""
        output = model(input_ids=tokens, past_key_values=self._cache, use_cache=True, logits_to_keep=keep)
        self._tokens += tokens[0].tolist()
        logits: torch.Tensor = output.logits[0]
        return logits

    def take_back(self, count: int) -> None:
        """Forget the last tokens."""
        if count:
            self._cache.crop(-count)  # less than 0: so many are taken off
            del self._tokens[-count:]


def _shared_length(first: Sequence[int], second: Sequence[int]) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )


@dataclass(frozen=True)
class Filling:
    """The numbers of a form, and how many passes through the model they took, the prompt's included."""

    numbers: tuple[str, ...]
    passes: int


def fill(
    model: Any,  # noqa: ANN401 - transformers' model classes share no base with a typed call
    prompt: "torch.Tensor",
    form: TokenForm,
    *,
    window: int,
    cancelled: Cancelled,
    prefix: Prefix | None = None,
) -> Filling:
    """Decode greedily under the form.

    prompt: token numbers of shape (1, length).
    window: so many tokens are guessed ahead. More mean fewer passes and more work that is thrown away:
        many where a pass costs the reading of the weights (GPU), few where it costs the arithmetic (CPU).
    prefix: what the model has read before, which is made use of and goes on to grow.
    """
    import torch

    read = Prefix() if prefix is None else prefix
    walk = form.start()
    passes = 0
    with torch.inference_mode():
        logits = read.read(model, prompt)
        passes += 1
        while not walk.ended:
            if cancelled():
                raise CancelledError("The request was cancelled.")
            ahead = _draft(walk, logits[-1], window)
            if not ahead:
                break
            tokens = torch.tensor([ahead], device=prompt.device)
            logits = read.feed(model, tokens, keep=len(ahead))
            passes += 1
            accepted = _accept(walk, ahead, logits)
            read.take_back(len(ahead) - accepted)
            logits = logits[:accepted]
    return Filling(tuple(walk.numbers), passes)


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
