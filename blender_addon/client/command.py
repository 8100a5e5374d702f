"""A verb of the backend's command line as a job.

For long work on folders of this computer: the server takes bytes, never a path.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import BackendError
from .installing.child import WATCHED, Child
from .job import Job, Say
from .launcher import child_environment

_PROGRAM = f"""{WATCHED}
import runpy
sys.argv[0] = "mien"
runpy.run_module("inference_backend", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class CommandLine:
    """Where the backend's command line is, and the file that gets all that it says."""

    python: Path
    package_root: Path | None
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def job(self, arguments: Sequence[str], words_of: Callable[[str], str]) -> Job[str]:
        """Run a verb; the result is what it said last, in lines.

        words_of: what to tell the user after a line that it said; empty for nothing new. The job raises BackendError
        with the sentence of a verb that could not. Cancelling ends it at once, as does the end of this program.
        """
        child = Child(self.log)

        def work(say: Say) -> str:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.write_bytes(b"")

            def hear(line: str) -> None:
                if words := words_of(line):
                    say(words)

            command: list[str | Path] = [self.python, "-P", "-s", "-c", _PROGRAM, *arguments]
            status, said = child.run(command, child_environment(self.package_root, self.environment), hear)
            if status != 0:
                last = said.splitlines()[-1].strip() if said else ""
                raise BackendError(last.removeprefix("mien: ") or f"It ended with status {status}.")
            return said

        return Job(work, on_cancel=child.end)
