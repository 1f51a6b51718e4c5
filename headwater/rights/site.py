"""What the files of one host said, and what that means for a page: RFC 9309 by state, and the page's signals."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urljoin

from headwater.rights import rsl, tdmrep
from headwater.rights.ai_agents import NAMES
from headwater.rights.reservations import HostFiles
from headwater.rights.robots import Robots
from headwater.warc import facts

VERSION = 1
MAX_ROWS_OF_A_KIND = 64
TEXT_STATES = ("read", "too_large")
# What answers the question; the others only say why there is no answer.
ANSWERS = (*TEXT_STATES, "missing")
NEVER = datetime.min
Row = Mapping[str, Any]


@dataclass(frozen=True)
class RobotsAnswer:
    """The robots.txt that holds for a page: `state`, when it was fetched, its rules where there are any.

    * read, too_large (the first 512 KiB count): what its rules say
    * missing (4xx): everybody may fetch everything
    * unreachable (5xx, 429): nobody may fetch anything
    * undecodable, redirected (to what was not fetched), unknown (never asked): nothing is known
    """

    state: str
    fetched_at: datetime | None = None
    rules: Robots | None = None
    moved_to: str | None = None

    def denied(self, url: str) -> tuple[str, ...] | None:
        """The AI agents that may not fetch a URL; None where that is not known."""
        if self.rules is not None:
            return self.rules.denied(url)
        return {"missing": (), "unreachable": NAMES}.get(self.state)


UNKNOWN = RobotsAnswer("unknown")


class Site:
    """The rows of `robots` of one host, of all kinds."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[str, list[Row]] = {}
        for row in rows:
            self._rows.setdefault(row["kind"], []).append(row)
        for kind, found in self._rows.items():
            self._rows[kind] = sorted(found, key=_time)[-MAX_ROWS_OF_A_KIND:]
        self._answers: dict[int, RobotsAnswer] = {}

    def robots(self, moment: datetime | None) -> RobotsAnswer:
        """The robots.txt that was last fetched before a moment, or first after it; without a moment the last one.

        A failed fetch between good ones is passed over: the crawler had its rules from the one before.
        """
        row = _chosen(self._rows.get("robots_txt", []), ANSWERS, moment)
        if row is None:
            return UNKNOWN
        if id(row) not in self._answers:
            self._answers[id(row)] = _answer(row)
        return self._answers[id(row)]

    @cached_property
    def files(self) -> HostFiles:
        """Its other files, the last of each that could be read."""
        tdm, ai = (_chosen(self._rows.get(kind, []), TEXT_STATES, None) for kind in ("tdmrep", "ai_txt"))
        return HostFiles(
            tdmrep=tuple(tdmrep.parse(tdm["body"])) if tdm is not None and tdm["body"] else (),
            ai_txt=Robots(ai["body"]) if ai is not None and _has_rules(ai["body"]) else None,
            rsl=dict(self._terms()),
        )

    def _terms(self) -> Iterator[tuple[str, tuple[rsl.Term, ...]]]:
        for row in self._rows.get("rsl", []):
            if row["state"] in TEXT_STATES and row["body"]:
                yield row["url"], tuple(rsl.parse(row["body"]))


def _time(row: Row) -> tuple[float, str, int]:
    fetched = row["fetched_at"]
    return (0.0 if fetched is None else fetched.timestamp(), row["shard"], row["offset"])


def _chosen(rows: list[Row], answers: tuple[str, ...], moment: datetime | None) -> Row | None:
    """Of rows in order of time the one that counts; one that answers before one that does not."""
    pool = [row for row in rows if row["state"] in answers and (row["state"] == "missing" or row["body"] is not None)]
    pool = pool or rows
    if moment is not None:
        before = [row for row in pool if row["fetched_at"] is not None and row["fetched_at"] <= moment]
        return before[-1] if before else pool[0] if pool else None
    return pool[-1] if pool else None


def _answer(row: Row) -> RobotsAnswer:
    rules = _parsed(row["body"]) if row["state"] in TEXT_STATES and row["body"] is not None else None
    moved_to = None
    if row["state"] == "redirected" and row["body"]:
        moved_to = _moved_to(row["url"], row["body"])
    return RobotsAnswer(row["state"], row["fetched_at"], rules, moved_to)


def _moved_to(url: str, location: str) -> str | None:
    try:
        target = facts.host(urljoin(url, location))
    except ValueError:
        return None
    return None if target == facts.host(url) else target


@lru_cache(maxsize=64)
def _parsed(text: str) -> Robots:
    # Thousands of hosts have the same file, word for word.
    return Robots(text)


def _has_rules(text: str | None) -> bool:
    return text is not None and "allow" in text.lower()
