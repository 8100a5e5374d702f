"""What a window manager does for a window, where there is none: the button that closes it."""

import ctypes
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_long, c_ulong, c_void_p

from ..progress import BuildError

_CLIENT_MESSAGE = 33
_FORMAT_BITS = 32
_DELETE = b"WM_DELETE_WINDOW"


class _ClientMessage(Structure):
    """Xlib's XClientMessageEvent, padded to the size of an XEvent."""

    _fields_ = (
        ("type", c_int),
        ("serial", c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("window", c_ulong),
        ("message_type", c_ulong),
        ("format", c_int),
        ("data", c_long * 5),
        ("padding", c_long * 24),
    )


def announce(display: str) -> None:
    """Let programs that start from now on know that their windows can be closed; Blender asks once, at its start."""
    with _Connection(display) as connection:
        connection.atom(_DELETE)


def close_window(display: str, window: int) -> None:
    """Tell the program that its window's button for closing was pressed."""
    with _Connection(display) as connection:
        message = _ClientMessage(
            type=_CLIENT_MESSAGE,
            send_event=1,
            window=window,
            message_type=connection.atom(b"WM_PROTOCOLS"),
            format=_FORMAT_BITS,
        )
        message.data[0] = connection.atom(_DELETE)
        connection.send(window, message)


class _Connection:
    """A connection to an X server, by the library that xdotool uses."""

    def __init__(self, display: str) -> None:
        self._x11 = x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.argtypes, x11.XOpenDisplay.restype = (c_char_p,), c_void_p
        x11.XInternAtom.argtypes, x11.XInternAtom.restype = (c_void_p, c_char_p, c_int), c_ulong
        x11.XSendEvent.argtypes = (c_void_p, c_ulong, c_int, c_long, POINTER(_ClientMessage))
        x11.XSync.argtypes = (c_void_p, c_int)
        x11.XCloseDisplay.argtypes = (c_void_p,)
        self._display = x11.XOpenDisplay(display.encode())
        if not self._display:
            raise BuildError(f"The display {display} does not answer.")

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._x11.XSync(self._display, 0)
        self._x11.XCloseDisplay(self._display)

    def atom(self, name: bytes) -> int:
        return int(self._x11.XInternAtom(self._display, name, 0))

    def send(self, window: int, message: _ClientMessage) -> None:
        self._x11.XSendEvent(self._display, window, 0, 0, byref(message))
