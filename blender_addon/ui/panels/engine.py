"""The state of an engine that is chosen by name, and where it is set up."""

from bpy.types import Context, UILayout

from ..backend_place import ADDON
from ..backend_session import session
from ..work import now
from .wrapped import draw_wrapped

_ICONS = {"not installed": "ERROR", "loading": "SORTTIME", "downloading": "IMPORT"}
_WORDS = {"loading": "Loading: ", "downloading": "Downloading: "}


def draw_chosen_engine(layout: UILayout, context: Context, source: str, name: str) -> None:
    """Nothing for the built-in one; else whether it can be used, what it needs and how to get it."""
    if not name:
        return
    known = {engine.name: engine for engine in session.engines(source, may_restart=now.work is None)}
    engine = known.get(name)
    box = layout.box()
    if engine is not None:
        told = _WORDS.get(engine.state, "") + engine.detail
        draw_wrapped(box, context, told, icon=_ICONS.get(engine.state, "CHECKMARK"))
    elif known:
        draw_wrapped(box, context, f"There is no engine {name}. There are: {', '.join(known)}.", icon="ERROR")
    else:
        draw_wrapped(box, context, "Start the backend (below) to see whether it can be used.", icon="INFO")
    box.operator("preferences.addon_show", text="Set Up in the Preferences", icon="PREFERENCES").module = ADDON
