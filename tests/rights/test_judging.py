"""Licences are combined to the strictest, what is about an image licenses no page, and copies only restrict."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.rights import judging, licence_classes
from headwater.rights.heeding import Fact
from headwater.rights.policy import SOURCES, Consent, Evidence, Policy, Site

POLICY = Policy("p", "all")
LICENCES = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-ND-4.0", "CC-BY-NC-4.0", "MIT", "LicenseRef-unknown",
            "LicenseRef-all-rights-reserved", "NOASSERTION")  # fmt: skip


def entry(licence="CC-BY-4.0", source="rel_license", place="footer", scope="page", said="x", **more):
    return {"licence": licence, "source": source, "place": place, "scope": scope, "said": said, **more}


entries = st.builds(
    entry,
    st.sampled_from(LICENCES),
    st.sampled_from([s for s in SOURCES if s != "http_link"]),
    st.sampled_from(["head", "header", "body", "footer", "image"]),
    st.sampled_from(["page", "site", "part", "image"]),
    st.sampled_from("abc"),
)


def licence(*found, policy=POLICY, **more):
    return judging.licence_of(policy, json.dumps(found) if found else None, **more)


def judged(*found, policy=POLICY, facts=(), **more):
    return judging.judge(policy, licence(*found, policy=policy, **more), facts, more.get("site"))


@given(st.lists(entries, max_size=6).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_the_evidence_changes_nothing(pair):
    first, second = pair
    assert licence(*first) == licence(*second)


@given(st.lists(entries, max_size=5), entries)
def test_one_more_statement_that_is_as_strict_never_loosens(found, more):
    before, alone, after = licence(*found), licence(more), licence(*found, more)
    if before.findings or licence_classes.rank(alone.use) >= licence_classes.rank(before.use):
        assert licence_classes.rank(after.use) >= licence_classes.rank(before.use)
    assert after.obligations == before.obligations | alone.obligations


@given(st.lists(entries, max_size=5), st.lists(entries, max_size=5))
def test_combining_is_the_same_in_one_step_as_in_two(first, second):
    whole = judging.combine([*licence(*first).findings, *licence(*second).findings])
    assert whole == licence(*first, *second)


@given(st.lists(entries, max_size=4), st.lists(st.lists(entries, max_size=3), max_size=4))
def test_copies_never_loosen_what_the_page_itself_says(own, copies):
    found = [f for copy in copies for f in licence(*copy).findings]
    after, before = judging.of_copies(licence(*own), found), licence(*own)
    assert licence_classes.rank(after.use) >= licence_classes.rank(before.use)
    assert after.obligations >= before.obligations


@given(st.lists(entries, max_size=6))
def test_a_policy_that_allows_less_withholds_more(found):
    rules = [judged(*found, policy=replace(POLICY, allow=licence_classes.USES[:n])).rule for n in range(1, 6)]
    assert [r is None for r in rules] == sorted(r is None for r in rules)
    assert rules[-1] is None


@pytest.mark.parametrize("change", [{"place": "image"}, {"scope": "image"}])
def test_a_licence_of_an_image_never_licenses_the_page(change):
    assert licence(entry(**change)) == judging.SILENT
    wide = replace(POLICY, evidence=Evidence(scopes=("page", "site", "part")))
    assert licence(entry(**change), policy=wide) == judging.SILENT


def test_a_licence_of_a_part_counts_where_the_policy_says_so_only():
    part = entry(scope="part")
    assert licence(part).use == "unspecified"
    assert licence(part, policy=replace(POLICY, evidence=Evidence(scopes=("page", "part")))).use == "commercial"


def test_the_strictest_of_several_licences_decides_and_all_obligations_hold():
    found = judged(entry("CC-BY-NC-4.0"), entry("CC-BY-SA-4.0"), entry("CC0-1.0"))
    assert found[:3] == ("non-commercial", "CC-BY-NC-4.0", "attribution,share-alike")
    assert json.loads(found.evidence)["licence"] == "CC-BY-NC-4.0"


def test_unspecified_is_stricter_than_a_licence_for_all_uses_as_the_initiative_has_it():
    assert licence(entry("NOASSERTION"), entry("MIT")).use == "unspecified"


def test_the_preferred_source_decides_where_the_policy_says_so():
    preferring = replace(POLICY, evidence=Evidence(sources=("json_ld", "phrase"), conflicts="preferred"))
    found = entry("CC-BY-NC-4.0", "phrase"), entry("CC-BY-4.0", "json_ld"), entry("CC-BY-ND-4.0", "meta")
    assert licence(*found, policy=preferring)[:3] == ("commercial", "CC-BY-4.0", {"attribution"})


def test_a_source_that_does_not_count_says_nothing():
    policy = replace(POLICY, evidence=Evidence(sources=("meta",)))
    assert licence(entry(source="phrase"), policy=policy) == judging.SILENT


def test_the_licence_of_the_http_header_counts():
    found = judging.licence_of(POLICY, None, ("CC-BY-SA-4.0",))
    assert found.licence == "CC-BY-SA-4.0"
    assert json.loads(found.evidence)["source"] == "http_link"
    without = replace(POLICY, evidence=Evidence(sources=("meta",)))
    assert judging.licence_of(without, None, ("CC-BY-SA-4.0",)).use == "unspecified"


def test_a_page_that_says_nothing_is_unspecified():
    assert judged() == ("unspecified", None, None, judging.NO_EVIDENCE, None)
    assert judged(policy=replace(POLICY, allow=("commercial",))).rule == "p.class"


def test_an_obligation_that_a_recipe_does_not_take_on_is_a_rule_with_its_evidence():
    found = judged(entry("CC-BY-4.0"), entry("CC-BY-ND-4.0"), policy=replace(POLICY, obligations=("attribution",)))
    assert (found.licence_class, found.rule) == ("commercial", "p.obligation")
    assert json.loads(found.evidence)["licence"] == "CC-BY-ND-4.0"


SITE = Site("a.example", "CC-BY-NC-4.0", "legal", date(2025, 1, 2), "they wrote to us")


def test_a_decision_on_a_site_replaces_what_its_pages_say():
    found = judged(entry("CC0-1.0"), site=SITE)
    assert found[:3] == ("non-commercial", "CC-BY-NC-4.0", "attribution")
    said = json.loads(found.evidence)
    assert (said["source"], said["decided_by"], said["decided_on"]) == ("site_decision", "legal", "2025-01-02")


NOAI = Fact("at_crawl", "[]", '[{"signal": "meta_noai", "value": "noai", "where": "meta"}]')
HEEDING = Policy("p", "all", allow=licence_classes.USES[:-1], consent=Consent(signals=("meta_noai",)))


def test_a_signal_that_the_policy_heeds_reserves_the_page_and_keeps_its_licence():
    found = judged(entry("MIT"), policy=HEEDING, facts=[NOAI])
    assert (found.licence_class, found.licence, found.rule) == ("reserved", "MIT", "p.meta_noai")
    assert json.loads(found.evidence) == {"signal": "meta_noai", "value": "noai", "where": "meta", "as_of": "at_crawl"}


def test_a_reserved_page_is_recorded_where_the_policy_allows_reserved_ones():
    found = judged(policy=replace(HEEDING, allow=licence_classes.USES), facts=[NOAI])
    assert (found.licence_class, found.rule) == ("reserved", None)


def test_both_times_must_allow():
    free = Fact("2025-11-01", "[]", "[]")
    assert judged(policy=HEEDING, facts=[free, NOAI]).rule == "p.meta_noai"
    assert judged(policy=HEEDING, facts=[NOAI, free]).rule == "p.meta_noai"
    assert judged(policy=HEEDING, facts=[free, free]).rule is None


@pytest.mark.parametrize(("despite", "rule"), [(True, None), (False, "p.meta_noai")])
def test_an_agreement_stands_against_signals_where_it_says_so(despite, rule):
    assert judged(policy=HEEDING, facts=[NOAI], site=replace(SITE, despite_signals=despite)).rule == rule


def test_a_copy_that_says_nothing_takes_nothing_back():
    assert judging.of_copies(licence(entry("MIT")), licence().findings).use == "commercial"


def test_a_copy_gives_nothing_to_a_page_that_says_nothing():
    found = judging.of_copies(licence(), licence(entry("CC-BY-4.0")).findings)
    assert (found.use, found.licence) == ("unspecified", None)


def test_evidence_about_a_copy_names_it_and_holds_none_of_its_words():
    (finding,) = licence(entry(said="licensed by Jane", author="Jane")).findings
    said = json.loads(judging.without_words(finding, "0" * 32, "C1").evidence)
    assert said == {
        "licence": "CC-BY-4.0", "source": "rel_license", "place": "footer", "scope": "page", "copy": "0" * 32,
        "crawl": "C1",
    }  # fmt: skip


def test_evidence_is_short_whatever_a_page_says():
    assert len(judged(entry(said="a" * 10_000)).evidence) < 400
