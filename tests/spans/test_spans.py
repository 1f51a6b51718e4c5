"""Stretches that earlier documents have: found across shards and crawls as in one crawl, whoever works on it."""

import tempfile
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater import spans
from headwater.errors import BadRecipe, UserError
from headwater.lake import files, scratch
from headwater.spans import filters, windows
from headwater.stages import span_index
from tests import chain, filtered

LINES = ["alpha beta gamma delta", "one two three four five", "red green blue black white", "x", "Ärger übt König ab"]
BLOOM = {"min_ngram": 3, "max_ngram": 3, "expected_ngrams": 5000, "threshold": 0.6}
METHODS = {
    "lines": [{"lines": {}}],
    "sentences": [{"lines": {"unit": "sentence", "span": 2}}],
    "bloom old-both": [{"bloom_ngram": BLOOM}],
    "bloom both": [{"bloom_ngram": {**BLOOM, "mode": "both"}}],
    "bloom paragraph": [{"bloom_ngram": {**BLOOM, "mode": "paragraph"}}],
    "bloom document": [{"bloom_ngram": {**BLOOM, "mode": "document", "min_ngram": 2, "max_ngram": 2}}],
    "substring": [{"substring": {"length": 6}}],
    "pairs, lines, substring": ["exact", {"minhash": {"threshold": 0.9}}, {"lines": {}}, {"substring": {"length": 5}}],
    "bloom, lines": [{"bloom_ngram": {**BLOOM, "mode": "paragraph", "expected_ngrams": 300}}, {"lines": {}}],
}
texts = st.lists(st.sampled_from(LINES), min_size=1, max_size=5).map("\n".join) | st.lists(
    st.sampled_from(["ab", "cd", "ef"]), min_size=3, max_size=30
).map(" ".join)
corpora = st.lists(texts, min_size=2, max_size=12)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Parts so small that a few documents fill many."""
    monkeypatch.setattr(filters, "DOCUMENTS_TOGETHER", 3)
    monkeypatch.setattr(windows, "BYTES_BESIDE", 40)


def doc_id(number):
    """Ids whose order is that of the numbers, in the form of real ones, over their whole range."""
    return f"{number * 0x0FFF_FFFF:08x}{number:024x}"


@contextmanager
def made(documents, splits, dedup, *, shards=2, here=True, **parts):
    """A lake of documents that come in crawls that begin at these places, deduplicated."""
    with tempfile.TemporaryDirectory() as folder:
        project = filtered.opened(Path(folder) / "lake", here=here, dedup=dedup, **parts)
        try:
            for number, (start, stop) in enumerate(pairwise([0, *sorted(splits), len(documents)])):
                rows = [(doc_id(n), f"s{n % shards}", documents[n]) for n in range(start, stop)]
                filtered.add(project, f"C{number}", rows)
                filtered.deduped(project, f"C{number}")
            yield project
        finally:
            project.engine.close()


def verdicts(project):
    """What `deduped` says of each document."""
    columns = ("outcome", "representative", "similarity", "method", "edits")
    return {row["doc_id"]: [row[column] for column in columns] for row in chain.rows(project, "deduped")}


def after(documents, splits, dedup, **how):
    with made(documents, splits, dedup, **how) as project:
        return verdicts(project)


@pytest.mark.parametrize("method", METHODS)
@given(documents=corpora, data=st.data())
@settings(max_examples=5, deadline=None)
def test_crawls_one_after_another_give_what_one_crawl_gives(method, documents, data):
    splits = data.draw(st.sets(st.integers(1, len(documents) - 1), max_size=3))
    shards = data.draw(st.integers(1, 3))
    assert after(documents, splits, METHODS[method], shards=shards) == after(documents, [], METHODS[method])


@pytest.mark.parametrize("method", ["lines", "bloom old-both", "substring"])
def test_any_number_of_workers_gives_the_same_tables(method):
    documents = ["\n".join(LINES[n % 5 :] + LINES[: n % 3]) for n in range(12)]
    with made(documents, [7], METHODS[method], shards=3) as alone, \
            made(documents, [7], METHODS[method], shards=3, here=False) as together:  # fmt: skip
        assert chain.digests(alone) == chain.digests(together)
        assert any(row["edits"] for row in chain.rows(together, "repeated_spans"))


def test_of_a_line_that_many_have_the_first_document_keeps_it():
    found = after(["a line\nmine", "a line\nyours", "A LINE!\nhers"], [2], [{"lines": {}}])
    removed = [[(e["start"], e["stop"]) for e in row[4] or ()] for row in found.values()]
    assert removed == [[], [(0, 7)], [(0, 8)]]


def test_documents_whose_ids_begin_alike_lose_their_own_lines_only(tmp_path):
    project = filtered.opened(tmp_path / "lake", dedup=[{"lines": {}}])
    texts = ["said before\nalpha\nbeta\ngamma", "one line", "nobody's\nwords\nthat\nstay"]
    ids = [f"{16 * 'a'}{16 * '0'}", f"{16 * 'a'}{16 * '1'}", 32 * "b"]
    filtered.add(project, "C0", [(doc_id(0), "s1", "gamma"), *((i, "s0", t) for i, t in zip(ids, texts, strict=True))])
    filtered.deduped(project, "C0")
    found = verdicts(project)
    assert [[(e["start"], e["stop"]) for e in found[i][4] or ()] for i in ids] == [[(23, 28)], [], []]


def test_a_document_of_which_nothing_stays_is_a_duplicate_without_representative():
    found = after(["a line\nmine", "mine\n\na line"], [1], [{"lines": {}}])
    assert found[doc_id(1)][:4] == ["duplicate", None, 1.0, "lines"]


@pytest.mark.parametrize("rest", ["", "\n ", "\u3000", "\u00a0\n\u2028"])
def test_a_text_of_which_only_white_space_stays_is_one_of_which_nothing_stays(rest):
    found = after(["a line", f"a line\n{rest}"], [1], [{"lines": {}}])
    assert found[doc_id(1)][:4] == ["duplicate", None, 1.0, "lines"]


def test_a_window_that_joins_two_earlier_spans_is_no_copy_and_is_remembered():
    words = [f"w{n}" for n in range(12)]
    texts = [" ".join(words[:6]), " ".join(words[6:]), " ".join(["so", *words]), " ".join(words[3:9])]
    found = after(texts, [1, 2, 3], [{"substring": {"length": 6}}])
    assert [[(e["start"], e["stop"]) for e in row[4] or ()] for row in found.values()] == [[], [], [(3, 40)], [(0, 17)]]


@pytest.mark.parametrize("method", ["lines", "bloom old-both", "substring"])
def test_within_crawl_what_an_earlier_crawl_has_is_new(method):
    text = "\n".join(LINES)
    found = after([text] * 4, [2], METHODS[method], scope="within_crawl")
    assert [row[0] for row in found.values()] == ["kept", "duplicate"] * 2


@pytest.mark.parametrize("method", ["lines", "bloom old-both", "substring"])
def test_a_crawl_that_left_the_window_is_forgotten(method):
    text = "\n".join(LINES)
    found = after([text] * 4, [1, 2, 3], METHODS[method], scope={"window": 2})
    assert [row[0] for row in found.values()] == ["kept", "duplicate", "kept", "duplicate"]


def test_a_commit_of_a_filter_says_how_full_it_is():
    with made(["\n".join(LINES)], [], METHODS["bloom old-both"]) as project:
        said = project.lake.published("span_index", {"recipe": "tiny", "crawl": "C0"}).provenance.details
    found = said["filters"]["0-bloom_ngram"]
    assert found["expected_ngrams"] == 5000
    # Of lines of 4, 5, 5, 1 and 4 words each has two trigrams fewer than words.
    assert found["ngrams"] == 10
    assert found["fp_rate"] < 0.01


def test_a_crawl_that_overfills_a_filter_is_refused_with_a_number_that_would_do():
    documents = [" ".join(f"{n}-{word}" for word in range(400)) for n in range(16)]
    tight = {"min_ngram": 3, "max_ngram": 3, "expected_ngrams": 300, "fp_rate": 0.01}
    with (
        pytest.raises(UserError, match="set expected_ngrams to") as error,
        made(documents, [8], [{"bloom_ngram": tight}]) as project,
    ):
        assert project is not None
    enough = int(str(error.value).split("set expected_ngrams to ")[1].split()[0])
    found = after(documents, [8], [{"bloom_ngram": {**tight, "expected_ngrams": max(enough, 100_000)}}])
    assert {row[0] for row in found.values()} == {"kept"}


@pytest.mark.parametrize("dedup", [[{"lines": {}}, "exact"], ["exact", "exact"]])
def test_a_list_that_cannot_be_worked_through_is_refused(dedup):
    with pytest.raises(BadRecipe, match="dedup"), made(["a"], [], dedup):
        pass


def test_of_the_index_no_row_group_has_more_keys_than_a_search_reads_at_once(monkeypatch):
    monkeypatch.setattr(span_index, "KEYS_TOGETHER", 4)
    monkeypatch.setattr(files, "ROW_GROUP_ROWS", 4)
    with made(["\n".join(f"line {chr(97 + n)}" for n in range(10))], [], [{"lines": {}}]) as project:
        (file,) = project.lake.files("span_index")
        held = pq.ParquetFile(project.lake.storage.uri(file.name)).metadata
    assert [held.row_group(group).num_rows for group in range(held.num_row_groups)] == [4, 4, 2]


def test_of_pairs_a_shard_is_told_of_its_own_duplicates_only(monkeypatch):
    told, search = {}, spans.search

    def listening(draft, engine, method, mine, known, earlier):
        for shard, source in mine.items():
            ids = (
                batch.column("doc_id").to_pylist()
                for n in source.gone
                for batch in files.read_batches(draft.storage, n)
            )
            told[shard] = sorted(doc for some in ids for doc in some)
        return search(draft, engine, method, mine, known, earlier)

    monkeypatch.setattr(spans, "search", listening)
    after(["a line"] * 4, [], ["exact", {"lines": {}}])
    assert told == {"s0": [doc_id(2)], "s1": [doc_id(1), doc_id(3)]}


def test_a_walk_reads_of_each_shard_the_documents_of_its_range_only(monkeypatch, tmp_path):
    held, judge = {}, filters._judge

    def looking(draft, method, made, shards, bits):
        judge(draft, method, made, shards, bits)
        for kind, part, column in [("list_ngrams", "s0", 0), ("judged", "all", 1)]:
            name = draft.storage.uri(scratch.name(draft, f"{method.place}-{kind}", part))
            found = pq.ParquetFile(name).metadata
            ends = [found.row_group(group).column(column).statistics for group in range(found.num_row_groups)]
            held[kind] = [(end.min, end.max) for end in ends]

    monkeypatch.setattr(filters, "_judge", looking)
    project = filtered.opened(tmp_path / "lake", dedup=METHODS["bloom old-both"])
    filtered.add(project, "C0", [(doc_id(n), f"s{n % 2}", LINES[n % 5]) for n in reversed(range(12))])
    filtered.deduped(project, "C0")
    assert held["list_ngrams"] == [(doc_id(0), doc_id(4)), (doc_id(6), doc_id(10))]
    assert held["judged"] == [("s0", "s0"), ("s0", "s1"), ("s1", "s1"), ("s0", "s1")]


@pytest.mark.parametrize(("scope", "crawls"), [("global", [[], [], ["C0"], ["C0"], ["C1"], ["C1"]]),
                                               ({"window": 3}, [[], [], ["C0"], [], ["C0", "C1"], []])])  # fmt: skip
def test_a_filter_is_read_of_the_last_crawl_where_that_has_all(scope, crawls, monkeypatch):
    read, state = [], filters.state

    def listening(draft, method, made, known):
        read.append(sorted({name.split("crawl=")[1].split("/")[0] for name in known}))
        return state(draft, method, made, known)

    monkeypatch.setattr(filters, "state", listening)
    after(["\n".join(LINES)] * 3, [1, 2], METHODS["bloom old-both"], scope=scope)
    assert read == crawls
