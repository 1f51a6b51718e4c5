"""How good an extracted text is, by measures that do not know our extractors.

* shingles: runs of four words, as in github.com/scrapinghub/article-extraction-benchmark: of each page the share of the
  text's runs that the gold text has (precision) and of the gold's that the text has (recall), means over the pages
* snippets: as in github.com/adbar/trafilatura (docs/evaluation.rst): pieces that must be there and pieces that must not
* whole: listings found line for line, and rows of tables found cell by cell on one line, as lxml reads the page
"""

import re
from collections import Counter
from dataclasses import dataclass

WORD = re.compile(r"\w+")
RUN = 4


@dataclass(frozen=True)
class Figures:
    """Means over pages."""

    precision: float
    recall: float

    @property
    def f1(self):
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.precision else 0.0


def shingles(text):
    words = WORD.findall(text)
    return Counter(tuple(words[k : k + RUN]) for k in range(max(1, len(words) - RUN + 1)) if words)


def by_shingles(pairs):
    """Figures for (gold, text) pairs. A page whose text is empty has no precision, one without gold no recall."""
    precisions, recalls = [], []
    for gold, text in pairs:
        wanted, found = shingles(gold), shingles(text)
        common = (wanted & found).total()
        if found:
            precisions.append(common / found.total())
        if wanted:
            recalls.append(common / wanted.total())
    return Figures(sum(precisions) / len(precisions), sum(recalls) / len(recalls))


def by_snippets(pages):
    """Figures for (pieces wanted, pieces not wanted, text), over all pieces of all pages together."""
    right = wrong = missed = 0
    for wanted, unwanted, text in pages:
        said = " ".join(text.split())
        there = [" ".join(piece.split()) in said for piece in wanted]
        right, missed = right + sum(there), missed + len(there) - sum(there)
        wrong += sum(" ".join(piece.split()) in said for piece in unwanted)
    return Figures(right / (right + wrong), right / (right + missed))


def parsed(html):
    import lxml.html

    return lxml.html.fromstring(html.encode("utf-8", "replace"), parser=lxml.html.HTMLParser(encoding="utf-8"))


def listings(tree):
    """The lines of each listing that breaks its lines itself."""
    for pre in tree.iter("pre"):
        inside = {around.tag for around in pre.iterancestors()}
        numbered = any("linenos" in (around.get("class") or "") for around in pre.iterancestors("td", "table", "div"))
        if "pre" in inside or numbered or pre.xpath(".//br|.//p|.//div"):
            continue
        text = "\n".join(line.rstrip() for line in pre.text_content().replace("\xa0", " ").split("\n")).strip("\n")
        if text:
            yield text


def rows(tree):
    """The cells of each row of a table that has a heading, without white space."""
    for table in tree.iter("table"):
        headed = table.find(".//th") is not None or table.find(".//caption") is not None
        if not headed or table.find(".//table") is not None or table.find(".//pre") is not None:
            continue
        found = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
        if len(found) < 2 or max(map(len, found)) < 2:
            continue
        for row in found:
            cells = [cell for cell in ("".join("".join(cell.itertext()).split()) for cell in row) if cell]
            if len(cells) > 1:
                yield cells


def whole(html, text):
    """(found, all) listings and (found, all) rows of a page in its text."""
    tree = parsed(html)
    lines = [line.rstrip() for line in text.replace("\xa0", " ").split("\n")]
    body = "\n" + "\n".join(lines) + "\n"
    codes = [f"\n{listing}\n" in body for listing in listings(tree)]
    bare = ["".join(line.replace("\\|", "|").split()) for line in lines]
    tables = [any(_in_order(cells, line) for line in bare) for cells in rows(tree)]
    return (sum(codes), len(codes)), (sum(tables), len(tables))


def _in_order(cells, line):
    at = 0
    for cell in cells:
        at = line.find(cell, at)
        if at < 0:
            return False
        at += len(cell)
    return True
