"""The model that names languages, and one with GlotLID's labels in its place."""

import hashlib
import random

import fasttext
import pytest

from headwater.language import identify
from headwater.settings import EMBEDDED_MODEL, load
from headwater.text.labels import canonical

WORDS = {
    "eng_Latn": "the of and to in is that for it was on are with as his they at be this have from",
    "fra_Latn": "le la les de des et en un une que qui dans pour pas sur est sont avec ce il elle",
    "rus_Cyrl": "и в не на что я быть он с как это по но они мы этот который весь год свой",
}


@pytest.fixture(scope="module")
def glotlid_like(tmp_path_factory):
    """A small fastText model with labels as GlotLID's, trained on generated sentences."""
    folder, chance = tmp_path_factory.mktemp("model"), random.Random(0)
    lines = [
        f"__label__{label} {' '.join(chance.choices(words.split(), k=12))}"
        for label, words in WORDS.items()
        for _ in range(300)
    ]
    (folder / "train.txt").write_text("\n".join(chance.sample(lines, len(lines))))
    # With one thread fastText 0.9.3 leaves most of the table that it starts from as memory was, and may end in NaN;
    # with ten it did not in any trial.
    model = fasttext.train_supervised(
        str(folder / "train.txt"), dim=8, epoch=10, minn=2, maxn=3, bucket=2000, thread=10, verbose=0
    )
    model.save_model(str(folder / "glotlid.bin"))
    return folder / "glotlid.bin"


def test_a_text_has_a_label_and_a_score():
    labels, scores = identify(
        ["The quick brown fox jumps over the lazy dog.", "Wie geht es dir heute?"], EMBEDDED_MODEL
    )
    assert labels == ["en", "de"]
    assert all(0.5 < score <= 1 for score in scores)


def test_a_text_without_letters_has_a_score_that_no_threshold_passes():
    _, scores = identify(["", " \n"], EMBEDDED_MODEL)
    assert max(scores) < 0.3


def test_no_texts_have_no_labels():
    assert identify([], EMBEDDED_MODEL) == ([], [])


def test_lines_and_nulls_within_a_text_do_not_cut_it():
    text = "The quick brown fox jumps over the lazy dog."
    assert identify([text.replace(" ", "\n"), text.replace(" ", "\0")], EMBEDDED_MODEL)[0] == ["en", "en"]


def test_a_model_with_glotlids_labels_gives_labels_that_compare_with_the_embedded_ones(glotlid_like):
    texts = ["they have this from the and that for", "dans les pour que des et une avec", "это не год который они мы"]
    labels, scores = identify(texts, glotlid_like)
    assert labels == ["eng_Latn", "fra_Latn", "rus_Cyrl"]
    assert min(scores) > 0.5
    assert [canonical(label) for label in identify(texts, EMBEDDED_MODEL)[0]] == labels


def test_a_project_takes_the_model_by_path_and_digest(glotlid_like, tmp_path):
    digest = hashlib.sha256(glotlid_like.read_bytes()).hexdigest()
    (tmp_path / "headwater.yaml").write_text(f"language_model: {{path: {glotlid_like}, sha256: {digest}}}\n")
    assert load(tmp_path).language_model_digest == digest
