"""Whoever reads a deduplicated text reads what deduplication left of it."""

import math
import shutil

import pytest

from headwater import difference, releases, remaining, show, story, training_documents
from headwater.model import tokenizer as bpe
from headwater.report import numbers
from headwater.stages import eval_scores, tokenized
from tests import chain, cutting

HELD_OUT = 0.2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project whose lake has stretches removed, up to `tokenized`."""
    folder = chain.lay_out(tmp_path_factory.mktemp("cut") / "project")
    filters = [{"gopher_quality": {"min_words": 30}}, "collapse_newlines"]
    chain.change(folder, "tiny", filters=filters, mix={"group_by": "language", "held_out": HELD_OUT, "seed": 1})
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
    assert any(r["edits"] for r in chain.rows(cut, "filtered"))
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


def test_the_numbers_of_a_report_are_of_what_remains(folder, texts):
    with chain.opened(folder) as project:
        release = releases.create(project, "first", "tiny", to="tokenized")
        with numbers.opened(project, release) as db:
            facts = numbers.gather(project, release, db, small=False)
            sizes = db.execute("select crawl, doc_id, chars, bytes from training").fetchall()
            stretches = [r["edits"] for r in chain.rows(project, "deduped") if r["edits"]]
    assert {(c, d): (chars, size) for c, d, chars, size in sizes} == {
        (c, d): (len(texts[c, d]), len(texts[c, d].encode())) for c, d, *_ in sizes
    }
    assert facts.count("training.bytes") == sum(size for *_, size in sizes)
    assert 0 < facts.count("removed.stretches") <= sum(map(len, stretches))


def test_a_text_that_only_deduplication_made_another_is_a_changed_text(folder, texts, tmp_path):
    where = shutil.copytree(folder, tmp_path / "two")
    shutil.copy(where / "recipes" / "tiny.yaml", where / "recipes" / "whole.yaml")
    with chain.opened(where) as project:
        chain.run(project, recipe="whole", to="deduped")
        cut_ = {key for key in texts if cutting.cuts(key[1]) and len(texts[key]) > 100}
        whole, tiny = (f"deduped@{project.lake.published('deduped', p).version}" for p in (
            {"recipe": name, "crawl": "SAMPLE-2024-10"} for name in ("whole", "tiny")))  # fmt: skip
        found = difference.difference(project, whole, tiny)
        same = difference.difference(project, tiny, tiny)
    assert found["documents"]["both"] == len([key for key in texts if key[0] == "SAMPLE-2024-10"])
    assert found["changes"]["text"] == len([key for key in cut_ if key[0] == "SAMPLE-2024-10"])
    assert same["changes"]["text"] == 0


def test_a_token_of_a_cut_text_comes_from_where_its_text_stands_in_the_extracted_one(cut, texts):
    whole = {(r["crawl"], r["doc_id"]): r["text"] for r in extracted(cut)}
    rows = sorted(chain.rows(cut, "tokenized"), key=lambda r: (r["shard"], r["first_token"]))
    checked = 0
    for row in [r for r in rows if cutting.cuts(r["doc_id"])][:4]:
        for index in range(0, min(60, len(row["tokens"]) - 1), 6):
            token = story.of_token(cut, f"tiny:{row['shard']}:{row['first_token'] + index}")["token"]
            if "extracted_start" not in token:
                continue
            data = texts[row["crawl"], row["doc_id"]].encode()[token["start_byte"] : token["end_byte"]]
            there = whole[row["crawl"], row["doc_id"]][token["extracted_start"] : token["extracted_stop"]]
            assert there.startswith(data.decode()[0])
            assert there.endswith(data.decode()[-1])
            checked += 1
    assert checked > 20


def extracted(project):
    """Rows of `extracted`, with their crawl."""
    for file in project.lake.files("extracted", {}):
        for row in cutting.rows_of(project.lake.storage, file.name):
            yield {**row, "crawl": file.partition["crawl"]}


def test_a_documents_text_is_what_remains_of_it(cut, texts):
    for crawl, doc_id in [key for key in texts if cutting.cuts(key[1])][:5]:
        assert story.text(cut, "tiny", doc_id, crawl) == texts[crawl, doc_id]


def test_the_story_tells_each_stretch_with_its_rule_and_how_it_begins(cut):
    row = next(r for r in chain.rows(cut, "deduped") if r["edits"])
    told = story.of_document(cut, row["doc_id"])
    assert all(s["extracted_start"] >= s["start"] for s in told["removed_text"][0]["stretches"])
    whole = next(r["text"] for r in chain.rows(cut, "filtered") if r["doc_id"] == row["doc_id"])
    (removed,) = told["removed_text"]
    assert (removed["recipe"], removed["count"]) == ("tiny", 3)
    # The second step's places are 20 to 36 of what the first left: 7 characters at its front and 11 at 30 were gone.
    assert [(s["rule"], s["start"], s["stop"], s["text"]) for s in removed["stretches"]] == [
        ("first.head", 0, 7, whole[:7]),
        ("first.middle", 30, 41, whole[30:41]),
        ("second.middle", 27, 54, (whole[:30] + whole[41:])[27:43]),
    ]
    stage = next(s for s in told["stages"] if s["table"] == "deduped")
    assert stage["edits"]["first.middle"] == {"edits": 1, "characters": 11}


def test_the_command_prints_stretches_as_words(cut, capsys):
    row = next(r for r in chain.rows(cut, "deduped") if r["edits"])
    show.story(story.of_document(cut, row["doc_id"]))
    printed = capsys.readouterr().out
    assert "removed   by deduplication in tiny: 3 stretches" in printed
    assert "30 to 41 by first.middle: " in printed


def test_a_text_of_a_newer_filtered_is_not_cut_by_places_in_an_older_one(folder, tmp_path):
    with chain.opened(shutil.copytree(folder, tmp_path / "newer")) as project:
        key = next(k for k in cutting.remaining_texts(project) if cutting.cuts(k[1]))
        before = story.text(project, "tiny", key[1], key[0])
    chain.change(tmp_path / "newer", "tiny", filters=[])
    with chain.opened(tmp_path / "newer") as project:
        chain.run(project, to="filtered")
        assert story.text(project, "tiny", key[1], key[0]) == before
