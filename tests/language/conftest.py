"""What the tests of the language engines share. They run in the environment of the extra "language"."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing here may look for a model elsewhere
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import pytest
import torch

from tests.language.scripted_server import Reply, ScriptedServer
from tests.language.tiny_qwen3 import save_adapter, save_base

torch.set_num_threads(1)


def pytest_configure(config: pytest.Config) -> None:
    # peft 0.21 asks transformers 5.23 by an old name.
    config.addinivalue_line("filterwarnings", "ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")


Serve = Callable[..., ScriptedServer]


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def adapter_folder(base_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_adapter(base_folder, tmp_path_factory.mktemp("adapter"))


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start scripted servers that end with the test."""
    started: list[ScriptedServer] = []

    def start(reply: Reply, *, models: tuple[str, ...] = ("tiny",)) -> ScriptedServer:
        started.append(ScriptedServer(reply, models=models))
        return started[-1]

    yield start
    for server in started:
        server.close()
