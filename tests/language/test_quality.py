"""Floors of language identification on labelled sentences and paragraphs. A floor is never lowered silently."""

import pytest

from benchmarks import langid

# Measured 0.8880 and 0.6824 on texts in the languages that lid.176 knows (benchmarks/langid.py).
FLOORS = {"sentences": 0.887, "paragraphs": 0.681}


@pytest.mark.parametrize("what", FLOORS)
def test_the_embedded_model_tells_languages_at_least_as_well_as_it_did(what, test_data):
    known = langid.spoken_by_lid176()
    data = langid.alone(getattr(langid, what)(test_data / "langid"), known)
    found = langid.scores([language for language, _ in data], langid.lid176([text for _, text in data]), known)
    assert len(found) >= 60
    assert langid.macro(found) >= FLOORS[what]


def test_labels_of_all_languages_compare(test_data):
    there = {language for language, _ in langid.sentences(test_data / "langid")}
    assert len(there) == 75
    assert there == langid.spoken_by_lingua()


def test_scores_are_those_of_their_definition():
    truth, said = ["eng", "eng", "fra", "hrv", "deu"], ["en", "fr", "fr", "sh", None]
    found = langid.scores(truth, said, {"eng", "fra", "hrv", "spa"})
    assert found == {"eng": pytest.approx(2 / 3), "fra": pytest.approx(2 / 3), "hrv": 1.0}
