"""The public summary: its fields, its list of domains, what is missing until people say it, and its seal."""

import csv
import hashlib
import io
import json

import pytest

from headwater.lake.lineage import canonical
from headwater.report import eu_summary
from headwater.report.provider import Provider

# The fields of the template, as the AIAL methodology numbers them. 2.1.b to 2.1.d are asked where such data was used.
FIELDS = """
    1.1.a 1.1.b 1.2.a 1.2.b 1.2.c 1.3.a 1.3.b 1.3.c 1.3.d 1.3.e 1.3.f 1.3.g 2.1.a 2.1.e 2.2.1.a 2.2.1.b 2.2.2.a
    2.2.2.b 2.2.2.c 2.2.2.d 2.2.2.e 2.3.a 2.3.b 2.3.c 2.3.d 2.3.e 2.3.f 2.3.g 2.3.h 2.3.i 2.4.a 2.4.b 2.4.c 2.4.d
    2.4.e 2.5.a 2.5.b 2.5.c 2.5.d 2.5.e 2.6.a 2.6.b 2.6.c 3.1.a 3.1.b 3.1.c 3.2.a 3.3.a
"""


@pytest.fixture
def summary(read):
    return read("eu-summary.json")


@pytest.fixture
def fields(summary):
    return {field["id"]: field for section in summary["sections"] for field in section["fields"]}


def text(field):
    return " ".join(block.get("text", "") for block in field["answer"])


def test_the_summary_has_every_field_of_the_template_in_order(fields):
    assert list(fields) == FIELDS.split()


def test_what_nobody_stated_is_missing(fields):
    assert {fields[id]["state"] for id in ("1.2.c", "2.3.d", "3.1.a", "3.2.a")} == {"missing"}


def test_what_the_provider_stated_is_there(fields):
    assert fields["1.1.a"]["state"] == "given"
    assert text(fields["1.1.a"]) == "Example Models B.V.; data at example.com"
    assert text(fields["2.3.b"]) == "ExampleBot"


def test_the_size_and_its_band_are_from_the_lake(fields, numbers):
    size = fields["1.3.b"]
    assert size["state"] == "recorded"
    assert "less than 1 billion tokens" in text(size)
    assert f"{numbers.values['training.tokens']:,}" in text(size)


def test_images_audio_and_video_are_not_applicable_and_say_why(fields):
    assert text(fields["1.3.b"]).count("not applicable; every document of the release is text") == 3


@pytest.mark.parametrize(
    ("tokens", "band"),
    [
        (0, "less than 1 billion tokens"),
        (10**9 - 1, "less than 1 billion tokens"),
        (10**9, "1 billion to 10 trillion tokens"),
        (10**13, "1 billion to 10 trillion tokens"),
        (10**13 + 1, "more than 10 trillion tokens"),
    ],
)
def test_the_band_of_a_size(tokens, band):
    assert eu_summary.size_band(tokens) == band


def test_the_latest_acquisition_is_a_month_and_the_day_is_linked(fields, ask):
    ((day,),) = ask("select strftime(max(fetched_at) at time zone 'UTC', '%Y-%m-%d') from {raw} r join {mixed} m "
                    "on m.doc_id = r.doc_id and m.crawl = r.crawl where m.outcome = 'kept'")  # fmt: skip
    assert text(fields["1.3.d"]).startswith(f"{day[5:7]}/{day[:4]}; ")
    assert day in text(fields["1.3.d"])


def test_every_number_in_the_summary_is_explained_in_it(summary, fields):
    explained = {number["name"] for number in summary["numbers"]}
    blocks = [block for field in fields.values() for block in field["answer"]]
    named = {name for block in blocks for name in [*block.get("numbers", []), block.get("listing")] if name}
    assert named == explained
    assert all(number["query"] and number["tables"] for number in summary["numbers"])


def test_the_domains_are_those_with_most_text(read, ask):
    rows = list(csv.DictReader(io.StringIO(read("eu-summary-domains.csv"))))
    found = [(r["domain"], int(r["bytes"]), int(r["documents"])) for r in rows]
    by_hand = ask(
        "select f.domain, sum(octet_length(encode(f.text)))::bigint, count(*) from {mixed} m join {filtered} f "
        "on f.doc_id = m.doc_id and f.crawl = m.crawl where m.outcome = 'kept' group by 1 order by 2 desc, 1"
    )
    # The provider of the fixture is small: five per cent of the domains, at most 1,000.
    assert found == by_hand[: min(-(-len(by_hand) * 5 // 100), 1000)]
    assert found


def test_all_domains_add_up_to_the_release(read, numbers):
    rows = list(csv.DictReader(io.StringIO(read("domains.csv"))))
    assert len(rows) == numbers.values["training.domains"]
    assert sum(int(row["tokens"]) for row in rows) == numbers.values["training.tokens"]
    assert sum(int(row["documents"]) for row in rows) == numbers.values["training.documents"]


def test_the_seal_can_be_computed_again(summary):
    sealed = summary["header"].pop("Integrity (SHA-256)")
    assert sealed == hashlib.sha256(canonical(summary).encode()).hexdigest()


def test_another_word_breaks_the_seal(summary):
    sealed = summary["header"]["Integrity (SHA-256)"]
    changed = json.loads(json.dumps(summary).replace("Example Models", "Other Models"))
    assert eu_summary.digest_of(eu_summary.unsealed(changed)) != sealed


def test_the_dates_are_those_of_the_release(summary, release):
    assert summary["header"]["Last update"] == release.created_at.strftime("%d/%m/%Y")


def test_the_names_of_common_crawl_tell_who_made_the_crawls(listed):
    assert eu_summary.made_by_others(listed("CC-MAIN-2024-42", "CC-NEWS-2016"), Provider()) is True
    assert eu_summary.made_by_others(listed("CC-MAIN-2024-42", "OURS-1"), Provider()) is None


@pytest.fixture
def listed():
    """Facts that know nothing but the names of crawls."""
    from headwater.report.numbers import Facts, Listing

    def listed(*names):
        rows = tuple((name,) for name in names)
        crawls = Listing("crawls.each", "", ("crawl",), rows, "", ())
        return Facts(None, None, {}, {"crawls.each": crawls}, "", True)

    return listed
