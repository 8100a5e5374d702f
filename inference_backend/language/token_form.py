"""An answer form in the tokens of one model, and the walk through it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .answer_form import AnswerForm, NumberSlot

Encode = Callable[[str], list[int]]
"""From text to tokens, without special ones."""

Choices = frozenset[int]
"""The tokens that may stand at a place."""

_REST = 0.0


@dataclass
class _Node:
    """A place within a number: the tokens that may follow, and the number that may end here."""

    following: dict[int, "_Node"] = field(default_factory=dict)
    number: str | None = None

    @property
    def is_end(self) -> bool:
        """Whether the number is over, and not only may be."""
        return self.number is not None and not self.following


@dataclass(frozen=True)
class _Numbers:
    """The numbers of one kind of slot as a tree of tokens. rest: the tokens of the number that is guessed."""

    root: _Node
    rest: tuple[int, ...]


class TokenForm:
    """An answer form in tokens, walked from left to right.

    Within a slot the allowed tokens are those of the numbers that are still possible; where a number may have more
    digits or end, the first token of the text behind it is allowed too.
    """

    def __init__(self, form: AnswerForm, encode: Encode) -> None:
        self._form, self._encode = form, encode
        self.texts = [encode(text) for text in form.texts]
        numbers = {slot: _numbers(slot, encode) for slot in set(form.slots)}
        self.slots = [numbers[slot] for slot in form.slots]
        self.like = form.like or (None,) * len(form.slots)

    def after(self, text: str) -> "TokenForm":
        """The same form with this text in front of its first one."""
        other = TokenForm.__new__(TokenForm)
        texts = (text + self._form.texts[0], *self._form.texts[1:])
        other._form, other._encode, other.slots = replace(self._form, texts=texts), self._encode, self.slots
        other.like = self.like
        other.texts = [self._encode(texts[0]), *self.texts[1:]]
        return other

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
        self._written: list[tuple[int, ...]] = []  # of each slot so far, the last one being written
        self.numbers: list[str] = []
        self._settle()

    @property
    def ended(self) -> bool:
        """Whether the whole form has been written."""
        return self._part > 2 * len(self._form.slots)

    def allowed(self) -> Choices:
        """What may come next; a single token where it is known."""
        if self._node is None:
            return frozenset((self._form.texts[self._part // 2][self._depth],))
        ending = () if self._node.number is None else (self._behind,)
        return frozenset((*self._node.following, *ending))

    def guess(self) -> int:
        """The token that is likely to come next.

        It is that of the number of a slot that is like this one, or of a channel at rest; where the model has begun
        another number, what it wrote behind this beginning the last time; else the number ends.
        """
        allowed = self.allowed()
        if len(allowed) == 1 or self._node is None:
            return min(allowed)
        *before, written = self._written
        like = self._form.like[len(before)]
        likely = self._form.slots[len(before)].rest if like is None else before[like]
        for number in (likely, *reversed(before)):
            if number[: self._depth] == written:
                token = number[self._depth] if len(number) > self._depth else self._behind
                if token in allowed:
                    return token
        return min(allowed) if self._node.number is None else self._behind

    def step(self, token: int) -> None:
        """Write one token, which is an allowed one."""
        if self._node is not None and token not in self._node.following:  # the number ends; the text behind it begins
            self._end_number()
        self._depth += 1
        if self._node is not None:
            self._node = self._node.following[token]
            self._written[-1] = (*self._written[-1], token)
        self._settle()

    def copy(self) -> "Walk":
        """A second walk that stands where this one does."""
        other = Walk.__new__(Walk)
        other.__dict__.update(self.__dict__, numbers=list(self.numbers), _written=list(self._written))
        return other

    @property
    def _behind(self) -> int:
        """The first token of the text behind the slot."""
        return self._form.texts[self._part // 2 + 1][0]

    def _end_number(self) -> None:
        assert self._node is not None
        assert self._node.number is not None
        self.numbers.append(self._node.number)
        self._go_on()

    def _go_on(self) -> None:
        self._part, self._depth = self._part + 1, 0
        in_slot = self._part % 2 == 1 and not self.ended
        self._node = self._form.slots[self._part // 2].root if in_slot else None
        if in_slot:
            self._written.append(())

    def _settle(self) -> None:
        """Go on to the next part where this one is written."""
        while not self.ended:
            if self._node is not None:
                if not self._node.is_end:
                    return
                self._end_number()
            elif self._depth < len(self._form.texts[self._part // 2]):
                return
            else:
                self._go_on()


def _numbers(slot: NumberSlot, encode: Encode) -> _Numbers:
    root = _Node()
    for number in slot.candidates():
        node = root
        for token in encode(slot.lead + number):
            node = node.following.setdefault(token, _Node())
        node.number = number
    fewest = slot.decimals if slot.fewest_decimals is None else slot.fewest_decimals
    return _Numbers(root, tuple(encode(f"{slot.lead}{_REST:.{fewest}f}")))
