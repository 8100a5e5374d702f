"""The documents for people, and what stands in their code blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_BLOCK = re.compile(r"^```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class CodeBlock:
    """A fenced block and where it stands."""

    document: Path
    language: str
    text: str

    @property
    def name(self) -> str:
        return self.document.relative_to(ROOT).as_posix()


def code_blocks(*languages: str) -> Iterator[CodeBlock]:
    """The blocks of all documents in one of these languages."""
    for document in DOCUMENTS:
        for block in _BLOCK.finditer(document.read_text(encoding="utf-8")):
            if block["language"] in languages:
                yield CodeBlock(document, block["language"], block["text"])


def commands() -> list[tuple[str, str]]:
    """Every shell command with the document that it stands in, continued lines joined, each once."""
    found: dict[str, str] = {}
    for block in code_blocks("bash", "sh", "shell"):
        for line in block.text.replace("\\\n", " ").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                found.setdefault(" ".join(line.split()), block.name)
    for block in code_blocks("console"):  # commands after a prompt, the rest is what they answer
        for line in block.text.splitlines():
            if line.startswith("$ "):
                found.setdefault(line.removeprefix("$ "), block.name)
    return [(document, command) for command, document in found.items()]
