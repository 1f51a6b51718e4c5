"""Every recipe that is shipped says what its original does, and runs over the embedded sample with its audits on."""

import hashlib

import pytest

import expectations
from headwater import recipe
from headwater.filters.gopher_repetition import LINE_CHARS
from headwater.settings import Settings
from tests import chain

NAMES = [name for name in recipe.names(chain.ROOT / "recipes") if name != "tiny"]

# What follows is typed from the papers and the peers' configurations, never from the recipes or the steps' defaults. An
# option that stands in a row is what the recipe resolves to; those of thresholds all stand there.
N_GRAMS = {
    "max_top_2_gram_char_ratio": 0.20, "max_top_3_gram_char_ratio": 0.18, "max_top_4_gram_char_ratio": 0.16,
    "max_duplicate_5_gram_char_ratio": 0.15, "max_duplicate_6_gram_char_ratio": 0.14,
    "max_duplicate_7_gram_char_ratio": 0.13, "max_duplicate_8_gram_char_ratio": 0.12,
    "max_duplicate_9_gram_char_ratio": 0.11, "max_duplicate_10_gram_char_ratio": 0.10,
}  # fmt: skip
REPETITION = {
    "max_duplicate_line_ratio": 0.30, "max_duplicate_paragraph_ratio": 0.30, "max_duplicate_paragraph_char_ratio": 0.20,
    **N_GRAMS,
}  # fmt: skip
QUALITY = {
    "min_words": 50, "max_words": 100_000, "min_mean_word_chars": 3, "max_mean_word_chars": 10,
    "max_bullet_line_ratio": 0.9, "max_ellipsis_line_ratio": 0.3, "min_alpha_word_ratio": 0.8, "min_stop_words": 2,
    "stop_words": None,
}  # fmt: skip
DCLM_QUALITY = ("gopher_quality", {"mode": "dclm", **QUALITY, "max_symbol_ratio": 0.1})
DCLM_REPETITION = ("gopher_repetition", {"mode": "dclm", **REPETITION, "max_duplicate_line_char_ratio": 0.2})
GOPHER_QUALITY = ("gopher_quality", {"mode": "datatrove", **QUALITY, "max_hash_ratio": 0.1, "max_ellipsis_ratio": 0.1})
GOPHER_REPETITION = (
    "gopher_repetition", {"mode": "datatrove", **REPETITION, "max_duplicate_line_char_ratio": 0.2},
)  # fmt: skip


def blocked(mode, sources=None):
    """The address filter with word lists of a peer; one strict or hard word drops a page, or two soft ones."""
    named = {f"{kind}_words": [f"{mode}_{kind}_words.txt"] for kind in ("strict", "hard", "soft")}
    most = {"max_strict_words": 0, "max_hard_words": 0, "max_soft_words": 1}
    return "url_blocklist", {"mode": mode, **named, **most, "domains": sources, "urls": None}


def english(mode):
    return "language", {"languages": ["en"], "min_score": 0.65, "min_scores": None, "mode": mode}


def c4_lines(mode, **on):
    off = {"max_word_chars": None, "min_words": None, "terminal_punctuation": False}
    return "c4_lines", {"mode": mode, **off, "javascript": False, "policy": False, **on}


def c4(**on):
    off = dict.fromkeys((
        "max_lorem_ipsum", "max_curly_brackets", "min_sentences", "max_bad_words", "min_third_longest_line_chars",
        "max_javascript_lines", "max_policy_lines",
    ))  # fmt: skip
    return "c4", {**off, **on}


def texts_of_dclm(way):
    return [("remove_urls", {"mode": way}), ("collapse_newlines", {"max_newlines": 2}), english("dclm")]


LINES_OF_REFINEDWEB = [
    ("refinedweb_lines", {"max_upper_ratio": 0.5, "max_digit_ratio": 0.999999, "counters": True, "min_words": 2}),
    ("refinedweb_phrases", {"max_words": 10, "items_in_cart": True, "read_more": True, "sign_in": True}),
    ("refinedweb", {
        "mode": "dclm", "max_removed_word_ratio": 0.05,
        "max_uppercase_line_ratio": None, "max_numeric_line_ratio": None,
    }),
]  # fmt: skip
CURATED = ["high_quality_sources.txt"]
EXACT, URL = ("exact", {}), ("url", {})
NEAR = ("minhash", {"threshold": 0.8, "shingle_words": 5})
BANDS = ("minhash", {"threshold": 0.72, "shingle_words": 5, "permutations": 112, "bands": 14, "rows": 8})
PII = ("pii", {"mode": "datatrove", "emails": True, "ips": True})
DCLM = [*texts_of_dclm("match"), DCLM_QUALITY, DCLM_REPETITION, *LINES_OF_REFINEDWEB]
RESILIPARSE, TRAFILATURA = ("resiliparse", {"main_content": True}), ("trafilatura", {"favor_precision": True})
BFF = ("bloom_ngram", {
    "mode": "old-both", "min_ngram": 13, "max_ngram": 13, "threshold": 0.8, "fp_rate": 0.01,
    "expected_ngrams": 10_000_000,
})  # fmt: skip
# The extractors, the filters and editors, and the dedupers of each published recipe.
PUBLISHED = {
    "dclm_baseline": ([RESILIPARSE], [blocked("dclm"), *DCLM], [BFF]),
    "dclm_refinedweb": ([RESILIPARSE], [blocked("dclm", CURATED), *DCLM], [EXACT, NEAR]),
    "extractor_union": ([RESILIPARSE, TRAFILATURA, ("justext", {})], [blocked("dclm"), *DCLM], [URL, EXACT, NEAR]),
    "refinedweb": (
        [TRAFILATURA],
        [
            blocked("dclm", CURATED), *texts_of_dclm("search"), DCLM_REPETITION, DCLM_QUALITY,
            *LINES_OF_REFINEDWEB,
        ],
        [EXACT, NEAR, URL, ("substring", {"length": 50, "seed_words": None})],
    ),
    "c4": (
        [("resiliparse", {"main_content": False})],
        [
            ("length", {"max_chars": 190_000, "min_chars": None, "min_words": None, "max_words": None}),
            c4_lines("dclm", max_word_chars=1000),
            ("remove_citations", {}),
            c4_lines("dclm", terminal_punctuation=True, min_words=5),
            c4(max_lorem_ipsum=0),
            c4_lines("dclm", javascript=True),
            c4(max_curly_brackets=0),
            c4_lines("dclm", policy=True),
            c4(min_sentences=3),
            ("dedup_lines", {"granularity": "line", "normalize": True}),
            c4(min_sentences=3),
            ("toxicity", {"max_bad_words": 0, "max_bad_word_kinds": None, "max_bad_word_ratio": None}),
            english("dclm"),
        ],
        [URL, EXACT, ("lines", {"unit": "sentence", "span": 3})],
    ),
    "gopher": (
        [RESILIPARSE],
        [("language", {"languages": None, "min_score": 0.65}), GOPHER_QUALITY, GOPHER_REPETITION],
        [EXACT, NEAR],
    ),
    "fineweb": (
        [TRAFILATURA],
        [
            blocked("datatrove"), english("datatrove"), GOPHER_REPETITION, GOPHER_QUALITY,
            c4_lines("datatrove", max_word_chars=1000, min_words=3, javascript=True, policy=True),
            ("remove_citations", {}),
            c4(max_lorem_ipsum=0, max_curly_brackets=0, min_sentences=5),
            ("fineweb", {
                "min_terminal_line_ratio": 0.12, "max_short_line_ratio": 0.67, "max_duplicate_char_ratio": 0.01,
                "max_newline_ratio": 0.3, "spare_unpunctuated": False,
            }),
            PII,
        ],
        [BANDS],
    ),
    "fineweb2": (
        [TRAFILATURA],
        [
            ("language", {"languages": None, "min_score": 0.65, "mode": "fineweb2"}),
            ("gopher_repetition", {
                "mode": "datatrove", "max_duplicate_line_ratio": 0.3, **N_GRAMS, "max_duplicate_paragraph_ratio": None,
                "max_duplicate_paragraph_char_ratio": None, "max_duplicate_line_char_ratio": None,
            }),
            ("fineweb", {
                "min_terminal_line_ratio": 0.12, "max_short_line_ratio": None, "max_duplicate_char_ratio": 0.1,
                "max_newline_ratio": 0.3,
            }),
            ("gopher_quality", {**GOPHER_QUALITY[1], "min_stop_words": None}),
            PII,
        ],
        [BANDS],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """One lake for all: texts by the same extractor are made once."""
    folder = chain.lay_out(tmp_path_factory.mktemp("shipped") / "project")
    with chain.opened(folder) as opened:
        yield opened


def audit(view):
    return expectations.validate(view, {"max_quarantined": Settings(chain.ROOT).max_quarantined})


def resolved(steps, expected):
    """Name and options of each step; of the options those that its row names, and of a list's file its name."""
    named = [dict(options) for _, options in expected] + [{}] * len(steps)
    return [
        (step.name, {key: plain(key, step.options) for key in options})
        for step, options in zip(steps, named, strict=False)
    ]


def plain(key, options):
    value = options.get(key, "no option of this step")
    if value == "mode":
        return LINE_CHARS[options["mode"]]
    return list(value) if isinstance(value, dict | tuple) else value


@pytest.mark.parametrize("name", NAMES)
def test_a_published_recipe_has_the_steps_and_thresholds_of_its_original(name):
    ways, filters, dedup = PUBLISHED[name]
    read = recipe.load(chain.ROOT / "recipes", name)
    assert resolved(read.ways, ways) == ways
    assert resolved(read.filters, filters) == filters
    assert resolved(read.dedup, dedup) == dedup


def test_the_lists_that_recipes_name_are_those_that_are_there():
    for name in NAMES:
        for step in recipe.load(chain.ROOT / "recipes", name).filters:
            for option in ("domains", "strict_words", "hard_words", "soft_words"):
                for file, digest in (step.options.get(option) or {}).items():
                    assert hashlib.sha256((chain.ROOT / "lists" / file).read_bytes()).hexdigest() == digest


def test_only_the_recipe_of_the_demo_takes_in_new_crawls_by_itself():
    folder = chain.ROOT / "recipes"
    assert [name for name in recipe.names(folder) if recipe.load(folder, name).automatic] == ["tiny"]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_recipe_keeps_some_of_the_sample_and_drops_some_by_its_own_rules(project, name):
    (*_, last) = chain.run(project, recipe=name, to="filtered", crawls=["SAMPLE-2024-10"], expect=audit)
    rows = chain.rows(project, "filtered", ["doc_id", "outcome", "rule", "edits"], recipe=name)
    outcomes = [row["outcome"] for row in rows]
    steps = {step.name for step in project.recipe(name).filters}
    assert last.table == "filtered"
    assert len(rows) == len({row["doc_id"] for row in rows}) == 215
    assert outcomes.count("kept") > 5
    assert {row["rule"].partition(".")[0] for row in rows if row["outcome"] == "dropped"} <= steps
    assert outcomes.count("dropped") > 5


def test_the_chain_of_all_shipped_recipes_closes(project):
    assert chain.broken(project) == []
