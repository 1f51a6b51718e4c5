"""Words of scripts without spaces: the kernel against a plain reference, on any text and on real ones."""

import gzip
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.text import segment
from headwater.text.unicode import MARK, SINGLE, kinds

KINDS = kinds()
PIECES = "国家我们の東京กาเ่้ក្រទេស္မ\u0e31"
TEXTS = st.text(st.sampled_from(PIECES) | st.characters(codec="utf-8"), max_size=40)
LEXICONS = st.dictionaries(
    st.text(st.sampled_from(PIECES), min_size=1, max_size=5), st.integers(0, 500), max_size=12
)  # fmt: skip


def cut(text, lexicon):
    """The words of a text, by the kernel, in the middle of other bytes."""
    data = text.encode()
    around = np.frombuffer("あ".encode() + data + "国".encode(), np.uint8)
    room = len(data) + 1
    best, ends, cuts = np.zeros(room, np.int64), np.zeros(room, np.int32), np.zeros(room, np.int32)
    count = segment.segment(around, 3, 3 + len(data), KINDS, *lexicon, best, ends, cuts)
    ends = [0, *cuts[:count]]
    return [data[a:b].decode() for a, b in pairwise(ends)]


def begins(text, place):
    """Whether a word may begin here."""
    stacked = place and text[place - 1] in "\u17d2\u1039"
    return place == 0 or place == len(text) or not (KINDS[ord(text[place])] == MARK or stacked)


def reference(text, prices):
    """The cheapest cut, of equals that with the longer first word, letters without a word joined."""
    n = len(text)
    best, step = {n: 0}, {}
    for i in reversed(range(n)):
        if begins(text, i):
            unknown = next(j for j in range(i + 1, n + 1) if begins(text, j))
            ways = [(segment.UNKNOWN + best[unknown], 1, -unknown)]
            for j in range(i + 1, n + 1):
                if begins(text, j) and text[i:j] in prices:
                    ways.append((prices[text[i:j]] + best[j], 0, -j))
            best[i], unlisted, stop = min(ways)
            step[i] = (-stop, not unlisted)
    found, at, joined = [], 0, False
    while at < n:
        end, known = step[at]
        if not known and joined and ord(text[at]) < segment.FIRST_EAST_ASIAN:
            found[-1] += text[at:end]
        else:
            found.append(text[at:end])
        joined, at = not known, end
    return found


def table(prices):
    return segment.lexicon(segment.priced(prices.items()))


@settings(deadline=None)
@given(text=TEXTS, prices=LEXICONS)
def test_the_kernel_cuts_as_the_reference(text, prices):
    assert cut(text, table(prices)) == reference(text, prices)


@settings(deadline=None)
@given(text=TEXTS)
def test_no_byte_is_lost_and_no_word_is_empty(text):
    words = cut(text, segment.embedded())
    assert "".join(words) == text
    assert all(words)


@pytest.mark.parametrize(("text", "words"), [
    ("我们的国家", ["我们", "的", "国家"]),
    ("他來到了網易", ["他", "來到", "了", "網", "易"]),
    ("すべて人間は自由である", ["すべて", "人間", "は", "自由", "で", "ある"]),
    ("ประเทศไทยสวยมาก", ["ประเทศ", "ไทย", "สวย", "มาก"]),
    ("ທຸກຄົນມີສິດ", ["ທຸກຄົນ", "ມີ", "ສິດ"]),
    ("មនុស្សទាំងអស់", ["មនុស្ស", "ទាំងអស់"]),
])  # fmt: skip
def test_common_words_are_found(text, words):
    assert cut(text, segment.embedded()) == words


def test_unknown_letters_run_together_where_a_letter_is_no_word():
    lexicon = table({"มา": 100})
    assert cut("กขคมากข", lexicon) == ["กขค", "มา", "กข"]
    assert cut("龘龘", lexicon) == ["龘", "龘"]


def test_a_word_never_ends_before_a_mark():
    assert cut("กา่", table({"กา": 1})) == ["กา่"]


def test_a_long_stretch_takes_linear_time():
    import time

    spent = []
    for size in (30_000, 300_000):
        text = "ก่" * size
        cut(text, segment.embedded())
        before = time.process_time()
        cut(text, segment.embedded())
        spent.append(time.process_time() - before)
    assert spent[1] < 40 * max(spent[0], 0.002)


def stretches(text):
    """Where characters of scripts without spaces stand together."""
    i = 0
    while i < len(text):
        j = i
        while j < len(text) and KINDS[ord(text[j])] in ((SINGLE,) if j == i else (SINGLE, MARK)):
            j += 1
        if j > i:
            yield text[i:j]
        i = max(j, i + 1)


def test_the_kernel_cuts_real_texts_as_the_reference(test_data):
    lines = [line for file in ("khmer", "lao", "burmese", "thai", "east-asian") for line in segment.contents(file)]
    prices = {word: int(price) for price, words in (line.split("\t") for line in lines) for word in words.split(" ")}
    with gzip.open(test_data / "langid/udhr.jsonl.gz", "rt") as stream:
        texts = [r["text"] for r in map(json.loads, stream) if r["bcp47"][:2] in ("zh", "ja", "th", "km", "lo", "my")]
    found = [s for text in texts for s in stretches(text)]
    assert len(found) > 500
    assert [cut(s, segment.embedded()) for s in found] == [reference(s, prices) for s in found]
