"""A policy: which licence evidence counts, what it makes of a page, which signals reserve, and what a recipe may use.

`policies/NAME.yaml`, read as strictly as a recipe. People's decisions on whole sites are in `policies/sites/NAME.yaml`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from headwater import configuration
from headwater.errors import BadRecipe, UnknownName
from headwater.lake.lineage import canonical
from headwater.lake.store import NAME
from headwater.rights import ai_agents, licence_classes
from headwater.rights.licence_classes import OBLIGATIONS, USES, Obligation, Terms, Use
from headwater.warc import facts

DEFAULT = "everything"
# In the order in which they are preferred where two say the same: what machines are meant to read comes first.
Source = Literal[
    "rel_license", "http_link", "license_url", "json_ld", "rdfa", "microdata", "dublin_core", "meta", "spdx_tag",
    "phrase",
]  # fmt: skip
# What stands near an image, or is about one, licenses the image: no policy can let it count for the page.
Place = Literal["head", "header", "body", "footer"]
Scope = Literal["page", "site", "part"]
Signal = Literal[
    "tdm_reservation", "tdm_policy", "content_usage", "content_signal", "x_robots_noai", "x_robots_noimageai",
    "x_robots_noindex", "meta_noai", "meta_noimageai", "meta_noindex", "rsl", "ai_txt",
]  # fmt: skip
SOURCES: tuple[Source, ...] = get_args(Source)


@dataclass(frozen=True)
class Evidence:
    """Which evidence counts, and which entry decides where several disagree.

    `strictest` is the rule of the Data Provenance Initiative; `preferred` takes the strictest of the first source of
    `sources` that says anything.
    """

    sources: tuple[Source, ...] = SOURCES
    places: tuple[Place, ...] = get_args(Place)
    scopes: tuple[Scope, ...] = ("page", "site")
    conflicts: Literal["strictest", "preferred"] = "strictest"


@dataclass(frozen=True)
class Consent:
    """Which signals reserve a page: by name, and by robots.txt that denies one of `agents` (`*`: everybody's rules) or
    an agent that fetches for one of `agent_uses`, as its operator says.

    `when` is the fact that is asked: `at_crawl`, `now` (the newest observation since; there must be one), or `both`,
    where each of the two that there is can reserve. `unknown_robots` says what a page counts as whose robots.txt is not
    known.
    """

    signals: tuple[Signal, ...] = ()
    agents: tuple[str, ...] = ()
    agent_uses: tuple[ai_agents.Use, ...] = ()
    when: Literal["at_crawl", "now", "both"] = "both"
    unknown_robots: Literal["allow", "reserve"] = "allow"

    def __post_init__(self) -> None:
        strange = sorted(set(self.agents) - set(ai_agents.NAMES))
        if strange:
            raise ValueError(f"agents: not known: {', '.join(strange)}; have those of headwater/rights/ai_agents.py")

    @property
    def asked(self) -> bool:
        """Whether anything of the table `consent` decides."""
        return bool(self.signals or self.agents or self.agent_uses)


@dataclass(frozen=True)
class Site:
    """A person's decision on a host or domain and all below it; it replaces what the site's pages say themselves.

    With `despite_signals` it also stands against reservation signals, as a signed agreement does.
    """

    site: str
    licence: str
    decided_by: str
    decided_on: date
    reason: str
    despite_signals: bool = False

    def __post_init__(self) -> None:
        if facts.host(f"http://{self.site}/") != self.site:
            raise ValueError(f"site: {self.site!r} is not a host or domain; give it bare and in lower case")
        empty = [k for k in ("licence", "decided_by", "reason") if not getattr(self, k).strip()]
        if empty:
            raise ValueError(f"site {self.site}: {', '.join(empty)} must say something")


@dataclass(frozen=True)
class Sites:
    """The decisions of one file."""

    sites: tuple[Site, ...] = ()

    def __post_init__(self) -> None:
        names = [site.site for site in self.sites]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"sites: {', '.join(twice)} is decided twice; keep one decision")


@dataclass(frozen=True)
class Policy:
    """What a recipe may use. `allow` are the use classes, `obligations` those that it takes on.

    `licences` gives licences, by SPDX id or pattern, another use class than the table has; in an expression each
    licence has its own. `duplicates` says whose
    evidence decides where copies of one text have different licences. `decided` are the decisions of the file `sites`.
    """

    name: str
    description: str
    allow: tuple[Use, ...] = USES
    obligations: tuple[Obligation, ...] = OBLIGATIONS
    evidence: Evidence = field(default_factory=Evidence)
    licences: Mapping[str, str] = field(default_factory=dict)
    consent: Consent = field(default_factory=Consent)
    duplicates: Literal["strictest", "survivor"] = "survivor"
    sites: str | None = None
    decided: tuple[Site, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        for licence, use in self.licences.items():
            if not isinstance(licence, str) or use not in USES:
                raise ValueError(f"licences: {licence}: {use!r} is no use class; have: {', '.join(USES)}")

    def terms(self, licence: str) -> Terms:
        """What a licence allows and asks for under this policy: by `licences` where it is there, else by the table, for
        each licence of an expression."""
        if not self.licences:
            return licence_classes.terms(licence)
        return licence_classes.overridden(licence, self.licences)  # type: ignore[arg-type]

    @property
    def resolved(self) -> dict[str, Any]:
        """All that decides, as plain data: for a fingerprint. Decisions on sites are in it by their digest."""
        kept = {k: v for k, v in asdict(self).items() if k not in ("description", "decided", "text")}
        return {**kept, "licences": dict(sorted(self.licences.items())), "sites_digest": self.sites_digest}

    @cached_property
    def fingerprint(self) -> str:
        """Hash of what decides and of the class table's version."""
        return _hash(canonical([self.resolved, licence_classes.VERSION]))

    @cached_property
    def sites_digest(self) -> str:
        """Hash of the decisions on sites that change an outcome: which, what, and whether against signals."""
        return _hash(canonical(sorted([s.site, s.licence, s.despite_signals] for s in self.decided)))

    @cached_property
    def text_digest(self) -> str:
        """SHA-256 of the file, comments included."""
        return _hash(self.text)

    @cached_property
    def _by_site(self) -> dict[str, Site]:
        return {site.site: site for site in self.decided}

    def site(self, host: str | None) -> Site | None:
        """The decision on the host, or on the nearest domain above it."""
        name = host or ""
        while name:
            if name in self._by_site:
                return self._by_site[name]
            name = name.partition(".")[2]
        return None


def names(folder: Path) -> list[str]:
    """The policies in a folder, by file name."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load(folder: Path, name: str) -> Policy:
    """The policy `name`. Raises UnknownName with the known ones, BadRecipe with file and line.

    A project without a file for it has the default, which allows everything.
    """
    known = names(folder)
    if name == DEFAULT and name not in known:
        return Policy(DEFAULT, "Everything may be used.")
    if name not in known:
        raise UnknownName.among("policy", name, known)
    if not NAME.fullmatch(name):
        raise BadRecipe(f"policy {name!r} cannot be part of a rule; use letters, digits, . _ -")
    path = folder / f"{name}.yaml"
    policy = configuration.load(Policy, path, {"name": name, "decided": (), "text": ""})
    decided = _decided(folder / "sites", policy)
    return replace(policy, decided=decided, text=path.read_text(encoding="utf-8"))


def described(policy: Policy) -> dict[str, Any]:
    """A policy for people: all that decides, spelt out, with its hashes and the decisions on sites."""
    spelt = {f"{k}.{n}": v for k in ("evidence", "consent") for n, v in policy.resolved[k].items()}
    own = {k: v for k, v in policy.resolved.items() if k not in ("name", "evidence", "consent", "sites_digest")}
    return {
        "name": policy.name,
        "description": policy.description,
        **{k: list(v) if isinstance(v, tuple) else v for k, v in (own | spelt).items()},
        "class_table": licence_classes.VERSION,
        "fingerprint": policy.fingerprint,
        "text_sha256": policy.text_digest,
        "sites_sha256": policy.sites_digest,
        "decided": [asdict(site) for site in policy.decided],
    }


def _decided(folder: Path, policy: Policy) -> tuple[Site, ...]:
    if policy.sites is None:
        return ()
    if policy.sites not in names(folder):
        raise UnknownName.among("file of decisions on sites", policy.sites, names(folder))
    path = folder / f"{policy.sites}.yaml"
    found = configuration.load(Sites, path).sites
    for site in found:
        if not licence_classes.known(site.licence, policy.licences):  # type: ignore[arg-type]
            raise BadRecipe(
                f"{path}: site {site.site}: licence {site.licence!r} has no use class; correct it, or give it one "
                f"under licences in policy {policy.name}"
            )
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
