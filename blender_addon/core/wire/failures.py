"""The one shape in which a failure is told."""

from typing import Any

from ..errors import ERRORS_BY_CODE, BackendError, MienError
from ..narrowing import as_mapping, as_text
from .reading import SAME_VERSION


def error_to_json(error: MienError) -> dict[str, Any]:
    """The one error shape of the HTTP interface."""
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


def error_from_json(data: object) -> MienError:
    """The error that a reply carries; a `BackendError` where the reply is in no known shape."""
    try:
        body = as_mapping(as_mapping(data)["error"])
        kind = ERRORS_BY_CODE.get(as_text(body["code"]), BackendError)
        return kind(as_text(body["message"]), as_text(body.get("hint", "")))
    except (KeyError, TypeError):
        return BackendError("The backend answered in a form that is not known.", SAME_VERSION)
