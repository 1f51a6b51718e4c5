"""Compared pairs: each with the similarity of its two texts, whichever files and parts brought them together."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headwater import make, registry
from headwater.engine import Task
from headwater.errors import BrokenLake
from headwater.lake import scratch
from headwater.matching import Numbers
from headwater.stages import duplicate_pairs as stage
from tests import chain
from tests.stages.crawls import archive, root

WORDS = [f"word{n}" for n in range(200)]


def page(*changed):
    """A page of the same words as the others, but for the ones given."""
    words = [f"other{n}" if n in changed else word for n, word in enumerate(WORDS)]
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
    return folder / "project"


@pytest.fixture(scope="module")
def kept(compared):
    """Where the scratch files of the pairs of each crawl are after all, and their drafts."""
    found = {}

    def keep(draft):
        if draft.table == "duplicate_pairs":
            place = compared / "kept" / draft.partition["crawl"]
            found[draft.partition["crawl"]] = shutil.copytree(draft.storage.uri(scratch.folder(draft)), place), draft

    with pytest.MonkeyPatch.context() as patch, chain.opened(compared) as project:
        patch.setattr(scratch, "clear", keep)
        chain.run(project, to="deduped")
    return found


def tables(folder, kind):
    """The scratch files of a phase, by part."""
    return {file.stem: pq.read_table(file).to_pylist() for file in sorted(Path(folder, kind).glob("*.parquet"))}


def test_a_pair_has_the_similarity_of_its_two_texts(compared, kept):
    with chain.opened(compared) as project:
        texts = {r["doc_id"]: r["text"] for r in chain.rows(project, "filtered")}
        found = [r for r in chain.rows(project, "duplicate_pairs") if r["method"] == "minhash"]
        options = {s.name: s.options for s in project.recipe("tiny").dedup}["minhash"]
    deduper = registry.step("dedupers", "minhash")(**options)
    sides = [pa.array([texts[r[side]] for r in found], pa.string()) for side in ("doc_id", "other")]
    assert [r["similarity"] for r in found] == list(deduper.similarity(*sides))
    assert len(found) > 4


def test_pairs_join_documents_across_shards_and_crawls(compared, kept):
    with chain.opened(compared) as project:
        lies = {r["doc_id"]: r["shard"] for r in chain.rows(project, "filtered")}
        found = chain.rows(project, "duplicate_pairs")
        later = chain.rows(project, "duplicate_pairs", crawl="C2")
    assert any(lies[r["doc_id"]] != lies[r["other"]] for r in found)
    assert {r["other_crawl"] for r in later} >= {"C1"}


def test_a_worker_is_told_of_the_texts_of_its_own_shard_only(compared, kept):
    with chain.opened(compared) as project:
        held = {
            (f"{crawl}~{row['shard']}", row["doc_id"])
            for crawl in ("C1", "C2")
            for row in chain.rows(project, "filtered", crawl=crawl)
        }
    told = [tables(folder, "minhash-0-wanted") for folder, _ in kept.values()]
    assert held >= {(source, row["doc_id"]) for found in told for source, rows in found.items() for row in rows}
    assert {source.split("~")[0] for source in told[1]} == {"C1", "C2"}


def test_what_is_wanted_is_what_the_pairs_name_once_and_in_order(kept):
    for crawl, (folder, _) in kept.items():
        pairs = tables(folder, "minhash-0")["pairs"]
        wanted = {}
        for pair in pairs:
            wanted.setdefault(f"{crawl}~{pair['shard']}", set()).add((pair["doc_id"], pair["shard"]))
            source = f"{pair['other_crawl']}~{pair['other_shard']}"
            wanted.setdefault(source, set()).add((pair["other"], pair["shard"]))
        found = tables(folder, "minhash-0-wanted")
        assert {s: [(r["doc_id"], r["part"]) for r in rows] for s, rows in found.items()} == {
            s: sorted(rows) for s, rows in wanted.items()
        }


def test_gathered_texts_lie_in_order_of_the_part_that_reads_them(kept):
    for folder, _ in kept.values():
        for rows in tables(folder, "minhash-0-texts").values():
            places = [(r["part"], r["doc_id"]) for r in rows]
            assert places == sorted(set(places))
            assert all(r["text"] for r in rows)


def test_texts_cut_into_small_row_groups_give_the_same_pairs(compared, kept, tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "TEXTS_TOGETHER", 1)
    monkeypatch.setattr(stage, "PAIRS_TOGETHER", 1)
    monkeypatch.setattr(stage, "COMPARED_AT_ONCE", 1)
    again = chain.lay_out(tmp_path / "again", crawls=compared.parent / "root", workers=1)
    chain.change(again, "tiny", filters=[])
    with chain.opened(again) as one, chain.opened(compared) as two:
        chain.run(one, to="deduped")
        assert chain.digests(one) == chain.digests(two)


KNOWN = pa.table(
    [["b", "c", "c"], ["s1", "s2", "s2"], ["a", "a", "b"], ["C1", "C2", "C2"], ["t1", "t2", "s1"]], schema=stage.PAIR
)


def asked(known):
    pairs = pa.table({"doc_id": ["c", "c"], "other": ["a", "a"], "other_crawl": ["C1", "C2"]})
    numbers = Numbers.of(pairs, ["C1", "C2"], "C2")
    return stage._asked(numbers, numbers.later(pairs), numbers.earlier(pairs), known).to_pylist()


def test_a_second_pair_knows_where_its_documents_lie_by_crawl_and_id():
    places = [(r["doc_id"], r["shard"], r["other"], r["other_crawl"], r["other_shard"]) for r in asked(KNOWN)]
    assert places == [("c", "s2", "a", "C1", "t1"), ("c", "s2", "a", "C2", "t2")]


def test_a_second_pair_whose_document_lies_nowhere_is_refused():
    with pytest.raises(BrokenLake, match="C2/a"):
        asked(KNOWN.slice(0, 1).set_column(0, "doc_id", pa.array(["c"])))


def test_a_candidate_whose_text_is_not_there_is_refused(kept):
    _, draft = kept["C1"]
    with scratch.writer(draft, "lost", "pairs", stage.PAIR) as out:
        out.write_table(KNOWN)
    said = {"draft": draft, "kind": "lost", "texts": [], "method": "exact", "options": {}, "round": 0}
    with pytest.raises(BrokenLake, match="run headwater verify"):
        stage.compare_part(Task("s1", said), None)


def test_pairs_are_made_once_and_then_current(compared, kept):
    with chain.opened(compared) as project:
        place = {"recipe": "tiny", "crawl": "C2"}
        assert not make.make(project, "duplicate_pairs", place).written
