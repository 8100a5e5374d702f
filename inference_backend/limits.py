"""How much one request may ask for."""

from dataclasses import dataclass

PICTURE_BYTES = 64 * 1024 * 1024
"""The largest picture file, for every way in."""


@dataclass(frozen=True)
class Limits:
    """The bounds that the server holds against a client that is mistaken, slow or hostile.

    body_bytes: the largest picture; a 24-bit BMP of 20 megapixels fits.
    script_bytes: the largest request with a script; an hour of film is about 60 kB.
    head_seconds: for the line and the headers of a request.
    upload_seconds: from the first byte of a request's body to its last.
    work_seconds: from the whole picture or script to the reply, the wait for an engine in use
        included; jobs have no such limit.
    slow_work_seconds: the same for engines that are not quick: a language model without a GPU takes minutes a picture.
    idle_seconds: an engine that rested this long gives its memory back.
    clip_bytes: the largest clip; two hours of film at 40 Mbit/s fit.
    clip_bytes_per_second: a clip has to come this fast on the whole, once `upload_seconds` are over.
    sequence_pictures: the most pictures of an image sequence; four hours at 24 a second fit.
    unfinished_jobs: so many may be received, wait or be worked on at a time.
    kept_jobs: the events of so many ended jobs can be read again,
    kept_job_seconds: for so long.
    """

    body_bytes: int = PICTURE_BYTES
    script_bytes: int = 4 * 1024 * 1024
    head_seconds: float = 10.0
    upload_seconds: float = 30.0
    work_seconds: float = 60.0
    slow_work_seconds: float = 1800.0
    idle_seconds: float = 600.0
    clip_bytes: int = 40_000_000_000
    clip_bytes_per_second: float = 250_000.0
    sequence_pictures: int = 400_000
    unfinished_jobs: int = 100
    kept_jobs: int = 100
    kept_job_seconds: float = 600.0


DEFAULT_LIMITS = Limits()
