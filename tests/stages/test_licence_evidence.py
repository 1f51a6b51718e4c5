"""`extracted.licence_evidence`: of kept pages, whatever stands beside them in the archive."""

import json

import pytest

from headwater.rights import licences
from tests import chain
from tests.stages.crawls import archive, root

TEXT = "The quick brown fox jumps over the lazy dog. " * 20
CC = '<footer>Ämter. <a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a></footer>'
PAGES = [f"<html><body><p>{TEXT}</p>{footer}</body></html>" for footer in ("", CC, "All rights reserved", CC)]


def rows(folder, *archives):
    crawls = root(folder / "root", C1={f"{n}.warc.gz": data for n, data in enumerate(archives)})
    with chain.opened(chain.lay_out(folder / "project", crawls=crawls)) as project:
        chain.run(project, to="extracted")
        return {row["url"].rsplit("/", 1)[-1]: row for row in chain.rows(project, "extracted")}


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    return rows(tmp_path_factory.mktemp("together"), archive(*(p.encode() for p in PAGES)))


def test_a_kept_page_has_the_evidence_that_is_on_it(together):
    for number, page in enumerate(PAGES):
        row = together[str(number)]
        assert row["outcome"] == "kept"
        assert row["licence_evidence"] == licences.as_json(licences.find(page, row["url"]))
    assert together["0"]["licence_evidence"] is None
    assert json.loads(together["1"]["licence_evidence"])[0]["licence"] == "CC-BY-4.0"


def test_evidence_is_the_same_in_other_batches_and_charsets(together, tmp_path):
    alone = rows(tmp_path, *(archive(p.encode("latin-1"), charset="latin-1", first=n) for n, p in enumerate(PAGES)))
    assert {n: r["licence_evidence"] for n, r in alone.items()} == {
        n: r["licence_evidence"] for n, r in together.items()
    }
