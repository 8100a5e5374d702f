"""What Blender would wait for between events: an operator, and what the panel asks the backend. Headless Blender sends
no events, so the tests do."""

from types import SimpleNamespace

import bpy
from bl_ext.user_default.mien.ui.backend_session import session
from bl_ext.user_default.mien.ui.operators.waiting import Waits


class Waiting:
    """A begun operator. `said` is what it reported; `options` are its properties."""

    def __init__(self, operator, **options):
        self.said = []
        kept = type("Kept", (Waits,), {"start": operator.start})
        self.operator = kept()
        self.operator.report = lambda kind, words: self.said.append((*kind, words))
        for name, value in options.items():
            setattr(self.operator, name, value)
        self.started = self.operator.begin(bpy.context)

    def send(self, kind):
        return self.operator.modal(bpy.context, SimpleNamespace(type=kind))

    def send_until_done(self):
        while True:
            self.operator.work.wait(0.05)
            status = self.send("TIMER")
            if status != {"PASS_THROUGH"}:
                return status


def engines_once_asked(source):
    """The engines that read a source, as the panel knows them once the backend has answered."""
    session.connector()()
    session.engines(source)
    if session._asking is not None:
        session._asking.wait(10)
    return {engine.name: engine for engine in session.engines(source)}
