"""An example as a vision-language model is taught it: the released question, and the answer that is learnt."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from blender_addon.core.formats.pose_convention import SEMANTICFACE
from blender_addon.core.formats.released_records import released_values
from blender_addon.core.formats.semanticface import SYSTEM_PROMPT, USER_PROMPT
from blender_addon.core.training import Example

from ...engines import RgbPicture
from ...language.chat import ChatRequest, Message
from ...language.picture_budget import within_budget
from ..stage_one import words_of

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

    from ...language.prompts import Prompts

IGNORED: Final = -100
"""What transformers' losses leave out."""
_DECIMALS: Final = 3


@dataclass(frozen=True, eq=False)
class Lesson:
    """One example in tokens. inputs: what the model takes. labels: of each token, the answer's own or `IGNORED`."""

    inputs: dict[str, Any]
    labels: "Tensor"


def answer_of(example: Example) -> str:
    """The four fields and the 61 values, as the released model writes them, with three decimals."""
    values = released_values(example.pose.values.astype(float).tolist(), SEMANTICFACE)
    rounded = {name: round(value, _DECIMALS) + 0.0 for name, value in values.items()}
    return f"{words_of(example.pose)}\n\n{json.dumps(rounded)}"


def lesson_of(example: Example, picture: RgbPicture, prompts: "Prompts", end: int, model: "PreTrainedModel") -> Lesson:
    """The question with its picture, and the answer up to the token that ends a turn."""
    import torch

    shown = within_budget(picture)
    request = ChatRequest((Message("system", SYSTEM_PROMPT), Message("user", USER_PROMPT, (shown,))), max_tokens=1)
    question = prompts.of(request, model)
    answer = torch.tensor([[*prompts.encode(answer_of(example)), end]], device=question.tokens.device)
    ignored = torch.full_like(question.tokens, IGNORED)
    given = dict(prompts.for_generate(question))
    kinds = given["mm_token_type_ids"]
    given["mm_token_type_ids"] = torch.cat([kinds, torch.zeros_like(answer, dtype=kinds.dtype)], dim=1)
    tokens = torch.cat([question.tokens, answer], dim=1)
    return Lesson(
        {"input_ids": tokens, "attention_mask": torch.ones_like(tokens), **given}, torch.cat([ignored, answer], 1)
    )


def end_of_turn(folder: Path) -> int:
    """The token that ends the answer."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    return int(tokenizer.eos_token_id)
