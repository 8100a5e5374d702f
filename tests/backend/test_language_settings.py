"""What the user chooses for the language engines, and what the base install says of them."""

import argparse
import sys
from collections.abc import Callable, Mapping
from subprocess import run

import pytest

from blender_addon.core.errors import EngineError, InputError
from inference_backend.cli.language_options import add_language_arguments, make_engine
from inference_backend.engines import SCRIPT_ENGINES, ScriptEngine
from inference_backend.language.making import LANGUAGE_ENGINES, make_keyframeface
from inference_backend.language.settings import KEYFRAMEFACE_BASE, LanguageSettings


def test_nothing_set_means_no_server_and_the_released_base() -> None:
    settings = LanguageSettings.from_environ({})
    assert settings == LanguageSettings()
    assert (settings.url, settings.base, settings.download) == (None, KEYFRAMEFACE_BASE, False)


def test_every_choice_has_its_variable() -> None:
    variables = {
        "MIEN_LANGUAGE_URL": "http://gpu:8000/v1",
        "MIEN_LANGUAGE_MODEL": "keyframeface",
        "MIEN_LANGUAGE_KEY": "s3cret",
        "MIEN_LANGUAGE_BASE": "/models/base",
        "MIEN_LANGUAGE_ADAPTER": "/models/adapter",
        "MIEN_LANGUAGE_DOWNLOAD": "1",
        "MIEN_LANGUAGE_POSE_UNIT": "half-turns",
        "MIEN_LANGUAGE_MEMORY_GIB": "24.5",
        "MIEN_LANGUAGE_IDLE_SECONDS": "30",
        "MIEN_LANGUAGE_REPLY_SECONDS": "60",
    }
    assert LanguageSettings.from_environ(variables) == LanguageSettings(
        "http://gpu:8000/v1",
        "keyframeface",
        "s3cret",
        "/models/base",
        "/models/adapter",
        True,
        "half-turns",
        24.5,
        30,
        60,
    )


@pytest.mark.parametrize(
    "variables",
    [
        {"MIEN_LANGUAGE_POSE_UNIT": "gradians"},
        {"MIEN_LANGUAGE_MEMORY_GIB": "lots"},
        {"MIEN_LANGUAGE_MEMORY_GIB": "-1"},
        {"MIEN_LANGUAGE_IDLE_SECONDS": "nan"},
    ],
)
def test_a_choice_that_can_not_be_read_is_told_by_its_name(variables: Mapping[str, str]) -> None:
    with pytest.raises(InputError, match=next(iter(variables))):
        LanguageSettings.from_environ(variables)


def chosen(*words: str) -> ScriptEngine:
    """The engine that a command line with these words makes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", default="performer")
    add_language_arguments(parser)
    return make_engine(parser.parse_args(words), SCRIPT_ENGINES, LANGUAGE_ENGINES)


def test_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_LANGUAGE_URL", "http://from-environment:1/v1")
    by_words = chosen("--engine", "llm", "--url", "http://from-words:2/v1", "--model", "m")
    assert "m at http://from-words:2/v1" in by_words.status().detail
    assert "the only model at http://from-environment:1/v1" in chosen("--engine", "llm").status().detail


def test_an_engine_that_asks_no_server_takes_no_url() -> None:
    with pytest.raises(InputError, match=r"'performer' speaks to no server.* llm or keyframeface"):
        chosen("--url", "http://x/v1")
    assert chosen().name == "performer"


def test_the_base_install_has_no_torch_and_says_how_to_get_it() -> None:
    engine = make_keyframeface(LanguageSettings(adapter="/models/adapter"))
    status = engine.status()
    assert status.state == "not installed"
    assert "torch" in status.detail
    assert "mien[language]" in status.detail
    with pytest.raises(EngineError, match=r"packages .*torch.* missing"):
        engine.perform("She smiles.")


def test_listing_the_engines_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from inference_backend.engines import SCRIPT_ENGINES\n"
        "states = [make().status().state for make in SCRIPT_ENGINES.values()]\n"
        "heavy = {'torch', 'transformers', 'peft', 'huggingface_hub', 'PIL'} & set(sys.modules)\n"
        "print(states, sorted(heavy))\n"
    )
    done = run([sys.executable, "-c", program], capture_output=True, text=True, env={}, check=True)
    assert done.stdout == "['ready', 'not installed', 'not installed'] []\n"


@pytest.mark.parametrize("make", LANGUAGE_ENGINES.values(), ids=LANGUAGE_ENGINES)
def test_what_is_no_address_is_told_by_the_engine_alone(
    make: Callable[[LanguageSettings], ScriptEngine],
) -> None:
    engine = make(LanguageSettings(url="localhost:11434"))
    assert engine.status().state == "not installed"
    assert "is not the address of a server" in engine.status().detail
    for _again in range(2):
        with pytest.raises(InputError, match="is not the address of a server"):
            engine.perform("She smiles.")
