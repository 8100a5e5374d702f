"""What a model has read so far: its key-value cache, gone on from where requests are the same.

Requests have much in common: those for the keyframes of one script all but their last words, those for several
pictures what stands in front of the picture, and a request that is asked again the picture too.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Prompt:
    """A request in tokens.

    tokens: shape (1, length). keys: what stands at each place; a token, or for those of a picture a number below 0 that
    no other picture has. positions: of each token along time, height and width, shape (3, 1, length), in models that
    see; None elsewhere. pictures: what the model's vision part reads.
    """

    tokens: "Tensor"
    keys: tuple[int, ...]
    positions: "Tensor | None" = None
    pictures: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_text(cls, tokens: "Tensor") -> "Prompt":
        """A prompt without pictures."""
        return cls(tokens, tuple(tokens[0].tolist()))

    @property
    def next_position(self) -> int:
        """Where the first token of the answer stands; a picture takes fewer positions than tokens."""
        return len(self.keys) if self.positions is None else int(self.positions.max()) + 1

    def shown(self, start: int, end: int) -> Mapping[str, Any]:
        """The pictures, where they lie between these places."""
        return self.pictures if any(key < 0 for key in self.keys[start:end]) else {}


class Prefix:
    """One row: what was read for the last request. The next one is read from where it parts from it."""

    def __init__(self) -> None:
        self._keys: list[int] = []
        self._next = 0
        self._sees = False
        self._cache: Any = None

    def read(self, model: Any, prompt: Prompt) -> "Tensor":
        """Logits of shape (1, vocabulary) after the prompt."""
        # One token at least has to be fed: the logits after it are not kept.
        shared = min(shared_length([self._keys, prompt.keys]), len(prompt.keys) - 1)
        self._keep(shared)
        return self._go_on(model, prompt, shared, len(prompt.keys))

    def feed(self, model: Any, rows: Sequence[Sequence[int]]) -> "list[Tensor]":
        """Logits of shape (length, vocabulary) after each of the tokens of the only row."""
        import torch

        (tokens,) = rows
        output = model(
            input_ids=torch.tensor([tokens], device=model.device),
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=len(tokens),
            **_places([self._next], len(tokens), sees=self._sees, device=model.device),
        )
        self._keys += tokens
        self._next += len(tokens)
        return [output.logits[0]]

    def take_back(self, counts: Sequence[int]) -> None:
        """Forget the last tokens of the only row."""
        (count,) = counts
        if count:
            self._cache.crop(-count)  # less than 0: so many are taken off
            del self._keys[-count:]
            self._next -= count

    def side_by_side(self, model: Any, prompts: Sequence[Prompt]) -> "tuple[Rows, list[Tensor]]":
        """The prompts read as rows of one batch, what they have in common only once; and the logits after each."""
        shared = min(shared_length([prompt.keys for prompt in prompts]), min(len(p.keys) for p in prompts) - 1)
        known = min(shared, shared_length([self._keys, prompts[0].keys]))
        self._keep(known)
        if known < shared:
            self._go_on(model, prompts[0], known, shared)
        cache = copy.deepcopy(self._cache) if self._cache is not None else None
        rows = Rows(cache, shared, len(prompts))
        return rows, rows.read(model, prompts, shared)

    def _keep(self, count: int) -> None:
        """Forget all but the first places."""
        if count < len(self._keys):
            self._cache.crop(count - len(self._keys))  # less than 0: so many are taken off
            del self._keys[count:]

    def _go_on(self, model: Any, prompt: Prompt, start: int, end: int) -> "Tensor":
        from transformers import DynamicCache

        if self._cache is None:
            self._cache = DynamicCache()
        positions = {} if prompt.positions is None else {"position_ids": prompt.positions[:, :, start:end]}
        output = model(
            input_ids=prompt.tokens[:, start:end],
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
            **positions,
            **prompt.shown(start, end),
        )
        self._keys += prompt.keys[start:end]
        self._next, self._sees = prompt.next_position, prompt.positions is not None
        logits: Tensor = output.logits[0]
        return logits


class Rows:
    """Several prompts in one batch. What a row does not use of a pass is masked; the tail that none uses is cut off."""

    def __init__(self, cache: Any, shared: int, count: int) -> None:
        import torch
        from transformers import DynamicCache

        self._cache = DynamicCache() if cache is None else cache
        if shared:
            self._cache.batch_repeat_interleave(count)
        self._used = torch.ones((count, shared), dtype=torch.bool)
        self._next = [0] * count
        self._sees = False

    def read(self, model: Any, prompts: Sequence[Prompt], start: int) -> "list[Tensor]":
        """Logits of shape (1, vocabulary) after each prompt, which is read from `start` on; short ones are led in."""
        import torch

        width = max(len(prompt.keys) for prompt in prompts) - start
        tokens = torch.zeros((len(prompts), width), dtype=torch.long)
        used = torch.zeros((len(prompts), width), dtype=torch.bool)
        self._sees = prompts[0].positions is not None
        positions = torch.zeros((3 if self._sees else 1, len(prompts), width), dtype=torch.long)
        for row, prompt in enumerate(prompts):
            length = len(prompt.keys) - start
            tokens[row, -length:] = prompt.tokens[0, start:].cpu()
            used[row, -length:] = True
            own = torch.arange(start, len(prompt.keys))[None] if prompt.positions is None else prompt.positions[:, 0]
            positions[:, row, -length:] = own[:, -length:].cpu()
            self._next[row] = prompt.next_position
        shown = [prompt.shown(start, len(prompt.keys)) for prompt in prompts]
        pictures = {name: torch.cat([one[name] for one in shown]) for name in shown[0]}
        logits = self._pass(model, tokens, used, positions if self._sees else positions[0], keep=1, pictures=pictures)
        return list(logits)

    def feed(self, model: Any, rows: Sequence[Sequence[int]]) -> "list[Tensor]":
        """Logits of shape (length, vocabulary) for each row; a row that has nothing more to say gives none."""
        import torch

        width = max(map(len, rows))
        tokens = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
        used = torch.tensor([[place < len(row) for place in range(width)] for row in rows])
        places = _places(self._next, width, sees=self._sees, device="cpu", always=True)["position_ids"]
        logits = self._pass(model, tokens, used, places, keep=width)
        self._next = [first + len(row) for first, row in zip(self._next, rows, strict=True)]
        return [logits[number, : len(row)] for number, row in enumerate(rows)]

    def take_back(self, counts: Sequence[int]) -> None:
        """Forget the last tokens of each row."""
        for row, count in enumerate(counts):
            if count:
                places = self._used[row].nonzero()[-count:, 0]
                self._used[row, places] = False
                self._next[row] -= count
        unused = self._used.shape[1] - int(self._used.any(dim=0).nonzero().max()) - 1
        if unused:
            self._cache.crop(-unused)
            self._used = self._used[:, :-unused]

    def _pass(
        self,
        model: Any,
        tokens: "Tensor",
        used: "Tensor",
        positions: "Tensor",
        *,
        keep: int,
        pictures: Mapping[str, "Tensor"] | None = None,
    ) -> "Tensor":
        import torch

        self._used = torch.cat([self._used, used], dim=1)
        output = model(
            input_ids=tokens.to(model.device),
            attention_mask=self._used.long().to(model.device),
            position_ids=positions.to(model.device),
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=keep,
            **(pictures or {}),
        )
        logits: Tensor = output.logits
        return logits


def _places(
    first: Sequence[int],
    width: int,
    *,
    sees: bool,
    device: Any,
    always: bool = False,
) -> "dict[str, Tensor]":
    """The positions of the next tokens; nothing where a model of words alone counts them itself."""
    import torch

    if not sees and not always:
        return {}
    positions = torch.tensor([[start + place for place in range(width)] for start in first], device=device)
    return {"position_ids": positions.expand(3, -1, -1) if sees else positions}


def shared_length(rows: Sequence[Sequence[int]]) -> int:
    """How many places at the beginning are the same in all."""
    least = min(map(len, rows))
    return next((place for place in range(least) if len({row[place] for row in rows}) > 1), least)
