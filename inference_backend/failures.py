"""Every failure leaves the server in one shape: {"error": {"code", "message", "hint"}}.

What is refused below the app, because it is not HTTP, is told so in `http_protocol.py`.
"""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from blender_addon.core.errors import (
    AccessError,
    BackendError,
    CancelledError,
    EngineError,
    InputError,
    MienError,
    NoFaceError,
    TimeLimitError,
    TooLargeError,
)
from blender_addon.core.wire import error_to_json


class SlowUploadError(TimeLimitError):
    """The client took too long to send what it announced."""


class DiskFullError(BackendError):
    """The backend's disk takes no more."""


class NoJobError(InputError):
    """No job has that id."""


class TooManyJobsError(TooLargeError):
    """Another job does not fit."""


_STATUS: dict[type[MienError], int] = {
    MienError: 500,
    InputError: 400,
    NoFaceError: 422,
    TooLargeError: 413,
    EngineError: 503,
    AccessError: 403,
    TimeLimitError: 504,
    SlowUploadError: 408,
    DiskFullError: 507,
    NoJobError: 404,
    TooManyJobsError: 429,
    CancelledError: 499,  # nobody reads it: the client has gone
}


def install_error_replies(app: FastAPI) -> None:
    """Answer errors, refusals of the framework and bugs alike in the one shape."""
    app.add_exception_handler(MienError, reply_to_error)
    app.add_exception_handler(RequestValidationError, _reply_to_wrong_parameter)
    app.add_exception_handler(HTTPException, _reply_to_wrong_address)
    app.add_exception_handler(Exception, _reply_to_bug)


def own_fault() -> MienError:
    """What is told of a bug."""
    return MienError(
        "The backend failed because of a fault of its own.", "Its log holds the details; please report them."
    )


def _reply(error: MienError, status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(error_to_json(error), status_code=status, headers=headers)


def reply_to_error(_request: Request, error: Exception) -> JSONResponse:
    """The reply that tells of an error of ours."""
    assert isinstance(error, MienError)
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    return _reply(error, status)


def _reply_to_wrong_parameter(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors()]
    return _reply(
        InputError(f"The request is not valid ({'; '.join(faults)}).", "/v1/docs lists what each address takes."), 422
    )


def _reply_to_wrong_address(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    sentences = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.url.path} does not take {request.method}.",
    }
    message = sentences.get(error.status_code, f"The request was refused: {error.detail}.")
    return _reply(InputError(message, "/v1/docs lists every address."), error.status_code, error.headers)


def _reply_to_bug(_request: Request, _error: Exception) -> JSONResponse:
    # Starlette raises the error again once this reply is sent, and the server logs its traceback.
    return _reply(own_fault(), 500)
