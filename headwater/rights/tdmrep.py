"""`/.well-known/tdmrep.json`: the TDM Reservation Protocol's file on a host (https://www.w3.org/2022/tdmrep).

An array of `{location, tdm-reservation, tdm-policy}`. The first rule whose location matches holds. What breaks the
protocol counts as not said.
"""

import json
from dataclasses import dataclass
from typing import Any

from headwater.rights import url_patterns

VERSION = 1
MAX_RULES = 10_000
MAX_POLICY_CHARS = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the reservation is 0 or 1, the policy a URL or None."""

    location: str
    reservation: int
    policy: str | None


def parse(text: str) -> list[Rule]:
    """The rules of a file, in order; those that break the protocol are left out, and so is a file that is no array."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(entries, list):
        return []
    return [rule for rule in map(_rule, entries[:MAX_RULES]) if rule is not None]


def holding(rules: list[Rule], url: str) -> Rule | None:
    """The rule that holds for a URL."""
    path = url_patterns.path_of(url)
    return next((rule for rule in rules if url_patterns.matches(rule.location, path)), None)


def reservation(value: str) -> str | None:
    """What a `tdm-reservation` header or meta tag says: "0" or "1"; None where it breaks the protocol."""
    return value.strip() if value.strip() in ("0", "1") else None


def _rule(entry: Any) -> Rule | None:
    if not isinstance(entry, dict):
        return None
    location, reserved, policy = (entry.get(k) for k in ("location", "tdm-reservation", "tdm-policy"))
    # `True == 1` in Python and "1" is a text: both are protocol errors, the value is an integer.
    if not isinstance(location, str) or type(reserved) is not int or reserved not in (0, 1):
        return None
    return Rule(location, reserved, policy[:MAX_POLICY_CHARS] if isinstance(policy, str) else None)
