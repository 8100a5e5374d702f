"""The backend's line: where it stands, and the one button that fits; the same in the panel and the preferences."""

from bpy.types import Context, UILayout

from ..backend_install import Wishes, desk
from ..backend_place import ADDON, preferences
from ..backend_session import session
from ..backend_status import BackendCondition, BackendStatus
from ..operators.backend import MIEN_OT_start_backend, MIEN_OT_stop_backend
from ..operators.install import (
    MIEN_OT_copy_report,
    MIEN_OT_install_backend,
    MIEN_OT_stop_install,
    install_label,
)
from .wrapped import draw_wrapped

_INSTALLABLE = {BackendCondition.NOT_INSTALLED, BackendCondition.INCOMPLETE, BackendCondition.OTHER_VERSION}

_REMOTE = {BackendCondition.REMOTE: "URL", BackendCondition.REMOTE_SILENT: "ERROR"}


def draw_backend(layout: UILayout, context: Context) -> None:
    """The state in one line, and what can be done about it."""
    status = session.status()
    if status.condition is BackendCondition.INSTALLING:
        _draw_installing(layout, context, status)
    elif status.condition in _INSTALLABLE:
        _draw_installable(layout, context, status)
    elif status.condition in _REMOTE:
        draw_wrapped(layout, context, status.words, icon=_REMOTE[status.condition])
    elif status.condition is BackendCondition.CRASHED:
        draw_wrapped(layout, context, status.words, icon="ERROR")
        row = layout.row(align=True)
        row.operator(MIEN_OT_start_backend.bl_idname, icon="PLAY")
        row.operator(MIEN_OT_copy_report.bl_idname, icon="COPYDOWN")
    else:
        row = layout.row(align=True)
        row.label(text=status.words, icon="CHECKMARK" if status.is_running else "RADIOBUT_OFF")
        operator = MIEN_OT_stop_backend if status.is_running else MIEN_OT_start_backend
        row.operator(operator.bl_idname, text="", icon="CANCEL" if status.is_running else "PLAY")


def _draw_installable(layout: UILayout, context: Context, status: BackendStatus) -> None:
    wishes = Wishes.of()
    draw_wrapped(layout, context, status.words, icon="INFO")
    if wishes.has_source:
        desk.describe(wishes)  # so that the question is ready when the button is pressed
    else:
        _draw_offline(layout, context)
    row = layout.row(align=True)
    row.scale_y = 1.3
    button = row.row(align=True)
    button.enabled = wishes.has_source
    button.operator(MIEN_OT_install_backend.bl_idname, text=install_label(), icon="IMPORT")
    row.operator("preferences.addon_show", text="", icon="PREFERENCES").module = ADDON
    row.operator(MIEN_OT_copy_report.bl_idname, text="", icon="COPYDOWN")


def _draw_offline(layout: UILayout, context: Context) -> None:
    """Every new Blender is set to stay offline; so both ways on stand where they are needed."""
    box = layout.box()
    draw_wrapped(
        box, context, "Blender is set to stay offline. To install, allow online access:", icon="INTERNET_OFFLINE"
    )
    box.operator("extensions.userpref_allow_online", text="Allow Online Access", icon="CHECKMARK")  # Blender's own
    draw_wrapped(box, context, "or choose a folder of wheels that was made on another computer:", icon="BLANK1")
    box.prop(preferences(), "wheelhouse", text="Folder")


def _draw_installing(layout: UILayout, context: Context, status: BackendStatus) -> None:
    draw_wrapped(layout, context, status.words, icon="IMPORT")
    if desk.running is not None:
        row = layout.row(align=True)
        row.progress(factor=desk.running.fraction, text=f"{desk.running.fraction:.0%}")
        row.operator(MIEN_OT_stop_install.bl_idname, text="", icon="CANCEL")
