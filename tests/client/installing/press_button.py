"""Presses Install Backend once, in a process of its own that can be killed: PAYLOAD FOLDER WHEELS."""

import sys
from pathlib import Path

from blender_addon.client.installing.installation import Installation
from blender_addon.client.installing.payload import Level, Payload
from blender_addon.client.installing.place import InstallPlace
from blender_addon.client.installing.plan import InstallPlan

if __name__ == "__main__":
    payload, folder, wheels = map(Path, sys.argv[1:])
    plan = InstallPlan.make(
        Payload(payload, "0.1.0"), InstallPlace(folder), Path(sys.executable), Level.BASE, wheels, online=False
    )
    print("begun", flush=True)
    Installation(plan).job.result()
    print("done", flush=True)
