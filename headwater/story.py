"""A document's story: from a doc_id, a URL or a token to its fate at every stage, and to its bytes in the crawl.

And on from there: copies and their licences, releases that hold it, exports of them, models that read it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headwater import copies, held, lookup, origin, remaining, streams, stretches
from headwater.errors import BrokenLake, NotFound, UserError
from headwater.lake.lineage import Partition, Provenance
from headwater.lake.snapshot import Snapshot, find
from headwater.lake.tables import TABLES
from headwater.lake.tombstones import REMOVED, rule
from headwater.lookup import Document
from headwater.project import Project
from headwater.stages.raw import digest_holds
from headwater.warc.reader import read_at
from headwater.warc.record import Record

Story = dict[str, Any]
Row = dict[str, Any]

# What each stage adds to the story, besides table, version, outcome, rule, value and threshold.
TOLD: dict[str, tuple[str, ...]] = {
    "raw": ("record_type", "http_status", "media_type", "payload_digest", "consent", "detail"),
    "consent": ("as_of", "observed_at", "robots_state", "denied_agents", "signals"),
    "extracted": ("extractor", "title", "chars", "charset", "language", "language_score", "licence_evidence", "detail"),
    "filtered": ("recipe", "extractor", "chars", "edits", "alternatives", "detail"),
    "deduped": ("recipe", "cluster", "representative", "similarity", "method", "edits"),
    "mixed": (
        "recipe", "group", "licence_class", "licence", "obligations", "evidence", "cluster_size", "weight", "copies",
        "order_key",
    ),
    "tokenized": ("recipe", "shard", "position", "copy", "first_token", "tokens"),
    "proxy_model": ("recipe", "model", "checkpoint", "checkpoint_digest", "loss", "tokenized_version", "live", "tokens",
                    "tokens_read", "note"),
}  # fmt: skip
VERDICT = ("outcome", "rule", "value", "threshold")
BY_CRAWL = ("raw", "extracted", "filtered", "deduped")
OPENED = (*TOLD, "sources", "document_index", "releases", "takedowns", "duplicate_pairs")


def of_document(project: Project, doc_id: str, crawl: str | None = None, *, members: bool = False) -> Story:
    """The story of a document by its doc_id; of the newest crawl's where it is in several. Raises NotFound."""
    look = _look(project)
    where = "the lake" if crawl is None else f"crawl {crawl}"
    return _told(look, lookup.documents(look, "doc_id", doc_id, crawl), f"no document {doc_id!r} in {where}", members)


def of_url(project: Project, url: str, crawl: str | None = None, *, members: bool = False) -> Story:
    """The story of the newest document fetched from a URL; the others are named under `also`. Raises NotFound."""
    look = _look(project)
    where = "the lake" if crawl is None else f"crawl {crawl}"
    found = lookup.documents(look, "url", url, crawl)
    return _told(look, found, f"no document {url!r} in {where}, neither by doc_id nor by URL", members)


def of_token(project: Project, place: str, *, members: bool = False) -> Story:
    """The story of the document that a token comes from, by RECIPE:SHARD:POSITION. Raises NotFound."""
    look = _look(project)
    row, document = _at(look, place)
    story = _told(look, [document], f"no document {document.doc_id!r} in the lake", members)
    story["token"] = _token(look, place, row, document)
    return story


def record(
    project: Project, doc_id: str | None = None, *, crawl: str | None = None, token: str | None = None
) -> Record:
    """The WARC record of a document, read from the crawl. Its body() is what WARC-Payload-Digest is over.

    Raises NotFound, also where the document was removed, and UserError where several crawls have the doc_id.
    """
    look = _look(project)
    document = _at(look, token)[1] if token is not None else _one(look, str(doc_id), crawl)
    row = lookup.raw(look, document)
    if row["outcome"] == REMOVED:
        raise NotFound(
            f"document {document.doc_id} of {document.crawl} was removed ({row['rule']}): its bytes are not given"
        )
    warc = _warc(look, row)
    with project.source.open(warc["path"]) as stream:
        found = read_at(stream, warc["offset"], name=warc["file"])
    if row["payload_digest_ok"] and not digest_holds(row["payload_digest"], found.body()):
        raise BrokenLake(f"{warc['file']} at {warc['offset']} is not what was crawled: its payload has another digest")
    return found


def text(project: Project, recipe: str, doc_id: str, crawl: str | None = None) -> str:
    """The text of a document as a recipe kept it. Raises NotFound; UserError where several crawls have the doc_id."""
    look = _look(project)
    found = stretches.text(look, recipe, _one(look, doc_id, crawl))
    if found is None:
        raise NotFound(f"recipe {recipe!r} kept no text of document {doc_id!r}")
    return found


def _look(project: Project) -> Snapshot:
    look = Snapshot(project.lake)
    look.open(*OPENED)
    return look


def _one(look: Snapshot, doc_id: str, crawl: str | None) -> Document:
    found = lookup.documents(look, "doc_id", doc_id, crawl)
    if not found:
        raise NotFound(f"no document {doc_id!r} in {'the lake' if crawl is None else f'crawl {crawl}'}")
    if len(found) > 1:
        crawls = ", ".join(document.crawl for document in found)
        raise UserError(f"several crawls have a document {doc_id}: {crawls}; say which with --crawl")
    return found[0]


def _told(look: Snapshot, found: Sequence[Document], otherwise: str, members: bool) -> Story:
    if not found:
        raise NotFound(otherwise)
    began = lookup.started(look)
    *others, document = sorted(found, key=lambda d: (began.get(d.crawl, ""), d.crawl, d.doc_id))
    row = lookup.raw(look, document)
    story: Story = {"doc_id": row["doc_id"], "url": row["url"], "crawl": row["crawl"]}
    story["warc"] = {name: value for name, value in _warc(look, row).items() if name != "path"}
    story["stages"] = _stages(look, document, row)
    releases = list(_releases(look, document))
    cut = (stretches.of_document(look, s["recipe"], document) for s in story["stages"] if s.get("table") == "deduped")
    more: dict[str, Any] = {
        "removed_text": [found for found in cut if found is not None],
        "consent": [_stage(look, "consent", partition, row) for partition, row in rows_of(look, "consent", document)],
        "copies": list(_copies(look, document, story["stages"], members)),
        "releases": releases,
        "exports": [e for r in releases if r["outcome"] == "kept" for e in held.exports(look.storage, r["release"])],
        "takedown": _takedown(look, row),
        "also": [{"doc_id": other.doc_id, "crawl": other.crawl} for other in others],
    }
    return {**story, **{name: value for name, value in more.items() if value}}


def _warc(look: Snapshot, row: Mapping[str, Any]) -> dict[str, Any]:
    files = look.files("sources", crawl=row["crawl"])
    (found,) = [r for f in files for r in find(look.storage, f.name, "shard", row["shard"], ["path"])]
    path = found["path"]
    return {"file": path.rsplit("/", 1)[-1], "offset": row["offset"], "length": row["length"], "path": path}


def _stages(look: Snapshot, document: Document, raw: Row) -> list[Row]:
    stages = [_stage(look, "raw", {"crawl": document.crawl}, raw)]
    for name in BY_CRAWL[1:]:
        for partition, row in rows_of(look, name, document):
            stages.append(_stage(look, name, partition, row))
    mixed = list(rows_of(look, "mixed", document))
    stages += [_stage(look, "mixed", partition, row) for partition, row in mixed]
    for recipe in look.values("tokenized", "recipe"):
        stages += [
            _stage(look, "tokenized", {"recipe": recipe}, {**row, "recipe": recipe})
            for row in in_stream(look, recipe, document, _version(look, recipe)) or ()
        ]
    return [*stages, *_models(look, document)]


def rows_of(look: Snapshot, name: str, document: Document) -> Iterator[tuple[Partition, Row]]:
    """The rows of a document in a table by shard, one a partition that has it."""
    by_crawl = "crawl" in TABLES[name].partitions
    columns = [*(VERDICT if TABLES[name].outcomes else ()), *TOLD[name]]
    there, elsewhere = document.shard, f"{document.crawl}~{document.shard}"
    for file in look.files(name, there, crawl=document.crawl) if by_crawl else look.files(name, elsewhere):
        for row in find(look.storage, file.name, "doc_id", document.doc_id, columns):
            yield file.partition, {**row, **file.partition}


def _version(look: Snapshot, recipe: str) -> int:
    version = look.version("tokenized", {"recipe": recipe})
    assert version is not None
    return version


def in_stream(look: Snapshot, recipe: str, document: Document, version: int) -> list[Row] | None:
    """Where a document is in a version of a recipe's stream; None where it is gone and no index of it was kept."""
    index = streams.index_of(look.storage, recipe, version)
    if index is not None:
        return streams.indexed(look.storage, index, document.crawl, document.doc_id)
    commit = next((c for c in look.commits("tokenized") if c.version == version), None)
    if commit is None or commit.provenance is None:
        return None
    files = [f.name for f in look.files("tokenized", version=version, recipe=recipe)]
    made_from = next(i for i in commit.provenance.inputs if i.table == "mixed")
    try:
        keys = _keys(look, recipe, document, int(made_from.version or 0))
        return streams.places(look.storage, files, document.crawl, document.doc_id, keys)
    except FileNotFoundError:
        # A takedown cleared away the versions before it.
        return None


def _keys(look: Snapshot, recipe: str, document: Document, version: int) -> list[int] | None:
    """The keys of a document's copies by a version of `mixed`; None where it is gone: every shard may hold one."""
    place = f"{document.crawl}~{document.shard}"
    try:
        rows = [
            row
            for file in look.files("mixed", place, version=version, recipe=recipe)
            for row in find(look.storage, file.name, "doc_id", document.doc_id, ["order_key", "copies"])
        ]
    except FileNotFoundError:
        return None
    return streams.keys(rows[0]["order_key"], rows[0]["copies"]) if rows else []


def _stage(look: Snapshot, name: str, partition: Partition, row: Mapping[str, Any]) -> Row:
    facts = {column: row[column] for column in (*VERDICT, *TOLD[name]) if column in row}
    if facts.get("edits"):
        facts["edits"] = origin.summary(facts["edits"])
    return {"table": name, "version": look.version(name, dict(partition)), **facts}


def _models(look: Snapshot, document: Document) -> Iterator[Row]:
    """The models whose stream held the document, the live ones last: how many of its tokens each read."""
    lengths = streams.Lengths(look.storage)
    for model in sorted(streams.models(look), key=lambda m: m.live):
        found = in_stream(look, model.recipe, document, model.tokenized_version)
        if found == []:
            continue
        shards = lengths.of_stream(look, model.recipe, model.tokenized_version)
        known = found is not None and shards is not None
        row = {
            **streams.model_row(look, model, ["checkpoint_digest", "loss"]), "recipe": model.recipe,
            "model": model.name, "checkpoint": model.checkpoint, "tokenized_version": model.tokenized_version,
            "live": model.live, "tokens": None if found is None else sum(place["tokens"] for place in found),
            "tokens_read": int(streams.tokens_read(shards or {}, found or [], model.training).sum()) if known else None,
            "note": None if known else streams.gone(model),
        }  # fmt: skip
        yield {"table": "proxy_model", "version": model.version, **{n: row.get(n) for n in TOLD["proxy_model"]}}


def _releases(look: Snapshot, document: Document) -> Iterator[Row]:
    """The releases that have a row of the document, with what the last table of each says of it."""
    for pins in held.releases(look):
        last: Row | None = None
        for name in (*BY_CRAWL, "mixed"):
            there, elsewhere = document.shard, f"{document.crawl}~{document.shard}"
            for file in (
                pins.files(name, there, crawl=document.crawl) if name in BY_CRAWL else pins.files(name, elsewhere)
            ):
                for row in find(look.storage, file, "doc_id", document.doc_id, [*VERDICT, "order_key", "copies"]):
                    last = {"table": name, **row}
        if last is None:
            continue
        keys = streams.keys(last["order_key"], last["copies"]) if last["table"] == "mixed" else []
        found = streams.places(look.storage, pins.files("tokenized"), document.crawl, document.doc_id, keys)
        yield {
            "release": pins.release, "recipe": pins.recipe, "last_table": last["table"], "outcome": last["outcome"],
            "rule": last["rule"], "places": len(found), "tokens": sum(place["tokens"] for place in found),
            "amended_by": pins.amended_by,
        }  # fmt: skip


def _takedown(look: Snapshot, raw: Row) -> Row | None:
    """Who asked for the removal of a document that was removed."""
    if raw["outcome"] != REMOVED:
        return None
    name = str(raw["rule"]).removeprefix(rule(""))
    commit = look.published("takedowns", takedown=name)
    said = {} if commit is None or commit.provenance is None else commit.provenance.details
    return {"takedown": name, **{n: said.get(n) for n in ("state", "reason", "reference", "requester", "requested_at")}}


def _copies(look: Snapshot, document: Document, stages: Sequence[Row], members: bool) -> Iterator[Row]:
    for stage in (s for s in stages if s["table"] == "deduped"):
        found = copies.of_document(look, document, stage["recipe"], stage, members=members)
        if found is not None:
            yield found


def _at(look: Snapshot, place: str) -> tuple[Row, Document]:
    """The row of the stream that holds a token, and its document."""
    recipe, shard, position = _place(look, place)
    files = look.files("tokenized", shard, recipe=recipe)
    row = streams.at(look.storage, files[0].name, position) if files else None
    if row is None:
        raise NotFound(f"no token {position} in shard {shard!r} of recipe {recipe!r}")
    found = lookup.documents(look, "doc_id", row["doc_id"], row.get("crawl"))
    if not found:
        raise BrokenLake(f"document {row['doc_id']} of token {place} is not in raw; run headwater verify")
    if len(found) > 1:
        raise UserError(
            f"token {place} is of document {row['doc_id']}, which several crawls have, and the stream was made before "
            f"it said of which crawl; make it again: headwater run {recipe}"
        )
    return row, found[0]


def _place(look: Snapshot, place: str) -> tuple[str, str, int]:
    parts = place.rsplit(":", 2)
    if len(parts) != 3 or not (parts[2].isascii() and parts[2].isdecimal()):
        raise UserError(f"token {place!r} is not RECIPE:SHARD:POSITION, for example tiny:00000:1234")
    recipe, shard, position = parts
    known = look.values("tokenized", "recipe")
    if recipe not in known:
        raise NotFound(f"recipe {recipe!r} has no tokens in the lake; have: {', '.join(known) or 'none'}")
    return recipe, shard, int(position)


def _token(look: Snapshot, place: str, row: Mapping[str, Any], document: Document) -> Row:
    from headwater.model import tokenizer as bpe

    recipe, shard, position = _place(look, place)
    commit = look.published("tokenized", recipe=recipe)
    assert commit is not None
    assert commit.provenance is not None
    name = commit.provenance.details["tokenizer"]
    if not look.storage.exists(name):
        raise BrokenLake(f"tokenizer {name} of recipe {recipe} is not in the lake; run headwater verify")
    tokenizer = bpe.load(look.storage.read(name).decode())
    index = position - row["first_token"]
    token = row["tokens"][index]
    start, end = bpe.token_span(tokenizer, row["tokens"], index)
    written = bpe.token_bytes(tokenizer, token)
    before = b"".join(bpe.token_bytes(tokenizer, each) for each in row["tokens"][:index])
    return {
        "recipe": recipe, "shard": shard, "position": position,
        "text": written.decode("utf-8", errors="replace") if written else bpe.END_OF_TEXT,
        "id": token, "copy": row["copy"], "start_byte": start, "end_byte": end,
        **_in_extracted(look, commit.provenance, document, before, written),
    }  # fmt: skip


def _in_extracted(look: Snapshot, said: Provenance, document: Document, before: bytes, written: bytes) -> Row:
    """Which characters of the text as extracted a token of a changed text comes from; nothing for one as extracted."""
    filtered, deduped = (_edits(look, said, name, document) for name in remaining.TABLES)
    if not (filtered or deduped) or not written:
        return {}
    start = len(_whole(before))
    there = origin.stretch(deduped, start, max(len(_whole(before + written)), start + 1))
    first, last = origin.stretch(filtered, *there)
    return {"extracted_start": first, "extracted_stop": last}


def _edits(look: Snapshot, said: Provenance, name: str, document: Document) -> list[Row]:
    """The edits of a document's text in the version of a table that a stream was made of."""
    for read in (i for i in said.inputs if i.table == name and i.partition["crawl"] == document.crawl):
        for file in look.files(name, document.shard, version=read.version, **read.partition):
            for row in find(look.storage, file.name, "doc_id", document.doc_id, ["edits"]):
                return row["edits"] or []
    return []


def _whole(data: bytes) -> str:
    """The characters that are complete: a token may begin or end within one."""
    return data.decode("utf-8", errors="ignore")
