"""A takedown in a lake whose deduplication removed stretches of texts."""

import hashlib
import shutil

import pytest

from headwater import freshness
from headwater.takedown import WINDOW, texts, traces
from headwater.takedown.windows import rolling
from tests import chain, cutting
from tests.takedown.conftest import HOST, of_host, removed, take_down


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project with stretches removed by the tests' own rule."""
    folder = chain.lay_out(tmp_path_factory.mktemp("cut") / "project")
    with chain.opened(folder) as project:
        cutting.cut(project)
    return folder


def edits(project):
    return {r["doc_id"]: r["edits"] for r in chain.rows(project, "deduped") if r["edits"]}


def test_a_removed_document_has_no_edits_and_the_others_keep_theirs(folder, tmp_path):
    with chain.opened(shutil.copytree(folder, tmp_path / "project")) as project:
        before, gone = edits(project), of_host(project)
        assert before.keys() & gone
        certificate = take_down(project, ("domain", HOST))
        assert edits(project) == {doc: found for doc, found in before.items() if doc not in gone}
        assert removed(project, "deduped") == gone
        assert chain.broken(project) == []
    assert certificate["scan"]["hits"] == []


def test_windows_are_taken_of_what_remains_too(folder):
    with chain.opened(folder) as project:
        left = cutting.remaining_texts(project)
        doc = next(d for d in sorted(of_host(project)) if d in edits(project))
        crawl = next(c for c, d in left if d == doc)
        shard = next(r["shard"] for r in chain.rows(project, "filtered") if r["doc_id"] == doc)
        meant = [texts.Document(crawl, shard, doc, "", "", "")]
        found = [(column, text) for _, column, text in texts._texts(project, meant)]
    assert ("remaining", left[crawl, doc]) in found


def test_a_stream_that_was_left_is_found_by_a_window_across_a_cut(folder, tmp_path):
    with chain.opened(shutil.copytree(folder, tmp_path / "project")) as project:
        left = cutting.remaining_texts(project)
        key = next(k for k in sorted(left) if cutting.cuts(k[1]) and len(left[k]) > 300)
        # Of the text as filtered no window stands here: the cut is in its middle.
        window = left[key].encode()[:WINDOW]
        wanted = {rolling(window): frozenset([hashlib.sha256(window).hexdigest()])}
        found = traces.search(project, wanted, {key[0]: [key[1]]})
    assert {hit[0].split("/")[0] for hit in found.left} == {"tokenized"}


def test_repeated_lines_of_a_removed_document_are_looked_for_again(lined, tmp_path):
    with chain.opened(shutil.copytree(lined, tmp_path / "project")) as project:
        recipe, gone = project.recipe("tiny"), of_host(project)
        assert edits(project).keys() & gone
        certificate = take_down(project, ("domain", HOST))
        assert certificate["scan"]["hits"] == []
        for table in ("repeated_spans", "span_index"):
            assert not gone & {r["doc_id"] for r in chain.rows(project, table)}
        stale = freshness.stale(project, list(freshness.targets(recipe, project.crawls(recipe), "deduped")))
        assert {t.table for t in stale} >= {"repeated_spans", "span_index", "deduped"}
        chain.run(project, to="deduped")
        again = chain.digests(project)
    with chain.opened(chain.lay_out(tmp_path / "fresh")) as fresh:
        chain.change(tmp_path / "fresh", "tiny", dedup=cutting.LINES)
        shutil.copytree(tmp_path / "project" / "lake" / "takedowns", f"{fresh.lake.storage.root}/takedowns")
        chain.run(fresh, to="deduped")
        theirs = chain.digests(fresh)
    names = ("filtered", "repeated_spans", "span_index", "deduped")
    assert {p: d for p, d in again.items() if p[0] in names} == {p: d for p, d in theirs.items() if p[0] in names}
