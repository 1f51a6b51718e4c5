"""A signal reserves by what it says, not by being there, and robots.txt by whom it denies."""

import json

import pytest

from headwater.rights.heeding import Fact, reservation
from headwater.rights.policy import Consent


def heeded(asked, denied=(), *signals, as_of="at_crawl"):
    entries = json.dumps([{"where": "http_header", **signal} for signal in signals])
    found = reservation(asked, [Fact(as_of, None if denied is None else json.dumps(denied), entries)])
    return None if found is None else found.signal


@pytest.mark.parametrize(
    ("signal", "value", "reserves"),
    [
        ("tdm_reservation", "1", True), ("tdm_reservation", "0", False),
        ("content_usage", "train-ai=n", True), ("content_usage", "train-ai=y", False),
        ("content_usage", "search=n", False), ("content_usage", "search=y, train-ai=n", True),
        ("content_usage", "bots=n", True), ("content_usage", "train-ai=nothing", False),
        ("content_signal", "search=yes, ai-train=no", True), ("content_signal", "ai-train=yes", False),
        ("content_signal", "AI-Train = No", True), ("content_signal", "search=no", False),
        ("x_robots_noai", "noai", True), ("meta_noimageai", "noimageai", True), ("meta_noindex", "none", True),
        ("tdm_policy", "https://a.example/p.json", True), ("ai_txt", "disallow", True), ("ai_txt", "allow", False),
        ("rsl", "https://a.example/license.xml", True), ("rsl", "prohibits usage ai-train", True),
        ("rsl", "prohibits usage all", True), ("rsl", "permits usage all", False),
        ("rsl", "permits usage search", True), ("rsl", "prohibits geo EU", False),
    ],
)  # fmt: skip
def test_a_signal_reserves_by_its_value(signal, value, reserves):
    assert heeded(Consent(signals=(signal,)), (), {"signal": signal, "value": value}) == (signal if reserves else None)


def test_terms_that_are_known_count_and_not_the_link_to_them():
    link, term = ({"signal": "rsl", "value": v} for v in ("https://a.example/l.xml", "permits usage ai-train search"))
    assert heeded(Consent(signals=("rsl",)), (), link, term) is None


def test_a_signal_that_the_policy_does_not_name_is_not_heeded():
    assert heeded(Consent(signals=("meta_noai",)), (), {"signal": "x_robots_noai", "value": "noai"}) is None


def test_a_permission_does_not_hide_a_reservation_elsewhere():
    two = [{"signal": "tdm_reservation", "value": v} for v in "01"]
    assert heeded(Consent(signals=("tdm_reservation",)), (), *two) == "tdm_reservation"


def test_a_signal_to_some_agents_is_heeded_where_the_policy_asks_about_one_of_them():
    to = {"signal": "x_robots_noai", "value": "GPTBot: noai", "agents": ["GPTBot"]}
    assert heeded(Consent(signals=("x_robots_noai",), agents=("GPTBot",)), (), to) == "x_robots_noai"
    assert heeded(Consent(signals=("x_robots_noai",), agents=("CCBot",)), (), to) is None
    assert heeded(Consent(signals=("x_robots_noai",)), (), to) == "x_robots_noai"


@pytest.mark.parametrize(
    ("asked", "denied", "found"),
    [
        (Consent(agents=("GPTBot",)), ["CCBot", "GPTBot"], "robots"),
        (Consent(agents=("GPTBot",)), ["CCBot"], None),
        (Consent(agents=("*",)), ["*", "CCBot"], "robots"),
        (Consent(agent_uses=("train",)), ["GPTBot"], "robots"),
        (Consent(agent_uses=("train",)), ["PerplexityBot"], None),
        (Consent(agent_uses=("train",)), [], None),
        (Consent(agent_uses=("train",)), None, None),
        (Consent(agent_uses=("train",), unknown_robots="reserve"), None, "robots_unknown"),
        (Consent(signals=("meta_noai",)), ["GPTBot"], None),
    ],
)
def test_robots_txt_reserves_by_whom_it_denies(asked, denied, found):
    assert heeded(asked, denied) == found


def test_the_evidence_says_as_of_when_and_stays_short():
    everybody = [f"Agent{n}" for n in range(40)]
    found = reservation(Consent(agents=("GPTBot",)), [Fact("2025-11-01", json.dumps([*everybody, "GPTBot"]), "[]")])
    assert json.loads(found.evidence) == {"signal": "robots", "value": "GPTBot", "as_of": "2025-11-01"}
    long = {"signal": "meta_noai", "value": "noai" * 1_000, "where": "meta"}
    found = reservation(Consent(signals=("meta_noai",)), [Fact("at_crawl", "[]", json.dumps([long]))])
    assert len(found.evidence) < 400
