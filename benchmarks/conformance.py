"""Our decisions beside those of datatrove, Dolma and DCLM, document by document over whole crawls.

    HEADWATER_TEST_DATA=DIR python benchmarks/conformance.py PEERS WORK [CRAWL ...]

CRAWL may also be UDHR (a text in each of some 400 languages), RAW_WEB (all visible text of real pages) or ADDRESSES
(made of what is on the lists that datatrove ships, for the address rules alone). PEERS is a folder that peers.py set
up; WORK keeps the texts, what each peer said (made once for the same texts) and CRAWL.disagreements.jsonl. Printed for
each rule and mode: documents, dropped by both, by us alone, by them alone, and the agreement in %, once more of the
texts without letters of scripts that put no spaces between words; for each number how many are equal and the largest
difference; for each editor how many texts come out equal; and our time beside theirs. docs/conformance.md has the
figures of a run and explains them.
"""

import gzip
import hashlib
import json
import os
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import conformance_rules as rules
import numpy as np
import peers
import pyarrow as pa
import pyarrow.compute as pc

from headwater import editing, registry
from headwater.text.split import fasttext_words, split_words
from tests.texts import extracted_pages

CRAWLS = ("DOCS-2024-10", "REALWEB-2025-10", "RAW_WEB", "UDHR", "ADDRESSES")
Page = tuple[str, str, str]
# All that is compared where all texts are the same.
ADDRESS_RULES = "url_blocklist"
BATCH = 256
CLOSE = 1e-9
# These editors of DCLM also take the white space at both ends of the text, which another one of ours does.
STRIPPED = ", ends stripped"


def pages(name: str, data: Path, folder: Path) -> Iterator[Page]:
    """(doc_id, url, text) of what is compared, in order."""
    if name == "UDHR":
        texts: dict[str, list[str]] = {}
        for row in lines(data / "langid" / "udhr.jsonl.gz"):
            texts.setdefault(f"{row['key']}-{row['iso639_3']}", []).append(row["text"])
        for key, parts in texts.items():
            yield key, f"https://udhr.example.org/{key}", "\n\n".join(parts)
    elif name == "RAW_WEB":
        for row in lines(data / "quality" / "raw_web.jsonl.gz"):
            yield row["id"], row["url"] or f"https://raw.example.org/{row['id']}", row["text"]
    elif name == "ADDRESSES":
        for place, address in enumerate(rules.addresses(folder)):
            yield str(place), address, "An address."
    else:
        yield from extracted_pages(data / "crawls" / "crawl-data" / name)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a packed JSON lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as packed:
        yield from map(json.loads, packed)


class Crawl:
    """The pages of a crawl and what the peers say of them."""

    def __init__(self, name: str, data: Path, folder: Path, work: Path) -> None:
        self.name = name
        found = [page for page in pages(name, data, folder) if page[2].strip()]
        self.ids = [page[0] for page in found]
        self.urls = pa.array([page[1] for page in found])
        self.texts = pa.array([page[2] for page in found], pa.large_string())
        packed = "".join(json.dumps(dict(zip(("doc_id", "url", "text"), page, strict=True))) + "\n" for page in found)
        digest = hashlib.sha256(packed.encode()).hexdigest()[:8]
        source = work / f"{name}.{digest}.jsonl"
        source.write_text(packed, encoding="utf-8")
        self.said: dict[str, list[dict[str, Any]]] = {}
        self.seconds: dict[str, Mapping[str, float]] = {}
        for peer in peers.there(folder):
            output = work / f"{name}.{digest}.{peer}.jsonl"
            if not output.exists():
                peers.run(folder, peer, source, output)
            self.said[peer], self.seconds[peer] = peers.results(output)
            assert [row["doc_id"] for row in self.said[peer]] == self.ids, f"{output} is of other texts"
        self.spaced = ~np.asarray(pc.match_substring_regex(self.texts, rules.WITHOUT_SPACES))
        self.megabytes = sum(len(text.encode()) for text in self.texts.to_pylist()) / 1e6


def columns(crawl: Crawl) -> dict[str, Any]:
    """Every signal and fact of the documents, and the time the signals took in `seconds`."""
    language, score = rules.languages(crawl)
    facts = {"url": crawl.urls, "language": language, "language_score": score, "domain": rules.domains(crawl.urls)}
    return measured({**facts, "text": crawl.texts})


def measured(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts, every signal of the texts, and the time each took."""
    found: dict[str, list[np.ndarray]] = {}
    seconds: dict[str, float] = {}
    # datatrove takes every text for English where nobody said otherwise, and its list of bad words with it.
    english = pa.array(["en"] * len(facts["text"]))
    for name, signal in registry.discover("signals").items():
        given = [english if (name, c) == ("toxicity", "language") else facts[c] for c in registry.reads(name)]
        signal(*(column.slice(0, 1) for column in given))
        for at in range(0, len(english), BATCH):
            start = time.process_time()
            values = signal(*(column.slice(at, BATCH) for column in given))
            seconds[name] = seconds.get(name, 0) + time.process_time() - start
            for column, value in values.items():
                found.setdefault(column, []).append(value)
    numbers = {name: np.concatenate(parts) for name, parts in found.items()}
    chars = np.asarray(pc.utf8_length(facts["text"])).astype(np.float64)
    return {**facts, **numbers, "chars": chars, "seconds": seconds}


def broken(filter_name: str, options: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Which documents break each rule of a filter."""
    findings = registry.step("filters", filter_name)(ours, **options)
    return {f.rule: f.broken | np.isnan(f.value) for f in findings}


def percent(flags: np.ndarray) -> str:
    """How many are true, in hundreds."""
    return f"{100 * np.mean(flags) if len(flags) else 100:8.3f} %"


class Report:
    """Lines of the tables, and the disagreements with their documents."""

    def __init__(self, output: Path) -> None:
        self._output = output.open("w", encoding="utf-8")

    def decision(self, crawl: Crawl, peer: str, rule: str, ours: np.ndarray, theirs: np.ndarray) -> None:
        """One rule: how often both drop, and one alone."""
        alone, others = np.flatnonzero(ours & ~theirs), np.flatnonzero(theirs & ~ours)
        agreed = ours == theirs
        both = int(np.sum(ours & theirs))
        shares = f"{percent(agreed)} {percent(agreed[crawl.spaced])}"
        print(f"  {peer:9} {rule:58} {len(ours):6} {both:6} {len(alone):5} {len(others):5} {shares}")
        for who, places in (("ours", alone), ("theirs", others)):
            for place in places.tolist():
                row = {"crawl": crawl.name, "peer": peer, "rule": rule, "only": who, "doc_id": crawl.ids[place]}
                self._output.write(json.dumps({**row, "url": crawl.urls[place].as_py()}) + "\n")

    def number(self, crawl: Crawl, peer: str, name: str, ours: np.ndarray, theirs: np.ndarray) -> None:
        """One number: equal but for rounding, and the largest difference."""
        distance = np.abs(ours - theirs)
        equal = distance <= CLOSE * np.maximum(1, np.abs(theirs))
        shares = f"{percent(equal)} {percent(equal[crawl.spaced])}"
        print(f"  {peer:9} {name:58} {len(ours):6} {shares} {distance.max(initial=0):12.6g}")
        for place in np.flatnonzero(~equal).tolist():
            row = {"crawl": crawl.name, "peer": peer, "number": name, "doc_id": crawl.ids[place]}
            self._output.write(json.dumps({**row, "ours": float(ours[place]), "theirs": float(theirs[place])}) + "\n")

    def texts(self, crawl: Crawl, peer: str, name: str, ours: list[str], theirs: list[str]) -> None:
        """One editor: how many texts it changed, and how many came out equal."""
        given = crawl.texts.to_pylist()
        if name.endswith(STRIPPED):
            given, ours, theirs = ([text.strip() for text in texts] for texts in (given, ours, theirs))
        equal = np.array([a == b for a, b in zip(ours, theirs, strict=True)])
        changed = sum(a != b for a, b in zip(given, theirs, strict=True))
        mine = sum(a != b for a, b in zip(given, ours, strict=True))
        print(f"  {peer:9} {name:58} {len(ours):6} {changed:6} {mine:6} {100 * equal.mean():8.3f} %")
        for place in np.flatnonzero(~equal).tolist():
            row = {"crawl": crawl.name, "peer": peer, "editor": name, "doc_id": crawl.ids[place]}
            self._output.write(json.dumps({**row, "ours": ours[place], "theirs": theirs[place]}) + "\n")

    def close(self) -> None:
        self._output.close()


def edited(steps: rules.Steps, texts: pa.Array) -> list[str]:
    """Texts after editors, one after the other."""
    for name, options in steps:
        texts = editing.splice(texts, registry.step("editors", name)(texts, **dict(options)))
    return texts.to_pylist()


def compared(crawl: Crawl, ours: Mapping[str, Any], report: Report, folder: Path) -> None:
    """All tables of one crawl."""
    only = (ADDRESS_RULES,) if crawl.name == "ADDRESSES" else registry.names("filters")
    print(f"\n{crawl.name}: {len(crawl.ids)} documents, {crawl.megabytes:.1f} MB")
    print(f"  {'peer':9} {'rule':58} {'docs':>6} {'both':>6} {'ours':>5} {'their':>5}  agreement     spaced")
    for peer, said in crawl.said.items():
        for rule, mine, theirs in decisions(peer, said, ours, folder, only):
            report.decision(crawl, peer, rule, mine, theirs)
    if crawl.name == "ADDRESSES":
        return
    print(f"\n  {'peer':9} {'number':58} {'docs':>6} {'equal':>10} {'spaced':>10} {'largest':>12}")
    for peer, said in crawl.said.items():
        for name, column, value in rules.numbers(peer, said):
            if column in ours:
                report.number(crawl, peer, name, ours[column], value)
    print(f"\n  {'peer':9} {'editor':58} {'docs':>6} {'their':>6} {'our':>6} equal")
    for peer, said in crawl.said.items():
        for name, steps, left in rules.editors(peer, said, crawl.texts.to_pylist()):
            if all(step in registry.names("editors") for step, _ in steps):
                report.texts(crawl, peer, name, edited(steps, crawl.texts), left)


def decisions(
    peer: str, said: list[dict], ours: Mapping[str, Any], folder: Path, only: Collection[str]
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Rule, our decisions and theirs, of some filters."""
    after: dict[rules.Steps, Mapping[str, Any]] = {(): ours}
    for judged in rules.filters(peer, said, folder):
        if judged.filter not in only:
            continue
        if judged.steps not in after:
            left = pa.array(edited(judged.steps, ours["text"]), pa.large_string())
            after[judged.steps] = measured({**ours, "text": left, **removed(ours, left)})
        mine = broken(judged.filter, judged.options, after[judged.steps])
        for row in judged.rows:
            theirs = np.array([rules.dropped(document, row) for document in said])
            yield row.title, np.logical_or.reduce([mine[part] for part in row.parts or mine]), theirs


def removed(ours: Mapping[str, Any], left: pa.Array) -> dict[str, np.ndarray]:
    """Which share of the words of the texts is not in what editors left, as each mode counts them."""
    counted = {
        "removed_word_ratio": (ours["split_words"], split_words),
        "removed_dclm_word_ratio": (ours["dclm_words"], fasttext_words),
    }
    return {
        column: np.maximum(before - count(left), 0) / np.maximum(before, 1)
        for column, (before, count) in counted.items()
    }


def speed(crawl: Crawl, ours: Mapping[str, Any]) -> None:
    """Megabytes a second of both, over the same texts in the same run."""
    total = crawl.megabytes / sum(ours["seconds"].values())
    print(f"\n  all our signals together: {total:.1f} MB/s on one core")
    for peer, seconds in crawl.seconds.items():
        for name in rules.TIMED[peer]:
            rate = crawl.megabytes / sum(seconds[part] for part in name.split("+"))
            print(f"  {peer:9} {name:58} {rate:8.2f} MB/s   ratio {total / rate:.0f}")


def main(folder: Path, work: Path, crawls: tuple[str, ...]) -> None:
    data = Path(os.environ["HEADWATER_TEST_DATA"])
    work.mkdir(parents=True, exist_ok=True)
    for name in crawls:
        crawl = Crawl(name, data, folder, work)
        report = Report(work / f"{name}.disagreements.jsonl")
        ours = columns(crawl)
        compared(crawl, ours, report, folder)
        if name != "ADDRESSES":
            speed(crawl, ours)
        report.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), tuple(sys.argv[3:]) or CRAWLS)
