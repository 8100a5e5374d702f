"""Where a tuning stands, so that it goes on bit for bit as if it had never been interrupted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from safetensors import SafetensorError, safe_open

from blender_addon.core.errors import InputError

from ..output_folder import writing_to

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

NOUN: Final = "adapter"
_NAME: Final = "checkpoint.safetensors"
_MOMENTS: Final = {"step", "exp_avg", "exp_avg_sq"}
"""What AdamW remembers of each weight."""
_Held = TypeVar("_Held")


@dataclass(frozen=True)
class Standing:
    """step: how many were done. course: what was asked for, as text: another one cannot be gone on with."""

    step: int
    course: str


def save(folder: Path, standing: Standing, trained: dict[str, Any], optimizer: "Optimizer") -> None:
    """Write the trained weights and the optimiser's moments, all or nothing: one file, put in place by one rename."""
    import torch
    from safetensors.torch import save_file

    state = {f"weight/{name}": weight.detach().contiguous() for name, weight in trained.items()}
    for number, moments in optimizer.state_dict()["state"].items():
        state |= {f"moment/{number}/{name}": torch.as_tensor(moment).clone() for name, moment in moments.items()}
    with writing_to(folder, NOUN):
        fresh = folder / f"{_NAME}.part"
        save_file(state, fresh, {"step": str(standing.step), "course": standing.course})
        fresh.replace(folder / _NAME)


def restore(folder: Path, course: str, trained: dict[str, Any], optimizer: "Optimizer") -> int:
    """Put all of it back, and give the step; 0 where there is no checkpoint. Raise InputError where it is another's."""
    place = folder / _NAME
    if not place.exists():
        return 0
    import torch

    try:
        standing, state = _read(place)
        if standing.course != course:
            raise InputError(
                f"The checkpoint in {folder} is of another course.", "Give another folder, or the same options."
            )
        moments = _moments(state)
        with torch.no_grad():
            for name, weight in trained.items():
                weight.copy_(_taken(state, f"weight/{name}"))
        optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    except (OSError, SafetensorError, ValueError, RuntimeError) as fault:  # RuntimeError: weights of another shape
        raise InputError(f"The checkpoint {place} is damaged: {fault}.", "Remove it and begin anew.") from fault
    return standing.step


def _read(place: Path) -> tuple[Standing, dict[str, "Tensor"]]:
    with safe_open(place, "pt") as file:
        told = file.metadata() or {}
        names = file.keys()
        # Copies: the file is not held open, so that the next checkpoint can take its place.
        state = {name: file.get_tensor(name).clone() for name in names}
    return Standing(int(_taken(told, "step")), _taken(told, "course")), state


def _moments(state: dict[str, "Tensor"]) -> dict[int, dict[str, "Tensor"]]:
    """Of each weight by its number, as the optimiser has them; raise ValueError where some are missing."""
    moments: dict[int, dict[str, Tensor]] = {}
    for key, moment in state.items():
        if key.startswith("moment/"):
            _, number, name = key.split("/")
            moments.setdefault(int(number), {})[name] = moment
    if any(set(names) != _MOMENTS for names in moments.values()):
        raise ValueError("what the optimiser remembers is not whole")
    return moments


def _taken(held: Mapping[str, _Held], name: str) -> _Held:
    if name not in held:
        raise ValueError(f"it lacks {name}")
    return held[name]
