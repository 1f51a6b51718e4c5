"""What corresponds to what: our rules, numbers and editors, and those of each peer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import peers
import pyarrow as pa

from headwater import language
from headwater.text.entries import digest
from headwater.warc import facts

Said = list[dict[str, Any]]
Options = tuple[tuple[str, Any], ...]
Steps = tuple[tuple[str, Options], ...]

# Han, kana, Thai, Lao, Khmer, Burmese and their like: we cut them by lexicons, datatrove's English tokenizer does not.
SCRIPTS = (
    "Han",
    "Hiragana",
    "Katakana",
    "Thai",
    "Lao",
    "Khmer",
    "Myanmar",
    "Tai_Le",
    "Tai_Viet",
    "New_Tai_Lue",
    "Tai_Tham",
)
WITHOUT_SPACES = "[" + "".join(rf"\p{{{name}}}" for name in SCRIPTS) + "]"
MOST_REMOVED = 0.05
TOPS, DOUBLES = range(2, 5), range(5, 11)
LINES_OF_C4: Steps = (("c4_lines", ()), ("remove_citations", ()))
LINES_OF_FINEWEB: Steps = (("c4_lines", (("terminal_punctuation", False),)), ("remove_citations", ()))
# datatrove's file, what it is with us; `domains` and `urls` come with its address filter.
LISTS = {
    "domains": "domains", "urls": "urls", "hard_words": "banned_words.txt", "soft_words": "soft_banned_words.txt",
    "strict_words": "banned_subwords.txt",
}  # fmt: skip
# Only these of datatrove's rules stand alone in its worker under a name of their own.
SENTENCES = ("lorem_ipsum", "curly_bracket", "min_sentences")
OURS = {"lorem_ipsum": "max_lorem_ipsum", "curly_bracket": "max_curly_brackets", "min_sentences": "min_sentences"}
NAMED = {
    "gopher_quality.symbols": ("max_hash_ratio", "max_ellipsis_ratio"),
    "fineweb.min_line_punct_ratio": ("min_terminal_line_ratio",),
    "fineweb.max_duplicate_line_char_ratio": ("max_duplicate_char_ratio",),
    "fineweb.max_newline_word_ratio": ("max_newline_ratio",),
}


@dataclass(frozen=True)
class Row:
    """A line of the table: our rules (None: the whole filter), the peer's name for the same and where it says it."""

    title: str
    parts: tuple[str, ...] | None
    place: str
    key: str


@dataclass(frozen=True)
class Judged:
    """A filter of ours with the options and the editors before it that stand for a peer's."""

    filter: str
    rows: tuple[Row, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    steps: Steps = ()


# Columns with another name than the peer's mode and what is measured.
COLUMNS = {("dclm", "symbol_free_words"): "dclm_words"}
# Steps of a peer whose seconds are printed; joined by + where one shares its work with another.
TIMED = {
    "datatrove": (
        "gopher_quality+gopher_repetition", "gopher_quality+gopher_repetition+fineweb", "c4", "language", "pii",
        "gopher_quality+gopher_repetition+fineweb+c4+language+pii",
    ),
    "dclm": ("gopher_repetition",),
    "dolma": ("gopher_v1", "c4_v1", "pii_regex_with_counts_fast_v2", "gopher_v1+c4_v1+pii_regex_with_counts_fast_v2"),
}  # fmt: skip
# Dolma's numbers, our column, and how its published mixers drop by them (configs/dolma-v1_6/mixing).
DOLMA: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "gopher_quality.min_words": ("word_count", lambda v: v < 50, "split_words"),
    "gopher_quality.max_words": ("word_count", lambda v: v > 100_000, "split_words"),
    "gopher_quality.min_mean_word_chars": ("median_word_length", lambda v: v < 3, "dolma_median_word_chars"),
    "gopher_quality.max_mean_word_chars": ("median_word_length", lambda v: v > 10, "dolma_median_word_chars"),
    "gopher_quality.max_symbol_ratio": ("symbol_to_word_ratio", lambda v: v > 0.1, "dolma_symbol_ratio"),
    "gopher_quality.max_bullet_line_ratio": (
        "fraction_of_lines_starting_with_bullet_point", lambda v: v > 0.9, "dolma_bullet_line_ratio",
    ),
    "gopher_quality.max_ellipsis_line_ratio": (
        "fraction_of_lines_ending_with_ellipsis", lambda v: v > 0.3, "dolma_ellipsis_line_ratio",
    ),
    "gopher_quality.min_alpha_word_ratio": (
        "fraction_of_words_with_alpha_character", lambda v: v < 0.8, "dolma_alpha_word_ratio",
    ),
    "gopher_quality.min_stop_words": ("required_word_count", lambda v: v < 2, "dolma_stop_words"),
    "gopher_repetition.max_duplicate_line_ratio": (
        "fraction_of_duplicate_lines", lambda v: v > 0.3, "dolma_duplicate_line_ratio",
    ),
    "gopher_repetition.max_duplicate_line_char_ratio": (
        "fraction_of_characters_in_duplicate_lines", lambda v: v > 0.3, "dolma_duplicate_line_char_ratio",
    ),
    **{
        f"gopher_repetition.max_top_{n}_gram_char_ratio": (
            f"fraction_of_characters_in_most_common_{n}grams", lambda v, most=most: v > most,
            f"dolma_top_{n}_gram_char_ratio",
        )
        for n, most in zip(TOPS, (0.2, 0.18, 0.16), strict=True)
    },
    **{
        f"gopher_repetition.max_duplicate_{n}_gram_char_ratio": (
            f"fraction_of_characters_in_duplicate_{n}grams", lambda v, most=most: v > most,
            f"dolma_duplicate_{n}_gram_char_ratio",
        )
        for n, most in zip(DOUBLES, (0.15, 0.14, 0.13, 0.12, 0.11, 0.10), strict=True)
    },
}  # fmt: skip
C4_OFF: dict[str, Any] = {
    "min_words": None,
    "terminal_punctuation": False,
    "javascript": False,
    "policy": False,
    "max_word_chars": None,
}
LINES_OFF: dict[str, Any] = {"max_upper_ratio": None, "max_digit_ratio": None, "counters": False, "min_words": None}
PHRASES_OFF: dict[str, Any] = {"items_in_cart": False, "read_more": False, "sign_in": False}


def _step(name: str, **options: Any) -> tuple[str, Options]:
    return name, tuple(options.items())


def _lines(**on: Any) -> Steps:
    return (_step("refinedweb_lines", **{**LINES_OFF, **on}),)


def _phrase(name: str) -> Steps:
    return (_step("refinedweb_phrases", **{**PHRASES_OFF, name: True}),)


def _c4(**on: Any) -> Steps:
    return (_step("c4_lines", mode="dclm", **{**C4_OFF, **on}),)


EDITORS: dict[str, dict[str, Steps]] = {
    "datatrove": {
        "c4_lines": LINES_OF_C4,
        "c4_lines_of_fineweb": LINES_OF_FINEWEB,
        "pii": (_step("pii", mode="datatrove"),),
    },
    "dclm": {
        "url_removal": (_step("remove_urls", mode="match"),),
        "newline_removal": (_step("collapse_newlines"),),
        "citation_removal": (_step("remove_citations"),),
        "uppercase_line, ends stripped": _lines(max_upper_ratio=0.5),
        "numeric_line, ends stripped": _lines(max_digit_ratio=0.999999),
        "counter_line, ends stripped": _lines(counters=True),
        "one_word_line": _lines(min_words=2),
        "items_in_cart": _phrase("items_in_cart"),
        "read_more": _phrase("read_more"),
        "sign_in": _phrase("sign_in"),
        "refinedweb": (_step("refinedweb_lines"), _step("refinedweb_phrases")),
        "c4_long_word": _c4(max_word_chars=1000),
        "c4_punctuation": _c4(terminal_punctuation=True),
        "c4_short_line": _c4(min_words=5),
        "c4_javascript": _c4(javascript=True),
        "c4_policy": _c4(policy=True),
        "line_dedup": (_step("dedup_lines"),),
    },
    "dolma": {},
}


def languages(crawl: Any) -> tuple[pa.Array, np.ndarray]:
    """Label and score of each text by lid.176, as the stage `extracted` stores them."""
    labels, scores = language.identify(crawl.texts.to_pylist(), peers.MODEL)
    return pa.array(labels, pa.string()), np.array([np.nan if s is None else s for s in scores])


def filters(peer: str, said: Said, folder: Path) -> Iterator[Judged]:
    """What is compared with a peer."""
    if peer == "dolma":
        for name in ("gopher_quality", "gopher_repetition"):
            rules = [rule for rule in DOLMA if rule.startswith(f"{name}.")]
            rows = tuple(Row(rule, (rule.split(".")[1],), "dolma", rule) for rule in rules)
            yield Judged(name, rows, {"mode": "dolma"})
        return
    known = tuple(said[0]["drops"])
    options = {} if peer == "datatrove" else {"mode": peer}
    for name in ("gopher_quality", "gopher_repetition", *(("fineweb",) if peer == "datatrove" else ())):
        rows = [Row(rule, _parts(rule), "drops", rule) for rule in known if rule.startswith(f"{name}.")]
        whole = ("reasons", name) if peer == "datatrove" else ("drops", name)
        if name in said[0][whole[0]]:
            rows.append(Row(f"{name}, whole", None, *whole))
        yield Judged(name, tuple(rows), options)
    yield from _datatrove(folder) if peer == "datatrove" else _dclm(folder)


def _datatrove(folder: Path) -> Iterator[Judged]:
    c4 = tuple(Row(f"c4.{rule}", (OURS[rule],), "drops", f"c4.{rule}") for rule in SENTENCES)
    yield Judged("c4", (*c4, Row("c4, whole", None, "reasons", "c4")), steps=LINES_OF_C4)
    yield Judged("c4", (Row("c4 as FineWeb has it, whole", None, "reasons", "c4_of_fineweb"),), steps=LINES_OF_FINEWEB)
    off = {"max_lorem_ipsum": None, "max_curly_brackets": None, "min_sentences": None}
    paragraphs = Row("c4 paragraphs (mC4)", None, "drops", "c4.paragraphs")
    yield Judged("c4", (paragraphs,), {**off, "min_third_longest_line_chars": 200})
    yield Judged("toxicity", (Row("c4 bad words, English", None, "drops", "c4.bad_words"),))
    yield Judged("language", (Row("language, any", None, "reasons", "language"),), {"mode": "datatrove"})
    english = {"mode": "datatrove", "languages": ("en",)}
    yield Judged("language", (Row("language, en", None, "reasons", "language_en"),), english)
    files = {ours: _list(folder, theirs) for ours, theirs in LISTS.items()}
    yield Judged("url_blocklist", (Row("url_blocklist, whole", None, "reasons", "url_blocklist"),), files)


def _dclm(folder: Path) -> Iterator[Judged]:
    checkout = Path(peers.options(folder, "dclm")["checkout"])
    named = "baselines/mappers/banlists/refinedweb_banned_words_{}_reverse_engineered.txt"
    for kind in ("strict", "hard", "soft"):
        rule = Row(f"url_blocklist.max_{kind}_words", None, "drops", f"url_blocklist.{kind}")
        path = checkout / named.format(kind)
        yield Judged("url_blocklist", (rule,), {"mode": "dclm", f"{kind}_words": {str(path): digest(path)}})
    removed = Row("refinedweb.max_removed_word_ratio", None, "values", "removed_word_ratio")
    yield Judged("refinedweb", (removed,), {"mode": "dclm"}, EDITORS["dclm"]["refinedweb"])


def _parts(rule: str) -> tuple[str, ...]:
    return NAMED.get(rule, (rule.split(".")[1],))


def _list(folder: Path, name: str) -> dict[str, str]:
    """A list that datatrove ships, by path and digest."""
    path = shipped(folder) / name
    if not path.exists():
        path = folder / "cache" / "assets" / "datatrove" / "filters" / "url_filter" / name
    return {str(path): digest(path)}


def shipped(folder: Path) -> Path:
    """datatrove's packaged word lists."""
    return next(folder.glob("datatrove/lib/python*/site-packages/datatrove/assets"))


def addresses(folder: Path) -> Iterator[str]:
    """Addresses that lists of datatrove hit, or just miss: every so many of their entries, in several spellings."""
    here = folder / "cache" / "assets" / "datatrove" / "filters" / "url_filter"
    for name, every in (("domains", 2_000), ("urls", 100)):
        for entry in sorted((here / name).read_text("utf-8").split())[::every]:
            yield from (f"https://{entry}", f"http://www.{entry}/a-page", f"https://sub.{entry}/", f"https://x{entry}/")
    for name in ("banned_words", "soft_banned_words", "banned_subwords"):
        for word in (shipped(folder) / f"{name}.txt").read_text("utf-8").split():
            yield from (
                f"https://{word}.example.com/",
                f"https://example.com/{word}/{word}s",
                f"https://a{word}b.example",
            )
            yield from (f"https://example.com/a-{word.upper()}-b", f"https://example.com/{word[:3]}-{word[3:]}.html")


def domains(urls: pa.Array) -> pa.Array:
    """The registered domain of each address, as `raw` stores it."""
    return pa.array([facts.registered_domain(url) for url in urls.to_pylist()], pa.string())


def dropped(row: dict[str, Any], said: Row) -> bool:
    """What the peer does by this rule alone."""
    if said.place == "values":
        return bool(row["values"][said.key] > MOST_REMOVED)
    if said.place != "dolma":
        return bool(row[said.place][said.key])
    feature, drops, _ = DOLMA[said.key]
    return bool(drops(value(row, feature)))


def value(row: dict[str, Any], feature: str) -> float:
    """A number of gopher_v1; one that a text is too short for is 0."""
    return row["gopher_v1"].get("values", {}).get(feature, 0.0)


def numbers(peer: str, said: Said) -> Iterator[tuple[str, str, np.ndarray]]:
    """(title, our column, their values)."""
    if peer == "dolma":
        seen = {feature: column for feature, _, column in DOLMA.values()}
        for feature, column in seen.items():
            yield feature, column, np.array([value(row, feature) for row in said])
        return
    prefix = "" if peer == "datatrove" else f"{peer}_"
    for name, first in said[0]["values"].items():
        if not isinstance(first, str):
            yield (
                name,
                COLUMNS.get((peer, name), f"{prefix}{name}"),
                np.array([row["values"].get(name, 0.0) for row in said]),
            )


def editors(peer: str, said: Said, given: list[str]) -> Iterator[tuple[str, Steps, list[str]]]:
    """(title, our editors, the texts after theirs)."""
    for name, steps in EDITORS[peer].items():
        theirs = name.split(",")[0]
        yield name, steps, [row["texts"].get(theirs, text) for row, text in zip(said, given, strict=True)]
