"""What the lake knows of reservations: what robots.txt and pages said, and what the recipe's policy did about it."""

from collections.abc import Mapping
from typing import Any

from headwater.report.numbers import Facts
from headwater.report.page import Block, rows, said, words

WHEN = {"at_crawl": "at crawl time", "now": "when last observed", "both": "when last observed, else at crawl time"}


def consent(facts: Facts) -> list[Block]:
    """What was found at crawl time."""
    headers = said(facts, "Response headers that speak of permitted use were found on {consent.headers} records.")
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
    honoured = [*asked.get("signals", ()), *(["robots.txt"] if asked.get("agents") else [])]
    agents = ", ".join("any AI agent" if agent == "*" else agent for agent in asked.get("agents", ()))
    allowed = ", ".join(said_of.get("allow", ())) or "none"
    return (
        f"Policy {said_of.get('name', '?')} (fingerprint {str(said_of.get('fingerprint', '?'))[:16]}) allows licence "
        f"classes {allowed}, and honours these reservations: {', '.join(honoured) or 'none'}"
        + (f"; robots.txt by its rules for {agents}" if agents else "")
        + (f"; as they were {WHEN.get(str(asked.get('when')), asked.get('when'))}." if honoured else ".")
    )
