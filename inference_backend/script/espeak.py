"""Letter to sound by eSpeak NG, for words that no dictionary has: names, coinages, numbers, symbols.

Of the packages that do this, the others bring a heavy stack or a download: g2p-en fetches NLTK's data when it is
imported, misaki needs spaCy, gruut and phonemizer carry a dozen packages for what is one call here. eSpeak's rules
give a word the same sounds on every system, in a fiftieth of a millisecond.
"""

import ctypes
import re
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Final

from blender_addon.core.errors import EngineError

from .lexicon_files import table

# From eSpeak's speak_lib.h.
_NO_PLAYBACK: Final = 2
_DO_NOT_EXIT: Final = 0x8000
_UTF8: Final = 1
_IPA: Final = 2
_SEPARATED: Final = ord("_") << 8
_VOICE: Final = "en-us"
_PARTS: Final = ("phontab", "phonindex", "phondata", "intonations", "en_dict", "lang/gmw/en-US")
"""What the voice needs of the data: 1 of 18 MB."""

_LOCK: Final = Lock()
"""The library keeps its state in globals."""


def letter_to_sound(text: str) -> tuple[str, ...]:
    """The ARPAbet sounds of a word, vowels with their stress digit."""
    with _LOCK:
        ipa = _ipa_of()(text)
    return tuple(sound for piece in re.split(r"[_\s]+", ipa) for sound in _arpabet(piece))


def _arpabet(piece: str) -> list[str]:
    """One piece of eSpeak's IPA; the mark of stress stands before the vowel. A mark that is not listed says nothing."""
    symbols = table("sounds")["ipa"]
    stress = "1" if "ˈ" in piece else "2" if "ˌ" in piece else "0"
    rest, found = re.sub("[ˈˌː]", "", piece), list[str]()
    while rest:
        size = next((size for size in (3, 2, 1) if rest[:size] in symbols), 0)
        for sound in symbols[rest[:size]].split() if size else ():
            found.append(sound + stress if sound in _vowels() else sound)
            stress = "0" if sound in _vowels() else stress
        rest = rest[size or 1 :]
    return found


@cache
def _vowels() -> frozenset[str]:
    return frozenset(table("sounds")["vowel"]) | frozenset(table("sounds")["diphthong"])


@cache
def _ipa_of() -> Callable[[str], str]:
    """The library, loaded when the first word needs it."""
    try:
        library = _loaded()
    except OSError as error:
        raise EngineError(
            f"The speech library eSpeak NG cannot be loaded: {error}",
            "Install Mien's packages again; on Windows the Microsoft Visual C++ Redistributable must be there too.",
        ) from error
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int)

    def ipa_of(text: str) -> str:
        buffer = ctypes.create_string_buffer(text.replace("\0", " ").encode())
        place, clauses = ctypes.c_void_p(ctypes.addressof(buffer)), list[str]()
        while place.value:  # one clause a call; it is None after the last
            clauses.append(library.espeak_TextToPhonemes(ctypes.byref(place), _UTF8, _IPA | _SEPARATED).decode())
        return " ".join(clauses)

    return ipa_of


def _loaded() -> ctypes.CDLL:
    """The library with its voice, which it then holds in memory.

    It takes a path of at most 160 bytes, and many a package folder's is longer: so it reads from a copy.
    """
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    source = Path(espeakng_loader.get_data_path())
    with TemporaryDirectory(prefix="mien-", ignore_cleanup_errors=True) as folder:
        for part in _PARTS:
            target = Path(folder, "espeak-ng-data", part)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / part, target)
        encoding = "mbcs" if sys.platform == "win32" else sys.getfilesystemencoding()
        data = str(Path(folder, "espeak-ng-data")).encode(encoding)
        started = library.espeak_Initialize(_NO_PLAYBACK, 0, data, _DO_NOT_EXIT)
        if started < 0 or library.espeak_SetVoiceByName(_VOICE.encode()) != 0:
            raise OSError(f"it does not find its data in {folder}")
    return library
