"""What the reports say of a policy is what the policy does."""

import pytest

from headwater.report.reservations import in_words
from headwater.rights import policy as policies
from headwater.rights.heeding import Fact, reservation
from tests.chain import ROOT


def words(name):
    policy = policies.load(ROOT / "policies", name)
    return in_words(policy.resolved | {"fingerprint": policy.fingerprint})


@pytest.mark.parametrize("name", ["eu_tdm", "permissive"])
def test_robots_txt_is_named_where_agents_are_asked_about_by_their_use(name):
    said = words(name)
    assert "ai_txt, robots.txt; robots.txt where it denies" in said
    assert "an AI agent known to fetch for these uses: train, archive, unstated" in said


def test_agents_that_are_named_are_named():
    assert "robots.txt where it denies GPTBot, CCBot, Google-Extended" in words("non_commercial_research")
    assert words("non_commercial_research").endswith("; as they were at crawl time.")


def test_both_facts_are_said_to_count_and_do():
    policy = policies.load(ROOT / "policies", "eu_tdm")
    assert words("eu_tdm").endswith("; whether made at crawl time or when last observed.")
    denied, free = '["GPTBot"]', "[]"
    for first, second in ((denied, free), (free, denied)):
        facts = [Fact("at_crawl", first, "[]"), Fact("2025-01-01", second, "[]")]
        assert reservation(policy.consent, facts) is not None


def test_a_policy_that_asks_for_no_consent_says_none():
    assert words("everything").endswith("honours these reservations: none.")


def test_a_policy_that_allows_what_is_reserved_says_that_it_withholds_nothing():
    said = {"allow": ["reserved"], "consent": {"signals": ["meta_noai"], "when": "at_crawl"}}
    assert "notes, and withholds nothing for, these reservations: meta_noai" in in_words(said)
