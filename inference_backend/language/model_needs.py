"""What a model needs, told before it is there."""

from functools import cache
from pathlib import Path
from typing import Final

from blender_addon.core.errors import EngineError

from .memory import GIB
from .settings import KEYFRAMEFACE_BASE, SEMANTICFACE_BASE
from .weights import bytes_per_parameter, read_base

CONTEXT_TOKENS: Final = 8192
"""The longest request and reply together for which memory is set aside."""

_KNOWN_GIB: Final = {SEMANTICFACE_BASE: 10, KEYFRAMEFACE_BASE: 32}
"""The sum of `BaseModel.bytes_needed` in bfloat16 for the two released bases: 4.4 and 14.8 billion parameters."""


@cache
def need_in_words(base: str) -> str:
    """A sentence on the memory that a base takes, with a space before it; empty where nobody knows."""
    known = _KNOWN_GIB.get(base)
    if known is not None:
        return f" It needs about {known} GiB of memory."
    folder = Path(base).expanduser()
    if not folder.is_dir():
        return ""
    try:
        model = read_base(folder)
        need = model.bytes_needed(bytes_per_parameter=bytes_per_parameter(model), context_tokens=CONTEXT_TOKENS)
    except EngineError:  # which is told once it is asked to load
        return ""
    return f" It needs about {need / GIB:.2g} GiB of memory."
