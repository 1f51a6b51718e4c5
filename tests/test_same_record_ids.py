"""Two crawls whose WARC record ids, and so doc_ids, are the same: each token, text and payload is of its own crawl."""

import hashlib

import pytest

from headwater import reach, story
from headwater.errors import NotFound, UserError
from tests import chain
from tests.stages import crawls

WORDS = {
    "C-1": "The river runs through the old town and the people of the town walk along it every day in the sun",
    "C-2": "A mountain stands above the quiet valley where the farmers keep their sheep and make a little cheese",
}


def page(crawl, number):
    text = " ".join(f"{WORDS[crawl]}, and that is line {number} of part {part} of the story." for part in range(9))
    return f"<html><body><main><p>{text}</p></main></body></html>".encode()


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    """A project of two crawls of six pages each, whose records have the same ids; nothing is held out."""
    folder = tmp_path_factory.mktemp("twins")
    files = {
        name.replace("-", "_"): {"a.warc.gz": crawls.archive(*(page(name, n) for n in range(6)))} for name in WORDS
    }
    chain.lay_out(folder / "project", crawls=crawls.root(folder / "root", **files))
    rest = {"group_by": "crawl", "mixer": "proportional", "held_out": 0.0}
    chain.change(folder / "project", "tiny", filters=[], dedup=["exact"], mix=rest)
    with chain.opened(folder / "project") as project:
        chain.run(project)
        yield project


def rows(project):
    return sorted(chain.rows(project, "tokenized"), key=lambda row: (row["shard"], row["position"]))


def test_both_documents_of_one_id_are_in_the_stream_once(twins):
    found = [(row["doc_id"], row["crawl"]) for row in rows(twins)]
    assert len(found) == len(set(found)) == 12
    assert len({doc for doc, _ in found}) == 6


def test_a_token_is_of_the_crawl_whose_text_it_is_in(twins):
    for row in rows(twins):
        told = story.of_token(twins, f"tiny:{row['shard']}:{row['first_token']}")
        text = story.text(twins, "tiny", row["doc_id"], told["crawl"])
        assert told["crawl"] == row["crawl"]
        assert text.startswith(WORDS[row["crawl"]])
        assert text.startswith(told["token"]["text"])


def test_a_story_tells_the_stages_of_its_own_crawl_and_names_the_other(twins):
    for row in rows(twins)[:4]:
        told = story.of_document(twins, row["doc_id"], row["crawl"])
        (stage,) = [s for s in told["stages"] if s["table"] == "tokenized"]
        assert (stage["position"], stage["tokens"]) == (row["position"], len(row["tokens"]))
        assert [s["table"] for s in told["stages"]].count("mixed") == 1


def test_without_a_crawl_a_story_is_of_the_newest_and_names_the_other(twins):
    doc = rows(twins)[0]["doc_id"]
    told = story.of_document(twins, doc)
    assert told["crawl"] == "C-2"
    assert told["also"] == [{"doc_id": doc, "crawl": "C-1"}]


def test_the_bytes_of_a_token_are_those_that_its_crawl_holds(twins):
    for row in rows(twins):
        body = story.record(twins, token=f"tiny:{row['shard']}:{row['first_token']}").body()
        assert body in [page(row["crawl"], number) for number in range(6)]
        assert body == story.record(twins, row["doc_id"], crawl=row["crawl"]).body()


@pytest.mark.parametrize("ask", [story.record, lambda project, doc: story.text(project, "tiny", doc)])
def test_bytes_and_texts_are_not_given_while_it_is_not_said_of_which_crawl(twins, ask):
    with pytest.raises(UserError, match=r"C-1, C-2; say which with --crawl"):
        ask(twins, rows(twins)[0]["doc_id"])


def test_a_crawl_that_has_no_such_document_is_said_to_have_none(twins):
    with pytest.raises(NotFound, match="C-3"):
        story.record(twins, rows(twins)[0]["doc_id"], crawl="C-3")


def test_forward_both_documents_are_told_each_in_its_place(twins):
    doc = rows(twins)[0]["doc_id"]
    found = reach.of(twins, "doc", doc)
    assert found["crawls"] == [{"crawl": "C-1", "documents": 1}, {"crawl": "C-2", "documents": 1}]
    places = {(p["crawl"], s["shard"], p["position"]) for s in found["streams"] for p in s["places"]}
    assert places == {(r["crawl"], r["shard"], r["position"]) for r in rows(twins) if r["doc_id"] == doc}


def test_the_order_of_equal_keys_does_not_depend_on_the_workers(twins, tmp_path):
    alone = chain.lay_out(tmp_path / "alone", crawls=twins.settings.crawls, workers=1)
    (alone / "recipes/tiny.yaml").write_text((twins.settings.folder / "recipes/tiny.yaml").read_text())
    with chain.opened(alone) as project:
        chain.run(project)
        assert [(r["crawl"], r["doc_id"]) for r in rows(project)] == [(r["crawl"], r["doc_id"]) for r in rows(twins)]


def test_the_lake_is_whole(twins):
    assert chain.broken(twins) == []


def test_ids_are_the_hash_of_the_record_id(twins):
    ids = {hashlib.sha256(f"<urn:uuid:{number}>".encode()).hexdigest()[:32] for number in range(6)}
    assert {row["doc_id"] for row in rows(twins)} == ids
