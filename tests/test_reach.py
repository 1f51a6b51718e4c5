"""Forward: what is said of an address, a domain, a licence or a rule is what a reading of the whole tables gives."""

import json
from collections import Counter

import numpy as np
import pytest

from headwater import lookup, reach, releases, story
from headwater.errors import NotFound, UserError
from headwater.lake.snapshot import Snapshot
from headwater.model import loader
from tests import chain, standing

FIRST, SECOND = "SAMPLE-2024-10", "SAMPLE-2025-03"
MODEL = {"steps": 5, "hidden_size": 32, "layers": 1, "heads": 2, "kv_heads": 2, "intermediate_size": 64, "seq_len": 64}
TRAINING = {"steps": 5, "batch_size": 2, "seq_len": 64, "seed": 0}
DECIDED = ("raw", "extracted", "filtered", "deduped", "mixed")


@pytest.fixture(scope="module")
def trained(built, tmp_path_factory):
    """The built project with a small model, a release and an export of it. Look at it only."""
    import shutil

    folder = shutil.copytree(built, tmp_path_factory.mktemp("reach") / "project")
    chain.change(folder, "tiny", model={**MODEL, "batch_size": 2, "device": "cpu"})
    with chain.opened(folder) as project:
        chain.run(project, to="proxy_model")
        releases.create(project, "r1", "tiny", to="proxy_model")
        said = {"release": "r1", "kind": "jsonl", "files": [{"name": "a.jsonl", "sha256": "", "bytes": 0}]}
        project.lake.storage.write("exports/r1/jsonl/export.json", json.dumps(said).encode())
        yield project


def some(project, table, **wanted):
    return [row for row in chain.rows(project, table) if wanted.items() <= row.items()]


def duplicate(project):
    """A duplicate, with its crawl."""
    return next(
        {**row, "crawl": crawl}
        for crawl in (FIRST, SECOND)
        for row in chain.rows(project, "deduped", crawl=crawl)
        if row["outcome"] == "duplicate"
    )


def counted(project, ids):
    """Documents by table, outcome and rule, by reading everything."""
    return {
        (name, outcome, rule): number
        for name in DECIDED
        for (outcome, rule), number in Counter(
            (row["outcome"], row["rule"]) for row in chain.rows(project, name) if row["doc_id"] in ids
        ).items()
    }


def told(found):
    """The same of an answer, its partitions put together."""
    total = Counter()
    for row in found["tables"]:
        total[row["table"], row["outcome"], row["rule"]] += row["documents"]
    return dict(total)


@pytest.mark.parametrize(("kind", "column"), [("domain", "domain"), ("url", "url"), ("doc", "doc_id")])
def test_an_address_reaches_what_a_reading_of_all_tables_finds(trained, kind, column):
    values = Counter(row[column] for row in chain.rows(trained, "raw"))
    for value, number in values.most_common()[:: max(1, len(values) // 4)]:
        ids = {row["doc_id"] for row in some(trained, "raw", **{column: value})}
        found = reach.of(trained, kind, value)
        assert found["documents"] == number
        assert told(found) == counted(trained, ids)
        stream = [row for row in chain.rows(trained, "tokenized") if row["doc_id"] in ids]
        assert sum(s["copies"] for s in found["streams"]) == len(stream)
        assert sum(s["tokens"] for s in found["streams"]) == sum(len(row["tokens"]) for row in stream)


def test_places_are_those_of_the_stream(trained):
    ids = {row["doc_id"] for row in chain.rows(trained, "raw")}
    wanted = {
        (row["shard"], row["position"], row["doc_id"], row["copy"], row["first_token"], len(row["tokens"]))
        for row in chain.rows(trained, "tokenized")
    }
    found = set()
    for doc in sorted(ids):
        for s in reach.of(trained, "doc", doc)["streams"]:
            found |= {
                (s["shard"], p["position"], p["doc_id"], p["copy"], p["first_token"], p["tokens"]) for p in s["places"]
            }
        if len(found) > 30:
            break
    assert found <= wanted
    assert len(found) > 30


def test_a_document_has_the_same_places_backward_and_forward(trained):
    for row in chain.rows(trained, "tokenized")[::20]:
        stages = story.of_document(trained, row["doc_id"], row["crawl"])["stages"]
        names = ("position", "copy", "first_token", "tokens")
        back = [{n: stage[n] for n in names} for stage in stages if stage["table"] == "tokenized"]
        ahead = [p for s in reach.of(trained, "doc", row["doc_id"])["streams"] for p in s["places"]]
        assert back == [{n: p[n] for n in names} for p in ahead if p["crawl"] == row["crawl"]]


def test_a_rule_reaches_the_documents_it_decided_on(trained):
    rule = "gopher_quality.min_words"
    ids = {row["doc_id"] for row in some(trained, "filtered", rule=rule)}
    found = reach.of(trained, "rule", rule)
    assert found["documents"] == len(ids)
    assert told(found) == counted(trained, ids)
    assert found["streams"] == []


def test_the_name_of_a_step_stands_for_all_of_its_rules(trained):
    rows = [row for row in chain.rows(trained, "filtered") if (row["rule"] or "").startswith("gopher_quality.")]
    assert reach.of(trained, "rule", "gopher_quality")["documents"] == len(rows)


def test_a_licence_reaches_the_documents_with_evidence_of_it(trained):
    said = Counter(
        entry["licence"]
        for row in chain.rows(trained, "extracted")
        for entry in {e["licence"]: e for e in json.loads(row["licence_evidence"] or "[]")}.values()
    )
    given = Counter(row["licence"] for row in chain.rows(trained, "mixed") if row["licence"])
    licence = next(iter(said or given), None)
    if licence is None:
        with pytest.raises(NotFound, match="licence"):
            reach.of(trained, "licence", "CC-BY-SA-4.0")
    else:
        assert reach.of(trained, "licence", licence)["documents"] >= said[licence]


def test_a_host_below_a_registered_domain_reaches_its_own_pages_only(trained):
    hosts = Counter(row["host"] for row in chain.rows(trained, "raw") if row["host"] != row["domain"])
    host, number = hosts.most_common()[-1]
    assert reach.of(trained, "domain", host)["documents"] == number


def test_tokens_that_a_model_read_are_those_of_the_windows_it_saw(trained):
    rows = sorted(chain.rows(trained, "tokenized"), key=lambda row: (row["shard"], row["position"]))
    lengths = np.array([len(row["tokens"]) for row in rows])
    starts = np.cumsum(lengths) - lengths
    seen = np.zeros(int(lengths.sum()), dtype=bool)
    for start, end in loader.positions_seen(len(seen), **TRAINING):
        seen[start:end] = True
    wanted = {row["doc_id"]: int(seen[a : a + n].sum()) for row, a, n in zip(rows, starts, lengths, strict=True)}
    assert sum(wanted.values()) == int(seen.sum()) > 0
    for doc in [d for d, number in wanted.items() if number][:3] + [d for d, number in wanted.items() if not number][
        :3
    ]:
        (model,) = reach.of(trained, "doc", doc)["models"]
        assert (model["tokens_read"], model["live"], model["documents"]) == (wanted[doc], True, 1)
        stage = story.of_document(trained, doc)["stages"][-1]
        assert (stage["table"], stage["tokens_read"]) == ("proxy_model", wanted[doc])


def test_a_release_and_its_exports_are_named_where_they_hold_the_document(trained):
    row = chain.rows(trained, "tokenized")[0]
    found = reach.of(trained, "doc", row["doc_id"])
    (release,) = found["releases"]
    assert (release["release"], release["kept"], release["tokens"]) == ("r1", 1, len(row["tokens"]))
    assert [e["kind"] for e in found["exports"]] == ["jsonl"]
    backward = story.of_document(trained, row["doc_id"])
    assert backward["releases"][0]["tokens"] == len(row["tokens"])
    assert backward["exports"] == found["exports"]


def test_an_export_is_not_named_for_what_a_release_dropped(trained):
    row = some(trained, "filtered", rule="gopher_quality.min_words")[0]
    found = reach.of(trained, "doc", row["doc_id"])
    assert found["exports"] == []
    assert (found["releases"][0]["kept"], found["releases"][0]["tokens"]) == (0, 0)


def test_places_are_told_up_to_the_limit_and_counted_in_full(trained):
    site = Counter(row["domain"] for row in chain.rows(trained, "raw")).most_common()[0][0]
    full, cut = reach.of(trained, "domain", site), reach.of(trained, "domain", site, limit=2)
    assert sum(len(s["places"]) for s in cut["streams"]) == 2
    assert [s["copies"] for s in cut["streams"]] == [s["copies"] for s in full["streams"]]


@pytest.mark.parametrize("kind", ["url", "domain", "doc", "licence", "rule"])
def test_what_is_not_there_is_said_to_be_not_there(trained, kind):
    with pytest.raises(NotFound, match=kind):
        reach.of(trained, kind, "nothing' or 'a'='a")


def test_another_kind_is_refused(trained):
    with pytest.raises(UserError, match="have: url, domain"):
        reach.of(trained, "title", "x")


def test_a_lake_without_an_index_gives_the_same_answers(copied):
    import shutil

    with chain.opened(copied) as project:
        rows = chain.rows(project, "raw")[::40]
        before = [(story.of_document(project, r["doc_id"]), story.of_url(project, r["url"])) for r in rows]
        shutil.rmtree(copied / "lake" / "document_index")
        assert [(story.of_document(project, r["doc_id"]), story.of_url(project, r["url"])) for r in rows] == before


def test_with_an_index_a_document_is_found_without_a_scan(tiny_lake, monkeypatch):
    monkeypatch.setattr(lookup, "_scanned", lambda look, files, kind, value: [] if files == [] else 1 / 0)
    row = chain.rows(tiny_lake, "raw")[0]
    assert story.of_url(tiny_lake, row["url"])["url"] == row["url"]
    assert story.of_document(tiny_lake, row["doc_id"])["doc_id"] == row["doc_id"]


def test_an_index_of_other_rows_is_not_believed(copied):
    with chain.opened(copied) as project:
        look = Snapshot(project.lake)
        assert lookup.current(look, FIRST, "url")
        commit = project.lake.published("raw", {"crawl": FIRST})
        commit.provenance.details["amended_from"] = []
        index = project.lake.published("document_index", {"crawl": FIRST, "kind": "url"})
        assert [i.digest for i in index.provenance.inputs] == [commit.provenance.digest]
        assert not lookup.current(look, "SAMPLE-1999-01", "url")


def test_the_story_of_a_duplicate_shows_its_representative_similarity_and_licences(tiny_lake):
    row = duplicate(tiny_lake)
    (copies,) = story.of_document(tiny_lake, row["doc_id"], row["crawl"])["copies"]
    first, *others = copies["documents"]
    assert (copies["cluster"], first["doc_id"]) == (row["cluster"], row["representative"])
    mine = next(copy for copy in others if copy["doc_id"] == row["doc_id"])
    assert (mine["similarity"], mine["method"]) == (row["similarity"], row["method"])
    assert all({"url", "licence_evidence"} <= set(copy) for copy in copies["documents"])


def test_the_representative_of_a_duplicate_is_found_without_a_search_for_members(tiny_lake, monkeypatch):
    from headwater import copies

    row = duplicate(tiny_lake)
    wanted = story.of_document(tiny_lake, row["doc_id"], row["crawl"], members=True)["copies"][0]["documents"]
    monkeypatch.setattr(copies, "SEARCHED_FILES", 0)
    (found,) = story.of_document(tiny_lake, row["doc_id"], row["crawl"])["copies"]
    assert not found["complete"]
    assert found["documents"] == [w for w in wanted if w["doc_id"] in (row["doc_id"], row["representative"])]


def test_every_member_of_a_cluster_is_told(tiny_lake):
    rows = [row for row in chain.rows(tiny_lake, "deduped") if row["representative"] != row["doc_id"]]
    cluster = rows[0]["cluster"]
    stands = standing.last(tiny_lake)
    wanted = {doc for doc, survivor in stands.items() if survivor == stands[cluster]}
    (found,) = story.of_document(tiny_lake, cluster, members=True)["copies"]
    assert {copy["doc_id"] for copy in found["documents"]} == wanted
