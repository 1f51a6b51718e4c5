"""What the lake knows of reservations: what robots.txt and pages said, and what the recipe's policy did about it."""

from collections.abc import Mapping
from typing import Any

from headwater.report.numbers import Facts
from headwater.report.page import Block, rows, said, words

WHEN = {
    "at_crawl": "as they were at crawl time",
    "now": "as they were when last observed",
    "both": "whether made at crawl time or when last observed",
}


def consent(facts: Facts) -> list[Block]:
    """What was found at crawl time."""
    headers = said(facts, "Response headers that speak of permitted use or link to a licence were found on "
                          "{consent.headers} records, such marks in the page's own markup (meta tags, links to RSL "
                          "terms) on {consent.markup}; a mark that permits is counted too.")  # fmt: skip
    if not facts.has("consent"):
        return [words("robots.txt and other signals at crawl time: not recorded in this release."), headers]
    return [
        said(facts, "Consent at crawl time is recorded for {consent.documents} pages, from robots.txt as it was then, "
                    "response headers, and marks in the page."),
        rows(facts, "robots", (("robots_state", "robots.txt"), ("documents", "Pages"),
                               ("denied_to_an_ai_agent", "Denied to an AI agent"))),
        rows(facts, "consent.signals", (("signal", "Signal"), ("found", "Found"),
                                        ("training_documents", "Training documents with it"))),
        rows(facts, "denied", (("agent", "AI user agent"), ("pages", "Pages denied"),
                               ("training_documents", "Training documents among them"))),
        headers,
    ]  # fmt: skip


def policy(facts: Facts) -> list[Block]:
    """What the policy says, and what it withheld."""
    if facts.policy is None:
        return [words("A policy on licences and reservations: not recorded in this release.")]
    columns = (("rule", "Rule of the policy"), ("class", "Licence class"), ("documents", "Documents withheld"))
    withheld = said(facts, "It withheld {withheld} documents from training.")
    return [words(in_words(facts.policy)), withheld, rows(facts, "withheld.rules", columns)]


def in_words(said_of: Mapping[str, Any]) -> str:
    """Which classes the policy of a recipe allows and which reservations it honours."""
    asked = said_of.get("consent", {})
    agents = _agents(asked)
    honoured = [*asked.get("signals", ()), *(["robots.txt"] if agents else [])]
    allowed = ", ".join(said_of.get("allow", ())) or "none"
    verb = "notes, and withholds nothing for," if "reserved" in said_of.get("allow", ()) and honoured else "honours"
    return (
        f"Policy {said_of.get('name', '?')} (fingerprint {str(said_of.get('fingerprint', '?'))[:16]}) allows licence "
        f"classes {allowed}, and {verb} these reservations: {', '.join(honoured) or 'none'}"
        + (f"; robots.txt where it denies {agents}" if agents else "")
        + ("; a robots.txt that is not known reserves" if agents and asked.get("unknown_robots") == "reserve" else "")
        + (f"; {WHEN.get(str(asked.get('when')), asked.get('when'))}." if honoured else ".")
    )


def _agents(asked: Mapping[str, Any]) -> str:
    """The agents whose denial counts, by name, and by the uses that they fetch for."""
    named = ["any AI agent that it does not name" if agent == "*" else agent for agent in asked.get("agents", ())]
    uses = ", ".join(asked.get("agent_uses", ()))
    return ", ".join([*named, *([f"an AI agent known to fetch for these uses: {uses}"] if uses else [])])
