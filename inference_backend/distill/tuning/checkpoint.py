"""Where a tuning stands, so that it goes on bit for bit as if it had never been interrupted."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from blender_addon.core.errors import InputError
from blender_addon.core.narrowing import as_integer, as_mapping, as_text

if TYPE_CHECKING:
    from torch.optim import Optimizer

_FOLDER: Final = "checkpoint"
_STATE: Final = "state.json"
_TENSORS: Final = "state.safetensors"


@dataclass(frozen=True)
class Standing:
    """step: how many were done. course: what was asked for, as text: another one cannot be gone on with."""

    step: int
    course: str


def save(folder: Path, standing: Standing, trained: dict[str, Any], optimizer: "Optimizer") -> None:
    """Write the trained weights and the optimiser's moments, all or nothing."""
    import torch
    from safetensors.torch import save_file

    place, fresh = folder / _FOLDER, folder / f"{_FOLDER}.part"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    state = {f"weight/{name}": weight.detach().contiguous() for name, weight in trained.items()}
    for number, moments in optimizer.state_dict()["state"].items():
        state |= {f"moment/{number}/{name}": torch.as_tensor(moment).clone() for name, moment in moments.items()}
    save_file(state, fresh / _TENSORS)
    (fresh / _STATE).write_text(json.dumps({"step": standing.step, "course": standing.course}), encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    fresh.replace(place)


def restore(folder: Path, course: str, trained: dict[str, Any], optimizer: "Optimizer") -> int:
    """Put all of it back, and give the step; 0 where there is no checkpoint. Raise InputError where it is another's."""
    place = folder / _FOLDER
    if not (place / _STATE).exists():
        return 0
    import torch
    from safetensors.torch import load_file

    standing = _read(place)
    if standing.course != course:
        raise InputError(
            f"The checkpoint in {folder} is of another course.", "Give another folder, or the same options."
        )
    state = load_file(place / _TENSORS)
    with torch.no_grad():
        for name, weight in trained.items():
            weight.copy_(state[f"weight/{name}"])
    moments: dict[int, dict[str, Any]] = {}
    for key in state:
        if key.startswith("moment/"):
            _, number, name = key.split("/")
            moments.setdefault(int(number), {})[name] = state[key]
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    return standing.step


def _read(place: Path) -> Standing:
    try:
        data = as_mapping(json.loads((place / _STATE).read_text(encoding="utf-8")))
        return Standing(as_integer(data["step"]), as_text(data["course"]))
    except (OSError, KeyError, TypeError, ValueError) as fault:
        raise InputError(
            f"The checkpoint in {place.parent} is damaged: {fault}.", "Remove it and begin anew."
        ) from fault
