"""A whole backend program over the small engine: what the launcher starts in tests of crashes and cancelling."""

import sys

from inference_backend.attachment import Attachment
from inference_backend.script.engine import BuiltInPerformer
from inference_backend.serving import listen, serve

from .brightness_clips import BrightnessClips
from .brightness_engine import BrightnessEngine
from .patient_performer import PatientPerformer


def main() -> None:
    listener = listen(0)
    parent = Attachment.from_standard_streams()
    ready = {"port": listener.getsockname()[1], "version": "0.0.0", "protocol": 1}
    serve(
        listener,
        parent.token,
        lambda: {"brightness": BrightnessEngine()},
        make_script_engines=lambda: {"performer": BuiltInPerformer(), "patient": PatientPerformer()},
        make_clip_engines=lambda: {"brightness": BrightnessClips()},
        on_ready=lambda: parent.announce(ready),
        on_start=parent.end_with_parent,
    )


if __name__ == "__main__":
    sys.exit(main())
