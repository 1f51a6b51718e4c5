"""Compared pairs: each with the similarity of its two texts, whichever files and parts brought them together."""

import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations import validate
from headwater import buckets, comparing, embedding, identity, make, searching
from headwater.engine import Task
from headwater.errors import BrokenLake
from headwater.lake import scratch
from headwater.stages import minhash_index
from tests import chain, filtered
from tests.stages.crawls import archive, root

WORDS = [f"word{a}{b}" for a in "abcdefghijklmn" for b in "abcdefghijklmn"]
NEAR = [{"minhash": {"shingle_words": 1, "threshold": 0.6, "permutations": 24, "bands": 8, "rows": 3}}]


def page(*changed):
    """A page of the same words as the others, but for the ones given."""
    words = ["other" + "x" * n if n in changed else word for n, word in enumerate(WORDS)]
    return f"<html><body><p>{' '.join(words)}.</p></body></html>".encode()


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A project of two crawls of two archives or three whose pages are nearly the same."""
    folder = tmp_path_factory.mktemp("compared")
    # Records are numbered in each archive, and a number seen before in a crawl is not taken again.
    shards = {
        "a.warc.gz": archive(page(), page(5), page(5, 60)),
        "b.warc.gz": archive(*[b""] * 3, page(60), page(5, 60, 120)),
    }
    crawls = root(folder / "root", C1=shards, C2={**shards, "c.warc.gz": archive(*[b""] * 5, page(), page(120))})
    chain.lay_out(folder / "project", crawls=crawls)
    chain.change(folder / "project", "tiny", filters=[])
    with chain.opened(folder / "project") as project:
        chain.run(project, to="deduped")
    return folder / "project"


def test_a_pair_has_the_similarity_of_its_two_texts(compared):
    with chain.opened(compared) as project:
        texts = {r["doc_id"]: r["text"] for r in chain.rows(project, "filtered")}
        found = [r for r in chain.rows(project, "duplicate_pairs") if r["method"] == "minhash"]
        options = {s.name: s.options for s in project.recipe("tiny").dedup}["minhash"]
    deduper = embedding.made(("minhash", options))
    sides = [pa.array([texts[r[side]] for r in found], pa.string()) for side in ("doc_id", "other")]
    assert [r["similarity"] for r in found] == list(deduper.similarity(*sides))
    assert len(found) > 4


def test_pairs_join_documents_across_shards_and_crawls(compared):
    with chain.opened(compared) as project:
        lies = {(c, r["doc_id"]): r["shard"] for c in ("C1", "C2") for r in chain.rows(project, "filtered", crawl=c)}
        later = chain.rows(project, "duplicate_pairs", crawl="C2")
    assert {r["other_crawl"] for r in later} >= {"C1"}
    assert any(r["shard"] != r["other_shard"] for r in later)
    assert all(r["shard"] == lies["C2", r["doc_id"]] for r in later)
    assert all(r["other_shard"] == lies[r["other_crawl"], r["other"]] for r in later)


def test_the_chosen_pairs_are_the_verdicts(compared):
    with chain.opened(compared) as project:
        chosen = [r for r in chain.rows(project, "duplicate_pairs") if r["chosen"]]
        verdicts = [r for r in chain.rows(project, "deduped") if r["outcome"] == "duplicate"]
    columns = ("doc_id", "similarity", "threshold", "method")
    assert sorted((r["other"], *(r[c] for c in columns)) for r in chosen) == sorted(
        (r["representative"], *(r[c] for c in columns)) for r in verdicts
    )
    assert len(chosen) > 4


def test_small_ranges_and_parts_give_the_same_pairs_and_any_number_of_workers(compared, tmp_path, monkeypatch):
    monkeypatch.setattr(comparing, "TEXTS_TOGETHER", 1)
    monkeypatch.setattr(comparing, "COMPARED_AT_ONCE", 1)
    again = chain.lay_out(tmp_path / "again", crawls=compared.parent / "root", workers=1)
    chain.change(again, "tiny", filters=[])
    with chain.opened(again) as one, chain.opened(compared) as two:
        one.__dict__["engine"] = filtered.Here(tmp_path)
        chain.run(one, to="deduped")
        assert chain.digests(one) == chain.digests(two)


def test_pairs_are_made_once_and_then_current(compared):
    with chain.opened(compared) as project:
        place = {"recipe": "tiny", "crawl": "C2"}
        assert not make.make(project, "duplicate_pairs", place).written


def documents(count, *, seed=1, changes=(0, 1, 2, 3)):
    """Documents of one origin with some words changed."""
    chance, found = random.Random(seed), []
    for doc in sorted(f"{chance.getrandbits(128):032x}" for _ in range(count)):
        words = WORDS[:12]
        for _ in range(chance.choice(changes)):
            words[chance.randrange(12)] = chance.choice(WORDS)
        found.append((doc, f"s{chance.randrange(3)}", " ".join(words)))
    return found


def lake(folder, said, dedup=NEAR, **parts):
    project = filtered.opened(folder, dedup=dedup, **parts)
    filtered.add(project, "C1", said)
    return project, filtered.deduped(project, "C1")


def test_a_large_bucket_is_split_and_its_documents_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(buckets, "LEADERS", 2)
    _, counted = lake(tmp_path / "lake", documents(40))
    assert counted["minhash"]["oversized"] > 0
    assert counted["minhash"]["largest"] > 20
    assert counted["minhash"]["partners_left_out"] > 0


def test_a_document_meets_the_leaders_of_its_bucket_and_those_that_share_its_next_band():
    count = 12
    rows = buckets.Rows(
        np.zeros(count, np.uint64), np.array([7, 7, 1, 2, 1, 2, 1, 2, 1, 2, 3, 1], np.int32), np.zeros(count, np.int64),
        np.zeros(count, np.int32), np.arange(count, dtype=np.uint64), np.zeros(count, np.uint64),
    )  # fmt: skip
    sources = buckets.Sources(pa.array(["C1"]), pa.array(["s0"]), np.zeros(1, np.int32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "LEADERS", 2)
        found = buckets.proposed(rows, sources, 0)
    met = {}
    for later, earlier in zip(found.later.tolist(), found.earlier.tolist(), strict=True):
        met.setdefault(later, set()).add(earlier)
    assert met == {
        1: {0}, 2: {0, 1}, 3: {0, 1}, 4: {0, 1, 2}, 5: {0, 1, 3}, 6: {0, 1, 2, 4}, 7: {0, 1, 3, 5}, 8: {0, 1, 2, 4},
        9: {0, 1, 3, 5}, 10: {0, 1}, 11: {0, 1, 2, 4},
    }  # fmt: skip
    assert np.flatnonzero(found.left_out).tolist() == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert found.counted == {"buckets": 1, "oversized": 1, "largest": 12}


def test_rejected_pairs_are_counted_and_the_nearest_misses_kept(tmp_path):
    project, counted = lake(tmp_path / "lake", documents(40, changes=(2, 3, 4, 5)))
    rows = chain.rows(project, "duplicate_pairs")
    missed = {}
    for row in rows:
        if not row["accepted"]:
            missed.setdefault(row["doc_id"], []).append(row["similarity"])
    said = counted["minhash"]
    assert said["compared"] == said["accepted"] + said["rejected"]
    assert said["rejected"] > sum(map(len, missed.values())) > 0
    assert max(map(len, missed.values())) == 4


@pytest.mark.parametrize("rows", [8, 10_000])
def test_how_many_files_the_index_has_depends_on_its_rows_alone(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(minhash_index, "RANGE_ROWS", rows)
    project, _ = lake(tmp_path / "lake", documents(20))
    files = sorted(project.lake.files("minhash_index"), key=lambda f: f.shard)
    assert len(files) == (40 if rows == 8 else 1)
    found = []
    for file, (low, high) in zip(files, identity.ranges(len(files)), strict=True):
        here = pq.read_table(project.lake.storage.uri(file.name), partitioning=None).to_pylist()
        assert all(low <= row["bucket"] <= high for row in here)
        assert here == sorted(here, key=lambda r: (r["method"], r["band"], r["bucket"], r["doc_id"]))
        found += here
    assert len({(r["doc_id"], r["band"]) for r in found}) == len(found) == 20 * 8


def test_verdicts_do_not_depend_on_how_many_ranges_there_are(tmp_path, monkeypatch):
    said = documents(30)
    whole, _ = lake(tmp_path / "one", said)
    monkeypatch.setattr(minhash_index, "RANGE_ROWS", 8)
    parts, _ = lake(tmp_path / "many", said)
    assert chain.rows(whole, "duplicate_pairs") == chain.rows(parts, "duplicate_pairs")
    assert filtered.decisions(whole) == filtered.decisions(parts)


@pytest.mark.parametrize(("wins", "kept"), [("first", "1"), ("oldest", "3"), ("newest", "2")])
def test_of_one_address_the_first_oldest_or_newest_fetch_stays(wins, kept, tmp_path):
    said = [(f"{n:032x}", "s0", "text", "http://a.org/", at) for n, at in [(1, 50), (2, 90), (3, 10), (4, 90)]]
    project, _ = lake(tmp_path / "lake", said, [{"url": {"wins": wins}}])
    filtered.add(project, "C2", [(f"{9:032x}", "s0", "text", "http://a.org/", 5)])
    filtered.deduped(project, "C2")
    found = filtered.decisions(project)
    assert [doc.strip("0") for doc, verdict in found.items() if verdict[0] == "kept"] == [kept]


@pytest.mark.parametrize("wins", ["first", "oldest", "newest"])
def test_a_later_fetch_is_a_duplicate_of_the_one_that_stayed(wins, tmp_path):
    said = [(f"{n:032x}", "s0", "text", "http://a.org/", at) for n, at in [(1, 50), (2, 90), (3, 10)]]
    project, _ = lake(tmp_path / "lake", said, [{"url": {"wins": wins}}])
    stayed = [doc for doc, verdict in filtered.decisions(project).items() if verdict[0] == "kept"]
    filtered.add(project, "C2", [(f"{9:032x}", "s0", "text", "http://a.org/", 95)])
    filtered.deduped(project, "C2")
    assert [filtered.decisions(project)[f"{9:032x}"][1]] == stayed


def test_in_a_window_a_page_that_never_changes_is_kept_once_in_so_many_crawls(tmp_path):
    project = filtered.opened(tmp_path / "lake", dedup=["exact"], scope={"window": 3})
    for crawl in range(7):
        filtered.add(project, f"C{crawl}", [(f"{crawl:032x}", "s0", "the same text")])
        filtered.deduped(project, f"C{crawl}")
    kept = [doc for doc, verdict in filtered.decisions(project).items() if verdict[0] == "kept"]
    assert [int(doc, 16) for doc in sorted(kept)] == [0, 3, 6]


def test_a_copy_of_a_copy_of_what_left_the_window_does_not_count(tmp_path):
    project = filtered.opened(tmp_path / "lake", dedup=["exact", *NEAR], scope={"window": 2})
    first, changed = " ".join(WORDS[:26]), " ".join(WORDS[:27])
    for crawl, docs in {"C0": {1: first}, "C1": {2: changed, 3: changed}, "C2": {4: changed}}.items():
        filtered.add(project, crawl, [(f"{n:032x}", "s0", text) for n, text in docs.items()])
        filtered.deduped(project, crawl)
    found = filtered.decisions(project)
    assert [found[f"{n:032x}"][3] for n in (1, 2, 3, 4)] == [None, "minhash", "exact", None]


def test_within_crawls_nothing_of_an_earlier_crawl_is_read(tmp_path):
    project = filtered.opened(tmp_path / "lake", dedup=["exact"], scope="within_crawl")
    for crawl in ("C1", "C2"):
        filtered.add(project, crawl, [(f"{n:032x}", "s0", "the same text") for n in range(2)])
        filtered.deduped(project, crawl)
    read = project.lake.published("duplicate_pairs", {"recipe": "tiny", "crawl": "C2"}).provenance.inputs
    assert {i.partition["crawl"] for i in read} == {"C2"}
    assert [r["outcome"] for r in chain.rows(project, "deduped")] == ["kept", "duplicate"] * 2


def test_a_candidate_whose_text_is_not_there_is_refused(tmp_path):
    project, _ = lake(tmp_path / "lake", documents(4, changes=(0,)))
    plan = project.plan("duplicate_pairs", {"recipe": "tiny", "crawl": "C1"})
    draft = project.lake.draft("duplicate_pairs", plan.partition, plan.key)
    pair = pa.table([[0], [1], [2], [0], [0], [3], [4], [0]], schema=buckets.PAIR)
    with scratch.writer(draft, "lost", "pairs", buckets.PAIR) as out:
        out.write_table(pair)
    with scratch.writer(draft, "lost-texts", searching.part(0), comparing.TEXT) as out:
        out.write_table(comparing.TEXT.empty_table())
    said = {"draft": draft, "kind": "lost", "step": ("exact", {}), "part": 0}
    with pytest.raises(BrokenLake, match=r"1 documents .* 0{15}10{15}2; run headwater verify"):
        comparing.compare_part(Task("0000000", said), None)


def test_what_the_stages_make_meets_the_expectations(tmp_path):
    project = filtered.opened(tmp_path / "lake", dedup=NEAR)
    filtered.add(project, "C1", documents(12))
    for name in ("minhash_index", "duplicate_pairs"):
        made = make.make(project, name, {"recipe": "tiny", "crawl": "C1"}, expect=validate)
        assert len(made.checks) > 4
        assert all(check.passed for check in made.checks)
