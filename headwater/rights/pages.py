"""The pages of one shard, judged: evidence is read from `extracted`, `raw` and `consent`, without a text."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from headwater.errors import MissingInput
from headwater.lake.files import read_batches
from headwater.lake.lineage import Input
from headwater.lake.storage import Storage
from headwater.lake.store import Lake
from headwater.rights import judging, spdx
from headwater.rights.heeding import Fact
from headwater.rights.judging import Finding, Judgement, Licence
from headwater.rights.policy import Policy, Site
from headwater.warc import facts

AT_CRAWL = "at_crawl"
DATED = re.compile(r"\d{4}-\d{2}-\d{2}")
Found = Mapping[str, Licence]


@dataclass(frozen=True)
class Evidence:
    """What a policy reads of one crawl: the texts' own table, and the others where it asks for them."""

    extracted: tuple[Input, ...]
    raw: Input | None
    consent: tuple[Input, ...]

    def inputs(self) -> tuple[Input, ...]:
        """All of it, for lineage."""
        return (*self.extracted, *([] if self.raw is None else [self.raw]), *self.consent)

    def files(self, lake: Lake) -> dict[str, "Files"]:
        """The files of each shard."""
        raw = {f.shard: f.name for f in lake.read(self.raw)} if self.raw is not None else {}
        consent: dict[str, list[tuple[str, str]]] = {}
        for read in self.consent:
            for file in lake.read(read):
                consent.setdefault(file.shard, []).append((read.partition["as_of"], file.name))
        texts: dict[str, list[str]] = {}
        for read in self.extracted:
            for file in lake.read(read):
                texts.setdefault(file.shard, []).append(file.name)
        return {
            shard: Files(tuple(names), raw.get(shard), tuple(consent.get(shard, ()))) for shard, names in texts.items()
        }


class Files(NamedTuple):
    """The files of one shard: of the texts one for each extractor, of consent with what each is as of."""

    extracted: tuple[str, ...]
    raw: str | None
    consent: tuple[tuple[str, str], ...]


def evidence(lake: Lake, policy: Policy, filtered: Input) -> Evidence:
    """What the policy reads for the crawl of a partition of `filtered`. Raises MissingInput where it is not there."""
    extracted = lake.all_made_from(filtered, "extracted")
    raw = lake.made_from(extracted[0], "raw") if "http_link" in policy.evidence.sources else None
    return Evidence(extracted, raw, _consent(lake, policy, extracted[0].partition["crawl"]))


def _consent(lake: Lake, policy: Policy, crawl: str) -> tuple[Input, ...]:
    """The facts that the policy asks for: at crawl time, and the newest since."""
    if not policy.consent.asked:
        return ()
    there = {p["as_of"] for p in lake.partitions("consent") if p["crawl"] == crawl}
    now = max((day for day in there if DATED.fullmatch(day)), default=None)
    when = policy.consent.when
    if when != "at_crawl" and now is None and when == "now":
        raise MissingInput(
            f"policy {policy.name} asks what crawl {crawl} consents to now, and that was never read; "
            "run headwater consent refresh, or let the policy ask at_crawl"
        )
    if when != "now" and AT_CRAWL not in there:
        raise MissingInput(f"policy {policy.name} needs consent of crawl {crawl}; run what makes it first")
    wanted = [AT_CRAWL] * (when != "now") + [now] * (when != "at_crawl" and now is not None)
    return tuple(lake.input("consent", {"crawl": crawl, "as_of": str(day)}) for day in wanted)


class Statement(NamedTuple):
    """What is known of one page's licence, before any of it is judged."""

    evidence: str | None
    links: tuple[str, ...]
    site: Site | None


def judgements(
    storage: Storage, policy: Policy, files: Files, wanted: set[str], copies: Mapping[str, list[Finding]]
) -> dict[str, Judgement]:
    """What the policy says of each wanted document, with the findings on its copies elsewhere."""
    observed = _observed(storage, files, wanted)
    unknown = tuple(Fact(as_of, None, None) for as_of, _ in files.consent)
    judged: dict[str, Judgement] = {}
    # Most pages say what others say, or nothing.
    known: dict[tuple[object, ...], Judgement] = {}
    for doc, said in _statements(storage, policy, files, wanted):
        facts = observed.get(doc, unknown)
        mine = tuple(copies.get(doc, ()))
        key = (said.evidence, said.links, said.site and said.site.site, facts, mine)
        if key not in known:
            licence = judging.of_copies(judging.licence_of(policy, *said), mine)
            known[key] = judging.judge(policy, licence, facts, said.site)
        judged[doc] = known[key]
    return judged


def licences(storage: Storage, policy: Policy, files: Files, wanted: set[str]) -> Iterator[tuple[str, Licence]]:
    """Each wanted document with its own licence."""
    for doc, said in _statements(storage, policy, files, wanted):
        yield doc, judging.licence_of(policy, *said)


def _statements(storage: Storage, policy: Policy, files: Files, wanted: set[str]) -> Iterator[tuple[str, Statement]]:
    links = _links(storage, files.raw, wanted)
    columns = ["doc_id", "licence_evidence", *(["url", "domain"] if policy.decided else [])]
    told: set[str] = set()
    for place, name in enumerate(files.extracted, 1):
        last = place == len(files.extracted)
        for batch in read_batches(storage, name, columns):
            ids, said = (batch.column(column).to_pylist() for column in columns[:2])
            sites = _sites(policy, batch) if policy.decided else [None] * len(ids)
            for doc, text, site in zip(ids, said, sites, strict=True):
                # A page that one extractor could not read has its evidence beside another one's text.
                if doc in wanted and doc not in told and (last or text is not None):
                    told.add(doc)
                    yield doc, Statement(text, links.get(doc, ()), site)


def _sites(policy: Policy, batch: pa.RecordBatch) -> list[Site | None]:
    """The decision on each page's site. Only pages of domains that a decision is about are looked at by host."""
    domains = {facts.registered_domain(f"http://{site.site}/") for site in policy.decided}
    pages = zip(batch.column("url").to_pylist(), batch.column("domain").to_pylist(), strict=True)
    # A decision on a public suffix, as github.io, is about pages of any domain below it.
    every = None in domains
    return [
        policy.site(facts.host(url)) if every or domain is None or domain in domains else None for url, domain in pages
    ]


def _links(storage: Storage, raw: str | None, wanted: set[str]) -> dict[str, tuple[str, ...]]:
    """Licences that the HTTP header `Link: rel=license` named."""
    found = {}
    for batch in read_batches(storage, raw, ["doc_id", "consent"]) if raw is not None else ():
        for row in batch.filter(pc.match_substring(batch.column("consent"), "link-license")).to_pylist():
            urls = json.loads(row["consent"]).get("link-license", ()) if row["doc_id"] in wanted else ()
            if urls:
                found[row["doc_id"]] = tuple(spdx.of_url(url) or spdx.UNKNOWN for url in urls)
    return found


def _observed(storage: Storage, files: Files, wanted: set[str]) -> dict[str, tuple[Fact, ...]]:
    """The facts of the documents of which anything is known, as of each time in order."""
    found: dict[str, tuple[Fact, ...]] = {}
    unknown = tuple(Fact(as_of, None, None) for as_of, _ in files.consent)
    for place, (as_of, name) in enumerate(files.consent):
        for batch in read_batches(storage, name, ["doc_id", "denied_agents", "signals"]):
            columns = (batch.column(column).to_pylist() for column in ("doc_id", "denied_agents", "signals"))
            for doc, denied, signals in zip(*columns, strict=True):
                if doc in wanted:
                    others = found.get(doc, unknown)
                    found[doc] = (*others[:place], Fact(as_of, denied, signals), *others[place + 1 :])
    return found
