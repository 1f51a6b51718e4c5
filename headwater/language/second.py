"""A second opinion on the language of a text, by another kind of model: lingua's n-gram models of 75 languages.

Source: lingua-language-detector (github.com/pemistahl/lingua-py), the extra `lingua` (a wheel of 96 MB). From 120
characters on it uses trigrams alone, and so does its low-accuracy mode at any length: that mode is used here, because
it takes a tenth of the memory (94 MB) and says the same of all but short texts. It reads the first 2,000 characters of
a text; that is about 470 texts of 750 bytes a second.
"""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from headwater.errors import MissingInput
from headwater.text.labels import same_language

NAMES = ("lingua",)
PACKAGE = "lingua-language-detector"
CHARS = 2_000


def release(name: str | None) -> str:
    """Name and version of the second model, for the fingerprint; empty where none is used.

    Raises MissingInput where its package is not installed.
    """
    if name is None:
        return ""
    try:
        return f"{name} {version(PACKAGE)}"
    except PackageNotFoundError as error:
        raise MissingInput(
            f"language_model.second is {name}, but {PACKAGE} is not installed; pip install 'headwater[lingua]', "
            "or take language_model.second out of headwater.yaml"
        ) from error


@cache
def _detector() -> Any:
    from lingua import LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_all_languages().with_low_accuracy_mode().build()


def identify(texts: Sequence[str]) -> list[str | None]:
    """ISO 639-1 label of each text; None for a text without letters to judge."""
    found = (_detector().detect_language_of(text[:CHARS]) for text in texts)
    return [None if each is None else each.iso_code_639_1.name.lower() for each in found]


def agrees(one: str | None, other: str | None) -> bool | None:
    """Whether two models mean the same language; None where one of them says nothing."""
    return None if one is None or other is None else same_language(one, other)
