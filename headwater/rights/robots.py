"""What a robots.txt says of one URL: which AI agents it refuses, and which preferences on use it states.

RFC 9309 by `protego`, each agent's groups by themselves: a hostile file that names ten thousand agents costs what its
lines cost. A group is an agent's when it names its product token, whole and in any case. Beside Allow and Disallow are
read: `Content-Usage` (draft-ietf-aipref-attach, with paths), `Content-Signal` (https://contentsignals.org) and
`License` (RSL 1.0, https://rslstandard.org).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from protego import Protego

from headwater.rights import url_patterns
from headwater.rights.ai_agents import BY_TOKEN, EVERYBODY, NAMES

VERSION = 1
# RFC 9309, section 2.5: at least 500 KiB must be read, and no more need be.
MAX_BYTES = 512 << 10
MAX_LINES = 20_000
MAX_LINE_CHARS = 16_384
MAX_RULES = 10_000
MAX_STATEMENTS = 256
MAX_VALUE_CHARS = 200

AGENT_LINE = re.compile(r"(?:user-agent|useragent|user\s+agent)(?:\s*:\s*|\s+|$)(.*)", re.IGNORECASE)
STATEMENT = re.compile(r"(content-usage|content-signal|license)\s*:\s*(.*)", re.IGNORECASE)
RULE = re.compile(r".*:|\S*(?:allow|alow|allaw|delay|rate|time)\b", re.IGNORECASE)
SITE_WIDE = re.compile(r"(?:site-?maps?|host)\b", re.IGNORECASE)
TOKEN = re.compile(r"[a-z0-9_-]+")
SIGNALS = {"content-usage": "content_usage", "content-signal": "content_signal", "license": "rsl"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One line that is about use: `signal` is its name in `consent`, `path` where it holds ("" is everywhere)."""

    signal: str
    path: str
    value: str


@dataclass(slots=True)
class Group:
    """Rules of some agents: the product tokens, the lines as they stand, and the statements among them."""

    tokens: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)


@dataclass(frozen=True)
class Said:
    """A statement that holds for a URL; `agents` are those it is addressed to, () where that is everybody."""

    signal: str
    value: str
    agents: tuple[str, ...] = ()


class Robots:
    """One robots.txt, parsed once and asked for many URLs. Nothing in it makes this raise."""

    def __init__(self, text: str) -> None:
        self._groups, self._loose = _groups(text)

    @cached_property
    def _classes(self) -> list[tuple[tuple[str, ...], Protego | None, list[Statement]]]:
        """Agents that the same groups are for: their names, those groups' rules and statements. Everybody is first."""
        mine = {name: self._of(name.lower()) for name in BY_TOKEN.values()}
        common = self._of(EVERYBODY)
        classes: dict[tuple[int, ...], list[str]] = {common: [EVERYBODY]}
        for name, found in mine.items():
            classes.setdefault(found or common, []).append(name)
        return [(tuple(names), *self._rules(groups)) for groups, names in classes.items()]

    def _of(self, token: str) -> tuple[int, ...]:
        return tuple(number for number, group in enumerate(self._groups) if token in group.tokens)

    def _rules(self, numbers: tuple[int, ...]) -> tuple[Protego | None, list[Statement]]:
        lines = [line for number in numbers for line in self._groups[number].lines][:MAX_RULES]
        statements = [s for number in numbers for s in self._groups[number].statements]
        rules = Protego.parse("\n".join(["User-agent: *", *lines])) if lines else None
        return rules, statements[:MAX_STATEMENTS]

    def denied(self, url: str) -> tuple[str, ...]:
        """The AI agents that may not fetch a URL, in the order of the list; `*` stands for every agent not named."""
        path = url_patterns.path_of(url)
        denied = {name for names, rules, _ in self._classes if not _allows(rules, path) for name in names}
        return tuple(name for name in NAMES if name in denied)

    def said(self, url: str) -> list[Said]:
        """The statements that hold for a URL: of each agent's groups the ones with the longest matching path.

        Content-Usage is about what may be fetched (draft-ietf-aipref-attach, 3.1): of a path that is denied to an
        agent it says nothing to it.
        """
        path = url_patterns.path_of(url)
        found = [Said(s.signal, s.value) for s in _most_specific(self._loose, path)]
        for names, rules, statements in self._classes:
            if statements:
                agents, allowed = () if EVERYBODY in names else names, _allows(rules, path)
                holding = [s for s in _most_specific(statements, path) if allowed or s.signal != "content_usage"]
                found += [Said(s.signal, s.value, agents) for s in holding]
        common = {(s.signal, s.value) for s in found if not s.agents}
        return [s for s in dict.fromkeys(found) if not s.agents or (s.signal, s.value) not in common]


def _allows(rules: Protego | None, path: str) -> bool:
    # A whole address, since a path that begins with // would be read as a host.
    return rules is None or bool(rules.can_fetch(f"http://host{path}", EVERYBODY))


def _most_specific(statements: list[Statement], path: str) -> Iterator[Statement]:
    """Of Content-Usage and Content-Signal the lines with the longest matching path; every License line."""
    there = [s for s in statements if not s.path or url_patterns.matches(s.path, path)]
    longest: dict[str, int] = {}
    for statement in there:
        longest[statement.signal] = max(longest.get(statement.signal, 0), len(statement.path))
    for statement in there:
        if statement.signal == "rsl" or len(statement.path) == longest[statement.signal]:
            yield statement


def _groups(text: str) -> tuple[list[Group], list[Statement]]:
    """The groups in order, and the statements that stand before any group."""
    groups: list[Group] = []
    loose: list[Statement] = []
    naming = False
    for line in _lines(text):
        agent = AGENT_LINE.fullmatch(line)
        if agent is not None:
            if not naming:
                groups.append(Group())
            naming = True
            groups[-1].tokens |= _token(agent[1])
            continue
        if SITE_WIDE.match(line):
            continue
        # As in protego: any other line that has the form of a rule ends the naming of agents.
        naming = naming and RULE.match(line) is None
        statement = _statement(line)
        if statement is not None:
            (groups[-1].statements if groups else loose).append(statement)
        elif groups:
            groups[-1].lines.append(line)
    return groups, loose[:MAX_STATEMENTS]


def _lines(text: str) -> Iterator[str]:
    for line in text.removeprefix("\ufeff").splitlines()[:MAX_LINES]:
        bare = line[:MAX_LINE_CHARS].split("#", 1)[0].strip()
        if bare:
            yield bare


def _token(value: str) -> set[str]:
    """The product token that a User-agent line names; `GPTBot/1.1` and `GPTBot*` name `gptbot`."""
    value = value.strip().lower()
    if value == EVERYBODY:
        return {EVERYBODY}
    token = TOKEN.match(value)
    return {token[0]} if token else set()


def _statement(line: str) -> Statement | None:
    found = STATEMENT.fullmatch(line)
    if found is None or not found[2].strip():
        return None
    signal, value = SIGNALS[found[1].lower()], found[2].strip()
    path = ""
    if signal != "rsl" and value.startswith("/"):
        path, _, value = value.replace("\t", " ").partition(" ")
    value = value.strip()[:MAX_VALUE_CHARS]
    return Statement(signal, path[: url_patterns.MAX_CHARS], value) if value else None
