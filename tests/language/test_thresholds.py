"""Files of thresholds by language: strict, complete, and applied to documents of their language."""

import numpy as np
import pyarrow as pa
import pytest

from headwater import curation, registry
from headwater.curation import Used
from headwater.errors import BadRecipe, MissingInput
from headwater.filters.gopher_quality import gopher_quality
from headwater.language import thresholds
from headwater.text.labels import canonical
from tests import judging

FILE = """\
source: somebody
filters:
  gopher_quality: {min_words: 10, min_alpha_word_ratio: null}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/fra_Latn.yaml").write_text(FILE)
    return tmp_path / "mine"


@pytest.fixture(scope="module")
def fineweb2(root):
    return thresholds.load(root / "languages/fineweb2")


def test_the_options_of_a_language_are_above_those_of_the_recipe(folder):
    files = thresholds.load(folder)
    found = thresholds.overrides(files, "gopher_quality", {"min_words": 50, "max_words": 99})
    assert found == {"fra_Latn": {"min_words": 10, "max_words": 99, "min_alpha_word_ratio": None}}


def test_a_filter_that_a_file_does_not_name_has_the_options_of_the_recipe(folder):
    assert thresholds.overrides(thresholds.load(folder), "gopher_repetition", {"min_words": 50}) == {}


@pytest.mark.parametrize(("label", "dropped"), [
    ("fr", False), ("fra_Latn", False), ("fra", False), ("de", True), (None, True),
])  # fmt: skip
def test_documents_of_a_language_go_by_its_file_under_any_label_and_others_by_the_recipe(folder, label, dropped):
    options = {**dict.fromkeys(gopher_quality.__kwdefaults__), "mode": "datatrove", "min_words": 50}
    own = thresholds.overrides(thresholds.load(folder), "gopher_quality", options)
    step = Used("filters", "gopher_quality", options, own)
    columns = {name: np.array([30.0]) for name in curation.asked([step])}
    found = curation.curate([step], columns, pa.array([""]), [canonical(label or "")])
    assert found.verdict.dropped.tolist() == [dropped]


@pytest.mark.parametrize(("text", "said"), [
    ("source: x\nfilter: {}\n", ":2: unknown key 'filter'; known: source, filters"),
    ("filters: {}\n", "missing source"),
    ("source: x\nfilters: {nope: {}}\n", "no filter 'nope'; have: "),
    ("source: x\nfilters: {gopher_quality: {min_word: 1}}\n", "no option of gopher_quality 'min_word'; have: "),
    ("source: x\nfilters: {gopher_quality: 3}\n", ":2: filters: gopher_quality: expected"),
    ("source: x\nfilters: {gopher_quality: null}\n", ":2: filters: gopher_quality: expected"),
    ("source: x\nfilters: {gopher_quality: {min_words: many}}\n", "gopher_quality.min_words: expected"),
])  # fmt: skip
def test_what_is_wrong_in_a_file_is_told_with_its_name(folder, text, said):
    (folder / "deu_Latn.yaml").write_text(text)
    with pytest.raises(BadRecipe) as refused:
        thresholds.load(folder)
    assert "deu_Latn.yaml" in str(refused.value)
    assert said in str(refused.value)


def test_a_folder_of_the_name_of_a_language_is_refused(folder):
    (folder / "deu_Latn.yaml").mkdir()
    with pytest.raises(BadRecipe, match=r"deu_Latn\.yaml is no file; take it away"):
        thresholds.load(folder)


def test_a_file_has_the_canonical_name_of_its_language(folder):
    (folder / "de.yaml").write_text(FILE)
    with pytest.raises(BadRecipe, match="try deu_Latn"):
        thresholds.load(folder)


def test_a_folder_without_files_is_an_error_that_lists_those_with_some(folder):
    with pytest.raises(MissingInput, match=r"no thresholds by language in .*other; folders in .*: mine"):
        thresholds.load(folder.parent / "other")


def test_a_wanted_language_without_a_file_is_an_error_that_lists_those_with_one(folder):
    files = thresholds.load(folder)
    thresholds.require(files, ["fr", "fra_Latn"], "mine")
    with pytest.raises(MissingInput, match=r"languages/mine: sw; have: fra_Latn; .*calibrate --language sw"):
        thresholds.require(files, ["fr", "sw"], "mine")


def test_fineweb2_has_files_for_a_hundred_languages(fineweb2):
    assert len(fineweb2) >= 100
    assert {"eng_Latn", "fra_Latn", "cmn_Hani", "arb_Arab", "tha_Thai", "swh_Latn"} <= set(fineweb2)
    assert all(canonical(label) == label for label in fineweb2)


# Values of configs/fra_Latn.yml, deu_Latn.yml, cmn_Hani.yml and tha_Thai.yml of FineWeb2, by our names.
@pytest.mark.parametrize(("label", "score", "line", "top", "punctuation", "chars", "alpha", "newline"), [
    ("fra_Latn", 0.824, 0.264, 0.161, 0.10, (2, 11), 0.812, 0.185),
    ("deu_Latn", 0.821, 0.263, 0.169, None, (0, 15), 0.774, 0.152),
    ("cmn_Hani", 0.692, 0.287, 0.256, 0.106, (1, 5), 0.735, 0.178),
    ("tha_Thai", 0.90, 0.349, 0.221, None, (2, 10), 0.90, 0.153),
])  # fmt: skip
def test_numbers_are_those_of_fineweb2(fineweb2, label, score, line, top, punctuation, chars, alpha, newline):
    found = fineweb2[label].filters
    repetition, quality, lines = found["gopher_repetition"], found["gopher_quality"], found["fineweb"]
    assert found["language"] == {"min_score": score}
    assert (repetition["max_duplicate_line_ratio"], repetition["max_top_2_gram_char_ratio"]) == (line, top)
    assert (lines["min_terminal_line_ratio"], lines["max_newline_ratio"]) == (punctuation, newline)
    assert (quality["min_mean_word_chars"], quality["max_mean_word_chars"]) == chars
    assert (quality["min_alpha_word_ratio"], quality["min_stop_words"]) == (alpha, 2)
    assert lines["max_duplicate_char_ratio"] == 0.1
    assert repetition["max_duplicate_paragraph_ratio"] is lines["max_short_line_ratio"] is None


def test_english_has_the_defaults_of_the_filters(fineweb2):
    from headwater.configuration import resolve

    for name, options in fineweb2["eng_Latn"].filters.items():
        defaults = resolve("filters", name, {})
        differing = {
            key for key, value in options.items() if key != "stop_words" and defaults[key] not in (value, "mode")
        }
        assert differing == set()


def test_every_file_says_its_source_and_licence(root):
    for file in (root / "languages/fineweb2").glob("*.yaml"):
        assert "Apache-2.0" in file.read_text().splitlines()[0], file


def test_a_filter_judges_a_language_by_its_own_options(fineweb2):
    options = thresholds.overrides(fineweb2, "language", {"languages": ["fr"]})["fra_Latn"]
    columns = {"language": np.array(["fr", "fr"]), "language_score": np.array([0.82, 0.83])}
    assert registry.names("filters")
    assert judging.judge([("language", options)], columns).dropped.tolist() == [True, False]
