"""The data files that come with the library are part of what a step's VERSION stands for."""

import ast
import hashlib
from pathlib import Path

import pytest

import headwater
from headwater import registry

ROOT = Path(headwater.__file__).parent
# Which files each module reads; a test finds every other file of the library's text folder here.
READERS = {
    "headwater.text.cases": ("text/cases-14.txt",),
    "headwater.text.unicode": ("text/unicode-14.txt",),
    "headwater.text.uax29": ("text/word-break-16.txt",),
    "headwater.text.domains": ("text/top-level-domains.txt",),
    "headwater.text.labels": ("text/languages.txt",),
    "headwater.text.segment": ("text/lexicons/*.xz",),
    "headwater.text._english_tables": ("text/spacy-english-characters.txt", "text/spacy-english-words.txt"),
    "headwater.editors.boilerplate_lines": ("text/boilerplate-lines.txt",),
    "headwater.signals.toxicity": ("bad_words/*.txt",),
    "headwater.embedders.hashed_tfidf": ("embedders/word-rarity.bin",),
}
SHELVES = ("signals", "filters", "editors", "extractors", "dedupers", "embedders")
PINNED = {
    "dedupers/bloom_ngram": (1, "d1e31e0182f38cac"),
    "dedupers/lines": (1, "8684ac4e9b079602"),
    "dedupers/substring": (1, "d1e31e0182f38cac"),
    "signals/compression": (1, "60fb072c562a5a4e"),
    "signals/dclm_lines": (1, "b9bf892476e8f520"),
    "signals/dclm_words": (1, "b9bf892476e8f520"),
    "signals/dolma_lines": (1, "b9bf892476e8f520"),
    "signals/dolma_words": (1, "b9bf892476e8f520"),
    "signals/entropy": (1, "60fb072c562a5a4e"),
    "signals/line_kinds": (1, "60fb072c562a5a4e"),
    "signals/lines": (1, "b9bf892476e8f520"),
    "signals/pii": (2, "80982a98ff10df95"),
    "signals/toxicity": (1, "ca2a0fedea9e2ba6"),
    "signals/url": (1, "60fb072c562a5a4e"),
    "signals/words": (2, "b9bf892476e8f520"),
    "filters/gopher_quality": (2, "a5306d7ead46b1e2"),
    "filters/language": (2, "0b3f7129ded4368d"),
    "filters/url_blocklist": (1, "60fb072c562a5a4e"),
    "embedders/hashed_tfidf": (1, "b9b82cfe23d68ddf"),
    "editors/boilerplate_lines": (1, "bf2a54371f395793"),
    "editors/c4_lines": (1, "8684ac4e9b079602"),
    "editors/collapse_newlines": (1, "8684ac4e9b079602"),
    "editors/dedup_lines": (1, "8684ac4e9b079602"),
    "editors/pii": (2, "80982a98ff10df95"),
    "editors/refinedweb_lines": (1, "8684ac4e9b079602"),
    "editors/refinedweb_phrases": (1, "8684ac4e9b079602"),
    "editors/remove_citations": (1, "8684ac4e9b079602"),
    "editors/remove_urls": (2, "80982a98ff10df95"),
}


def imported(name):
    """The modules of the library that a module imports, also within functions."""
    path = ROOT.parent.joinpath(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not file.exists():
        return set()
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return {each for each in found if each.startswith("headwater.") and each != name}


def reached(name):
    """A module and all that it imports, directly or not."""
    seen, waiting = set(), [name]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += imported(module)
    return seen


def digest(modules):
    """SHA-256 over the names and bytes of all data files that these modules read; None where there are none."""
    patterns = sorted({pattern for module in modules for pattern in READERS.get(module, ())})
    files = [file for pattern in patterns for file in sorted(ROOT.glob(pattern))]
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.name.encode() + file.read_bytes())
    return whole.hexdigest()[:16] if files else None


def steps():
    for shelf in SHELVES:
        for name in registry.names(shelf):
            found = digest(reached(f"headwater.{shelf}.{name}"))
            if found is not None:
                yield f"{shelf}/{name}", (registry.version(shelf, name), found)


def test_the_data_files_that_a_step_reads_are_those_that_its_version_stands_for():
    # With another file the step is another VERSION: bump it, then pin both here.
    assert dict(steps()) == PINNED


@pytest.mark.parametrize("module", READERS)
def test_each_module_names_the_files_that_it_reads(module):
    said = ROOT.parent.joinpath(*module.split(".")).with_suffix(".py").read_text()
    for pattern in READERS[module]:
        file = Path(pattern)
        assert (file.parent.name if "*" in file.name else file.stem) in said


def test_every_data_file_of_the_texts_is_read_by_a_module_that_is_known():
    known = {file for patterns in READERS.values() for pattern in patterns for file in ROOT.glob(pattern)}
    there = {f for place in ("text", "bad_words", "embedders") for f in (ROOT / place).rglob("*")}
    there = {f for f in there if f.suffix in (".txt", ".xz", ".bin")}
    assert there == known
