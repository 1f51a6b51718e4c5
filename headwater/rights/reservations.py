"""Signals that reserve or permit a use, from what `raw.consent` and a host's files say. Evidence; nothing is decided.

Each is `{"signal", "value", "where"}`, and `"agents"` where it is addressed to some AI agents only.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from headwater.rights import rsl, tdmrep
from headwater.rights.ai_agents import BY_TOKEN
from headwater.rights.robots import Robots
from headwater.rights.rsl import Term
from headwater.rights.tdmrep import Rule

VERSION = 1
MAX_SIGNALS = 64
MAX_VALUE_CHARS = 200

DIRECTIVES = ("noai", "noimageai", "noindex")
# `none` is noindex and nofollow: https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
NONE = "none"
# Directives of X-Robots-Tag that have a colon of their own; anything else before a colon is an agent.
VALUED = {"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"}
AGENT = re.compile(r"\s*([A-Za-z0-9_-]{1,60})\s*:(.*)", re.DOTALL)
Signal = dict[str, Any]


@dataclass(frozen=True)
class HostFiles:
    """What is known of a host's files besides robots.txt: rules of tdmrep.json, ai.txt, and RSL files by their URL."""

    tdmrep: tuple[Rule, ...] = ()
    ai_txt: Robots | None = None
    rsl: Mapping[str, tuple[Term, ...]] | None = None


def of_page(consent: str | None) -> list[Signal]:
    """The signals of a page's HTTP headers and own markup, from the column `consent` of `raw`."""
    said: dict[str, list[str]] = json.loads(consent) if consent else {}
    found: list[Signal] = []
    for name, values in said.items():
        for value in values:
            found += _of_page(name, value)
    return found


def _of_page(name: str, value: str) -> Iterator[Signal]:
    if name == "x-robots-tag":
        agent, directives = _addressee(value)
        if agent is None or agent in BY_TOKEN:
            yield from _directives("x_robots", directives, value, "http_header", agent)
    elif name.startswith("meta:tdm-"):
        yield from _tdm(name.removeprefix("meta:"), value, "meta")
    elif name.startswith("meta:"):
        agent = name.removeprefix("meta:")
        yield from _directives("meta", value, value, "meta", None if agent == "robots" else agent)
    elif name.startswith("tdm-"):
        yield from _tdm(name, value, "http_header")
    elif name in ("content-usage", "content-signal"):
        yield _signal(name.replace("-", "_"), value, "http_header")
    elif name in ("link-rsl", "link:rsl"):
        yield _signal("rsl", value, "link")


def _addressee(value: str) -> tuple[str | None, str]:
    """The agent that an X-Robots-Tag names in front of its directives, in lower case, and the directives."""
    named = AGENT.fullmatch(value)
    if named is None or named[1].lower() in VALUED:
        return None, value
    return named[1].lower(), named[2]


def _directives(kind: str, directives: str, value: str, where: str, agent: str | None) -> Iterator[Signal]:
    words = {word.strip().lower() for word in re.split(r"[,;\s]", directives[:2000])}
    for directive in DIRECTIVES:
        if directive in words or (directive == "noindex" and NONE in words):
            yield _signal(f"{kind}_{directive}", value, where, () if agent is None else (BY_TOKEN[agent],))


def _tdm(name: str, value: str, where: str) -> Iterator[Signal]:
    if name == "tdm-policy" and value.strip():
        yield _signal("tdm_policy", value, where)
    reserved = tdmrep.reservation(value) if name == "tdm-reservation" else None
    if reserved is not None:
        yield _signal("tdm_reservation", reserved, where)


def of_host(url: str, robots: Robots | None, files: HostFiles) -> list[Signal]:
    """The signals that the files of a URL's host hold for it."""
    found = [] if robots is None else [_signal(s.signal, s.value, "robots_txt", s.agents) for s in robots.said(url)]
    rule = tdmrep.holding(list(files.tdmrep), url)
    if rule is not None:
        found.append(_signal("tdm_reservation", str(rule.reservation), "tdmrep"))
        if rule.policy is not None:
            found.append(_signal("tdm_policy", rule.policy, "tdmrep"))
    if files.ai_txt is not None:
        found.append(_signal("ai_txt", _ai_txt(files.ai_txt, url), "ai_txt"))
    return found


def with_terms(signals: list[Signal], url: str, files: HostFiles) -> list[Signal]:
    """The signals, and after each link to an RSL file that is known what it says of the URL."""
    found: list[Signal] = []
    for signal in signals:
        found.append(signal)
        if signal["signal"] == "rsl" and files.rsl:
            terms = _terms(signal["value"], url, files.rsl)
            found += [{**signal, "value": str(term)[:MAX_VALUE_CHARS]} for term in terms]
    return found


def _terms(link: str, url: str, known: Mapping[str, tuple[Term, ...]]) -> list[Term]:
    try:
        place = urljoin(url, link)
    except ValueError:
        return []
    return rsl.holding(list(known.get(place, ())), place, url)


def _ai_txt(rules: Robots, url: str) -> str:
    """Spawning's ai.txt lists file types (`Disallow: *.html`), which an address without one does not show: a page is
    also asked for as .html and .txt."""
    path = url.split("?", 1)[0].rstrip("/")
    refused = any("*" in rules.denied(asked) for asked in (url, f"{path}.html", f"{path}.txt"))
    return "disallow" if refused else "allow"


def _signal(name: str, value: str, where: str, agents: Iterable[str] = ()) -> Signal:
    said: Signal = {"signal": name, "value": value.strip()[:MAX_VALUE_CHARS], "where": where}
    return {**said, "agents": list(agents)} if agents else said


def as_json(signals: list[Signal]) -> str:
    """The column `signals`: each once, in a fixed order, at most `MAX_SIGNALS`."""
    texts = {json.dumps(s, sort_keys=True, ensure_ascii=False): s for s in signals}
    ordered = sorted(texts, key=lambda text: (texts[text]["signal"], texts[text]["where"], text))
    return f"[{', '.join(ordered[:MAX_SIGNALS])}]"
