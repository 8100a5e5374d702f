"""The head's file: small, the same every time, and true to what was made."""

from pathlib import Path

import numpy as np

from building.carriers import ensure_example_head
from example_head.archive import write_head

from .conftest import Head


def test_it_has_the_same_bytes_every_time(head_file: Path) -> None:
    """Here, and where the command wrote it into the add-on from the same sources."""
    assert ensure_example_head().read_bytes() == head_file.read_bytes()


def test_the_bytes_do_not_depend_on_the_order_of_the_parts(head: Head, head_file: Path, tmp_path: Path) -> None:
    turned = dict(reversed(head.parts.items()))
    write_head(tmp_path / "turned.npz", turned, head.pictures, head.landmarks)
    assert (tmp_path / "turned.npz").read_bytes() == head_file.read_bytes()


def test_it_is_small(head_file: Path) -> None:
    assert head_file.stat().st_size < 4_000_000


def test_what_is_read_back_is_what_was_made(head: Head, head_file: Path) -> None:
    with np.load(head_file, allow_pickle=False) as file:
        for name, part in head.parts.items():
            low, steps = file[f"{name}/vertices_range"]
            assert np.abs(file[f"{name}/vertices"] * steps + low - part.vertices).max() < 1e-5
            assert (np.cumsum(file[f"{name}/faces_steps"], axis=0) == part.faces).all()
            for shape, offsets in part.shapes.items():
                found = np.zeros_like(offsets)
                if f"{name}/shape/{shape}/moved" in file:
                    moved = file[f"{name}/shape/{shape}/moved"]
                    found[moved] = file[f"{name}/shape/{shape}/offsets"] * file[f"{name}/shape/{shape}/scale"]
                assert np.abs(found - offsets).max() < 3e-5
