"""One form for the labels of languages, whichever model gave them: ISO 639-3 and ISO 15924, as in `eng_Latn`.

lid.176 says `en`, GlotLID `eng_Latn`, lingua `EN`, people `zh-Hant`. The table in this folder knows what each short
code stands for. A macrolanguage is the individual language that GlotLID and FineWeb2 call it by (zh, zho: cmn_Hani).
"""

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

LABEL = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]\w{1,8})*", re.IGNORECASE)
# Scripts that GlotLID does not tell apart.
SCRIPTS = {"Hans": "Hani", "Hant": "Hani", "Kore": "Hang"}
# Serbo-Croatian is written as any of its languages; so says lid.176 where it cannot tell.
MEMBERS = {"hbs": frozenset({"bos", "cnr", "hrv", "srp"})}


@cache
def _known() -> dict[str, tuple[str, str]]:
    """Language and usual script by code."""
    text = Path(__file__).with_name("languages.txt").read_text("ascii")
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {code: (language, script) for code, language, script in rows}


@cache
def canonical(label: str) -> str:
    """`iso3_Script` for a label with or without script; a label that is not known stays itself.

    Without a script it is the language's usual one. Alone, `als` is Alemannic (gsw_Latn), as lid.176 means it; with a
    script it is Tosk Albanian, as ISO 639-3 and GlotLID mean it.
    """
    found = LABEL.fullmatch(label)
    code, said = (found[1].lower(), found[2]) if found else ("", None)
    if said is None:
        return "_".join(_known()[code]) if code in _known() else label
    script = SCRIPTS.get(said.title(), said.title())
    if code == "als" or code not in _known():
        return f"{code}_{script}"
    return f"{_known()[code][0]}_{script}"


def is_known(label: str) -> bool:
    """Whether a label names a language of the table, whatever script it adds."""
    found = LABEL.fullmatch(label)
    return found is not None and found[1].lower() in _known()


def is_label(label: str) -> bool:
    """Whether a label has the form of one that names a language: a code of the table, or any code with its script."""
    found = LABEL.fullmatch(label)
    return found is not None and (found[2] is not None or found[1].lower() in _known())


def language_of(label: str) -> str:
    """The language of a label without its script, as in `eng`; of an unknown label, the label."""
    known = canonical(label)
    return known.rpartition("_")[0] or known


def same_language(one: str, other: str) -> bool:
    """Whether two models mean the same language; script does not count, since most labels do not say it."""
    a, b = language_of(one), language_of(other)
    return a == b or b in MEMBERS.get(a, ()) or a in MEMBERS.get(b, ())


def among(label: str, wanted: Collection[str]) -> bool:
    """Whether a label is one of those wanted. One that is wanted without a script is wanted in any."""
    mine = canonical(label)
    for each in wanted:
        found = LABEL.fullmatch(each)
        if label == each or mine == canonical(each):
            return True
        if found and found[2] is None and each.lower() in _known() and language_of(each) == language_of(label):
            return True
    return False
