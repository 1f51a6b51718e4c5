"""Policies are read strictly, and their fingerprint covers all that decides and nothing else."""

from dataclasses import replace
from datetime import date

import pytest
import yaml

from headwater.errors import BadRecipe, UnknownName
from headwater.rights import policy as policies
from headwater.rights.policy import Policy, Site
from tests.chain import ROOT

SHIPPED = policies.names(ROOT / "policies")
DECISION = {
    "site": "a.example",
    "licence": "MIT",
    "decided_by": "me",
    "decided_on": date(2025, 1, 1),
    "reason": "asked",
}


def loaded(folder, text, sites=None):
    (folder / "sites").mkdir(exist_ok=True)
    (folder / "mine.yaml").write_text(text)
    if sites is not None:
        (folder / "sites/ours.yaml").write_text(yaml.safe_dump({"sites": sites}))
    return policies.load(folder, "mine")


def test_the_policies_that_come_with_the_project_are_those_that_the_issue_asks_for():
    assert SHIPPED == ["eu_tdm", "everything", "non_commercial_research", "permissive"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_policy_that_comes_with_the_project_loads(name):
    assert policies.load(ROOT / "policies", name).name == name


def test_a_project_without_policies_allows_everything_and_asks_for_no_consent(tmp_path):
    found = policies.load(tmp_path, "everything")
    shipped = policies.load(ROOT / "policies", "everything")
    assert found.resolved == shipped.resolved
    assert found.allow == ("commercial", "unspecified", "non-commercial", "academic-only", "reserved")
    assert not found.consent.asked


def test_an_unknown_policy_is_an_error_that_lists_the_known_ones():
    with pytest.raises(UnknownName, match="no policy 'nothing'; have: eu_tdm, everything"):
        policies.load(ROOT / "policies", "nothing")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("alow: [commercial]", r"mine.yaml:2: unknown key 'alow'; known: description, allow"),
        ("allow: [free]", "mine.yaml:2: allow: expected"),
        ("evidence: {places: [head, image]}", "places: expected"),
        ("evidence: {scopes: [page, image]}", "scopes: expected"),
        ("licences: {MIT: free}", "'free' is no use class; have: commercial, unspecified"),
        ("consent: {signals: [noai]}", "signals: expected"),
        ("consent: {agents: [GPTBott]}", "agents: not known: GPTBott"),
        ("consent: {when: tomorrow}", "when: expected"),
        ("sites: nowhere", "no file of decisions on sites 'nowhere'; have: none"),
        ("decided: []", "unknown key 'decided'"),
    ],
)
def test_a_mistake_in_a_policy_is_an_error_that_names_it(tmp_path, text, said):
    with pytest.raises((BadRecipe, UnknownName), match=said):
        loaded(tmp_path, f"description: mine\n{text}\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"site": "https://a.example/"}, "is not a host or domain"),
        ({"site": "A.example"}, "is not a host or domain"),
        ({"licence": "Mine-1.0"}, "licence 'Mine-1.0' has no use class"),
        ({"reason": " "}, "reason must say something"),
        ({"decided_on": "soon"}, "decided_on: expected date"),
        ({"who": "me"}, "unknown key 'who'"),
    ],
)
def test_a_mistake_in_a_decision_on_a_site_is_an_error_that_names_it(tmp_path, change, said):
    with pytest.raises(BadRecipe, match=said):
        loaded(tmp_path, "description: mine\nsites: ours\n", [{**DECISION, **change}])


def test_a_site_that_is_decided_twice_is_an_error(tmp_path):
    with pytest.raises(BadRecipe, match=r"a\.example is decided twice"):
        loaded(tmp_path, "description: mine\nsites: ours\n", [DECISION, DECISION])


def test_a_decision_holds_for_all_below_it_and_the_nearest_counts(tmp_path):
    found = loaded(tmp_path, "description: mine\nsites: ours\n", [DECISION, {**DECISION, "site": "b.a.example"}])
    assert found.site("a.example").site == "a.example"
    assert found.site("www.a.example").site == "a.example"
    assert found.site("x.b.a.example").site == "b.a.example"
    assert found.site("xa.example") is None
    assert found.site(None) is None


BASE = Policy("p", "mine")


@pytest.mark.parametrize(
    "change",
    [
        {"allow": ("commercial",)}, {"obligations": ()}, {"licences": {"MIT": "reserved"}},
        {"duplicates": "strictest"}, {"name": "q"}, {"consent": policies.Consent(signals=("meta_noai",))},
        {"evidence": policies.Evidence(scopes=("page",))}, {"evidence": policies.Evidence(conflicts="preferred")},
        {"decided": (Site(**DECISION),)},
    ],
)  # fmt: skip
def test_what_decides_is_in_the_fingerprint(change):
    assert replace(BASE, **change).fingerprint != BASE.fingerprint


def test_words_are_not_in_the_fingerprint_and_the_text_has_a_digest_of_its_own(tmp_path):
    first = loaded(tmp_path, "description: mine\n")
    second = loaded(tmp_path, "# a comment\ndescription: ours\n")
    assert first.fingerprint == second.fingerprint
    assert first.text_digest != second.text_digest


def test_a_new_class_table_is_in_the_fingerprint(monkeypatch):
    before = replace(BASE, text="1").fingerprint
    monkeypatch.setattr(policies.licence_classes, "VERSION", 999)
    assert replace(BASE, text="2").fingerprint != before


def test_a_policy_may_give_a_licence_another_class_and_keeps_its_obligations():
    policy = replace(BASE, licences={"CC-BY-*": "reserved", "CC-BY-SA-4.0": "academic-only"})
    assert policy.terms("CC-BY-4.0") == ("reserved", {"attribution"})
    assert policy.terms("CC-BY-SA-4.0") == ("academic-only", {"attribution", "share-alike"})
    assert policy.terms("MIT") == ("commercial", {"attribution"})


@pytest.mark.parametrize(
    ("licence", "use"),
    [
        ("MIT AND CC-BY-NC-4.0", "reserved"),
        ("MIT OR CC-BY-NC-4.0", "reserved"),
        ("mit and (Apache-2.0 or CC-BY-NC-4.0)", "reserved"),
        ("MIT AND CC-BY-NC-SA-4.0", "non-commercial"),
        ("GPL-3.0-only WITH GCC-exception-3.1 AND MIT", "academic-only"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "commercial"),
        ("GPL-2.0-only WITH Classpath-exception-2.0 AND Apache-2.0", "commercial"),
        ("MIT Own-Terms", "academic-only"),
        ("Apache-2.0 OR ISC", "non-commercial"),
        ("Apache-2.0 AND ISC", "commercial"),
    ],
)
def test_an_override_counts_for_its_own_licence_in_an_expression(licence, use):
    overrides = {
        "MIT*": "commercial",
        "CC-BY-NC-4.0": "reserved",
        "GPL-*": "academic-only",
        "GPL-* WITH Classpath-*": "commercial",
        "Apache-2.0 OR ISC": "non-commercial",
    }
    assert replace(BASE, licences=overrides).terms(licence).use == use


def test_an_expression_keeps_the_obligations_of_each_licence():
    found = replace(BASE, licences={"MIT*": "commercial"}).terms("MIT AND CC-BY-SA-4.0")
    assert found.obligations == {"attribution", "share-alike"}


def test_a_decision_may_name_an_expression_only_where_each_licence_has_a_class(tmp_path):
    text = "description: mine\nsites: ours\nlicences: {MIT*: commercial}\n"
    loaded(tmp_path, text, [{**DECISION, "licence": "MIT-Own AND Apache-2.0"}])
    with pytest.raises(BadRecipe, match="has no use class"):
        loaded(tmp_path, text, [{**DECISION, "licence": "MIT AND Some-Own-Terms"}])


def test_the_policies_travel_with_a_new_project(tmp_path):
    from headwater import scaffold

    scaffold.init(tmp_path / "mine")
    assert policies.names(tmp_path / "mine/policies") == SHIPPED
    assert policies.load(tmp_path / "mine/policies", "permissive").decided
