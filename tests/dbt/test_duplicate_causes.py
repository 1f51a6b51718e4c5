"""Why a document is a duplicate, held against what is known of three crawls of documentation pages."""

import gzip
import json

import pytest

from headwater import catalog
from tests import chain
from tests.dbt.conftest import Catalog

# Floors are what was measured, rounded down: 649 of 649 and 671 of 672 unchanged pages by recipe gopher.
FLOOR = 0.995
CRAWLS = ["DOCS-2024-10", "DOCS-2025-03"]


@pytest.fixture(scope="module")
def judged(test_data, tmp_path_factory, dbt):
    """Fate by address of the two crawls' pages that filters kept: (outcome, cause, reach)."""
    folder = tmp_path_factory.mktemp("causes")
    with chain.opened(chain.lay_out(folder / "project", crawls=test_data / "crawls")) as project:
        chain.change(folder / "project", "gopher", crawls=CRAWLS)
        chain.run(project, recipe="gopher", to="deduped")
        file = Catalog(catalog.publish(project), folder / "target")
    done = dbt(file, "run", "--select", "+duplicate_causes", "+document_causes")
    assert done.returncode == 0, done.stdout
    rows = file.rows("""
        select d.crawl, f.url, d.outcome, c.cause, c.reach
        from main.deduped d join main.filtered f using (recipe, crawl, shard, doc_id)
        left join intermediate.document_causes c using (recipe, crawl, shard, doc_id)
    """)
    return {(crawl, url): fate for crawl, url, *fate in rows}


def truth(test_data, crawl):
    with gzip.open(test_data / "crawls" / "crawl-data" / crawl / "truth-pages.jsonl.gz") as lines:
        return [json.loads(line) for line in lines]


def test_a_page_that_did_not_change_is_a_duplicate_of_an_earlier_crawl_for_that_cause(judged, test_data):
    first, second = CRAWLS
    fates = [
        judged[second, page["url"]]
        for page in truth(test_data, second)
        if page["status_vs_previous"] == "unchanged" and {(first, page["url"]), (second, page["url"])} <= set(judged)
    ]
    found = fates.count(["duplicate", "unchanged_page", "across"])
    print(f"unchanged pages found as such: {found} of {len(fates)}")
    assert len(fates) > 600
    assert found / len(fates) >= FLOOR


def test_no_page_that_is_new_is_told_to_have_been_fetched_before(judged, test_data):
    first, second = CRAWLS
    new = [page["url"] for page in truth(test_data, second) if page["status_vs_previous"] == "new"]
    fates = [judged[second, url] for url in new if (second, url) in judged and (first, url) not in judged]
    assert len(fates) > 50
    assert {cause for outcome, cause, _ in fates if outcome == "duplicate"} <= {"mirrored_page"}
