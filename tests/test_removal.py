"""What deduplication removed is held against the recipe's ceilings, and a draft over one of them is not published."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import expectations
from headwater import removal
from headwater.errors import AuditFailed, BadRecipe
from headwater.lake.storage import Storage
from headwater.lake.tables import table
from headwater.recipe import Audit
from tests import chain

CLUSTERS = {"dedup": [{"minhash": {"threshold": 0.5}}]}


def found(tmp_path, rows, ceilings, *, alone=True):
    """Facts of documents (domain, outcome, representative) of one shard; their doc_ids are their places."""
    documents = [
        {"doc_id": str(place), "shard": "s", "outcome": outcome, "representative": of, "method": method}
        for place, (_, outcome, of, method) in enumerate(rows)
    ]
    texts = [{"doc_id": str(place), "shard": "s", "domain": row[0]} for place, row in enumerate(rows)]
    for name, written in (("deduped", documents), ("filtered", texts)):
        pq.write_table(pa.Table.from_pylist(written, table(name).file_schema), tmp_path / f"{name}.parquet")
    storage = Storage(str(tmp_path), {})
    return removal.facts(storage, ["deduped.parquet"], ["filtered.parquet"], ceilings, alone=alone, by_spans=["lines"])


def kept(domain):
    return (domain, "kept", None, None)


def copy(domain, of, method="minhash"):
    return (domain, "duplicate", of, method)


def test_the_largest_cluster_is_counted_with_a_survivor_of_the_same_crawl(tmp_path):
    rows = [kept("a.org"), copy("a.org", "0"), copy("b.org", "0"), copy("b.org", "elsewhere")]
    facts = found(tmp_path, rows, Audit(max_cluster=2))
    assert (facts["largest_cluster"], facts["largest_cluster_ceiling"]) == (3, 2)
    assert facts["largest_cluster_said"].startswith(
        "cluster 0 holds 3 of the crawl's 4 documents, 2 is the most that audit.max_cluster allows; look at its pairs"
    )


def test_a_copy_of_a_copy_is_in_the_cluster_of_the_last_survivor(tmp_path):
    rows = [kept("a.org"), copy("a.org", "0"), copy("a.org", "1", "exact"), copy("a.org", "2", "exact")]
    assert found(tmp_path, rows, Audit())["largest_cluster"] == 4
    earlier = [copy("a.org", "earlier"), copy("a.org", "0", "exact")]
    facts = found(tmp_path, earlier, Audit(from_documents=1))
    assert (facts["largest_cluster"], facts["most_removed_share"]) == (2, 0)


def test_a_document_that_seems_to_stand_for_itself_is_a_duplicate_of_an_earlier_crawl(tmp_path):
    facts = found(tmp_path, [copy("a.org", "0"), kept("a.org")], Audit(from_documents=1))
    assert (facts["largest_cluster"], facts["most_removed_share"]) == (1, 0)


def test_a_cluster_of_an_earlier_survivor_is_counted_without_it(tmp_path):
    assert found(tmp_path, [copy("a.org", "x"), copy("a.org", "x")], Audit())["largest_cluster"] == 2


def test_a_share_is_not_asked_of_a_few_documents(tmp_path):
    rows = [kept("a.org"), *[copy("a.org", "0")] * 9]
    assert found(tmp_path, rows, Audit())["largest_cluster_ceiling"] == 100
    assert found(tmp_path, rows, Audit(from_documents=1))["largest_cluster_ceiling"] == 1
    assert found(tmp_path, rows, Audit(from_documents=11))["most_removed_share"] == 0


def test_no_ceiling_is_over_none(tmp_path):
    rows = [kept("a.org"), *[copy("a.org", "0")] * 9]
    facts = found(tmp_path, rows, Audit(max_cluster_share=None, max_removed_share=None, from_documents=1))
    assert facts["largest_cluster_ceiling"] == facts["largest_cluster"] == 10
    assert facts["most_removed_ceiling"] == 1.0


def test_the_source_that_lost_most_is_named(tmp_path):
    rows = [kept("a.org"), kept("b.org"), copy("b.org", "0"), copy("b.org", "0"), copy("b.org", "0")]
    facts = found(tmp_path, rows, Audit(max_removed_share=0.5, from_documents=2))
    assert facts["most_removed_share"] == 0.75
    assert facts["most_removed_said"].startswith(
        "domain b.org lost 3 of its 4 documents to others of this crawl, 75.0%, 50.0% is the most that "
        "audit.max_removed_share allows (and 2 more sources are over the ceiling)"
    )


def test_a_page_that_was_fetched_again_is_not_lost(tmp_path):
    rows = [copy("a.org", "earlier"), copy("a.org", "earlier too"), kept("a.org")]
    assert found(tmp_path, rows, Audit(from_documents=1))["most_removed_share"] == 0


def test_what_was_seen_in_spans_is_lost_where_there_is_no_earlier_crawl(tmp_path):
    rows = [kept("a.org"), copy("a.org", None, "lines"), ("a.org", "removed", None, None)]
    assert found(tmp_path, rows, Audit(from_documents=1))["most_removed_share"] == 0.5
    assert found(tmp_path, rows, Audit(from_documents=1), alone=False)["most_removed_share"] == 0
    assert found(tmp_path, rows, Audit())["owe_no_cluster"] == 2


def test_only_methods_of_spans_may_name_no_representative(tmp_path):
    assert found(tmp_path, [kept("a.org"), copy("a.org", None)], Audit())["owe_no_cluster"] == 0


def test_a_crawl_without_documents_is_over_no_ceiling(tmp_path):
    facts = removal.facts(Storage(str(tmp_path), {}), [], [], Audit(), alone=True)
    assert facts["largest_cluster"] <= facts["largest_cluster_ceiling"]
    assert facts["most_removed_share"] <= facts["most_removed_ceiling"]


@pytest.mark.parametrize("wrong", [{"max_cluster_share": 2}, {"max_removed_share": -1}, {"from_documents": 0}])
def test_a_ceiling_that_is_none_is_refused(copied, wrong):
    chain.change(copied, "tiny", audit=wrong)
    with chain.opened(copied) as project, pytest.raises(BadRecipe):
        project.recipe("tiny")


def test_another_ceiling_makes_nothing_stale(copied):
    chain.change(copied, "tiny", audit={"max_cluster": 1})
    with chain.opened(copied) as project:
        assert not any(outcome.written for outcome in chain.run(project, to="mixed", expect=expectations.validate))


def test_a_draft_over_a_ceiling_leaves_what_is_published(copied):
    chain.change(copied, "tiny", audit={"max_cluster": 1}, **CLUSTERS)
    with chain.opened(copied) as project:
        before = chain.published(project)
        with pytest.raises(AuditFailed, match=r"no_cluster_is_too_large \(cluster \w{32} holds \d+ of the crawl's"):
            chain.run(project, to="deduped", expect=expectations.validate)
        after = chain.published(project)
        changed = {place[0] for place in after if after[place] != before[place]}
        assert "duplicate_pairs" in changed
        assert "deduped" not in changed
        (report,) = copied.glob("lake/_audits/deduped/**/*.json")
        assert [c["name"] for c in json.loads(report.read_text())["checks"] if not c["passed"]] == [
            "no_cluster_is_too_large"
        ]


def test_a_higher_ceiling_publishes_the_draft(copied):
    chain.change(copied, "tiny", audit={"max_removed_share": 0.0, "from_documents": 1}, **CLUSTERS)
    with chain.opened(copied) as project, pytest.raises(AuditFailed, match="no_source_loses_too_much"):
        chain.run(project, to="deduped", expect=expectations.validate)
    chain.change(copied, "tiny", audit={}, **CLUSTERS)
    with chain.opened(copied) as project:
        outcomes = chain.run(project, to="deduped", expect=expectations.validate)
        assert [outcome.written for outcome in outcomes if outcome.table == "deduped"] == [True, True]
        assert chain.broken(project) == []
