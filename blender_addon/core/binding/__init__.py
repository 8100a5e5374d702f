"""Which shape keys and bones of a head carry which channels: a table, found by name and changed by hand.

`recognise` finds the table by the names of presets, `suggest` says what else might be meant, `BindingProfile` is the
table as a file. Nothing here knows Blender: meshes, keys and bones are names.
"""

from .approximations import approximate
from .bones import find_eye_bone, find_head_bone, find_neck_bone, is_eye_name
from .presets import Preset, load_presets
from .profile import BindingProfile, TurnSetting, read_profile, write_profile
from .recognition import Doubt, Recognition, recognise
from .rows import Row
from .suggestions import Suggestion, suggest
from .words import words_of

__all__ = [
    "BindingProfile",
    "Doubt",
    "Preset",
    "Recognition",
    "Row",
    "Suggestion",
    "TurnSetting",
    "approximate",
    "find_eye_bone",
    "find_head_bone",
    "find_neck_bone",
    "is_eye_name",
    "load_presets",
    "read_profile",
    "recognise",
    "suggest",
    "words_of",
    "write_profile",
]
