"""Whoever reads a deduplicated text reads what deduplication left of it."""

import math

import pytest

from headwater import releases, remaining, training_documents
from headwater.model import tokenizer as bpe
from headwater.stages import eval_scores, tokenized
from tests import chain, cutting

HELD_OUT = 0.2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project whose lake has stretches removed, up to `tokenized`."""
    folder = chain.lay_out(tmp_path_factory.mktemp("cut") / "project")
    chain.change(folder, "tiny", mix={"group_by": "language", "held_out": HELD_OUT, "seed": 1})
    with chain.opened(folder) as project:
        cutting.cut(project)
    return folder


@pytest.fixture(scope="module")
def cut(folder):
    """That project, opened."""
    with chain.opened(folder) as project:
        yield project


@pytest.fixture(scope="module")
def texts(cut):
    """Remaining texts by (crawl, doc_id)."""
    return cutting.remaining_texts(cut)


def test_the_lake_of_these_tests_has_documents_that_are_cut_and_others(cut, texts):
    rows = [r for r in chain.rows(cut, "deduped") if r["outcome"] == "kept"]
    edited = {r["doc_id"] for r in rows if r["edits"]}
    assert 0 < len(edited) < len(rows) == len(texts)
    assert chain.broken(cut) == []


def test_the_estimate_is_of_what_remains(cut, texts):
    rows = chain.rows(cut, "mixed")
    assert len(rows) == len(texts)
    for row in rows:
        size = len(texts[row["crawl"], row["doc_id"]].encode())
        assert row["tokens_estimate"] == math.ceil(size / 4)


def test_tokens_decode_to_what_remains(cut, texts):
    commit = cut.lake.published("tokenized", {"recipe": "tiny"})
    tokenizer = bpe.load(cut.lake.storage.read(commit.provenance.details["tokenizer"]).decode())
    rows = chain.rows(cut, "tokenized")
    assert len(rows) > 20
    for row in rows:
        written = b"".join(bpe.token_bytes(tokenizer, token) for token in row["tokens"])
        assert written.decode() == texts[row["crawl"], row["doc_id"]]


def test_the_stream_depends_on_what_was_removed(cut):
    said = cut.lake.published("tokenized", {"recipe": "tiny"}).provenance
    assert {i.table for i in said.inputs} == {"mixed", "filtered", "deduped"}


def test_the_tokenizer_is_trained_on_what_remains(cut, texts):
    said = cut.lake.published("mixed", {"recipe": "tiny"}).provenance
    lies = remaining.pieces(cut.lake, said.inputs)
    mixed = cut.lake.files("mixed", {"recipe": "tiny"})
    pieces = {f.shard: {"mixed": f.name, **lies[f.shard]._asdict()} for f in mixed}

    draft = cut.lake.draft("tokenized", {"recipe": "tiny"}, "0" * 64)
    found = list(tokenized._sample(draft, pieces, 10_000_000))
    rows = [r for r in chain.rows(cut, "mixed") if r["outcome"] == "kept"]
    assert sorted(found) == sorted(texts[r["crawl"], r["doc_id"]] for r in rows)


def test_held_out_texts_are_what_remains_of_them(cut, texts):
    said = cut.lake.published("mixed", {"recipe": "tiny"}).provenance
    pieces = list(remaining.pieces(cut.lake, said.inputs).values())

    draft = cut.lake.draft("eval_scores", {"recipe": "tiny"}, "0" * 64)
    names = [f.name for f in cut.lake.files("mixed", {"recipe": "tiny"})]
    found = eval_scores.held_out(draft, names, pieces)
    rows = [r for r in chain.rows(cut, "mixed") if r["rule"] == "held_out"]
    assert any(cutting.cuts(r["doc_id"]) for r in rows)
    assert sorted(found) == sorted(texts[r["crawl"], r["doc_id"]] for r in rows)


def test_a_release_gives_what_remains(folder, texts, tmp_path):
    with chain.opened(folder) as project:
        release = releases.create(project, "first", "tiny", to="tokenized")
        rows = [row for batch in training_documents.batches(project, release) for row in batch.to_pylist()]
        kept = [r for r in chain.rows(project, "mixed") if r["outcome"] == "kept"]
    assert len(rows) == len(kept)
    assert all(row["text"] == texts[row["crawl"], row["doc_id"]] for row in rows)
    assert "deduped" in release.tables()
