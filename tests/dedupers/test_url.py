"""Duplicates by address."""

import pyarrow as pa
import yaml

from headwater.dedupers.url import url
from tests import chain
from tests.stages.crawls import archive, root

PAGE = "<html><body><main><p>Version {} of a page that says something about a river.</p></main></body></html>"
URLS = pa.array(["http://a.org/x", "https://A.org:443/x#top", "http://a.org/%78", "http://a.org/y", None])


def test_spellings_of_one_address_share_a_key():
    keys, valid = url().keys(URLS)
    assert keys[0, 0] == keys[1, 0] == keys[2, 0] != keys[3, 0]
    assert valid.tolist() == [True] * 4 + [False]


def test_only_equal_addresses_are_alike():
    right = pa.array(["http://a.org/x"] * 5)
    assert url().similarity(URLS, right).tolist() == [1, 1, 1, 0, 0]


def test_a_changed_page_at_its_old_address_is_a_duplicate_of_the_earlier_crawls(tmp_path):
    one, two = (archive(PAGE.format(n).encode()) for n in (1, 2))
    crawls = root(tmp_path / "crawls", C_1={"a.warc.gz": one}, C_2={"a.warc.gz": two})
    folder = chain.lay_out(tmp_path / "project", crawls=crawls, workers=1)
    recipe = {"description": "by address", "filters": [], "dedup": ["exact", "url"]}
    (folder / "recipes" / "own.yaml").write_text(yaml.safe_dump(recipe))
    with chain.opened(folder) as project:
        chain.run(project, recipe="own", to="deduped")
        found = {c: chain.rows(project, "deduped", recipe="own", crawl=c)[0] for c in ("C-1", "C-2")}
        assert {c: (row["outcome"], row["method"]) for c, row in found.items()} == {
            "C-1": ("kept", None), "C-2": ("duplicate", "url"),
        }  # fmt: skip
        assert chain.broken(project) == []
