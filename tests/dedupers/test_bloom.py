"""BFF's Bloom filter: its n-grams and verdicts beside plain Python, its rate of false positives, its state."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dedupers import _bloom as bloom
from headwater.errors import UserError
from headwater.spans import pages
from headwater.text.uax29 import split_uax29, word_breaks

MODES = ("document", "paragraph", "both", "old-both")
EXACT = bloom.size(ngrams=10_000, fp_rate=1e-9)
WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
anything = st.text() | st.text(
    "ab Z09_.,:;'\"-\n\r\t\x1c\x00\u0301\u200d\u00ad\u2003é中あカ한\U0001f1e6\U0001f469\u05d0", max_size=60
)
few_words = st.lists(st.sampled_from(["a", "b", "it's", "\n", "c.d", "中"]), max_size=40).map(" ".join)


def words(text):
    data, cuts = np.frombuffer(text.encode(), np.uint8), np.zeros(len(text.encode()) + 1, np.int32)
    data.flags.writeable = False
    bounds = [0, *cuts[: split_uax29(data, 0, len(data), word_breaks(), cuts)].tolist()]
    found = [text.encode()[a:b].decode() for a, b in pairwise(bounds)]
    return tuple(word for word in found if word.strip(WHITE_SPACE))


def units(text, mode):
    """Paragraphs as BFF cuts them: each newline begins the next."""
    if mode == "document":
        return [text]
    first, *others = text.split("\n")
    return [first, *("\n" + other for other in others)]


def shingles(unit, least, most):
    found = words(unit)
    if least <= len(found) < most:
        return [found]
    return [found[i : i + most] for i in range(len(found) - most + 1)]


def verdicts(texts, mode, least, most, threshold):
    """BFF with a set in place of the filter: for each text its n-grams, those seen, units removed, and its end."""
    filter, said = set(), []
    for text in texts:
        total, contained, removed = 0, 0, []
        for unit in units(text, mode):
            found = shingles(unit, least, most)
            seen = sum(ngram in filter for ngram in found)
            total, contained = total + len(found), contained + seen
            removed.append(bool(found) and seen / len(found) > threshold)
            if not removed[-1]:
                filter.update(found)
        gone = removed[0] if mode == "document" else "both" in mode and total > 0 and contained / total > threshold
        said.append((total, contained, removed, gone))
    return said


def judged(texts, mode, least=2, most=3, threshold=0.5, of=EXACT, bits=None):
    bits = bloom.empty(of) if bits is None else bits
    found = bloom.ngrams(pa.array(texts, pa.string()), mode=mode, min_ngram=least, max_ngram=most)
    return found, bloom.screen(bits, of, found, mode=mode, threshold=threshold)


@settings(deadline=None, max_examples=400)
@given(st.lists(anything, max_size=4), st.integers(1, 3), st.integers(0, 2), st.sampled_from(MODES))
def test_ngrams_are_equal_where_their_words_are_on_any_text(texts, least, more, mode):
    found = bloom.ngrams(pa.array(texts, pa.string()), mode=mode, min_ngram=least, max_ngram=least + more)
    parts = [unit for text in texts for unit in units(text, mode)]
    expected = [shingles(unit, least, least + more) for unit in parts]
    assert np.diff(found.ends, prepend=0).tolist() == [len(ngrams) for ngrams in expected]
    assert np.diff(found.units, prepend=0).tolist() == [len(units(text, mode)) for text in texts]
    assert (found.stops - found.starts).tolist() == [len(unit.encode()) for unit in parts]
    pairs = set(zip((n for ngrams in expected for n in ngrams), found.hashes.tolist(), strict=True))
    assert len(pairs) == len({ngram for ngram, _ in pairs}) == len({value for _, value in pairs})


@pytest.mark.parametrize("mode", MODES)
def test_ngrams_are_equal_where_their_words_are_on_every_page_of_the_sample(sample_texts, mode):
    found = bloom.ngrams(sample_texts, mode=mode)
    expected = [s for text in sample_texts.to_pylist() for unit in units(text, mode) for s in shingles(unit, 13, 13)]
    pairs = set(zip(expected, found.hashes.tolist(), strict=True))
    assert len(pairs) == len({ngram for ngram, _ in pairs}) == len({value for _, value in pairs})


@settings(deadline=None, max_examples=200)
@given(st.lists(few_words, max_size=6), st.sampled_from(MODES), st.sampled_from([0.0, 0.5, 0.8]))
def test_verdicts_are_those_of_plain_python(texts, mode, threshold):
    _, said = judged(texts, mode, threshold=threshold)
    expected = verdicts(texts, mode, 2, 3, threshold)
    assert said.total.tolist() == [total for total, *_ in expected]
    assert said.contained.tolist() == [seen for _, seen, *_ in expected]
    assert said.units.tolist() == [flag for *_, removed, _ in expected for flag in removed]
    assert said.documents.tolist() == [gone for *_, gone in expected]


@settings(deadline=None, max_examples=200)
@given(st.lists(few_words, max_size=6), st.integers(0, 6), st.sampled_from(MODES))
def test_crawl_after_crawl_gives_what_all_at_once_gives(texts, cut, mode):
    tight = bloom.size(ngrams=20, fp_rate=0.3)  # false positives must be the same too
    whole = bloom.empty(tight)
    _, expected = judged(texts, mode, of=tight, bits=whole)
    first = bloom.empty(tight)
    _, one = judged(texts[:cut], mode, of=tight, bits=first)
    kept = pages.fill(bloom.empty(tight), pages.to_pages(first).to_batches())
    _, other = judged(texts[cut:], mode, of=tight, bits=kept)
    assert kept.tolist() == whole.tolist()
    for name in ("total", "contained", "units", "documents"):
        parts = [getattr(one, name), getattr(other, name)]
        assert np.concatenate(parts).tolist() == getattr(expected, name).tolist()


def test_changed_pages_on_those_before_give_the_filter_after():
    of = bloom.size(ngrams=200_000, fp_rate=0.01)
    bits = bloom.empty(of)
    bits[5] = 1
    before = bits.copy()
    bits[-1] |= np.uint64(1 << 63)
    changed = pages.to_pages(bits, before=before)
    assert changed.num_rows == 1
    both = pa.concat_tables([pages.to_pages(before), changed])
    assert pages.fill(bloom.empty(of), both.to_batches()).tolist() == bits.tolist()


@settings(deadline=None, max_examples=100)
@given(st.lists(few_words, max_size=6), st.sampled_from(MODES))
def test_what_stays_is_what_the_walk_added(texts, mode):
    of = bloom.size(ngrams=2000, fp_rate=0.01)
    walked, added = bloom.empty(of), bloom.empty(of)
    found, said = judged(texts, mode, of=of, bits=walked)
    bloom.add(added, of, found, said.units)
    assert added.tolist() == walked.tolist()


@pytest.mark.parametrize("rate", [0.1, 0.01, 0.001])
def test_new_ngrams_are_taken_for_seen_at_the_rate_asked_for(rate):
    random, count = np.random.default_rng(5), 300_000
    of = bloom.size(ngrams=count, fp_rate=rate)
    bits = bloom.empty(of)
    values = random.integers(1 << 64, size=2 * count, dtype=np.uint64)
    one = np.array([count, 2 * count])
    found = bloom.Ngrams(values, one, one * 0, one * 0, np.array([1, 2]))
    wrong = bloom.screen(bits, of, found, mode="document").contained[1]
    # Of the first half, those added are all; the second half only asks.
    assert abs(wrong - rate * count) <= 4 * np.sqrt(rate * count) + 0.02 * rate * count


def test_the_size_is_bffs_and_two_parts_in_a_hundred_at_most():
    of = bloom.size(ngrams=1_000_000_000, fp_rate=0.01)
    assert of.hashes == 7
    assert 9.585 <= of.blocks * bloom.BLOCK_BITS / 1e9 <= 9.585 * 1.02


def test_text_of_fewer_words_than_an_ngram_is_never_removed():
    _, said = judged(["too short", "too short"], "old-both", least=13, most=13)
    assert said.total.tolist() == [0, 0]
    assert not said.units.any()
    assert not said.documents.any()


def test_stretches_of_old_both_are_paragraphs_and_of_both_the_text():
    texts = ["a b c d\ne f g h", "x y z w\na b c d", "a b c d\ne f g h"]
    found, said = judged(texts, "old-both")
    edits = bloom.stretches(found, said, mode="old-both")
    assert [*zip(edits.text, edits.start, edits.stop, strict=True)] == [(1, 7, 15), (2, 0, 7), (2, 7, 15)]
    assert said.documents.tolist() == [False, False, True]
    found, said = judged(texts, "both")
    edits = bloom.stretches(found, said, mode="both")
    assert [*zip(edits.text, edits.start, edits.stop, strict=True)] == [(1, 7, 15), (2, 0, 15)]


@settings(deadline=None, max_examples=100)
@given(st.lists(few_words, max_size=6), st.sampled_from(MODES))
def test_stretches_are_in_order_and_do_not_overlap(texts, mode):
    found, said = judged(texts, mode, threshold=0.3)
    edits, last = bloom.stretches(found, said, mode=mode), defaultdict(int)
    assert np.all(np.diff(edits.text) >= 0)
    for text, start, stop in zip(edits.text.tolist(), edits.start.tolist(), edits.stop.tolist(), strict=True):
        assert last[text] <= start < stop <= len(texts[text].encode())
        last[text] = stop


def test_missing_texts_have_no_ngrams():
    _, said = judged([None, "a b c", None], "paragraph")
    assert said.total.tolist() == [0, 1, 0]
    assert bloom.ngrams(pa.array([], pa.string())).hashes.size == 0


@pytest.mark.timeout(60)
def test_hostile_texts_cost_no_more_than_their_bytes():
    texts = [
        "\n" * 3_000_000,
        "a" * 3_000_000,
        "'" * 3_000_000,
        "a.b" * 1_000_000,
        "\u0301" * 1_000_000,
        "中 " * 500_000,
    ]
    found = bloom.ngrams(pa.array(texts + ["a"] * 300_000), min_ngram=1, max_ngram=2)
    assert np.diff(found.units, prepend=0).tolist() == [3_000_001, *[1] * 300_005]


@pytest.mark.parametrize("options", [{"mode": "neither"}, {"min_ngram": 0}, {"min_ngram": 5, "max_ngram": 4}])
def test_options_that_cannot_be_met_are_refused(options):
    with pytest.raises(UserError, match="bloom_ngram: "):
        bloom.ngrams(pa.array(["a"]), **options)
    with pytest.raises(UserError, match="bloom_ngram: "):
        bloom.size(ngrams=0, fp_rate=0.1)
