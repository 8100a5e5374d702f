"""What the user or the world did, told in one plain sentence with what to do next.

A bug is never one of these: it keeps its own type and gets a traceback in the log.
"""

from typing import ClassVar


class MienError(Exception):
    """Shown to the user as it stands. `code` is for programs and never changes; `hint` is the next step."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class InputError(MienError):
    """The picture, clip, script or request cannot be read as what it should be."""

    code = "bad_input"


class TooLargeError(InputError):
    """The input is beyond a stated limit."""

    code = "too_large"


class NoFaceError(InputError):
    """The input was read, but holds no face."""

    code = "no_face"


class EngineError(MienError):
    """An engine is unknown, not installed, or could not do its work."""

    code = "engine"


class AccessError(MienError):
    """The backend refused the caller: token, Host or Origin."""

    code = "access"


class BackendError(MienError):
    """The backend is not there, did not answer, or ended."""

    code = "backend"


class TimeLimitError(BackendError):
    """The work took longer than its limit."""

    code = "time_limit"


class InstallError(BackendError):
    """The backend could not be installed or removed."""

    code = "install"


class CharacterError(MienError):
    """No head is bound, or the bound one cannot take the keys."""

    code = "character"


class CancelledError(MienError):
    """The user stopped the work. Not a fault; shown as a short note."""

    code = "cancelled"


ERRORS_BY_CODE: dict[str, type[MienError]] = {
    kind.code: kind
    for kind in (
        MienError,
        InputError,
        TooLargeError,
        NoFaceError,
        EngineError,
        AccessError,
        BackendError,
        TimeLimitError,
        InstallError,
        CharacterError,
        CancelledError,
    )
}
