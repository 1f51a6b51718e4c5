"""Every table of the lake, on one screen: schema, partitions, and the columns that Delta may keep statistics on.

Text columns are never in the statistics, so that a removed text leaves no copy in the log (design, section 4).
"""

from dataclasses import dataclass, field

import pyarrow as pa

from headwater import registry
from headwater.errors import UnknownName

S, I32, I64, F64, B = pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.bool_()
TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Table:
    """One table: `columns` are in the files, `partitions` are in the paths; `key` orders and identifies its rows.

    Of a table that `grows`, files of an older version, or from before a step was added to its shelf, lack columns.
    """

    name: str
    partitions: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[tuple[str, pa.DataType], ...]
    statistics: tuple[str, ...] = field(default=("doc_id", "shard"))
    grows: bool = False

    @property
    def file_schema(self) -> pa.Schema:
        """Arrow schema of the data files (partition columns live in the path)."""
        return pa.schema([pa.field(name, kind) for name, kind in self.columns])

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the table: partition columns first."""
        return pa.schema([pa.field(p, S) for p in self.partitions] + list(self.file_schema))

    @property
    def outcomes(self) -> bool:
        """Whether its rows carry an outcome."""
        return any(name == "outcome" for name, _ in self.columns)


DOCUMENT = (("doc_id", S), ("shard", S))
VERDICT = (("outcome", S), ("rule", S), ("value", F64), ("threshold", F64))

# A stretch that an editor replaced: the editor's place in the recipe's list, where the stretch was, in characters of
# the text as the editor found it, and how many characters came in its stead.
EDIT = pa.struct([("step", I64), ("rule", S), ("start", I64), ("stop", I64), ("put", I64)])
# Units of a text that earlier documents have, from one to another, both included: places among the text's paragraphs,
# lines or words, as the method counts them.
RUN = pa.struct([("first", I64), ("last", I64)])
# What became of the text of one extractor, where a recipe uses several.
ALTERNATIVE = pa.struct([("extractor", S), ("chars", I64), *VERDICT])

# What the signals shelf measures; a file added there is a column here.
SIGNALS = tuple(column for name in registry.names("signals") for column in registry.module("signals", name).COLUMNS)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        Table("sources", ("crawl",), ("shard",), (
            ("shard", S), ("path", S), ("bytes", I64), ("sha256", S), ("records", I64), ("responses", I64),
            ("requests", I64), ("resources", I64), ("conversions", I64), ("revisits", I64), ("metadata", I64),
            ("other", I64), ("documents", I64), ("state", S), ("state_offset", I64), ("state_detail", S),
            ("crawl_started", S),
        ), ("shard",)),
        Table("raw", ("crawl",), ("shard", "offset"), (
            *DOCUMENT, ("offset", I64), ("length", I64), ("record_id", S), ("record_type", S), ("url", S), ("host", S),
            ("domain", S), ("fetched_at", TIME), ("http_status", I32), ("media_type", S), ("charset", S),
            ("payload_bytes", I64), ("payload_digest", S), ("payload_digest_ok", B), ("consent", S), *VERDICT,
            ("detail", S),
        ), ("doc_id", "shard", "domain", "outcome")),
        Table("document_index", ("crawl", "kind"), ("key", "doc_id", "shard"), (
            ("key", S), ("doc_id", S), ("shard", S),
        ), ("key", "doc_id")),
        Table("robots", ("crawl",), ("host", "kind", "shard", "offset"), (
            ("host", S), ("kind", S), ("url", S), ("fetched_at", TIME), ("http_status", I32), ("shard", S),
            ("offset", I64), ("digest", S), ("state", S), ("body", S),
        ), ("host", "kind", "state")),
        Table("consent", ("crawl", "as_of"), ("shard", "doc_id"), (
            *DOCUMENT, ("host", S), ("observed_at", TIME), ("robots_state", S), ("denied_agents", S), ("signals", S),
        ), ("doc_id", "shard", "host", "robots_state")),
        Table("extracted", ("crawl", "extractor"), ("shard", "doc_id"), (
            *DOCUMENT, ("url", S), ("domain", S), ("title", S), ("text", S), ("chars", I64), ("charset", S),
            ("language", S), ("language_score", F64), ("second_language", S), ("language_agrees", B),
            ("licence_evidence", S), *VERDICT, ("detail", S),
        ), ("doc_id", "shard", "language", "outcome")),
        Table("signals", ("crawl", "extractor"), ("shard", "doc_id"), (
            *DOCUMENT, ("outcome", S), ("rule", S), ("detail", S), ("language", S), ("language_score", F64),
            ("chars", I64), *((name, F64) for name in SIGNALS),
        ), ("doc_id", "shard", "outcome"), grows=True),
        Table("filtered", ("recipe", "crawl"), ("shard", "doc_id"), (
            *DOCUMENT, ("extractor", S), ("url", S), ("domain", S), ("language", S), ("chars", I64), *VERDICT,
            ("detail", S), ("edits", pa.list_(EDIT)), ("alternatives", pa.list_(ALTERNATIVE)), ("text", S),
        ), ("doc_id", "shard", "outcome", "rule")),
        Table("deduped", ("recipe", "crawl"), ("shard", "doc_id"), (
            *DOCUMENT, *VERDICT, ("cluster", S), ("representative", S), ("similarity", F64), ("method", S),
            ("edits", pa.list_(EDIT)),
        ), ("doc_id", "shard", "outcome"), grows=True),
        Table("mixed", ("recipe",), ("shard", "doc_id"), (
            *DOCUMENT, ("crawl", S), ("group", S), ("licence_class", S), ("licence", S), ("obligations", S),
            ("evidence", S), ("cluster_size", I64), ("tokens_estimate", I64), ("weight", F64), ("copies", I32),
            ("order_key", I64), *VERDICT,
        ), ("doc_id", "shard", "crawl", "outcome"), grows=True),
        Table("tokenized", ("recipe",), ("shard", "position"), (
            ("shard", S), ("position", I64), ("crawl", S), ("doc_id", S), ("copy", I32), ("first_token", I64),
            ("tokens", pa.list_(I32)),
        ), ("shard", "position", "crawl", "doc_id", "first_token")),
        Table("proxy_model", ("recipe",), ("model",), (
            ("model", S), ("config", S), ("seed", I64), ("tokens_seen", I64), ("steps", I64), ("parameters", I64),
            ("tokenized_version", I64), ("tokenizer_digest", S), ("checkpoint", S), ("checkpoint_digest", S),
            ("device", S), ("loss", F64), ("loss_steps", pa.list_(I64)), ("loss_curve", pa.list_(F64)),
        ), ("model",)),
        Table("eval_scores", ("recipe",), ("model", "task", "metric"), (
            ("model", S), ("task", S), ("metric", S), ("score", F64), ("standard_error", F64), ("n", I64),
            ("shots", I32), ("scorer_version", I32),
        ), ("model", "task", "metric")),
        Table("duplicate_pairs", ("recipe", "crawl"), ("doc_id", "other"), (
            *DOCUMENT, ("other", S), ("other_crawl", S), ("other_shard", S), ("method", S), ("similarity", F64),
            ("threshold", F64), ("accepted", B), ("round", I32), ("chosen", B),
        ), ("doc_id", "other", "accepted"), grows=True),
        Table("minhash_index", ("recipe", "crawl"), ("method", "band", "bucket", "doc_id"), (
            *DOCUMENT, ("method", S), ("band", I32), ("bucket", I64), ("split", I32), ("rank", I64),
        ), ("method", "band", "bucket"), grows=True),
        Table("repeated_spans", ("recipe", "crawl"), ("shard", "step", "doc_id"), (
            *DOCUMENT, ("step", I64), ("method", S), ("dropped", B), ("value", F64), ("threshold", F64),
            ("edits", pa.list_(EDIT)), ("units", pa.list_(RUN)),
        ), ("doc_id", "shard", "step", "dropped")),
        Table("span_index", ("recipe", "crawl"), ("step", "key", "doc_id"), (
            ("step", I64), ("method", S), ("key", I64), ("doc_id", S), ("shard", S), ("bits", pa.binary()),
        ), ("step", "key")),
        Table("releases", ("release",), ("table", "place"), (
            ("recipe", S), ("table", S), ("place", S), ("version", I64), ("key", S), ("digest", S), ("rows", I64),
            ("files", S), ("amended_by", S),
        ), ("recipe", "table")),
        Table("takedowns", ("takedown",), ("kind", "value"), (
            ("kind", S), ("value", S), ("crawl", S), ("shard", S), ("doc_id", S), ("tokens", I64), ("detail", S),
        ), ("kind", "doc_id")),
        Table("audit_log", (), ("entry",), (
            ("entry", I64), ("time", TIME), ("event", S), ("table", S), ("version", I64), ("record", S),
            ("heads", S), ("previous", S), ("hash", S),
        ), ("entry", "event")),
    )
}  # fmt: skip


def table(name: str) -> Table:
    """The table called `name`. Raises UnknownName with the known ones."""
    if name not in TABLES:
        raise UnknownName.among("table", name, TABLES)
    return TABLES[name]
