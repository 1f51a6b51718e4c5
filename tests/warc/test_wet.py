"""WET files: where they lie, and what is read from them."""

import io

import pytest

from headwater.warc.wet import Conversions, path_of


@pytest.mark.parametrize(
    ("warc", "expected"),
    [
        ("crawl-data/C/segments/1/warc/C-00000.warc.gz", "crawl-data/C/segments/1/wet/C-00000.warc.wet.gz"),
        ("crawl-data/warc/segments/1/warc/a.warc", "crawl-data/warc/segments/1/wet/a.warc.wet"),
        ("folder/a.warc.gz", "folder/a.warc.wet.gz"),
        ("a.warc.gz", "a.warc.wet.gz"),
    ],
)
def test_the_wet_file_lies_beside_its_warc_as_common_crawl_has_it(warc, expected):
    assert path_of(warc) == expected


@pytest.mark.parametrize("name", ["whirlwind.warc.wet", "whirlwind.warc.wet.gz"])
def test_a_wet_file_of_common_crawl_is_read(test_data, name):
    with (test_data / "warc-real" / f"commoncrawl__whirlwind-python__{name}").open("rb") as stream:
        found = Conversions(stream, name=name)
    with found:
        text = found.of("<urn:uuid:2aabeff2-67f5-4608-8466-e87c6296e2b6>", None)
        assert (len(found), text.problem, len(text.data)) == (1, None, 4456)
        assert found.of(None, "https://an.wikipedia.org/wiki/Escopete") is None


def test_what_is_no_archive_holds_no_conversion():
    with Conversions(io.BytesIO(b"no archive"), name="x") as found:
        assert (len(found), found.of("<urn:uuid:1>", "http://example.org/")) == (0, None)
