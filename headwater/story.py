"""A document's story: from a doc_id, a URL or a token to its fate at every stage, and to its bytes in the crawl."""

from collections.abc import Mapping, Sequence
from typing import Any

from headwater.errors import BrokenLake, NotFound, UserError
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.store import DataFile
from headwater.lake.tables import TABLES
from headwater.project import Project
from headwater.stages.raw import digest_holds
from headwater.warc.reader import read_at
from headwater.warc.record import Record

Story = dict[str, Any]

# What each stage adds to the story, besides table, version, outcome, rule, value and threshold.
TOLD: dict[str, tuple[str, ...]] = {
    "raw": ("record_type", "http_status", "media_type", "payload_digest", "consent", "detail"),
    "extracted": ("extractor", "title", "chars", "charset", "language", "language_score", "licence_evidence", "detail"),
    "filtered": ("recipe",),
    "deduped": ("recipe", "cluster", "representative", "similarity", "method"),
    "mixed": ("recipe", "group", "licence_class", "weight", "copies", "order_key"),
    "tokenized": ("recipe", "shard", "position", "copy", "first_token", "tokens"),
    "proxy_model": ("recipe", "model", "checkpoint_digest", "loss"),
}
VERDICT = ("outcome", "rule", "value", "threshold")


def of_document(project: Project, doc_id: str) -> Story:
    """The story of a document by its doc_id. Raises NotFound."""
    rows = _rows(project, project.lake.files("raw"), ["doc_id"], [doc_id])
    return _told(project, rows, f"no document {doc_id!r} in the lake")


def of_url(project: Project, url: str) -> Story:
    """The story of the newest document fetched from a URL; the others are named under `also`. Raises NotFound."""
    rows = _rows(project, project.lake.files("raw"), ["url"], [url])
    return _told(project, rows, f"no document {url!r} in the lake, neither by doc_id nor by URL")


def of_token(project: Project, place: str) -> Story:
    """The story of the document that a token comes from, by RECIPE:SHARD:POSITION. Raises NotFound."""
    recipe, shard, position = _place(project, place)
    files = [f for f in project.lake.files("tokenized", {"recipe": recipe}) if f.shard == shard]
    query = """
        select * from $files where first_token <= $position order by first_token desc limit 1
    """
    rows = _query(project, files, query, {"position": position})
    if not rows or position >= rows[0]["first_token"] + len(rows[0]["tokens"]):
        raise NotFound(f"no token {position} in shard {shard!r} of recipe {recipe!r}")
    story = of_document(project, rows[0]["doc_id"])
    story["token"] = {
        "recipe": recipe,
        "shard": shard,
        "position": position,
        **_token(project, recipe, rows[0], position),
    }
    return story


def record(project: Project, doc_id: str) -> Record:
    """The WARC record of a document, read from the crawl. Its body() is what WARC-Payload-Digest is over."""
    rows = _rows(project, project.lake.files("raw"), ["doc_id"], [doc_id])
    if not rows:
        raise NotFound(f"no document {doc_id!r} in the lake")
    warc = _warc(project, rows[0])
    with project.source.open(warc["path"]) as stream:
        found = read_at(stream, warc["offset"], name=warc["file"])
    if rows[0]["payload_digest_ok"] and not digest_holds(rows[0]["payload_digest"], found.body()):
        raise BrokenLake(f"{warc['file']} at {warc['offset']} is not what was crawled: its payload has another digest")
    return found


def text(project: Project, recipe: str, doc_id: str) -> str:
    """The text of a document as a recipe kept it. Raises NotFound."""
    rows = _rows(project, project.lake.files("filtered", {"recipe": recipe}), ["doc_id"], [doc_id])
    kept = [row["text"] for row in rows if row["text"] is not None]
    if not kept:
        raise NotFound(f"recipe {recipe!r} kept no text of document {doc_id!r}")
    found: str = kept[0]
    return found


def _told(project: Project, rows: list[dict[str, Any]], otherwise: str) -> Story:
    if not rows:
        raise NotFound(otherwise)
    order = {crawl: place for place, crawl in enumerate(project.started_in_lake)}
    *others, row = sorted(rows, key=lambda r: (order.get(r["crawl"], -1), r["doc_id"]))
    story: Story = {"doc_id": row["doc_id"], "url": row["url"], "crawl": row["crawl"]}
    story["warc"] = {name: value for name, value in _warc(project, row).items() if name != "path"}
    story["stages"] = _stages(project, row)
    if others:
        story["also"] = [{"doc_id": other["doc_id"], "crawl": other["crawl"]} for other in others]
    return story


def _warc(project: Project, row: Mapping[str, Any]) -> dict[str, Any]:
    files = project.lake.files("sources", {"crawl": row["crawl"]})
    found = _query(project, files, "select path from $files where shard = $shard", {"shard": row["shard"]})
    path = found[0]["path"]
    return {"file": path.rsplit("/", 1)[-1], "offset": row["offset"], "length": row["length"], "path": path}


def _stages(project: Project, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    stages = []
    for name, told in TOLD.items():
        for file in _near(project, name, row["crawl"], row["shard"]):
            if name == "proxy_model":
                continue
            for found in _rows(project, [file], ["doc_id"], [row["doc_id"]]):
                stages.append(_stage(project, name, file, found, told))
    seen = {stage["recipe"] for stage in stages if stage["table"] == "tokenized"}
    for file in (f for f in project.lake.files("proxy_model") if f.partition["recipe"] in seen):
        stages += [_stage(project, "proxy_model", file, found, TOLD["proxy_model"]) for found in _rows(project, [file])]
    return stages


def _near(project: Project, name: str, crawl: str, shard: str) -> list[DataFile]:
    """The files that can hold a document of one crawl and shard."""
    files = project.lake.files(name)
    if "crawl" in TABLES[name].partitions:
        return [f for f in files if f.partition["crawl"] == crawl and f.shard == shard]
    if name == "mixed":
        return [f for f in files if f.shard == f"{crawl}~{shard}"]
    return files


def _stage(project: Project, name: str, file: DataFile, row: Mapping[str, Any], told: Sequence[str]) -> dict[str, Any]:
    commit = project.lake.published(name, file.partition)
    facts = {column: row[column] for column in (*VERDICT, *told) if column in row}
    if name == "tokenized":
        facts["tokens"] = len(row["tokens"])
    return {"table": name, "version": None if commit is None else commit.version, **facts}


def _place(project: Project, place: str) -> tuple[str, str, int]:
    parts = place.rsplit(":", 2)
    if len(parts) != 3 or not parts[2].isdecimal():
        raise UserError(f"token {place!r} is not RECIPE:SHARD:POSITION, for example tiny:00000:1234")
    recipe, shard, position = parts
    known = {p["recipe"] for p in project.lake.partitions("tokenized")}
    if recipe not in known:
        raise NotFound(f"recipe {recipe!r} has no tokens in the lake; have: {', '.join(sorted(known)) or 'none'}")
    return recipe, shard, int(position)


def _token(project: Project, recipe: str, row: Mapping[str, Any], position: int) -> dict[str, Any]:
    from headwater.model import tokenizer as bpe

    commit = project.lake.published("tokenized", {"recipe": recipe})
    assert commit is not None
    assert commit.provenance is not None
    name = commit.provenance.details["tokenizer"]
    if not project.lake.storage.exists(name):
        raise BrokenLake(f"tokenizer {name} of recipe {recipe} is not in the lake; run headwater verify")
    tokenizer = bpe.load(project.lake.storage.read(name).decode())
    index = position - row["first_token"]
    token = row["tokens"][index]
    start, end = bpe.token_span(tokenizer, row["tokens"], index)
    written = bpe.token_bytes(tokenizer, token)
    shown = written.decode("utf-8", errors="replace") if written else bpe.END_OF_TEXT
    return {"text": shown, "id": token, "copy": row["copy"], "start_byte": start, "end_byte": end}


def _rows(
    project: Project, files: Sequence[DataFile], columns: Sequence[str] = (), values: Sequence[str] = ()
) -> list[dict[str, Any]]:
    where = " and ".join(f'"{column}" = ${column}' for column in columns) or "true"
    query = f"select * from $files where {where}"
    return _query(project, files, query, dict(zip(columns, values, strict=True)))


def _query(project: Project, files: Sequence[DataFile], query: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not files:
        return []
    storage = project.lake.storage
    with connect(storage) as connection:
        relation = parquet(uris(storage, [file.name for file in files]))
        answer = fetch(connection, query.replace("$files", relation), values)
    found: list[dict[str, Any]] = answer.to_pylist()
    return found
