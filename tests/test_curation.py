"""Filters and editors in the order of the recipe: what each sees, what is recorded, and what a raising step costs."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import curation, registry
from headwater.curation import StepFailed, Used
from headwater.errors import BrokenContract, UnknownName
from tests import steps

CUT = """
    '''Remove every stretch of x. Source: none, 2024.'''
    import numpy as np
    from headwater.document import Edits
    VERSION = 1
    def cut_x(texts, *, letter: str = "x"):
        '''Stretches of the letter.'''
        found = []
        for place, text in enumerate(texts.to_pylist()):
            data = (text or "").encode()
            at = 0
            while at < len(data):
                stop = at
                while data[stop : stop + 1] == letter.encode():
                    stop += 1
                if stop > at:
                    found.append((place, at, stop, 0, -1))
                at = max(stop, at + 1)
        columns = np.array(found, dtype=np.int64).reshape(-1, 5).T
        return Edits(*columns, rules=("letter",))
"""
RAISE = """
    '''Raise on a word. Source: none, 2024.'''
    import numpy as np
    from headwater.document import Finding
    VERSION = 1
    def touchy(columns, *, word: str = "bomb"):
        '''No findings.'''
        if any(word in text for text in columns["text"].to_pylist()):
            raise ValueError("the text says: " + word)
        return []
"""
TOO_SHORT = """
    '''Drop texts of few characters. Source: none, 2024.'''
    from headwater.document import below
    VERSION = 1
    def short(columns, *, min_chars: float | None = 5, max_removed: float | None = None):
        '''Rules that are on.'''
        from headwater.document import above
        rules = ((below, "chars", min_chars, "min_chars"), (above, "removed_char_ratio", max_removed, "max_removed"))
        return [compare(columns, column, limit, rule) for compare, column, limit, rule in rules if limit is not None]
"""


GIVES = """
    '''Give what it is told to. Source: none, 2024.'''
    import numpy as np
    from headwater.document import Finding
    VERSION = 1
    def gives(columns, *, value: str = "np.zeros(n)", broken: str = "np.zeros(n, bool)", column: str = "text"):
        '''One rule.'''
        n = len(columns[column])
        made = {"np.zeros(n)": lambda: np.zeros(n), "np.zeros(1)": lambda: np.zeros(1), "list": lambda: [0.0] * n,
                "np.zeros((n, 1))": lambda: np.zeros((n, 1)), "float32": lambda: np.zeros(n, np.float32),
                "np.zeros(n, bool)": lambda: np.zeros(n, bool), "none": lambda: None}
        if value == "nothing":
            return None
        return [Finding("rule", made[value](), 1.0, made[broken]())]
"""


@pytest.fixture(scope="module", autouse=True)
def own_steps(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steps")
    with steps.found(folder, editors__cut_x=CUT, filters__touchy=RAISE, filters__short=TOO_SHORT,
                     filters__gives=GIVES):  # fmt: skip
        yield


def use(name, **options):
    shelf = registry.home(curation.SHELVES, name)
    return Used(shelf, name, options)


def measured(texts):
    texts = pa.array(texts, pa.string())
    columns = {c: v for s in registry.discover("signals") if registry.reads(s) == ("text",)
               for c, v in registry.step("signals", s)(texts).items()}  # fmt: skip
    return columns


def curate(texts, *used, languages=None):
    columns = measured(texts)
    return curation.curate(used, columns, pa.array(texts, pa.string()), languages or ["en"] * len(texts))


def test_a_filter_after_an_editor_sees_the_signals_of_the_edited_text():
    words = use("gopher_quality", **dict.fromkeys(OPTIONS_OF_QUALITY) | {"min_words": 3})
    before = curate(["one xxx two", "one two three"], words, use("cut_x"))
    after = curate(["one xxx two", "one two three"], use("cut_x"), words)
    assert before.verdict.dropped.tolist() == [False, False]
    assert after.verdict.dropped.tolist() == [True, False]
    assert after.verdict.value.to_pylist() == [2.0, None]


OPTIONS_OF_QUALITY = [
    "min_words", "max_words", "min_mean_word_chars", "max_mean_word_chars", "max_hash_ratio", "max_ellipsis_ratio",
    "max_bullet_line_ratio", "max_ellipsis_line_ratio", "min_alpha_word_ratio", "min_stop_words",
]  # fmt: skip


def test_a_text_that_one_filter_drops_leaves_the_next_with_the_numbers_of_the_others():
    """Both read signals of the same edit; the second sees fewer documents that are still in."""
    off = dict.fromkeys(OPTIONS_OF_QUALITY)
    short, long = use("gopher_quality", **off | {"min_words": 2}), use("gopher_quality", **off | {"max_words": 3})
    got = curate(["ax", "ax b c d", "ax b c"], use("cut_x"), short, long)
    assert got.verdict.rule.to_pylist() == ["gopher_quality.min_words", "gopher_quality.max_words", None]
    assert got.verdict.value.to_pylist() == [1.0, 4.0, None]


def test_each_edit_is_recorded_in_order_with_characters_of_the_text_that_was_given():
    got = curate(["äxxb yy", "none"], use("cut_x"), use("cut_x", letter="y"))
    assert got.text.to_pylist() == ["äb ", "none"]
    assert got.edits.to_pylist() == [
        [
            {"step": 0, "rule": "cut_x.letter", "start": 1, "stop": 3, "put": 0},
            {"step": 1, "rule": "cut_x.letter", "start": 3, "stop": 5, "put": 0},
        ],
        None,
    ]


def test_a_text_that_is_dropped_is_not_edited_any_more():
    got = curate(["xab", "xabcdefgh"], use("short"), use("cut_x"))
    assert got.text.to_pylist() == ["xab", "abcdefgh"]
    assert got.edits.to_pylist()[0] is None


def test_a_text_that_an_editor_empties_is_dropped_by_its_name():
    got = curate(["xxx", " xx\n", "a"], use("cut_x"))
    assert got.verdict.rule.to_pylist() == ["cut_x.emptied", "cut_x.emptied", None]


def test_what_editors_removed_is_counted_since_the_filter_before():
    quarter = use("short", min_chars=None, max_removed=0.3)
    text = ["xxyyabcdef"]
    assert curate(text, use("cut_x"), use("cut_x", letter="y"), quarter).verdict.value.to_pylist() == [0.4]
    apart = (use("cut_x"), use("short"), use("cut_x", letter="y"), quarter)
    assert curate(text, *apart).verdict.dropped.tolist() == [False]


@pytest.mark.parametrize(("text", "letter", "split", "dclm"), [
    ("one two - -", "-", 2 / 4, 0.0),
    ("one x x two —", "x", 2 / 5, 2 / 4),
    ("one\x1cx two", "x", 1 / 3, 0.0),
])  # fmt: skip
def test_removed_words_are_those_of_the_mode(text, letter, split, dclm):
    options = {"max_removed_word_ratio": -1.0}
    for mode, share in (("split", split), ("dclm", dclm)):
        got = curate(["untouched", text], use("cut_x", letter=letter), use("refinedweb", mode=mode, **options))
        assert got.verdict.value.to_pylist() == [0.0, share]


def test_a_step_that_raises_is_named():
    with pytest.raises(StepFailed) as caught:
        curate(["fine", "a bomb"], use("touchy"))
    assert caught.value.step == "filters.touchy"
    assert isinstance(caught.value.error, ValueError)


@given(st.lists(st.booleans(), max_size=40))
@settings(max_examples=50, deadline=None)
def test_only_the_documents_at_fault_fail_one_by_one(bad):
    def work(start, stop):
        if any(bad[start:stop]):
            raise StepFailed("filters.x", ValueError())
        return ["fine"] * (stop - start)

    found = [v for part in curation.one_by_one(len(bad), work, lambda place, error: [f"bad {place}"]) for v in part]
    assert found == [f"bad {place}" if b else "fine" for place, b in enumerate(bad)]


def test_thresholds_by_language_are_for_documents_of_that_language_alone():
    short = Used("filters", "short", {"min_chars": 5}, {"de": {"min_chars": 2}, "xx": {"min_chars": 100}})
    got = curate(["abc", "abc", "abcdef"], short, languages=["de", "fr", "fr"])
    assert got.verdict.dropped.tolist() == [False, True, False]
    assert got.verdict.threshold.to_pylist() == [None, 5.0, None]


def test_the_columns_that_filters_look_at_are_known_without_a_document():
    short = use("gopher_quality", **dict.fromkeys(OPTIONS_OF_QUALITY) | {"min_words": 3})
    assert curation.asked([short, use("short", max_removed=0.1), use("cut_x")]) == [
        "chars", "removed_char_ratio", "symbol_free_words",
    ]  # fmt: skip


@given(st.lists(st.text(alphabet="abx y\n", max_size=12), min_size=1, max_size=8), st.data())
@settings(max_examples=50, deadline=None)
def test_what_becomes_of_a_text_does_not_depend_on_its_neighbours(texts, data):
    used = (use("cut_x"), use("short", min_chars=3), use("cut_x", letter="y"))
    cut = data.draw(st.integers(0, len(texts)))
    whole = curate(texts, *used)
    parts = [curate(part, *used) for part in (texts[:cut], texts[cut:]) if part]
    assert whole.text.to_pylist() == [t for part in parts for t in part.text.to_pylist()]
    assert whole.edits.to_pylist() == [e for part in parts for e in part.edits.to_pylist()]
    assert np.array_equal(whole.verdict.dropped, np.concatenate([part.verdict.dropped for part in parts]))


@pytest.mark.parametrize(("options", "said"), [
    ({"value": "np.zeros(1)"}, r"value of rule 'rule' must be a float64 array of \(3,\), not float64 of \(1,\)"),
    ({"value": "np.zeros((n, 1))"}, r"not float64 of \(3, 1\)"),
    ({"value": "float32"}, r"value .* not float32 of \(3,\)"),
    ({"value": "list"}, "value .* not list"),
    ({"broken": "np.zeros(n)"}, r"broken .* must be a bool array of \(3,\), not float64"),
    ({"broken": "none"}, "broken .* not NoneType"),
    ({"value": "nothing"}, "must give a list of Finding, not NoneType"),
])  # fmt: skip
def test_a_filter_that_breaks_its_contract_is_named_with_what_it_gave(options, said):
    texts = pa.array(["a", "b", "c"])
    assert not curation.curate([use("gives")], {}, texts, ["en"] * 3).verdict.dropped.any()
    with pytest.raises(BrokenContract, match=f"filter 'gives': .*{said}"):
        curation.curate([use("gives", **options)], {}, texts, ["en"] * 3)


def test_a_filter_that_breaks_its_contract_for_one_language_is_named():
    step = Used("filters", "gives", {}, {"deu_Latn": {"value": "np.zeros(1)"}})
    with pytest.raises(BrokenContract, match=r"must be a float64 array of \(2,\), not float64 of \(1,\)"):
        curation.curate([step], {}, pa.array(["a", "b", "c"]), ["eng_Latn", "deu_Latn", "deu_Latn"])


def test_a_filter_that_breaks_its_contract_is_told_before_any_work():
    with pytest.raises(BrokenContract, match="must give a list of Finding"):
        curation.asked([use("gives", value="nothing")])


def test_a_column_that_no_document_has_is_refused_with_those_of_like_names():
    with pytest.raises(UnknownName, match=r"no column 'languge_score'; have: .*language_score"):
        curation.asked([use("gives", column="languge_score")])


@pytest.mark.parametrize("column", [*curation.FACTS, *curation.REMOVED, "words"])
def test_every_column_of_documents_can_be_asked_for(column):
    assert curation.asked([use("gives", column=column)]) == [column]
