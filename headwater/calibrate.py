"""Thresholds of a language derived from reference texts: what English thresholds are to English texts, made the same to
texts of the language.

Source: FineWeb2 (Penedo et al., arXiv 2506.20920), which compares the mappings named below; the formulas are our
reading of their names. With E and L the values that the rule looks at in the English texts and in those of the
language, a threshold t of English becomes:

* `quantile`: Q_L(F_E(t)): as large a share of the texts breaks the rule
* `mean_std`: mean(L) + (t - mean(E)) / std(E) * std(L): as many standard deviations from the mean
* `ten_tail`: Q_L(0.9) of an upper bound, Q_L(0.1) of a lower one: a tenth of the texts breaks the rule, whatever t is
* `median_ratio`: t * median(L) / median(E): as many times the median

Where English texts cannot tell (the quantile of a threshold that none or all of them break, a median or deviation of 0)
the looser of t and of the farthest value of L stands. Stop words are the words that make up at least 0.8 % of all words
with a letter, in lower case, and at least the 8 most frequent (no list of FineWeb2 is shorter). The score threshold is
max(0.3, min(0.9, median - std)) over the texts of the language that have a score; with too few of them none is given,
and the recipe's own stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import yaml

from headwater import configuration, registry
from headwater.document import Columns, Finding
from headwater.errors import UserError

Method = Literal["quantile", "mean_std", "ten_tail", "median_ratio"]
METHODS: tuple[Method, ...] = get_args(Method)
Values = npt.NDArray[np.float64]
# With fewer texts a tail is a handful of them.
MIN_TEXTS = 50
MIN_SHARE, MIN_STOP_WORDS = 0.008, 8
LOWEST_SCORE, HIGHEST_SCORE = 0.3, 0.9
# What FineWeb2 has a number a language for, and what it sets for all of them (fineweb-2-pipeline.py).
N_GRAMS = (
    *(f"max_top_{n}_gram_char_ratio" for n in (2, 3, 4)),
    *(f"max_duplicate_{n}_gram_char_ratio" for n in range(5, 11)),
)
MAPPED: Mapping[str, tuple[str, ...]] = {
    "gopher_repetition": ("max_duplicate_line_ratio", *N_GRAMS),
    "fineweb": ("min_terminal_line_ratio", "max_newline_ratio"),
    "gopher_quality": ("min_mean_word_chars", "max_mean_word_chars", "min_alpha_word_ratio"),
}
FIXED: Mapping[str, Mapping[str, Any]] = {
    "gopher_repetition": {
        "max_duplicate_paragraph_ratio": None,
        "max_duplicate_line_char_ratio": None,
        "max_duplicate_paragraph_char_ratio": None,
    },
    "fineweb": {"max_short_line_ratio": None, "max_duplicate_char_ratio": 0.1},
    "gopher_quality": {"min_stop_words": 2},
}


@dataclass(frozen=True)
class Reference:
    """n texts of one language: what filters look at, their words by how often they come, language scores, and where
    all of this is from.
    """

    label: str
    columns: Columns
    words: Mapping[str, int]
    scores: Values
    said: str

    @property
    def texts(self) -> int:
        """How many there are."""
        return len(self.scores)

    @property
    def scored(self) -> int:
        """How many have a score: those that a model said are of the language."""
        return int(np.count_nonzero(~np.isnan(self.scores)))


def mapped(threshold: float, english: Values, values: Values, method: Method, *, upper: bool) -> float:
    """An English threshold in terms of another language; `upper` where values above it break the rule."""
    farthest = float(np.max(values)) if upper else float(np.min(values))
    looser = max(threshold, farthest) if upper else min(threshold, farthest)
    if method == "ten_tail":
        return float(np.quantile(values, 0.9 if upper else 0.1))
    if method == "quantile":
        share = float(np.mean(english <= threshold) if upper else np.mean(english < threshold))
        return float(np.quantile(values, share)) if 0 < share < 1 else looser
    if method == "mean_std":
        one, other = float(np.std(english)), float(np.std(values))
        steps = (threshold - float(np.mean(english))) / one if one > 0 else 0.0
        return float(np.mean(values)) + steps * other if one > 0 and other > 0 else looser
    middle = float(np.median(english))
    return threshold * float(np.median(values)) / middle if middle > 0 else looser


def score_threshold(scores: Values) -> float:
    """tau of FineWeb2: max(0.3, min(0.9, median - std)) of the scores that the texts' own language got; NaN where a
    text has none, which at least one must have.
    """
    known = scores[~np.isnan(scores)]
    middle = float(np.median(known)) - float(np.std(known))
    return round(max(LOWEST_SCORE, min(HIGHEST_SCORE, middle)), 3)


def stop_words(words: Mapping[str, int]) -> list[str]:
    """The most frequent words, by FineWeb2's rule; of equally frequent ones the first in the alphabet."""
    lower: dict[str, int] = {}
    for word, count in words.items():
        if any(char.isalpha() for char in word):
            lower[word.lower()] = lower.get(word.lower(), 0) + count
    total = sum(lower.values())
    ranked = sorted(lower, key=lambda word: (-lower[word], word))
    frequent = [word for word in ranked if lower[word] >= MIN_SHARE * total]
    return frequent if len(frequent) >= MIN_STOP_WORDS else ranked[:MIN_STOP_WORDS]


def findings(name: str, columns: Columns) -> dict[str, Finding]:
    """What a filter with its default options, which are the English ones, finds, by rule."""
    found = registry.step("filters", name)(columns, **configuration.resolve("filters", name, {}))
    return {finding.rule: finding for finding in found}


def calibrate(language: Reference, english: Reference, method: Method) -> dict[str, Any]:
    """A file of thresholds, as plain data. Raises UserError where there are too few texts to tell."""
    for reference in (language, english):
        if reference.texts < MIN_TEXTS:
            raise UserError(
                f"{reference.texts} texts of {reference.label} ({reference.said}) are too few to derive thresholds "
                f"from; give at least {MIN_TEXTS}: from files, with --from FILE --english FILE, or run more crawls"
            )
    enough = language.scored >= MIN_TEXTS
    filters: dict[str, dict[str, Any]] = {}
    if enough:
        filters["language"] = {"min_score": score_threshold(language.scores)}
    for name, rules in MAPPED.items():
        of_english, of_language = findings(name, english.columns), findings(name, language.columns)
        numbers = {
            rule: _said(rule, mapped(
                of_english[rule].threshold, of_english[rule].value, of_language[rule].value, method,
                upper=rule.startswith("max_"),
            ))
            for rule in rules
        }  # fmt: skip
        filters[name] = {**numbers, **FIXED[name]}
    filters["gopher_quality"]["stop_words"] = stop_words(language.words)
    source = (
        f"headwater calibrate --method {method}: {language.texts} texts of {language.label} ({language.said}), "
        f"{language.scored} of them with a score{'' if enough else ', too few for a min_score'}; "
        f"{english.texts} of {english.label} ({english.said})"
    )
    return {"source": source, "filters": filters}


def _said(rule: str, value: float) -> float | int:
    """As FineWeb2 writes it: shares with three digits, lengths of words in whole characters, outwards."""
    if rule.endswith("_chars"):
        return int(np.ceil(value)) if rule.startswith("max_") else max(0, int(np.floor(value)))
    value = round(max(value, 0.0), 3)
    return value if rule == "max_newline_ratio" else min(value, 1.0)


def as_yaml(found: Mapping[str, Any]) -> str:
    """The text of the file."""
    said: str = yaml.safe_dump(dict(found), allow_unicode=True, sort_keys=False, width=120)
    return said
