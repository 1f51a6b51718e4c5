"""`extracted`: text, title and language of every HTML document, one row each, by one extractor.

A page that cannot be read is a quarantined row with its reason; a page that hangs or kills the parser costs one worker.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from headwater import decoding, language, registry, trial
from headwater.configuration import Step
from headwater.engine import Guard, Task
from headwater.errors import MissingInput, UserError
from headwater.lake import tombstones
from headwater.lake.audit import Conservation
from headwater.lake.files import read_batches
from headwater.lake.lineage import Input, Partition, canonical
from headwater.lake.tables import table
from headwater.language import second
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.rights import licences
from headwater.warc import wet
from headwater.warc.limits import Limits
from headwater.warc.local import local_copy
from headwater.warc.reader import Reader
from headwater.warc.record import Record
from headwater.warc.wet import Conversions

VERSION = 2
BATCH = 256
BATCH_CHARS = 16_000_000
Row = dict[str, Any]


def extracted(project: Project, partition: Partition) -> Plan:
    """Plan for one crawl and extractor: one output file per WARC file."""
    extractor, settings = project.extractor(partition["extractor"]), project.settings
    name, options = extractor.name, dict(extractor.options)
    raw = project.lake.input("raw", {"crawl": partition["crawl"]})
    # The files that `raw` is an index of, also where the crawl has been looked at again since.
    source = project.lake.made_from(raw, "sources")
    files = {f.shard: f.name for f in project.lake.read(raw)}
    batches = (b for f in project.lake.read(source) for b in read_batches(project.lake.storage, f.name))
    rows = [row for batch in batches for row in batch.to_pylist()]
    removed = tombstones.names(project.lake)
    model = str(settings.language_model_path) if settings.language_model.identify else None
    return Plan(
        table="extracted",
        partition=partition,
        inputs=(raw, *_other_files(extractor, project, partition["crawl"], [row["path"] for row in rows])),
        steps={
            "stages/extracted": VERSION,
            f"extractors/{name}": registry.version("extractors", name),
            "rights/licences": licences.VERSION,
        },
        options={
            "extractor": options,
            "max_page_bytes": settings.max_page_bytes,
            "page_timeout_s": settings.page_timeout_s,
            "language_model": settings.language_model_digest,
            "second_language_model": second.release(settings.language_model.second),
        },
        shards={
            row["shard"]: {
                "path": row["path"],
                "root": project.source,
                "raw": files[row["shard"]],
                "extractor": (name, options),
                "limits": (settings.max_page_bytes, settings.page_timeout_s),
                "model": model,
                "second": settings.language_model.second,
                "tombstones": removed,
            }
            for row in rows
        },
        work=work,
        owed=Conservation(tuple(sorted(files.values())), where="outcome in ('kept', 'removed')"),
        prepare=lambda draft, engine: _tried(extractor, project, [row["path"] for row in rows]),
    )


def _other_files(extractor: Step, project: Project, crawl: str, paths: list[str]) -> tuple[Input, ...]:
    """What an extractor reads besides the WARC files: WET files by path, and by size where a look costs nothing.

    One that is not there is in the digest as that: it is an error when work begins, and not when somebody asks what is
    stale.
    """
    if trial.source(extractor.name) != "wet":
        return ()
    sized = "://" not in project.source.root
    files = [(wet.path_of(path), _size(project, wet.path_of(path)) if sized else None) for path in sorted(paths)]
    return (Input(f"wet of {crawl}", {}, None, hashlib.sha256(canonical(files).encode()).hexdigest()),)


def _size(project: Project, path: str) -> int | None:
    try:
        return project.source.size(path)
    except MissingInput:
        return None


def _tried(extractor: Step, project: Project, paths: list[str]) -> Mapping[str, Any]:
    """Nothing to add to the work: only the error that each page or file would end with."""
    trial.extractor(extractor)
    trial.files(extractor, project.source, paths)
    return {}


def work(task: Task, guard: Guard) -> None:
    """Extract the documents of one WARC file, in file order."""
    arguments = task.arguments
    wanted, removed = _documents(task)
    licences.prepare()
    # What an extractor does once in a process is no page's time.
    name, options = arguments["extractor"]
    trial.extractor(Step(name, options))
    with (
        local_copy(arguments["root"], arguments["path"]) as file,
        file.open("rb") as stream,
        _conversions(arguments) as conversions,
        arguments["draft"].writer(task.shard) as writer,
    ):
        waiting: list[Row] = []
        chars = 0
        for record in _reader(stream, file.name, wanted, arguments):
            while removed and removed[-1]["offset"] < record.offset:
                waiting.append(_removed(removed.pop()))
            waiting.append(_row(task, guard, wanted.pop(record.offset), record, conversions))
            chars += waiting[-1].get("chars") or 0
            if len(waiting) >= BATCH or chars >= BATCH_CHARS:
                writer.write(_finished(waiting, arguments))
                waiting, chars = [], 0
        waiting += [_quarantined(document, "lost_record") for document in wanted.values()]
        waiting += [_removed(document) for document in reversed(removed)]
        writer.write(_finished(waiting, arguments))


def _documents(task: Task) -> tuple[dict[int, Row], list[Row]]:
    """The documents of `raw` by offset, and those that a takedown removed, the last in the file first."""
    columns = ["doc_id", "shard", "offset", "url", "domain", "charset", "record_id", "outcome", "rule"]
    batches = read_batches(task.arguments["draft"].storage, task.arguments["raw"], columns)
    rows = [row for batch in batches for row in batch.to_pylist()]
    removed = sorted((r for r in rows if r["outcome"] == "removed"), key=lambda r: r["offset"], reverse=True)
    return {row["offset"]: row for row in rows if row["outcome"] == "kept"}, removed


def _reader(stream: BinaryIO, name: str, wanted: Mapping[int, Row], arguments: Mapping[str, Any]) -> Reader:
    max_bytes, _ = arguments["limits"]
    return Reader(stream, name=name, only=frozenset(wanted), limits=Limits(max_payload_bytes=max_bytes))


@contextmanager
def _conversions(arguments: Mapping[str, Any]) -> Iterator[Conversions | None]:
    """The texts of the WET file for an extractor that is given those."""
    if trial.source(arguments["extractor"][0]) != "wet":
        yield None
        return
    limits = Limits(max_payload_bytes=arguments["limits"][0])
    with local_copy(arguments["root"], wet.path_of(arguments["path"])) as file, file.open("rb") as stream:
        found = Conversions(stream, name=file.name, limits=limits)
    with found:
        yield found


def _row(task: Task, guard: Guard, document: Row, record: Record, conversions: Conversions | None) -> Row:
    if record.offset in task.poison:
        return _quarantined(document, task.poison[record.offset].why)
    max_bytes, timeout_s = task.arguments["limits"]
    guard.start(record.offset, timeout_s)
    try:
        found = _extract(document, record, max_bytes, conversions, *task.arguments["extractor"])
    finally:
        guard.stop()
    known = tombstones.load(task.arguments["draft"].storage, task.arguments["tombstones"])
    takedown = known.of_text(found["text"]) if known and found.get("text") else None
    return found if takedown is None else _removed({**document, "rule": tombstones.rule(takedown)})


def _extract(
    document: Row,
    record: Record,
    max_bytes: int,
    conversions: Conversions | None,
    name: str,
    options: Mapping[str, Any],
) -> Row:
    data = record.payload()
    if record.problem is not None:
        return _quarantined(document, record.problem, len(data), max_bytes, record.detail)
    if len(data) > max_bytes:
        return _quarantined(document, "page_too_large", len(data), max_bytes)
    if not data.strip():
        return _quarantined(document, "empty_page", 0.0)
    page = decoding.decode(data, document["charset"])
    if page.replaced > decoding.MAX_REPLACED:
        return _quarantined(document, "undecodable", page.replaced, decoding.MAX_REPLACED, page.charset)
    given = page.text if conversions is None else _converted(document, conversions)
    if not isinstance(given, str):
        return given
    try:
        found = registry.step("extractors", name)(given, url=document["url"] or "", **options)
    except (MemoryError, UserError, KeyboardInterrupt):
        # Not of this page: the machine is too small, or an option or a file is wrong.
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a parser raises on hostile markup costs that page alone
        return _quarantined(document, f"extractors.{name}", detail=type(error).__name__)
    if found is None:
        return {**_quarantined(document, "empty_text", 0.0), "charset": page.charset}
    utf8 = data if page.charset == "utf-8" and page.replaced == 0 else None
    return {
        **_base(document),
        "title": found.title,
        "text": found.text,
        "chars": len(found.text),
        "charset": page.charset,
        "licence_evidence": licences.as_json(licences.find(utf8 or page.text, document["url"] or "")),
        "outcome": "kept",
    }


def _converted(document: Row, conversions: Conversions) -> str | Row:
    """The document's text in the WET file, or the row that says why there is none."""
    conversion = conversions.of(document["record_id"], document["url"])
    if conversion is None:
        return _quarantined(document, "no_conversion")
    if conversion.problem is not None:
        return _quarantined(document, conversion.problem, detail=f"conversion: {conversion.detail}")
    return decoding.decode(conversion.data, "utf-8").text


def _base(document: Row) -> Row:
    return {name: document[name] for name in ("doc_id", "shard", "url", "domain")}


def _removed(document: Row) -> Row:
    return {**_base(document), "outcome": "removed", "rule": document["rule"]}


def _quarantined(
    document: Row, rule: str, value: float | None = None, threshold: float | None = None, detail: str | None = None
) -> Row:
    verdict = {"outcome": "quarantined", "rule": rule, "value": value, "threshold": threshold, "detail": detail}
    return {**_base(document), **verdict}


def _finished(rows: list[Row], arguments: Mapping[str, Any]) -> pa.Table:
    model = arguments["model"]
    kept = [row for row in rows if row["outcome"] == "kept" and model is not None]
    texts = [row["text"] for row in kept]
    for row, label, score in zip(kept, *language.identify(texts, Path(model or "")), strict=True):
        row["language"], row["language_score"] = label, score
    if arguments["second"] is not None:
        for row, label in zip(kept, second.identify(texts), strict=True):
            row["second_language"], row["language_agrees"] = label, second.agrees(row["language"], label)
    return pa.Table.from_pylist(rows, schema=table("extracted").file_schema)
