"""Licence evidence measured on pages with licence marks: precision, recall and F1, and which source had it.

A page's licences are those of its evidence with scope `page` or `site`; a `LicenseRef-` that only reserves rights or is
not known is no answer. A page is right when that set is the gold licence alone. What the gold leaves out (a version, a
country) is not compared; version 4.0 has no countries. Marks of images or parts are never a page's licence.

`gold_license` was written by hand for 35 pages; the other 31 nobody looked at, so they were judged by reading their
marks (`JUDGED`): None is a page whose marks concern pictures, a theme, a map, or users' contributions to another site.
The detector was made while looking at these pages: the figures are a floor against regress, not what to expect of the
web at large.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from headwater.rights.licences import Evidence, find
from headwater.rights.spdx import RESERVED, UNKNOWN

JUDGED: dict[str, str | None] = {
    "traf:aussengedanken.de.feuerholz.html": None,
    "traf:bmel.de-zukunftsforum.html": None,
    "traf:bsi.de-ki.html": None,
    "traf:creativecommons.org.html": "CC BY 4.0",
    "traf:digitalcourage.de-Muendigkeit.html": None,
    "traf:gormulus.wordpress.com.durfen.html": "CC BY-NC-SA 3.0 DE",
    "traf:harrypotter.fandom.com.spell.html": None,
    "traf:journal.3960.org.firefox.html": "CC BY 3.0 DE",
    "traf:jovelstefan.de.gefallt.html": "CC BY-NC 3.0 DE",
    "traf:kulinariaathome.com.mandelplätzchen.html": None,
    "traf:nextkabinett.wordpress.com.garden.html": None,
    "traf:pinup-fashion.de.korsetts.html": None,
    "traf:reset.org.clickbait.html": None,
    "traf:resonator-podcast.de.res158.html": "CC BY 4.0",
    "traf:ritinardo.wordpress.com.btw17.html": "CC BY-SA 3.0 DE",
    "traf:soundofscience.fr.1927.html": None,
    "traf:stackoverflow.com.rust.html": None,
    "traf:surfguard.wordpress.com.medien.html": "CC BY-NC-SA 3.0 DE",
    "traf:tell-review.de.heimweh.html": None,
    "traf:theplanetarypress.com.forestlands.html": None,
    "traf:unterwegsinberlin.de.friedrichsfelde.html": None,
    "traf:villacc.de.galaxy.html": None,
    "traf:whiskyverkostung.com.halle.html": None,
    "traf:wikimediafoundation.org.turkey.html": "CC BY-SA 3.0",
    "traf:wir-empfehlen.info.3289.html": None,
    "traf:zulang.wordpress.com.genitalverstuemmelung.html": None,
    "readability:firefox-nightly-blog": None,
    "readability:google-sre-book-1": "CC BY-NC-ND 4.0",
    "readability:liberation-1": None,
    "readability:wikipedia": "CC BY-SA 3.0",
    "readability:wikipedia-3": "CC BY-SA 3.0",
}


class Judged(NamedTuple):
    """A page, what it should say, and what was found."""

    name: str
    by_hand: bool
    gold: str | None
    evidence: list[Evidence]


class Score(NamedTuple):
    """Pages right, pages wrongly licensed, pages whose licence was not or not only found."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def judged(test_data: Path) -> Iterator[Judged]:
    """The 66 pages and what is found on them."""
    with gzip.open(test_data / "pii_robots" / "licence_pages.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            by_hand = page["gold_license"] is not None
            gold = page["gold_license"] if by_hand else JUDGED[page["id"]]
            yield Judged(page["id"], by_hand, gold, find(page["html"], page["url"] or ""))


def page_licences(evidence: Iterable[Evidence]) -> set[str]:
    """Licences of the page, by evidence that is about all of it."""
    found = {e.licence for e in evidence if e.scope in ("page", "site")}
    return {licence for licence in found if licence not in (RESERVED, UNKNOWN, "LicenseRef-CC")}


def agrees(licence: str, gold: str) -> bool:
    """Whether an SPDX id is the licence that a person wrote, as far as that goes."""
    wanted, said = _parts(gold), _parts(licence)
    exact = wanted[0] == said[0] and wanted[1] in (None, said[1])
    return exact and (wanted[2] in (None, said[2]) or wanted[1] == "4.0")


def _parts(name: str) -> tuple[str, str | None, str | None]:
    found = re.fullmatch(
        r"(.*?)(?:[ -](\d\.\d))?(?:[ -]([A-Z]{2}))?", name.removeprefix("LicenseRef-").replace("CC ", "CC-")
    )
    assert found is not None
    family, version, country = found.groups()
    if country in ("BY", "NC", "SA", "ND"):
        family, country = f"{family}-{country}", None
    return family, version, country


def score(pages: Iterable[Judged]) -> Score:
    """Counts over pages: one that names another licence, or more than one, is wrong and missed."""
    right = wrong = missed = 0
    for page in pages:
        found = page_licences(page.evidence)
        hit = page.gold is not None and len(found) == 1 and agrees(next(iter(found)), page.gold)
        right += hit
        wrong += bool(found) and not hit
        missed += page.gold is not None and not hit
    return Score(right, wrong, missed)
