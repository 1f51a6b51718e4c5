"""Thresholds of a language from reference texts: mappings, stop words, score, and a file that loads and is used."""

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from headwater import calibrate
from headwater.calibrate import METHODS, Reference, mapped, score_threshold, stop_words
from headwater.errors import MissingInput, UserError
from headwater.language import references, thresholds
from headwater.settings import EMBEDDED_MODEL
from tests import chain

ENGLISH = np.arange(100) / 100
VALUES = st.lists(st.floats(0, 1), min_size=2, max_size=30).map(np.array)


def test_quantile_breaks_the_rule_for_as_large_a_share():
    values = np.arange(100) / 50
    assert mapped(0.895, ENGLISH, values, "quantile", upper=True) == pytest.approx(1.782)
    assert mapped(0.095, ENGLISH, values, "quantile", upper=False) == pytest.approx(0.198)
    for upper in (True, False):
        threshold = mapped(0.3, ENGLISH, values, "quantile", upper=upper)
        broken = [np.mean(v > t) if upper else np.mean(v < t) for v, t in ((ENGLISH, 0.3), (values, threshold))]
        assert broken[0] == pytest.approx(broken[1], abs=0.011)


def test_mean_std_is_as_many_deviations_from_the_mean():
    english, values = np.array([0.0, 2.0]), np.array([10.0, 30.0])
    assert mapped(3.0, english, values, "mean_std", upper=True) == pytest.approx(40.0)


def test_ten_tail_breaks_the_rule_for_a_tenth():
    assert mapped(5.0, ENGLISH, ENGLISH, "ten_tail", upper=True) == pytest.approx(0.891)
    assert mapped(5.0, ENGLISH, ENGLISH, "ten_tail", upper=False) == pytest.approx(0.099)


def test_median_ratio_is_as_many_times_the_median():
    assert mapped(0.3, np.array([0.1, 0.1]), np.array([0.2, 0.2]), "median_ratio", upper=True) == pytest.approx(0.6)


@pytest.mark.parametrize("method", ["quantile", "mean_std", "median_ratio"])
def test_where_english_cannot_tell_the_looser_stands(method):
    nothing = np.zeros(10)
    assert mapped(0.1, nothing, nothing, method, upper=True) == 0.1
    assert mapped(0.1, nothing, np.append(nothing, 0.4), method, upper=True) == 0.4
    assert mapped(0.1, nothing, np.append(nothing, 0.4), method, upper=False) == 0.0


@given(values=VALUES, threshold=st.floats(0, 1), upper=st.booleans())
def test_english_mapped_to_itself_by_quantile_keeps_what_it_kept(values, threshold, upper):
    assume(0 < np.mean(values <= threshold if upper else values < threshold) < 1)
    found = mapped(threshold, values, values, "quantile", upper=upper)
    kept = [np.sum(values <= t) if upper else np.sum(values >= t) for t in (threshold, found)]
    # A threshold between two values may come to lie on one of them.
    assert abs(int(kept[0]) - int(kept[1])) <= np.max(np.unique(values, return_counts=True)[1])


@pytest.mark.parametrize(("scores", "threshold"), [
    ([0.99, 0.99, 0.98], 0.9), ([0.5, 0.6, 0.7], 0.518), ([0.1, 0.9, 0.2], 0.3), ([np.nan, 0.99, 0.99], 0.9),
])  # fmt: skip
def test_the_score_threshold_is_the_median_less_the_deviation_within_bounds(scores, threshold):
    assert score_threshold(np.array(scores)) == pytest.approx(threshold, abs=5e-4)


def test_stop_words_are_frequent_words_in_lower_case():
    words = {"The": 50, "the": 60, "of": 40, ",": 900, "2024": 500, **{f"w{i}": 10 for i in range(80)}}
    found = stop_words(words)
    assert found[:2] == ["the", "of"]
    assert "," not in found
    assert "2024" not in found
    assert len(found) == 82


def test_there_are_never_fewer_than_eight_stop_words():
    assert stop_words({f"w{i:04}": 1 for i in range(1000)}) == [f"w{i:04}" for i in range(8)]


def test_too_few_texts_are_refused():
    few = Reference("fra_Latn", {}, {}, np.ones(7), "a.jsonl")
    said = r"7 texts of fra_Latn \(a.jsonl\) are too few .* at least 50: .* --from FILE --english FILE"
    with pytest.raises(UserError, match=said):
        calibrate.calibrate(few, few, "quantile")


def measured(scores):
    """As many texts as scores, which break no rule and have the words of no language."""
    names = references.asked()
    columns = {name: np.ones(len(scores)) for name in names}
    return Reference("fra_Latn", columns, {"a": 3, "b": 2}, np.array(scores), "a.jsonl")


@pytest.mark.parametrize("scored", [0, 1, 49])
def test_no_score_threshold_is_made_of_too_few_scores(scored):
    few, english = measured([0.99] * scored + [np.nan] * (60 - scored)), measured([0.99] * 60)
    found = calibrate.calibrate(few, english, "quantile")
    assert "language" not in found["filters"]
    assert (
        f"60 texts of fra_Latn (a.jsonl), {scored} of them with a score, too few for a min_score; " in found["source"]
    )


def test_texts_without_a_score_have_no_say_in_the_threshold():
    some = measured([0.5, 0.6, 0.7] * 20 + [np.nan] * 60)
    found = calibrate.calibrate(some, some, "quantile")
    assert found["filters"]["language"] == {"min_score": 0.518}
    assert "120 texts of fra_Latn (a.jsonl), 60 of them with a score; 120 of fra_Latn" in found["source"]


def documents(test_data: Path, folder: Path, *labels: str) -> list[Path]:
    """Documents of ten lines of lingua's test sentences, 150 a language, as JSON Lines."""
    chance, files = random.Random(0), []
    with gzip.open(test_data / "langid/lingua_sentences.jsonl.gz", "rt") as stream:
        rows = [json.loads(line) for line in stream]
    for label in labels:
        sentences = [row["text"] for row in rows if row["lang"] == label]
        files.append(folder / f"{label}.jsonl")
        texts = ["\n".join(chance.sample(sentences, 10)) for _ in range(150)]
        files[-1].write_text("\n".join(json.dumps({"text": text}) for text in texts))
    return files


@pytest.fixture(scope="module")
def french_and_english(test_data, tmp_path_factory):
    files = documents(test_data, tmp_path_factory.mktemp("texts"), "fr", "en")
    return [references.from_file(f, label, EMBEDDED_MODEL) for f, label in zip(files, ("fr", "en"), strict=True)]


@pytest.mark.parametrize("method", METHODS)
def test_numbers_of_real_texts_are_sane_and_the_file_loads(french_and_english, method, tmp_path):
    found = calibrate.calibrate(*french_and_english, method)
    (tmp_path / "fra_Latn.yaml").write_text(calibrate.as_yaml(found))
    loaded = thresholds.load(tmp_path)["fra_Latn"]
    quality = loaded.filters["gopher_quality"]
    assert 0.3 <= loaded.filters["language"]["min_score"] <= 0.9
    assert 1 <= quality["min_mean_word_chars"] <= 5 < quality["max_mean_word_chars"] <= 15
    assert 0.6 <= quality["min_alpha_word_ratio"] <= 0.9
    assert {"de", "la", "et", "le", "les"} <= set(quality["stop_words"])
    assert not {"the", "of"} & set(quality["stop_words"])
    assert all(0 <= value <= 1 for name, value in loaded.filters["gopher_repetition"].items() if value is not None)


def test_the_file_says_where_its_numbers_are_from(french_and_english):
    source = calibrate.calibrate(*french_and_english, "quantile")["source"]
    assert source.startswith("headwater calibrate --method quantile: 150 texts of fra_Latn (fr.jsonl, sha256 ")
    assert "150 of eng_Latn (en.jsonl, sha256 " in source


def test_derived_stop_words_are_much_like_those_of_fineweb2(french_and_english, root):
    derived = set(calibrate.calibrate(*french_and_english, "quantile")["filters"]["gopher_quality"]["stop_words"])
    published = yaml.safe_load((root / "languages/fineweb2/fra_Latn.yaml").read_text())
    assert len(derived & set(published["filters"]["gopher_quality"]["stop_words"])) >= 12


def test_plain_text_is_cut_at_blank_lines(tmp_path):
    (tmp_path / "a.txt").write_text("one\ntwo\n\n\nthree\n")
    found = references.from_file(tmp_path / "a.txt", "en", None)
    assert found.texts == 2
    assert found.words == {"one": 1, "two": 1, "three": 1}


def test_rows_of_other_languages_are_left_out(tmp_path):
    rows = [{"text": "a", "language": "fr"}, {"text": "b", "language": "eng_Latn"}, {"text": "c"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert set(references.from_file(tmp_path / "a.jsonl", "en", None).words) == {"b", "c"}


def test_a_file_that_is_not_there_or_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(MissingInput, match="no file"):
        references.from_file(tmp_path / "a.txt", "en", None)
    (tmp_path / "b.jsonl").write_text('{"no": 1}\n')
    with pytest.raises(UserError, match="cannot be read as texts: KeyError"):
        references.from_file(tmp_path / "b.jsonl", "en", None)


def test_the_lake_is_a_reference_by_its_signals(tiny_lake):
    found = references.from_lake(tiny_lake, "eng_Latn")
    rows = [r for r in chain.rows(tiny_lake, "signals") if r["outcome"] == "kept" and r["language"] == "en"]
    assert found.texts == len(rows) > calibrate.MIN_TEXTS
    assert sorted(found.columns["words"]) == sorted(row["words"] for row in rows)
    assert max(found.words, key=found.words.get) in ("the", ",", ".")
    assert "SAMPLE-2024-10 v" in found.said


def test_of_a_large_lake_the_smallest_ids_are_taken(tiny_lake):
    few = references.from_lake(tiny_lake, "en", most=60)
    ids = sorted(
        (r["doc_id"], r["words"])
        for r in chain.rows(tiny_lake, "signals")
        if r["outcome"] == "kept" and r["language"] == "en"
    )
    assert list(few.columns["words"]) == [words for _, words in ids[:60]]


def test_a_language_that_the_lake_does_not_have_is_an_error(tiny_lake):
    with pytest.raises(MissingInput, match="the lake has no text of zul_Latn"):
        references.from_lake(tiny_lake, "zu")


def headwater(folder, *arguments):
    command = [Path(sys.executable).with_name("headwater"), "--project", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_the_command_writes_a_file_that_a_recipe_can_name(copied):
    done = headwater(copied, "calibrate", "--language", "en", "--to", "mine")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(copied / "languages/mine/eng_Latn.yaml")
    assert set(thresholds.load(copied / "languages/mine")) == {"eng_Latn"}


def test_a_file_that_is_there_is_left_alone_unless_it_is_to_be_replaced(copied):
    file = copied / "languages/fineweb2/fra_Latn.yaml"
    shipped, there = file.read_bytes(), sorted(file.parent.iterdir())
    texts = copied / "texts.txt"
    texts.write_text("\n\n".join(f"the water of river {number} and the hills of it" for number in range(60)))
    given = ["calibrate", "--language", "fr", "--from", str(texts), "--english", str(texts), "--to", "fineweb2"]
    refused = headwater(copied, *given)
    assert refused.returncode == 2
    assert f"{file} is there already; give another folder to --to, or --replace to write over it" in refused.stderr
    assert file.read_bytes() == shipped
    done = headwater(copied, *given, "--replace")
    assert done.returncode == 0, done.stderr
    assert file.read_text().startswith("# Derived by headwater calibrate for fra_Latn")
    assert sorted(file.parent.iterdir()) == there


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    from headwater.commands.calibrate import _write

    file = tmp_path / "fra_Latn.yaml"
    file.write_text("whole")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("no room")))
    with pytest.raises(OSError, match="no room"):
        _write(file, "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("fra_Latn.yaml", "whole")]


@pytest.mark.parametrize(("arguments", "said"), [
    (["--method", "guess"], "no method 'guess'; have: quantile, mean_std, ten_tail, median_ratio"),
    (["--from", "x.txt"], "--from needs --english"),
    (["--english", "x.txt"], "--english goes with --from"),
    (["--to", "../../elsewhere"], "--to '../../elsewhere' is no name of a folder in languages"),
])  # fmt: skip
def test_a_question_that_cannot_be_answered_is_refused(built, arguments, said):
    done = headwater(built, "calibrate", "--language", "fr", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_language_by_its_english_name_is_told_what_labels_are(built):
    done = headwater(built, "calibrate", "--language", "English")
    assert done.returncode == 2
    said = "'English' is no label of a language; give it as models and recipes do: en, sw, eng_Latn, swh_Latn"
    assert said in done.stderr
