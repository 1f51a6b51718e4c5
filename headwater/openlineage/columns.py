"""Which columns each column of a table comes from, declared: OpenLineage's column lineage of every stage.

A new column of a table is named here too; a test holds this list against the schemas. The words are those of the facet
ColumnLineageDatasetFacet 1-2-0: DIRECT means that the value is made of that column, INDIRECT that it decided it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from headwater.lake.tables import SIGNALS

DIRECT, INDIRECT = "DIRECT", "INDIRECT"
VERDICT = "outcome rule value threshold"


@dataclass(frozen=True)
class Source:
    """One column of an input. An input from outside the lake is named by `~` and the first word of its name.

    `editable`: the editors of a recipe change this text on its way, and may mask it.
    """

    table: str
    column: str
    type: str = DIRECT
    subtype: str = "IDENTITY"
    said: str = ""
    editable: bool = False


Columns = Mapping[str, tuple[Source, ...]]


@dataclass(frozen=True)
class Declared:
    """The columns of one table, and the columns that decided which rows it has.

    A column that no input column decides, such as the name of the recipe, has no source.
    """

    columns: Columns
    rows: tuple[Source, ...] = ()


def _sources(names: str, type: str, subtype: str, said: str = "") -> tuple[Source, ...]:
    found = (name.rsplit(".", 1) for name in names.split())
    return tuple(Source(table, column, type, subtype, said) for table, column in found)


def _copied(table: str, names: str) -> dict[str, tuple[Source, ...]]:
    """Columns that are the input's column of the same name, unchanged."""
    return {name: (Source(table, name),) for name in names.split()}


def _made(names: str, of: str, said: str = "", subtype: str = "TRANSFORMATION") -> dict[str, tuple[Source, ...]]:
    """Columns computed from the values of others."""
    return dict.fromkeys(names.split(), _sources(of, DIRECT, subtype, said))


def _decided(names: str, by: str, said: str = "") -> dict[str, tuple[Source, ...]]:
    """Columns whose value others decide, without being part of it."""
    return dict.fromkeys(names.split(), _sources(by, INDIRECT, "CONDITIONAL", said))


def _given(names: str) -> dict[str, tuple[Source, ...]]:
    """Columns that the recipe or the request gives, not the data."""
    return dict.fromkeys(names.split(), ())


def _rows(filter: str = "", join: str = "", sort: str = "") -> tuple[Source, ...]:
    by = (("FILTER", filter), ("JOIN", join), ("SORT", sort))
    return tuple(source for subtype, names in by for source in _sources(names, INDIRECT, subtype))


def _all(*parts: Columns) -> Columns:
    found: dict[str, tuple[Source, ...]] = {}
    for part in parts:
        for name, sources in part.items():
            found[name] = (*found.get(name, ()), *sources)
    return found


_POINTER = "raw.shard raw.offset raw.length"
_MEASURED = " ".join(f"signals.{name}" for name in (*SIGNALS, "chars", "language", "language_score"))
_IN_WARC, _IN_RECORD = "read from the WARC file of that path", "read from the WARC record at that offset"
_LICENCE = "licence_class licence obligations evidence"
_EVIDENCE = "extracted.licence_evidence raw.consent consent.denied_agents consent.signals"

DECLARED: Mapping[str, Declared] = {
    # A release names versions of tables, not values of their columns; a takedown holds what was asked, and ids.
    "releases": Declared(_given("release recipe table place version key digest rows files amended_by")),
    "takedowns": Declared(
        _all(_given("takedown"), _made("kind value crawl shard doc_id tokens detail", "~request.content"))
    ),
    "sources": Declared(
        _all(
            _given("crawl"),
            _made("shard path crawl_started", "~crawl-data.path"),
            _made("bytes sha256 state state_offset state_detail", "~crawl-data.content"),
            _made(
                "records responses requests resources conversions revisits metadata other documents",
                "~crawl-data.content",
                subtype="AGGREGATION",
            ),
        )
    ),
    "raw": Declared(
        _all(
            _copied("sources", "crawl shard"),
            _made(
                "doc_id offset length record_id record_type url host domain fetched_at http_status media_type charset "
                f"payload_bytes payload_digest payload_digest_ok consent detail {VERDICT}",
                "sources.path",
                _IN_WARC,
            ),
        )
    ),
    "document_index": Declared(
        _all(
            _copied("raw", "crawl doc_id shard"),
            _given("kind"),
            _made("key", "raw.doc_id raw.url raw.host raw.domain"),
        )
    ),
    "robots": Declared(
        _all(
            _given("crawl"),
            _made(
                "host kind url fetched_at http_status shard offset digest state body",
                "~robots.content ~files.content raw.url raw.offset",
                "read from the archives of robots.txt, from a set given by hand, and from ordinary records",
            ),
        )
    ),
    "consent": Declared(
        _all(
            _copied("raw", "crawl doc_id shard host"),
            _given("as_of"),
            _made("observed_at", "raw.fetched_at robots.fetched_at"),
            _made("robots_state", "robots.state"),
            _made("denied_agents", "robots.body raw.url"),
            _made("signals", "raw.consent robots.body"),
        ),
        _rows(filter="raw.outcome", join="raw.host robots.host"),
    ),
    "extracted": Declared(
        _all(
            _copied("raw", "crawl doc_id shard url domain"),
            _given("extractor"),
            _made("title text chars language language_score second_language language_agrees", _POINTER, _IN_RECORD),
            _made("charset", f"raw.charset {_POINTER}", _IN_RECORD),
            _made("licence_evidence", f"raw.consent {_POINTER}", _IN_RECORD),
            _made(f"{VERDICT} detail", _POINTER, _IN_RECORD),
            _decided("outcome rule", "raw.outcome raw.rule"),
        ),
        _rows(filter="raw.outcome"),
    ),
    "signals": Declared(
        _all(
            _copied("extracted", "crawl extractor doc_id shard outcome rule detail language language_score chars"),
            _made(" ".join(SIGNALS), "extracted.text extracted.url extracted.language"),
            _decided("outcome rule detail", "extracted.text"),
        )
    ),
    "filtered": Declared(
        _all(
            _given("recipe"),
            _copied("extracted", "crawl extractor doc_id shard url domain language"),
            _copied("extracted", f"{VERDICT} detail"),
            _made("chars edits", "extracted.text"),
            _decided("alternatives", f"{_MEASURED} extracted.outcome", "what became of each extractor's text"),
            _decided(VERDICT, _MEASURED, "the first rule of the recipe's filters that is broken"),
            {"text": (Source("extracted", "text", editable=True),)},
        ),
        _rows(join="extracted.doc_id signals.doc_id"),
    ),
    "minhash_index": Declared(
        _all(
            _copied("filtered", "recipe crawl doc_id shard"),
            _given("method"),
            _made("band bucket split", "filtered.text filtered.url"),
            _made("rank", "raw.fetched_at"),
            _decided("rank", "filtered.doc_id", "whose time it is"),
        ),
        _rows(filter="filtered.outcome"),
    ),
    "duplicate_pairs": Declared(
        _all(
            _copied("filtered", "recipe crawl"),
            _copied("minhash_index", "doc_id shard method"),
            _made("other", "minhash_index.doc_id duplicate_pairs.other"),
            _made("other_crawl", "minhash_index.crawl duplicate_pairs.other_crawl"),
            _made("other_shard", "minhash_index.shard duplicate_pairs.other_shard"),
            _made("similarity", "filtered.text"),
            _given("threshold"),
            _decided("accepted", "filtered.text", "the similarity reaches the threshold"),
            _decided("round", "minhash_index.bucket duplicate_pairs.other"),
            _decided("chosen", "filtered.text duplicate_pairs.chosen", "the pair that makes the document a duplicate"),
        ),
        _rows(filter="duplicate_pairs.method", join="minhash_index.band minhash_index.bucket"),
    ),
    "repeated_spans": Declared(
        _all(
            _copied("filtered", "recipe crawl doc_id shard"),
            _given("step method threshold"),
            _made("edits units", "filtered.text"),
            _decided("edits units", "span_index.key span_index.bits", "an earlier crawl has it"),
            _made("value", "filtered.text", subtype="AGGREGATION"),
            _decided("dropped", "filtered.text span_index.key span_index.bits", "too much of it came earlier"),
        ),
        _rows(filter="filtered.outcome duplicate_pairs.accepted", join="span_index.key"),
    ),
    "span_index": Declared(
        _all(
            _copied("filtered", "recipe crawl doc_id shard"),
            _given("step method"),
            _made("key bits", "filtered.text"),
        ),
        _rows(filter="filtered.outcome duplicate_pairs.accepted repeated_spans.units"),
    ),
    "deduped": Declared(
        _all(
            _copied("filtered", "recipe crawl doc_id shard"),
            _decided(
                f"{VERDICT} method",
                "duplicate_pairs.chosen duplicate_pairs.method repeated_spans.dropped repeated_spans.method",
            ),
            _decided("outcome", "filtered.outcome"),
            _made("value similarity", "duplicate_pairs.similarity repeated_spans.value", subtype="IDENTITY"),
            _made("threshold", "duplicate_pairs.threshold repeated_spans.threshold", subtype="IDENTITY"),
            _made("cluster representative", "duplicate_pairs.doc_id duplicate_pairs.other filtered.doc_id"),
            _copied("repeated_spans", "edits"),
        ),
        _rows(filter="filtered.outcome"),
    ),
    "mixed": Declared(
        _all(
            _copied("deduped", "recipe crawl doc_id shard"),
            _made("group", "filtered.language filtered.domain deduped.crawl"),
            _made(_LICENCE, _EVIDENCE),
            _made("tokens_estimate", "filtered.text deduped.edits"),
            _made("weight copies", "filtered.text deduped.edits", subtype="AGGREGATION"),
            _made("cluster_size", "deduped.representative deduped.doc_id", subtype="AGGREGATION"),
            _made("order_key", "deduped.doc_id"),
            _decided(VERDICT, "deduped.outcome deduped.doc_id filtered.text filtered.language filtered.domain"),
            _decided(VERDICT, _EVIDENCE),
        ),
        _rows(filter="deduped.outcome", join="deduped.doc_id filtered.doc_id"),
    ),
    "tokenized": Declared(
        _all(
            _copied("mixed", "recipe crawl doc_id"),
            _made("shard position", "mixed.order_key"),
            _made("copy", "mixed.copies"),
            _made("first_token", "filtered.text deduped.edits", subtype="AGGREGATION"),
            _made("tokens", "filtered.text deduped.edits"),
        ),
        _rows(filter="mixed.outcome", join="mixed.doc_id filtered.doc_id", sort="mixed.order_key"),
    ),
    "proxy_model": Declared(
        _all(
            _copied("tokenized", "recipe"),
            _given("config seed steps device"),
            _made("model checkpoint checkpoint_digest", "tokenized.tokens"),
            _made("parameters tokenizer_digest", "tokenized.tokens", "the vocabulary of the stream's tokenizer"),
            _made("tokens_seen tokenized_version", "tokenized.tokens", subtype="AGGREGATION"),
            _made("loss loss_steps loss_curve", "tokenized.tokens", subtype="AGGREGATION"),
        ),
        _rows(sort="tokenized.position"),
    ),
    "eval_scores": Declared(
        _all(
            _copied("proxy_model", "recipe model"),
            _given("task metric shots scorer_version"),
            _made(
                "score standard_error n",
                "proxy_model.checkpoint filtered.text deduped.edits ~evals.content",
                subtype="AGGREGATION",
            ),
        ),
        _rows(filter="mixed.rule", join="mixed.doc_id filtered.doc_id", sort="mixed.order_key"),
    ),
}
