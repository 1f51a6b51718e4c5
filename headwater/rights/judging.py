"""What a policy makes of one page: its use class, licence and obligations, the evidence, the rule if withheld.

Several licences are combined as the Data Provenance Initiative does (`src/helpers/filters.py`): the strictest use, all
obligations. The result does not depend on their order, and a stricter licence more never loosens it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from headwater.lake.lineage import canonical
from headwater.rights import heeding, licence_classes
from headwater.rights.heeding import Fact
from headwater.rights.licence_classes import OBLIGATIONS, Obligation, Use
from headwater.rights.policy import SOURCES, Evidence, Policy, Site

VERSION = 1
MAX_SAID = 200
NO_EVIDENCE = canonical({"source": "none"})
SITE_SOURCE = "site_decision"


class Finding(NamedTuple):
    """One statement that counts: what it lets a reader do and asks for, and the statement itself as canonical JSON."""

    use: Use
    licence: str | None
    obligations: frozenset[Obligation]
    evidence: str
    preference: int = 0


class Licence(NamedTuple):
    """What a page's statements amount to. `findings` are those that counted; none: the page says nothing."""

    use: Use
    licence: str | None
    obligations: frozenset[Obligation]
    evidence: str
    findings: tuple[Finding, ...] = ()


class Judgement(NamedTuple):
    """What the policy says of one page; `rule` is None where it may be used."""

    licence_class: Use
    licence: str | None
    obligations: str | None
    evidence: str
    rule: str | None


SILENT = Licence("unspecified", None, frozenset(), NO_EVIDENCE)


def combine(findings: Iterable[Finding]) -> Licence:
    """The strictest use and all obligations. Of several as strict, the preferred source is the evidence."""
    found = sorted(set(findings), key=_decides)
    if not found:
        return SILENT
    first = found[0]
    asks = frozenset().union(*(f.obligations for f in found))
    return Licence(first.use, first.licence, asks, first.evidence, tuple(found))


def _decides(finding: Finding) -> tuple[int, int, str, str]:
    return -licence_classes.rank(finding.use), finding.preference, finding.licence or "", finding.evidence


def licence_of(policy: Policy, evidence: str | None, links: Sequence[str] = (), site: Site | None = None) -> Licence:
    """What a page's licence is: by a decision on its site, else by the evidence that counts.

    `evidence` is the JSON of `extracted.licence_evidence`; `links` are licences that the HTTP header names.
    """
    if site is not None:
        return combine([_by_decision(policy, site)])
    if evidence is None and not links:
        return SILENT
    return _of_evidence(_Counting(policy), evidence, tuple(links))


class _Counting:
    """A policy as a key of a cache: pages of a site say the same, and a policy hashes its fingerprint only."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def __hash__(self) -> int:
        return hash(self.policy.fingerprint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Counting) and other.policy.fingerprint == self.policy.fingerprint


@lru_cache(maxsize=4096)
def _of_evidence(counting: _Counting, evidence: str | None, links: tuple[str, ...]) -> Licence:
    policy = counting.policy
    said: list[Mapping[str, Any]] = json.loads(evidence) if evidence is not None else []
    header = [{"licence": each, "source": "http_link", "place": "head", "scope": "page"} for each in links]
    found = [_finding(policy, entry) for entry in (*said, *header) if _counts(policy.evidence, entry)]
    if policy.evidence.conflicts == "preferred" and found:
        best = min(f.preference for f in found)
        found = [f for f in found if f.preference == best]
    return combine(found)


def _counts(evidence: Evidence, entry: Mapping[str, Any]) -> bool:
    counted = (evidence.sources, evidence.places, evidence.scopes)
    return all(entry.get(key) in allowed for key, allowed in zip(("source", "place", "scope"), counted, strict=True))


def _finding(policy: Policy, entry: Mapping[str, Any]) -> Finding:
    licence = str(entry["licence"])
    use, obligations = policy.terms(licence)
    short = {k: v[:MAX_SAID] if isinstance(v, str) else v for k, v in entry.items()}
    order = policy.evidence.sources if policy.evidence.conflicts == "preferred" else SOURCES
    return Finding(use, licence, obligations, canonical(short), order.index(entry["source"]))


def _by_decision(policy: Policy, site: Site) -> Finding:
    use, obligations = policy.terms(site.licence)
    said = {
        "licence": site.licence,
        "source": SITE_SOURCE,
        "site": site.site,
        "decided_by": site.decided_by[:MAX_SAID],
        "decided_on": site.decided_on.isoformat(),
    }
    return Finding(use, site.licence, obligations, canonical(said))


def of_copies(survivor: Licence, copies: Iterable[Finding]) -> Licence:
    """The strictest of a text's copies. A copy that says nothing takes nothing back and gives nothing to one that is
    silent itself: a page without a licence stays `unspecified` at least."""
    others = list(copies)
    if not others:
        return survivor
    own = survivor.findings or (Finding("unspecified", None, frozenset(), NO_EVIDENCE),)
    return combine([*own, *others])


def without_words(finding: Finding, doc_id: str, crawl: str) -> Finding:
    """A finding as evidence about another page: where it is, and none of its words, which may have to be removed."""
    kept = {k: v for k, v in json.loads(finding.evidence).items() if k not in ("said", "author")}
    return finding._replace(evidence=canonical({**kept, "copy": doc_id, "crawl": crawl}))


def judge(policy: Policy, licence: Licence, facts: Sequence[Fact] = (), site: Site | None = None) -> Judgement:
    """The class of a page and, where the policy does not allow it, the rule: `POLICY.SIGNAL`, `POLICY.class`,
    `POLICY.obligation`."""
    heeded = () if site is not None and site.despite_signals else facts
    signal = heeding.reservation(policy.consent, heeded)
    asks = ",".join(o for o in OBLIGATIONS if o in licence.obligations) or None
    use: Use = "reserved" if signal is not None else licence.use
    evidence = signal.evidence if signal is not None else licence.evidence
    rule = None
    if signal is not None and "reserved" not in policy.allow:
        rule = signal.signal
    elif licence.use not in policy.allow:
        rule, evidence = "class", licence.evidence
    elif not licence.obligations <= frozenset(policy.obligations):
        refused = [f for f in licence.findings if not f.obligations <= frozenset(policy.obligations)]
        rule, evidence = "obligation", refused[0].evidence
    return Judgement(use, licence.licence, asks, evidence, rule and f"{policy.name}.{rule}")
