"""A second model's opinion on the language, and whether it agrees."""

import subprocess
import sys

import pytest

from headwater import checking
from headwater.errors import BadRecipe, MissingInput
from headwater.language import second
from headwater.settings import load
from tests import chain

TEXTS = [
    "The committee will meet again on Thursday afternoon to discuss the new proposal for the school.",
    "Der Ausschuss trifft sich am Donnerstag wieder, um den neuen Vorschlag für die Schule zu besprechen.",
    "委員会は木曜日の午後に再び集まり、学校の新しい提案について話し合います。",
]


def test_lingua_names_languages_by_their_short_codes():
    assert second.identify(TEXTS) == ["en", "de", "ja"]


def test_a_text_without_letters_has_no_language():
    assert second.identify(["", "1234 !!"]) == [None, None]


def test_another_process_says_the_same():
    code = f"from headwater.language import second; print(second.identify({TEXTS!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(second.identify(TEXTS))


@pytest.mark.parametrize(("one", "other", "agree"), [
    ("en", "en", True), ("eng_Latn", "en", True), ("no", "nb", True), ("sh", "hr", True),
    ("en", "de", False), ("bs", "hr", False), (None, "en", None), ("en", None, None),
])  # fmt: skip
def test_models_agree_when_they_mean_the_same_language(one, other, agree):
    assert second.agrees(one, other) is agree


def test_without_a_second_model_there_is_no_release():
    assert second.release(None) == ""


def test_a_package_that_is_not_installed_is_an_error_that_says_so(monkeypatch):
    monkeypatch.setattr(second, "PACKAGE", "lingua-that-nobody-installed")
    with pytest.raises(MissingInput, match=r"pip install 'headwater\[lingua\]'"):
        second.release("lingua")


def test_a_second_opinion_needs_a_first(tmp_path):
    (tmp_path / "headwater.yaml").write_text("language_model: {identify: false, second: lingua}\n")
    with pytest.raises(BadRecipe, match="it needs identify: true"):
        load(tmp_path)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A project that asks for a second opinion, with one sample crawl filtered by agreement."""
    folder = chain.lay_out(tmp_path_factory.mktemp("asked") / "project", language_model={"second": "lingua"})
    filters = [{"language": {"min_score": None, "require_agreement": True}}]
    chain.change(folder, "tiny", crawls=["SAMPLE-2025-03"], filters=filters)
    with chain.opened(folder) as project:
        chain.run(project, to="filtered")
        yield project


def test_agreement_is_stored_beside_the_language(asked):
    rows = [row for row in chain.rows(asked, "extracted") if row["outcome"] == "kept"]
    assert len(rows) > 100
    assert all(row["language_agrees"] == second.agrees(row["language"], row["second_language"]) for row in rows)
    assert sum(row["language_agrees"] is True for row in rows) > 0.7 * len(rows)


def test_a_filter_can_ask_for_agreement(asked):
    agreed = {row["doc_id"] for row in chain.rows(asked, "extracted") if row["language_agrees"]}
    rows = [row for row in chain.rows(asked, "filtered") if row["outcome"] in ("kept", "dropped")]
    assert {row["doc_id"] for row in rows if row["outcome"] == "kept"} == agreed
    assert {row["rule"] for row in rows if row["outcome"] == "dropped"} == {"language.require_agreement"}


def test_without_a_second_model_the_columns_are_null(tiny_lake):
    rows = chain.rows(tiny_lake, "extracted", ["second_language", "language_agrees"])
    assert {tuple(row.values()) for row in rows} == {(None, None)}


def test_agreement_without_a_second_model_is_refused_before_any_work(copied):
    chain.change(copied, "tiny", filters=[{"language": {"require_agreement": True}}])
    with chain.opened(copied) as project, pytest.raises(BadRecipe, match="needs a second opinion"):
        checking.check(project, "tiny")


def test_a_missing_package_is_found_by_the_check(copied, monkeypatch):
    monkeypatch.setattr(second, "PACKAGE", "lingua-that-nobody-installed")
    file = copied / "headwater.yaml"
    file.write_text(file.read_text() + "language_model: {second: lingua}\n")
    with chain.opened(copied) as project, pytest.raises(MissingInput, match="not installed"):
        checking.check(project, "tiny")
