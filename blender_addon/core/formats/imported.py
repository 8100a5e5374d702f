"""What is read from a file of another program."""

from dataclasses import dataclass

from ..take import RawResult


@dataclass(frozen=True, eq=False)
class Imported:
    """A raw result, and what whoever imports it should know.

    notes: what was left out or assumed, a sentence each. words: what the file says of the face or of the script.
    engine: the program that the numbers are from. source: the file or picture that it read, as it names it.
    """

    raw: RawResult
    notes: tuple[str, ...] = ()
    words: str = ""
    engine: str = ""
    source: str = ""
