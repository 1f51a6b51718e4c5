"""A copy of a copy counts for the document that survives in the end: its size, its licence, its story, its removal."""

import pytest
import yaml

from headwater import cluster_sizes, copies, show, story, survivors
from headwater.lake.audit import connect, parquet, uris
from headwater.takedown import resolve
from tests import chain
from tests.stages.crawls import archive, root
from tests.takedown.conftest import asked

# Digits are all alike to `minhash`.
LETTERS = [first + second for first in "abcdef" for second in "ghijklm"]
WORDS = " ".join(f"word{each} tells {each}of the {each}old mill by the river" for each in LETTERS)
NEAR = WORDS.replace("wordfm", "another")
ALONE = " ".join(f"thing{each} is {each}unlike whatever {each}else was ever written" for each in LETTERS)
BY, NC = (f"https://creativecommons.org/licenses/{name}/4.0/" for name in ("by", "by-nc"))


def page(words, licence=None):
    link = "" if licence is None else f'<link rel="license" href="{licence}">'
    return f"<html><head>{link}</head><body><p>{words}</p></body></html>".encode()


@pytest.fixture(scope="module")
def chained(tmp_path_factory):
    """A page of the first crawl, a page of the second that is nearly its copy, and one that is exactly the second's.

    `exact` finds the last one to be a copy of the second page, then `minhash` the second to be one of the first.
    """
    folder = tmp_path_factory.mktemp("chained")
    first = archive(page(WORDS, BY), page(ALONE))
    second = archive(page(NEAR), page(NEAR, NC), first=10)
    crawls = root(folder / "root", C1={"a.warc.gz": first}, C2={"b.warc.gz": second})
    project = chain.lay_out(folder / "project", crawls=crawls)
    policy = yaml.safe_load((project / "policies" / "everything.yaml").read_text())
    (project / "policies" / "strict.yaml").write_text(yaml.safe_dump({**policy, "duplicates": "strictest"}))
    steps = {"filters": [], "dedup": ["exact", {"minhash": {"threshold": 0.8}}]}
    chain.change(project, "tiny", **steps, policy="strict", mix={"held_out": 0.0, "rehydrate": {1: 1, 3: 3}})
    with chain.opened(project) as opened:
        chain.run(opened, to="mixed")
        yield opened


@pytest.fixture
def rows(chained):
    """Rows of `deduped`: the survivor, the document alone, the copy, the copy's copy."""
    found = chain.rows(chained, "deduped")
    kept = [row for row in found if row["outcome"] == "kept"]
    near, again = sorted((row for row in found if row["outcome"] == "duplicate"), key=lambda row: row["method"])[::-1]
    (survivor,) = [row for row in kept if row["doc_id"] == near["representative"]]
    (alone,) = [row for row in kept if row is not survivor]
    assert (near["method"], again["method"]) == ("minhash", "exact")
    assert again["representative"] == near["doc_id"]
    return survivor, alone, near, again


def test_what_a_copy_of_a_copy_names_stands_for_the_last_survivor(chained, rows):
    survivor, _, near, _ = rows
    files = parquet(uris(chained.lake.storage, [f.name for f in chained.lake.files("deduped")]))
    with connect(chained.lake.storage) as db:
        found = db.execute(survivors.stands(files)).fetchall()
    assert sorted(found) == sorted([(survivor["doc_id"],) * 2, (near["doc_id"], survivor["doc_id"])])


def test_a_record_id_of_two_crawls_ends_the_walk():
    import duckdb

    with duckdb.connect() as db:
        db.execute("create table d (doc_id varchar, outcome varchar, representative varchar)")
        db.execute("insert into d values ('x', 'kept', 'x'), ('x', 'duplicate', 'x'), ('y', 'duplicate', 'x')")
        assert db.execute(survivors.stands("d")).fetchall() == [("x", "x")]


def test_it_counts_in_the_size_of_the_cluster_and_repeats_it(chained, rows):
    survivor, alone, _, _ = rows
    found = {row["doc_id"]: (row["cluster_size"], row["copies"]) for row in chain.rows(chained, "mixed")}
    assert found == {survivor["doc_id"]: (3, 3), alone["doc_id"]: (1, 1)}
    told = cluster_sizes.sizes(chained, "tiny", top=1)
    assert [(row["at_most"], row["clusters"]) for row in told["sizes"]] == [(1, 1), (4, 1)]
    assert told["examples"][0]["crawls_of_copies"] == 1


def test_its_licence_counts_where_the_strictest_does(chained, rows):
    said = {row["doc_id"]: row["licence_class"] for row in chain.rows(chained, "mixed")}
    assert said[rows[0]["doc_id"]] == "non-commercial"


@pytest.mark.parametrize("place", [0, 2, 3])
@pytest.mark.parametrize("searched", [copies.SEARCHED_FILES, 0])
def test_its_story_tells_the_survivor_and_the_licences(chained, rows, capsys, monkeypatch, place, searched):
    monkeypatch.setattr(copies, "SEARCHED_FILES", searched)
    told = story.of_document(chained, rows[place]["doc_id"])
    survivor, _, near, again = (row["doc_id"] for row in rows)
    if searched == 0 and place == 0:
        assert "copies" not in told
        return
    (cluster,) = told["copies"]
    assert cluster["cluster"] == survivor
    expected = [survivor, near, again] if searched or place == 3 else [survivor, near]
    assert [row["doc_id"] for row in cluster["documents"][:1]] == [survivor]
    assert {row["doc_id"] for row in cluster["documents"]} == set(expected)
    said = {row["doc_id"]: row["agreement"] for row in cluster["documents"]}
    assert said == {k: v for k, v in {survivor: None, near: "copy_silent", again: "other_licence"}.items() if k in said}
    show.story(told)
    out = capsys.readouterr().out
    assert f"{survivor} survives" in out
    assert f"licence   {near} says nothing of a licence, and the survivor does: nothing against CC-BY-4.0" in out
    if place == 3:
        assert f"duplicate by tiny: exact measured similarity 1 to {near}, 1 is enough" in out
        assert f"licence   {again} names another licence than the survivor: CC-BY-NC-4.0 against CC-BY-4.0" in out


def test_a_document_that_a_method_of_spans_dropped_reads_well(capsys):
    said = {"outcome": "duplicate", "rule": "lines", "value": 0.93, "threshold": 0.8, "method": "lines"}
    stage = {"table": "deduped", "version": 1, "recipe": "r", "similarity": 0.93, "representative": None, **said}
    warc = {"file": "a.warc.gz", "offset": 0, "length": 1}
    show.story({"doc_id": "d", "url": "u", "crawl": "C", "warc": warc, "stages": [stage]})
    assert (
        "duplicate by r: lines saw 0.93 of it in earlier documents, 0.8 is enough; no single document stands for it"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize("place", [0, 2, 3])
def test_who_asks_for_removal_with_duplicates_gets_all_of_them(chained, rows, place):
    request = asked(("doc_id", rows[place]["doc_id"]), duplicates=True)
    found = {document.doc_id for document in resolve.resolve(chained, request)}
    assert found == {rows[0]["doc_id"], rows[2]["doc_id"], rows[3]["doc_id"]}
