"""Which of the facts in `consent` reserve a page for a policy: robots.txt to the agents it asks about, and signals.

A signal can also permit (`train-ai=y`, `tdm-reservation: 0`); those reserve nothing. Training is the use asked about.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from headwater.lake.lineage import canonical
from headwater.rights import ai_agents
from headwater.rights.policy import Consent, Signal

VERSION = 1
NAMED_AGENTS = 5
MAX_SAID = 200
# Categories of AIPREF's vocabulary that hold training, over its drafts, and Content Signals' own.
TRAINING = {"train-ai", "train-genai", "ai-train", "genai", "ai", "ai-all", "tdm", "bots", "all", "all-uses"}
_PREFERENCE = re.compile(r"([a-z][a-z0-9-]{0,30})\s*=\s*\"?(n|y|no|yes)\b", re.IGNORECASE)
_TERM = re.compile(r"(permits|prohibits) usage (.*)")
# These permit as well as reserve, by their value; of the others to be there is to reserve.
_BY_VALUE = {"tdm_reservation", "content_usage", "content_signal", "ai_txt", "rsl"}


class Fact(NamedTuple):
    """One row of `consent`: as of when, JSON of the AI agents that robots.txt denies (None: not known), of signals."""

    as_of: str
    denied_agents: str | None
    signals: str | None


class Reservation(NamedTuple):
    """What reserves a page: the name for the rule, and the evidence as canonical JSON."""

    signal: str
    evidence: str


def reservation(asked: Consent, facts: Sequence[Fact]) -> Reservation | None:
    """The first reservation that a policy heeds, in the order of the facts and of its signals; None: there is none."""
    return next((found for fact in facts for found in [_of_fact(asked, fact)] if found is not None), None)


def _of_fact(asked: Consent, fact: Fact) -> Reservation | None:
    wanted = agents(asked)
    if wanted:
        denied = [agent for agent in _names(fact.denied_agents) if agent in wanted]
        if denied:
            shown = " ".join(denied[:NAMED_AGENTS]) + (f" and {len(denied) - NAMED_AGENTS} more" * (len(denied) > 5))
            return Reservation("robots", _said({"signal": "robots", "value": shown, "as_of": fact.as_of}))
        if fact.denied_agents is None and asked.unknown_robots == "reserve":
            said = {"signal": "robots", "value": "unknown", "as_of": fact.as_of}
            return Reservation("robots_unknown", _said(said))
    entries = [entry for entry in _entries(fact.signals) if _addresses(entry, wanted)]
    for name in asked.signals:
        found = _reserving(name, [entry for entry in entries if entry["signal"] == name])
        if found is not None:
            return Reservation(name, _said({**found, "as_of": fact.as_of}))
    return None


@lru_cache(maxsize=64)
def agents(asked: Consent) -> frozenset[str]:
    """The agents whose denial reserves: those named, and those of the uses named."""
    return frozenset(asked.agents) | {a.name for a in ai_agents.AGENTS if a.use in asked.agent_uses}


def _addresses(entry: Mapping[str, Any], wanted: frozenset[str]) -> bool:
    """A signal to some agents only is heeded where it names one that the policy asks about."""
    return not entry.get("agents") or not wanted or not wanted.isdisjoint(entry["agents"])


def _reserving(name: Signal, entries: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    if name == "rsl":
        return _rsl(entries)
    return next((e for e in entries if name not in _BY_VALUE or _refuses(name, str(e["value"]))), None)


def _refuses(name: Signal, value: str) -> bool:
    if name == "tdm_reservation":
        return value == "1"
    if name == "ai_txt":
        return value == "disallow"
    preferences = _PREFERENCE.findall(value)
    return any(category.lower() in TRAINING and said.lower().startswith("n") for category, said in preferences)


def _rsl(entries: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """What prohibits training, or permits other uses and not this one; a link to terms that are not known reserves."""
    terms = [(entry, found) for entry in entries for found in [_TERM.fullmatch(str(entry["value"]))] if found]
    if not terms:
        return entries[0] if entries and not _about_others(entries) else None
    permits = False
    for entry, found in terms:
        holds = not TRAINING.isdisjoint(found[2].lower().split())
        if found[1] == "prohibits" and holds:
            return entry
        permits = permits or (found[1] == "permits" and holds)
    listed = [entry for entry, found in terms if found[1] == "permits"]
    return listed[0] if listed and not permits else None


def _about_others(entries: list[Mapping[str, Any]]) -> bool:
    """Whether the terms are known, and speak of users or places only."""
    return any(str(entry["value"]).startswith(("permits ", "prohibits ")) for entry in entries)


def _said(entry: Mapping[str, Any]) -> str:
    short = {k: v[:MAX_SAID] if isinstance(v, str) else v for k, v in entry.items() if k != "agents"}
    if entry.get("agents"):
        short["agents"] = list(entry["agents"])[:NAMED_AGENTS]
    return canonical(short)


@lru_cache(maxsize=4096)
def _names(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text is not None else ()


@lru_cache(maxsize=4096)
def _entries(text: str | None) -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads(text)) if text is not None else ()
