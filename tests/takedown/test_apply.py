"""Removed documents are gone from every table, what stays is what it was, and a kill changes nothing of that."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import duckdb
import pyarrow.parquet as pq
import pytest

from headwater import catalog, freshness, releases
from headwater.errors import ConcurrentCommit, NotFound, UserError
from headwater.lake import journal, tombstones
from headwater.pipeline import publish
from headwater.takedown import apply as applying
from headwater.takedown import request as requests
from tests import chain
from tests.takedown.conftest import DOCUMENT_TABLES, HOST, asked, of_host, removed, take_down

EARLY = ("raw", "extracted", "signals", "filtered", "minhash_index", "duplicate_pairs", "deduped")


def only(after):
    """The one takedown of a project."""
    (found,) = requests.listed(after)
    return found


@pytest.mark.parametrize("table", DOCUMENT_TABLES)
def test_every_removed_document_is_a_removed_row_that_names_the_takedown(after, table):
    rows = {r["doc_id"]: r for r in chain.rows(after, table)}
    for doc_id in of_host(after):
        assert rows[doc_id]["outcome"] == "removed"
        assert rows[doc_id].get("rule", tombstones.rule(only(after).id)) == tombstones.rule(only(after).id)


@pytest.mark.parametrize(("table", "gone"), [
    ("extracted", ("text", "title", "chars", "language", "licence_evidence")),
    ("signals", ("words", "chars", "language")),
    ("filtered", ("text", "chars", "language", "value", "threshold")),
    ("deduped", ("cluster", "representative", "similarity")),
])  # fmt: skip
def test_a_removed_row_says_nothing_about_its_text(after, table, gone):
    rows = [r for r in chain.rows(after, table) if r["outcome"] == "removed"]
    assert rows
    assert all(row[column] is None for row in rows for column in gone)


def test_other_documents_keep_their_rows_as_they_were(tiny_lake, after):
    for table in EARLY:
        key = "other" if table == "duplicate_pairs" else "doc_id"
        gone = of_host(after)
        was, now = (
            sorted(json.dumps(r, default=str) for r in chain.rows(p, table) if not {r["doc_id"], r[key]} & gone)
            for p in (tiny_lake, after)
        )
        assert was == now


def test_rows_in_are_rows_out_and_the_chain_closes_after_a_takedown(after):
    assert chain.broken(after) == []


def test_the_tables_up_to_deduped_equal_those_of_a_lake_that_never_held_the_documents(after, tmp_path):
    folder = chain.lay_out(tmp_path / "fresh")
    with chain.opened(folder) as fresh:
        shutil.copytree(f"{after.lake.storage.root}/takedowns", f"{fresh.lake.storage.root}/takedowns")
        chain.run(fresh, to="deduped")
        mine, theirs = chain.digests(after), chain.digests(fresh)
        same = [place for place in theirs if place[0] in (*EARLY, "document_index")]
        assert len(same) > len(EARLY)
        assert {place: mine[place] for place in same} == {place: theirs[place] for place in same}


def test_nothing_up_to_deduped_is_made_anew_after_a_takedown(after):
    recipe = after.recipe("tiny")
    stale = freshness.stale(after, list(freshness.targets(recipe, after.crawls(recipe), "tokenized")))
    assert [target.table for target in stale] == ["mixed", "tokenized"]


def test_the_stream_is_the_same_without_the_removed_documents(tiny_lake, after):
    gone = of_host(after)
    was, now = (chain.rows(project, "tokenized") for project in (tiny_lake, after))
    assert [(r["shard"], r["doc_id"], r["tokens"]) for r in was if r["doc_id"] not in gone] == [
        (r["shard"], r["doc_id"], r["tokens"]) for r in now
    ]
    first = 0
    for place, row in enumerate(now):
        assert (row["position"], row["first_token"]) == (place, first)
        first += len(row["tokens"])


def test_files_that_held_no_removed_document_are_not_written_anew(copy):
    row = chain.rows(copy, "tokenized")[0]
    tables = (*DOCUMENT_TABLES, "tokenized")
    was = {table: {f.name for f in copy.lake.files(table)} for table in tables}
    take_down(copy, ("doc_id", row["doc_id"]), scan=False)
    held = {(r["crawl"], r["shard"]) for r in only(copy).of("document")}
    for table in DOCUMENT_TABLES[:-1]:
        stay = {f.name for f in copy.lake.files(table) if (f.partition["crawl"], f.shard) not in held}
        assert stay
        assert stay == {n for n in was[table] if n in stay}
        assert len(was[table] & {f.name for f in copy.lake.files(table)}) == len(was[table]) - len(held)


def test_no_file_of_an_old_version_is_left(after):
    root = after.lake.storage
    tables = [table for table in journal.TABLES if table != "takedowns" and root.exists(table)]
    live = {f.name for table in tables for f in after.lake.files(table)}
    left = {
        path.removeprefix(f"{root.root}/") for table in tables
        for path in root.filesystem.find(root.uri(table)) if "_delta_log" not in path
    }  # fmt: skip
    assert left == live


def test_run_again_mixes_and_tokenizes_without_the_documents(removed_folder, tmp_path):
    folder = shutil.copytree(removed_folder, tmp_path / "again")
    with chain.opened(folder) as project:
        chain.run(project)
        gone = of_host(project)
        assert not gone & {r["doc_id"] for r in chain.rows(project, "tokenized", ["doc_id"])}
        assert removed(project, "mixed") == gone
        assert chain.broken(project) == []


def test_a_later_crawl_cannot_bring_a_removed_page_back(tmp_path):
    folder = chain.lay_out(tmp_path / "later")
    with chain.opened(folder) as project:
        first, second = project.crawls()
        chain.run(project, to="deduped", crawls=[first])
        take_down(project, ("domain", HOST))
        chain.run(project, crawls=[first, second])
        rows = [r for r in chain.rows(project, "raw", crawl=second) if r["host"] == HOST]
        assert rows
        assert {r["outcome"] for r in rows} == {"removed"}
        for table in ("extracted", "filtered"):
            assert all(
                r["text"] is None for r in chain.rows(project, table, crawl=second) if r["doc_id"] in of_host(project)
            )


def test_a_copy_of_a_removed_text_at_another_address_is_removed_where_duplicates_were_asked_for(tmp_path):
    folder = chain.lay_out(tmp_path / "mirror")
    with chain.opened(folder) as project:
        first, _ = project.crawls()
        chain.run(project, to="deduped", crawls=[first])
        clustered = next(r for r in chain.rows(project, "deduped") if r["outcome"] == "duplicate")
        said = take_down(project, ("doc_id", clustered["doc_id"]), duplicates=True)
        assert clustered["representative"] in removed(project, "deduped")
        assert said["duplicates"] >= 1
        assert said["tombstones"]["text"] >= 1


def test_a_mart_that_shows_the_beginning_of_a_removed_text_goes_with_it(built, tmp_path):
    with chain.opened(shutil.copytree(built, tmp_path / "shown")) as project:
        text = next(r for r in chain.rows(project, "filtered") if r["text"] and len(r["text"]) > 400)
        with catalog.building(project) as draft, duckdb.connect(str(draft)) as connection:
            connection.execute("create schema marts")
            beginning = {"doc": text["doc_id"]}
            query = "create table marts.largest_clusters as select left(text, 200) as beginning from filtered"
            connection.execute(f"{query} where doc_id = $doc", beginning)
        take_down(project, ("doc_id", text["doc_id"]))
        with catalog.connect(project) as connection:
            assert connection.execute("from duckdb_tables() where schema_name = 'marts'").fetchall() == []
        words = text["text"][:60].encode()
        files = [path for path in (tmp_path / "shown").rglob("*.duckdb") if path.is_file()]
        assert len(files) == 2
        assert not [path for path in files if words in path.read_bytes()]


def test_a_takedown_reaches_every_capture_of_an_address(built, tmp_path):
    with chain.opened(shutil.copytree(built, tmp_path / "captures")) as project:
        rows = chain.rows(project, "raw")
        twice = next(r for r in rows if sum(o["url"] == r["url"] and o["outcome"] == "kept" for o in rows) > 1)
        said = take_down(project, ("doc_id", twice["doc_id"]))
        assert said["documents"] == sum(o["url"] == twice["url"] and o["outcome"] == "kept" for o in rows)
        assert len(said["documents_by_crawl"]) == 2


def test_a_takedown_that_takes_a_representative_leaves_its_crawl_stale(built, tmp_path):
    with chain.opened(shutil.copytree(built, tmp_path / "bereft")) as project:
        pair = next(r for r in chain.rows(project, "deduped") if r["outcome"] == "duplicate")
        raw = {r["doc_id"]: r["url"] for r in chain.rows(project, "raw")}
        assert raw[pair["doc_id"]] != raw[pair["representative"]]
        take_down(project, ("doc_id", pair["representative"]))
        recipe = project.recipe("tiny")
        stale = freshness.stale(project, list(freshness.targets(recipe, project.crawls(recipe), "deduped")))
        assert {target.table for target in stale} == {"duplicate_pairs", "repeated_spans", "span_index", "deduped"}
        chain.run(project)
        kept = {r["doc_id"]: r["outcome"] for r in chain.rows(project, "deduped")}
        assert kept[pair["representative"]] == "removed"
        assert chain.broken(project) == []


def test_applying_again_changes_nothing(removed_folder, tmp_path):
    with chain.opened(shutil.copytree(removed_folder, tmp_path / "again")) as project:
        was = {n: v for n, v in chain.versions(project).items() if n != "takedowns"}
        again = applying.apply(project, only(project).id)
        assert {n: v for n, v in chain.versions(project).items() if n != "takedowns"} == was
        assert again["state"] == "removed, no trace found"


def test_adding_a_request_twice_is_one_request(copy):
    assert requests.add(copy, asked(("domain", HOST))).id == requests.add(copy, asked(("domain", HOST))).id
    assert len(requests.listed(copy)) == 1


def test_a_request_alone_removes_nothing(copy):
    was = chain.digests(copy)
    requests.add(copy, asked(("domain", HOST)))
    assert chain.digests(copy) == was


@pytest.mark.parametrize(("kind", "value"), [
    ("domain", "http://example.org"), ("domain", "org"), ("url", "example.org/page"), ("doc_id", "abc"),
    ("colour", "red"), ("domain", ""), ("licence", "x" * 9_000), ("url", "http://a.example/\x1b[2J"),
])  # fmt: skip
def test_a_selector_that_can_select_nothing_is_refused(kind, value):
    with pytest.raises(UserError):
        requests.checked([(kind, value)])


def test_an_unknown_takedown_is_not_found(copy):
    with pytest.raises(NotFound, match="have: none"):
        applying.apply(copy, "T-000000000000")


def test_a_plan_made_before_a_takedown_cannot_commit_after_it(built, tmp_path):
    with chain.opened(shutil.copytree(built, tmp_path / "race")) as project:
        chain.change(tmp_path / "race", "tiny", filters=[{"gopher_quality": {"min_words": 1}}])
        crawl = project.crawls()[0]
        plan = project.plan("filtered", {"recipe": "tiny", "crawl": crawl})
        take_down(project, ("domain", HOST))
        with pytest.raises(ConcurrentCommit):
            publish(project.lake, plan, project.engine)


def test_a_release_keeps_its_files_until_it_is_included(built, tmp_path, before):
    with chain.opened(shutil.copytree(built, tmp_path / "released")) as project:
        release = releases.create(project, "v1", "tiny", to="tokenized")
        said = take_down(project, ("domain", HOST))
        assert said["state"] == "incomplete: protected releases still hold the documents"
        assert requests.load(project, said["takedown"]).state in requests.OPEN
        assert said["releases_holding"]["v1"] > 0
        assert all(project.lake.storage.exists(name) for pin in release.pinned for name in pin.files)
        again = applying.apply(project, said["takedown"], including_releases=True)
        assert again["state"] == "removed, no trace found"
        now = releases.load(project, "v1")
        assert said["takedown"] in {t for pin in now.pinned for t in pin.amended_by}
        texts = [
            t
            for name in now.files("extracted")
            for t in pq.read_table(project.lake.storage.uri(name))["text"].to_pylist()
        ]
        assert not set(before.values()) & {text for text in texts if text}
        assert chain.broken(project) == []


APPLY = """
import sys
from pathlib import Path
from headwater.takedown import apply, request
from tests import chain
if __name__ == "__main__":
    with chain.opened(Path(sys.argv[1])) as project:
        (found,) = request.listed(project)
        apply.apply(project, found.id, scan=False)
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_takedown_killed_at_a_random_moment_and_applied_again_ends_the_same(seed, built, after, tmp_path):
    folder = shutil.copytree(built, tmp_path / "killed")
    with chain.opened(folder) as project:
        requests.add(project, asked(("domain", HOST)))
    command = [sys.executable, "-c", APPLY, str(folder)]
    process = subprocess.Popen(command, cwd=chain.ROOT, start_new_session=True, stderr=subprocess.PIPE)
    moment, log = random.Random(seed), folder / "lake" / "takedowns" / "_delta_log"
    while process.poll() is None and len(list(log.glob("*.json"))) < 3:
        time.sleep(0.005)
    time.sleep(moment.random() * 2)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    with chain.opened(folder) as project:
        applying.apply(project, only(project).id, scan=False)
        assert chain.digests(project) == chain.digests(after)
        assert chain.broken(project) == []
        assert [
            r["doc_id"] for r in chain.rows(project, "extracted") if r["doc_id"] in of_host(after) and r["text"]
        ] == []


SPELLINGS = [
    "HTTPS://{host}/page", "http://{HOST}/page", "http://{host}:80/page", "https://{host}:443/page", "http://{host}./page",
    "http://user:pw@{host}/page", "http://{host}/page#part", "http://{host}/%70age",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_one_address_are_one_address(spelling):
    host = "b\u00fccher.example.org"
    found = tombstones.address(spelling.format(host=host, HOST=host.upper()))
    assert found == tombstones.address("http://xn--bcher-kva.example.org/page")
    assert tombstones.address("http://example.org/caf\u00e9") == tombstones.address("http://example.org/caf%c3%a9")
    assert tombstones.address("http://example.org/a?x=1") != tombstones.address("http://example.org/a")


def pages(folder, *urls):
    """A project over one crawl with a page at each URL, deduplicated."""
    from tests.stages import crawls

    text = "A page about rivers that is long enough to be told from others by its own words, number {}. " * 30
    bodies = [f"<html><body><p>{text.replace('{}', str(n))}</p></body></html>".encode() for n, _ in enumerate(urls)]
    data = crawls.archive(*bodies)
    import gzip as packed

    records = packed.decompress(data)
    for number, url in enumerate(urls):
        records = records.replace(
            f"WARC-Target-URI: http://example.org/{number}\r\n".encode(), f"WARC-Target-URI: {url}\r\n".encode()
        )
    root = crawls.root(folder / "source", C_1={"a.warc.gz": packed.compress(records)})
    return chain.lay_out(folder / "project", crawls=root)


@pytest.mark.parametrize(("selector", "many"), [
    (("url", "https://example.org:443/Page"), 5),
    (("domain", "github.io"), 2),
    (("domain", "b\u00fccher.de"), 1),
    (("domain", "foo.github.io"), 1),
])  # fmt: skip
def test_a_selector_reaches_every_page_it_means(tmp_path, selector, many):
    urls = [
        "http://example.org/Page", "http://EXAMPLE.org/Page", "https://example.org:443/Page", "http://example.org./Page#x",
        "http://example.org/%50age", "http://foo.github.io/a", "http://bar.github.io/a", "http://xn--bcher-kva.de/x",
    ]  # fmt: skip
    with chain.opened(pages(tmp_path, *urls)) as project:
        chain.run(project, to="extracted")
        assert take_down(project, selector, scan=False)["documents"] == many
        assert len(removed(project, "raw")) == many


def test_a_takedown_that_matches_nothing_says_so_and_keeps_the_address_out(copy):
    said = take_down(copy, ("domain", "nobody.example.com"))
    assert said["state"] == "nothing matched: no document of the lake is meant"
    assert said["tombstones"] == {"domain": 1}


def test_a_copy_elsewhere_does_not_take_other_pages_of_its_address_with_it(tmp_path):
    folder = chain.lay_out(tmp_path / "copies")
    with chain.opened(folder) as project:
        chain.run(project, to="deduped")
        pair = next(r for r in chain.rows(project, "deduped") if r["outcome"] == "duplicate")
        found = applying.load(
            project, take_down(project, ("doc_id", pair["representative"]), duplicates=True, scan=False)["takedown"]
        )
        urls = {r["doc_id"]: r["url"] for r in chain.rows(project, "raw")}
        copies = [r["doc_id"] for r in found.of("document") if r["value"].startswith("duplicate ")]
        stones = {r["value"] for r in found.of("tombstone") if r["detail"] == "url"}
        meant = {tombstones.address(urls[r["doc_id"]]) for r in found.of("document") if r["doc_id"] not in copies}
        others = {
            tombstones.of("url", tombstones.address(urls[doc]))
            for doc in copies
            if tombstones.address(urls[doc]) not in meant
        }
        assert not others & stones


def test_a_withdrawn_request_is_never_applied(copy):
    found = requests.add(copy, asked(("domain", HOST)))
    requests.withdraw(copy, found.id, "a mistake")
    with pytest.raises(UserError, match="withdrawn"):
        applying.apply(copy, found.id)
    assert removed(copy, "raw") == set()


def test_a_draft_that_a_killed_run_left_does_not_bring_a_page_back(tmp_path):
    folder = chain.lay_out(tmp_path / "draft")
    with chain.opened(folder) as project:
        first, second = project.crawls()
        chain.run(project, to="extracted", crawls=[first])
        chain.run(project, to="sources", crawls=[second])
        plan = project.plan("raw", {"crawl": second})
        draft = project.lake.draft("raw", plan.partition, plan.key)
        from headwater import pipeline

        pipeline._write(draft, plan, project.engine, None)
        take_down(project, ("domain", HOST), scan=False)
        chain.run(project, to="raw", crawls=[second])
        rows = [r for r in chain.rows(project, "raw", crawl=second) if r["host"] == HOST]
        assert {r["outcome"] for r in rows} == {"removed"}
