"""Of documents on which a step never ends, what is told of other options is what a rerun makes of them."""

import pytest

from headwater import whatif_filters, whatif_settings
from tests import chain, steps
from tests.stages.crawls import archive, root
from tests.stages.test_filtered import FILTER, HANG, PAGES, rows, run

HANG_BY_ADDRESS = """
    '''Never end on an address. Source: none, 2024.'''
    VERSION = 1
    def endless_address(columns, *, word: str | None = None):
        '''No findings.'''
        while any(word is not None and word in (url or "") for url in columns["url"].to_pylist()):
            pass
        return []
"""
ENDLESS = {"endless": {"word": "unwanted"}}
# The third page has the word "unwanted" in it, the first "plain", the second "bomb".
CASES = {
    "the step that does not end": ([ENDLESS], "endless.word=plain"),
    "a step before it, stricter": ([{"unwanted": {"word": None}}, ENDLESS], "unwanted.word=unwanted"),
    "a step before it, looser": ([{"unwanted": {"word": "unwanted"}}, ENDLESS], "unwanted.word=null"),
    "a filter by signals before it": ([{"length": {"min_chars": 1000}}, ENDLESS], "length.min_chars=null"),
    "a step after it": ([ENDLESS, {"unwanted": {"word": None}}], "unwanted.word=bomb"),
    "a step that reads no text": ([{"endless_address": {"word": None}}], "endless_address.word=org/2"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    place = tmp_path_factory.mktemp("limits")
    crawls = root(place / "crawls", C_1={"a.warc.gz": archive(*(page.encode() for page in PAGES))})
    folder = chain.lay_out(place / "project", crawls=crawls, max_quarantined=0.5, workers=1, page_timeout_s=0.5)
    own = {"filters__unwanted": FILTER, "filters__endless": HANG, "filters__endless_address": HANG_BY_ADDRESS}
    with steps.found(folder / "steps", **own):
        with chain.opened(folder) as first:
            run(first)
        # What is known of crawls in the lake is what was there when the project was opened.
        with chain.opened(folder) as opened:
            yield opened


def asked(project, setting):
    return whatif_filters.settings(project, "own", [whatif_settings.setting(setting)])


def kept_and_reasons(project):
    found = list(rows(project))
    kept = {row["doc_id"] for row in found if row["outcome"] == "kept"}
    return kept, {row["doc_id"]: row["rule"] for row in found if row["doc_id"] not in kept}


@pytest.mark.parametrize("case", CASES)
def test_the_answer_is_that_of_a_rerun(project, case):
    filters, setting = CASES[case]
    run(project, filters=filters)
    answer = asked(project, setting)
    was, _ = kept_and_reasons(project)
    step, option = setting.split("=")[0].split(".")
    new = {step: {option: whatif_settings.setting(setting).value}}
    run(project, filters=[new if step in each else each for each in filters])
    becomes, reasons = kept_and_reasons(project)
    documents = answer["documents"]
    assert (documents["gained"], documents["lost"]) == (len(becomes - was), len(was - becomes))
    for row in answer["by_rule"]["rows"]:
        assert row["after"] == list(reasons.values()).count(row["name"])
    if case != "a step after it":
        assert any(row["name"].startswith("filters.endless") for row in answer["by_rule"]["rows"])


def test_a_text_that_was_lost_before_anything_that_differs_is_not_tried_again(project):
    run(project, filters=[ENDLESS, {"unwanted": {"word": None}}])
    answer = asked(project, "unwanted.word=bomb")
    assert answer["documents"]["lost"] == 1
    assert answer["read"]["texts"] == len(PAGES) - 1


def test_each_point_of_a_sweep_is_under_the_limit(project):
    run(project, filters=[{"length": {"min_chars": 1000}}, ENDLESS])
    points = whatif_filters.sweep(project, "own", whatif_settings.sweep("length.min_chars=1,50,2000"))["points"]
    assert [point["documents"] for point in points] == [len(PAGES) - 1, 1, 0]
