"""A recipe's policy decides what is withheld, of its copies whose licence counts, and what its mix depends on."""

import json
import shutil
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
import yaml

import expectations
from headwater import checking, make
from headwater.errors import BadRecipe, MissingInput, UnknownName
from headwater.lake.files import ShardWriter, read_batches, read_footer
from headwater.rights import judging
from tests import chain
from tests.stages.crawls import archive, root

MIXED = {"recipe": "tiny"}
PAGE = "<html><body><p>{0} is what this page of words about the old mill tells of. {1}</p></body></html>"
NAMES = ("open", "bought", "silent", "drawn", "closed", "twice")


def text(name):
    return PAGE.format(f"The story of {name}", f"The {name} mill is unlike all of the others here. " * 9).encode()


def entry(licence, source="rel_license", place="footer", scope="page", **more):
    return {"licence": licence, "source": source, "place": place, "scope": scope, "said": "words", **more}


# Of each page by its number: the first six are one crawl, the seventh is a copy of `twice` in a later one.
SAID = {
    0: [entry("CC-BY-4.0", author="Ann")],
    1: [entry("CC-BY-NC-SA-4.0"), entry("CC-BY-4.0", "meta", "head")],
    3: [entry("CC-BY-4.0", "license_url", "image", "image")],
    4: [entry("LicenseRef-all-rights-reserved", "phrase")],
    5: [entry("MIT", "spdx_tag", "body")],
    106: [entry("CC-BY-NC-4.0")],
}
NOAI = {"signals": json.dumps([{"signal": "meta_noai", "value": "noai", "where": "meta"}]), "denied_agents": "[]"}


def rewritten(project, table, change, **partition):
    """Give rows of a published table other values, as another version of what makes it would."""
    storage = project.lake.storage
    for file in project.lake.files(table, partition):
        key = read_footer(storage, file.name).key
        rows = [change(dict(row)) for b in read_batches(storage, file.name) for row in b.to_pylist()]
        with ShardWriter(storage, table, file.name, shard=file.shard, key=key) as writer:
            writer.write(pa.Table.from_pylist(rows, schema=writer._schema))


def number(row):
    return int(row["url"].rsplit("/", 1)[1])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with two crawls, deduplicated, whose pages have the evidence of SAID."""
    place = tmp_path_factory.mktemp("policies")
    first = {"a.warc.gz": archive(*map(text, NAMES[:3])), "b.warc.gz": archive(*map(text, NAMES[3:]), first=3)}
    crawls = root(place / "root", C1=first, C2={"a.warc.gz": archive(text("twice"), first=106)})
    folder = chain.lay_out(place / "project", crawls=crawls)
    chain.change(folder, "tiny", filters=[], mix={"group_by": "crawl", "held_out": 0.0})
    with chain.opened(folder) as project:
        chain.run(project, to="deduped")
        rewritten(project, "extracted", lambda r: {**r, "licence_evidence": as_json(SAID.get(number(r)))})
    return folder


def as_json(found):
    return None if found is None else json.dumps(found, sort_keys=True)


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "project")


def write(folder, name="mine", **said):
    (folder / "policies" / f"{name}.yaml").write_text(yaml.safe_dump({"description": "a test's", **said}))
    return name


def mixed(folder, policy):
    """Rows by page number, and what the commit says, under a policy."""
    chain.change(folder, "tiny", policy=policy)
    with chain.opened(folder) as project:
        outcome = make.make(project, "mixed", MIXED)
        numbers = {r["doc_id"]: number(r) for r in chain.rows(project, "extracted")}
        rows = {numbers[r["doc_id"]]: r for r in chain.rows(project, "mixed")}
        found = [b for b in chain.broken(project) if b[0] == "mixed"]
        assert found == []
    return rows, outcome.provenance


def classes(rows):
    return {number: row["licence_class"] for number, row in rows.items()}


def test_under_everything_nothing_is_withheld_and_all_is_recorded(folder):
    rows, said = mixed(folder, "everything")
    assert {row["outcome"] for row in rows.values()} == {"kept"}
    assert classes(rows) == {
        0: "commercial", 1: "non-commercial", 2: "unspecified", 3: "unspecified", 4: "reserved", 5: "commercial",
    }  # fmt: skip
    assert (rows[0]["licence"], rows[0]["obligations"]) == ("CC-BY-4.0", "attribution")
    assert (rows[1]["licence"], rows[1]["obligations"]) == ("CC-BY-NC-SA-4.0", "attribution,share-alike")
    assert (rows[2]["licence"], rows[2]["obligations"]) == (None, None)
    assert said.details["licence_classes"]["unspecified"] == {"documents": 2, "withheld": 0}
    assert {i.table for i in said.inputs} == {"deduped", "filtered", "extracted", "raw"}


def test_what_is_withheld_says_by_which_rule_and_on_what_evidence(folder):
    rows, _ = mixed(folder, write(folder, allow=["commercial"]))
    assert {n: r["outcome"] for n, r in rows.items()} == dict(enumerate(["kept", *["withheld"] * 4, "kept"]))
    assert {(r["rule"], r["copies"], r["weight"]) for n, r in rows.items() if n in (1, 2, 3, 4)} == {
        ("mine.class", 0, None)
    }
    assert json.loads(rows[1]["evidence"]) == entry("CC-BY-NC-SA-4.0")
    assert json.loads(rows[2]["evidence"]) == {"source": "none"}


def test_a_licence_near_an_image_does_not_license_the_page(folder):
    rows, _ = mixed(folder, write(folder, allow=["commercial"]))
    assert (rows[3]["outcome"], rows[3]["licence_class"], rows[3]["licence"]) == ("withheld", "unspecified", None)


def test_what_is_withheld_weighs_nothing(folder):
    rows, said = mixed(folder, write(folder, allow=["commercial"]))
    kept = [r for r in rows.values() if r["outcome"] == "kept"]
    assert said.details["tokens_estimate"] == sum(r["tokens_estimate"] for r in kept)
    assert {(r["copies"], r["weight"]) for r in kept} == {(1, 1.0)}


def test_what_is_withheld_is_not_held_out_for_evaluation_either(folder):
    chain.change(folder, "tiny", mix={"group_by": "crawl", "held_out": 0.999999})
    rows, _ = mixed(folder, write(folder, allow=["commercial"]))
    assert {n: r["rule"] for n, r in rows.items()} == dict(
        enumerate(["held_out", *["mine.class"] * 4, "held_out"])
    )  # fmt: skip


@pytest.mark.parametrize(("duplicates", "use"), [("survivor", "commercial"), ("strictest", "non-commercial")])
def test_of_a_text_that_occurs_twice_the_survivors_licence_counts_or_the_strictest(folder, duplicates, use):
    rows, _ = mixed(folder, write(folder, duplicates=duplicates))
    assert 106 not in rows
    assert rows[5]["licence_class"] == use
    assert {n: r["licence_class"] for n, r in rows.items() if n != 5} == {
        0: "commercial", 1: "non-commercial", 2: "unspecified", 3: "unspecified", 4: "reserved",
    }  # fmt: skip


def test_the_evidence_of_a_copy_names_it_and_repeats_none_of_its_words(folder):
    rows, _ = mixed(folder, write(folder, duplicates="strictest"))
    said = json.loads(rows[5]["evidence"])
    assert (said["licence"], said["crawl"]) == ("CC-BY-NC-4.0", "C2")
    with chain.opened(folder) as project:
        (copy,) = [r for r in chain.rows(project, "deduped") if r["outcome"] == "duplicate"]
    assert said["copy"] == copy["doc_id"]
    assert copy["representative"] == rows[5]["doc_id"]
    assert "words" not in rows[5]["evidence"]


def test_a_decision_on_a_site_counts_for_its_pages(folder):
    decision = {"site": "example.org", "licence": "CC-BY-SA-4.0", "decided_by": "legal", "reason": "a letter"}
    decision["decided_on"] = date(2025, 1, 2)
    (folder / "policies/sites/ours.yaml").write_text(yaml.safe_dump({"sites": [decision]}))
    rows, _ = mixed(folder, write(folder, allow=["commercial"], sites="ours"))
    assert set(classes(rows).values()) == {"commercial"}
    assert {json.loads(r["evidence"])["source"] for r in rows.values()} == {"site_decision"}


def test_a_licence_in_the_http_header_counts(folder):
    header = json.dumps({"link-license": ["https://creativecommons.org/licenses/by/4.0/"]})
    with chain.opened(folder) as project:
        rewritten(project, "raw", lambda r: {**r, "consent": header if number(r) == 2 else r["consent"]}, crawl="C1")
    rows, _ = mixed(folder, "everything")
    assert (rows[2]["licence_class"], rows[2]["licence"]) == ("commercial", "CC-BY-4.0")
    rows, said = mixed(folder, write(folder, evidence={"sources": ["rel_license"]}))
    assert rows[2]["licence_class"] == "unspecified"
    assert "raw" not in {i.table for i in said.inputs}


def consented(folder, changes):
    """Give documents, by number, other values in `consent`."""
    with chain.opened(folder) as project:
        numbers = {r["doc_id"]: number(r) for r in chain.rows(project, "extracted")}
        rewritten(project, "consent", lambda r: {**r, **changes.get(numbers[r["doc_id"]], {})})


ASKING = {"allow": ["commercial", "unspecified", "non-commercial", "academic-only"], "licences": {}}


def test_a_signal_that_the_policy_asks_for_withholds(folder):
    consented(folder, {0: NOAI, 2: {"denied_agents": '["GPTBot"]'}})
    name = write(folder, consent={"signals": ["meta_noai"], "agents": ["GPTBot"]}, **ASKING)
    rows, said = mixed(folder, name)
    assert {n: r["rule"] for n, r in rows.items()} == {
        0: "mine.meta_noai", 1: None, 2: "mine.robots", 3: None, 4: "mine.class", 5: None,
    }  # fmt: skip
    assert (rows[0]["licence_class"], rows[0]["licence"]) == ("reserved", "CC-BY-4.0")
    assert json.loads(rows[2]["evidence"]) == {"signal": "robots", "value": "GPTBot", "as_of": "at_crawl"}
    assert said.details["policy"]["consent_as_of"] == {"C1": ["at_crawl"], "C2": ["at_crawl"]}
    assert "consent" in {i.table for i in said.inputs}


def test_a_policy_that_asks_about_now_needs_that_it_was_read(folder):
    name = write(folder, consent={"signals": ["meta_noai"], "when": "now"})
    with pytest.raises(MissingInput, match="asks what crawl C1 consents to now, and that was never read"):
        mixed(folder, name)


def test_a_policy_that_is_not_there_is_an_error_before_anything_runs(folder):
    with pytest.raises(UnknownName, match="no policy 'gone'; have: eu_tdm, everything"):
        mixed(folder, "gone")


def test_the_check_of_a_recipe_names_its_policy_and_fails_without_it(folder):
    with chain.opened(folder) as project:
        assert checking.check(project, "tiny")["policy"].startswith("everything: commercial")
        chain.change(folder, "tiny", policy="gone")
        with pytest.raises(UnknownName, match="no policy 'gone'"):
            checking.check(project, "tiny")


def test_a_policy_with_a_mistake_stops_the_mix_and_leaves_what_is_published(folder):
    _, before = mixed(folder, "everything")
    with pytest.raises(BadRecipe, match="unknown key"):
        mixed(folder, write(folder, alow=["commercial"]))
    with chain.opened(folder) as project:
        assert project.lake.published("mixed", MIXED).provenance.run == before.run


def test_a_change_of_what_decides_makes_the_mix_stale_and_a_change_of_words_does_not(folder):
    _, first = mixed(folder, write(folder, allow=["commercial"]))
    _, same = mixed(folder, write(folder, allow=["commercial"], licences={}))
    assert same.run == first.run
    _, other = mixed(folder, write(folder, allow=["commercial"], licences={"CC-BY-4.0": "reserved"}))
    assert other.key != first.key
    _, back = mixed(folder, write(folder, allow=["commercial"]))
    assert (back.key, back.digest) == (first.key, first.digest)
    assert back.details["policy"]["name"] == "mine"


@pytest.mark.parametrize("name", ["everything", "permissive", "eu_tdm", "non_commercial_research"])
def test_one_worker_and_two_give_the_same_rows(folder, name):
    _, two = mixed(folder, name)
    settings = yaml.safe_load((folder / "headwater.yaml").read_text())
    (folder / "headwater.yaml").write_text(yaml.safe_dump({**settings, "workers": 1}))
    with chain.opened(folder) as project:
        plan = project.plan("mixed", MIXED)
        project.lake.storage.remove("mixed")
        assert plan.key == two.key
        assert make.make(project, "mixed", MIXED).provenance.digest == two.digest


def test_what_was_removed_is_carried_without_a_word_on_its_licence(folder):
    gone = {"outcome": "removed", "rule": "takedown:1", "text": None, "title": None, "licence_evidence": None}
    with chain.opened(folder) as project:
        docs = {r["doc_id"] for r in chain.rows(project, "extracted") if number(r) == 0}
        for table in ("extracted", "filtered", "deduped"):
            rewritten(project, table, lambda r: {k: gone.get(k, v) if r["doc_id"] in docs else v for k, v in r.items()})
    rows, _ = mixed(folder, write(folder, allow=["commercial"]))
    found = {k: rows[0][k] for k in ("outcome", "rule", "copies", "weight", "licence_class", "licence", "evidence")}
    assert found == {
        "outcome": "removed", "rule": "takedown:1", "copies": 0, "weight": None, "licence_class": None,
        "licence": None, "evidence": None,
    }  # fmt: skip


def test_the_judgement_of_a_row_is_that_of_its_evidence_alone(folder):
    rows, _ = mixed(folder, "permissive")
    with chain.opened(folder) as project:
        policy = replace(project.policy("permissive"), duplicates="survivor")
    for page in (0, 1, 2, 3, 4):
        own = judging.licence_of(policy, as_json(SAID.get(page)))
        wanted = judging.judge(policy, own)._asdict()
        assert {k: rows[page][k] for k in wanted} == wanted


@pytest.mark.parametrize("name", ["permissive", "eu_tdm", "non_commercial_research"])
def test_the_sample_can_be_mixed_under_each_policy_and_meets_what_is_expected(copied, name):
    chain.change(copied, "tiny", policy=name)
    with chain.opened(copied) as project:
        outcome = make.make(project, "mixed", MIXED, expect=expectations.validate)
        allowed = project.policy(name).allow
        rows = chain.rows(project, "mixed")
        assert [b for b in chain.broken(project) if b[0] == "mixed"] == []
    assert all(check.passed for check in outcome.checks)
    assert {r["licence_class"] for r in rows if r["outcome"] == "kept"} <= set(allowed)
    assert {r["outcome"] for r in rows if r["licence_class"] not in allowed} <= {"withheld"}
    assert sum(n["documents"] for n in outcome.provenance.details["licence_classes"].values()) == len(rows)
