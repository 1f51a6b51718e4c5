"""What one robots.txt says of a URL: whom it refuses, what it prefers, and that hostile ones cost little."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.rights import url_patterns
from headwater.rights.ai_agents import AGENTS, NAMES
from headwater.rights.robots import MAX_BYTES, Robots

HERE = "https://example.org"


def denied(text, path="/a"):
    return Robots(text).denied(HERE + path)


def said(text, path="/a"):
    return [(s.signal, s.value, s.agents) for s in Robots(text).said(HERE + path)]


def test_an_empty_file_refuses_nobody():
    assert denied("") == ()


def test_a_file_for_everybody_refuses_every_agent():
    assert denied("User-agent: *\nDisallow: /") == NAMES


def test_an_agent_that_is_named_has_its_own_rules_and_not_those_for_everybody():
    text = "User-agent: *\nDisallow: /\n\nUser-agent: CCBot\nDisallow:"
    assert set(NAMES) - set(denied(text)) == {"CCBot"}


@pytest.mark.parametrize("line", ["GPTBot", "gptbot", "GPTBot/1.1", "GPTBot*", " GPTBot # OpenAI", "GPTBot\u00a0"])
def test_an_agent_is_named_in_any_case_with_version_or_star(line):
    assert denied(f"User-agent: {line}\nDisallow: /") == ("GPTBot",)


def test_a_part_of_a_name_names_nobody():
    assert denied("User-agent: Claude\nUser-agent: GPT\nUser-agent: Google\nDisallow: /") == ()


def test_rules_for_applebot_are_not_for_applebot_extended():
    assert denied("User-agent: Applebot\nDisallow: /") == ("Applebot",)


def test_agents_named_one_after_another_share_the_rules_that_follow():
    text = (
        "User-agent: GPTBot\nUser-agent: CCBot\nSitemap: https://example.org/s.xml\nUser-agent: ClaudeBot\nDisallow: /x"
    )
    assert denied(text, "/x/y") == ("CCBot", "ClaudeBot", "GPTBot")
    assert denied(text, "/y") == ()


def test_groups_of_the_same_agent_are_read_together():
    text = "User-agent: GPTBot\nDisallow: /a\n\nUser-agent: CCBot\nDisallow: /b\n\nUser-agent: gptbot\nDisallow: /c"
    assert denied(text, "/a") == denied(text, "/c") == ("GPTBot",)


def test_the_longest_rule_decides_and_of_equal_ones_the_one_that_allows():
    text = "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /c\nAllow: /c"
    assert denied(text, "/a/x") == NAMES
    assert denied(text, "/a/b") == denied(text, "/c") == ()


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/*.pdf$", "/a/b.pdf", True),
        ("/*.pdf$", "/a/b.pdf?x", False),
        ("/a*b", "/axxbyy", True),
        ("/a b", "/a%20b", True),
        ("/%7Ejoe/", "/~joe/x", True),
        ("/ä", "/%C3%A4", True),
        ("/?q=", "/?q=1", True),
        ("/a$", "/ab", False),
    ],
)
def test_a_pattern_is_read_the_same_for_access_and_for_preferences(pattern, path, expected):
    assert bool(denied(f"User-agent: *\nDisallow: {pattern}", path)) is expected
    assert url_patterns.matches(pattern, url_patterns.path_of(HERE + path)) is expected


def test_a_byte_order_mark_does_not_hide_the_first_line():
    assert denied("\ufeffUser-agent: *\nDisallow: /") == NAMES


def test_line_ends_may_be_carriage_returns_alone():
    assert denied("User-agent: *\rDisallow: /\r") == NAMES


def test_content_usage_holds_where_its_longest_path_matches():
    text = "User-Agent: *\nAllow: /\nDisallow: /never/\nContent-Usage: train-ai=n\nContent-Usage: /ai-ok/ train-ai=y\n"
    assert said(text, "/test") == [("content_usage", "train-ai=n", ())]
    assert said(text, "/ai-ok/test") == [("content_usage", "train-ai=y", ())]
    assert said(text, "/never/test") == []


def test_content_usage_of_equal_paths_is_told_as_often_as_it_disagrees():
    text = "User-Agent: *\nContent-Usage: train-ai=n\nContent-Usage: train-ai=y"
    assert said(text) == [("content_usage", "train-ai=n", ()), ("content_usage", "train-ai=y", ())]


def test_a_preference_for_one_agent_says_for_whom_it_is():
    text = "User-agent: *\nContent-Signal: ai-train=yes\n\nUser-agent: GPTBot\nContent-Signal: ai-train=no"
    assert said(text) == [("content_signal", "ai-train=yes", ()), ("content_signal", "ai-train=no", ("GPTBot",))]


def test_a_preference_before_any_agent_is_for_everybody():
    assert said("Content-Signal: search=yes,ai-train=no\nUser-agent: *\nAllow: /") == [
        ("content_signal", "search=yes,ai-train=no", ())
    ]


def test_a_link_to_terms_is_told_also_where_access_is_denied():
    text = "User-agent: *\nDisallow: /\nLicense: https://example.org/license.xml"
    assert said(text) == [("rsl", "https://example.org/license.xml", ())]


def test_every_agent_has_a_name_that_a_file_can_hold():
    assert len({a.name.lower() for a in AGENTS}) == len(AGENTS)
    for agent in AGENTS:
        assert denied(f"User-agent: {agent.name}\nDisallow: /") == (agent.name,)


@given(st.text(max_size=400))
def test_no_text_makes_it_raise(text):
    robots = Robots(text)
    assert set(robots.denied(HERE)) <= set(NAMES)
    robots.said(HERE)


@given(st.text(max_size=200))
def test_no_address_makes_it_raise(url):
    assert Robots("User-agent: *\nDisallow: /*a*b$").denied(url) in ((), NAMES)


WORST = {
    "stars": "User-agent: *\n" + "Disallow: /" + "*a" * 8_000 + "b$\n" * 30,
    "agents": "".join(f"User-agent: bot{i}\n" for i in range(10_000)) + "Disallow: /x\n" * 10_000,
    "rules": "User-agent: *\n" + "".join(f"Disallow: /*{i}*z$\n" for i in range(25_000)),
    "groups": "".join(f"User-agent: {name}\nDisallow: /*{i}\n" for i in range(400) for name in NAMES),
    "statements": "User-agent: *\n" + "".join(f"Content-Usage: /*{i} train-ai=n\n" for i in range(20_000)),
    "a_line": "User-agent: *\nDisallow: /" + "x" * MAX_BYTES,
    "spaces": "user agent" + " " * MAX_BYTES,
}


@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
def test_a_hostile_file_costs_little(text):
    start = time.process_time()
    robots = Robots(text[:MAX_BYTES])
    for number in range(10):
        robots.denied(f"{HERE}/{'a' * 4_000}{number}")
        robots.said(f"{HERE}/{'a' * 4_000}{number}")
    assert time.process_time() - start < 5
