"""What the UI says of a materialization: version, rows by outcome, inputs, a preview, and the loss curve of a model."""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa

from headwater import drawing, graph
from headwater.lake import audit
from headwater.lake.files import read_batches
from headwater.lake.lineage import Partition
from headwater.lake.tables import table
from headwater.pipeline import Outcome
from headwater.project import Project
from orchestration import markdown

PREVIEW_ROWS = 8
# A table with more crawls than this is one box of the picture.
DRAWN_CRAWLS = 3
CURRENT = "already current"
# Columns in a page's own words. Dagster keeps what it was shown, and no takedown reaches its events.
WORDS = frozenset({"body", "consent", "evidence", "licence_evidence", "signals", "text", "title"})


_DROPS = """
    select rule, count(*) as documents, count(*) / (select count(*) from {0}) as share
    from {0} where outcome = 'dropped' group by rule order by documents desc, rule
"""
_EDITS = """
    select edit.rule, count(distinct doc_id) as documents, count(*) as edits,
           sum(edit.stop - edit.start - edit.put)::bigint as characters
    from (select doc_id, unnest(edits) as edit from {0}) group by edit.rule order by documents desc, edit.rule
"""


def data_version(outcomes: Sequence[Outcome]) -> dg.DataVersion:
    """The digest of the rows: equal for equal rows, whoever made them and when."""
    digests = [outcome.provenance.digest for outcome in outcomes]
    return dg.DataVersion(digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest())


def metadata(project: Project, outcomes: Sequence[Outcome], sample: pa.Table | None) -> dict[str, Any]:
    """The facts of one table's partition; several outcomes are its extractors."""
    first = outcomes[0]
    rows = sum(outcome.provenance.rows for outcome in outcomes)
    live = project.lake.files(first.table, version=max(outcome.version for outcome in outcomes))
    return {
        "state": "written" if any(outcome.written for outcome in outcomes) else CURRENT,
        "dagster/partition_row_count": rows,
        "dagster/row_count": sum(file.rows for file in live),
        "delta_version": max(outcome.version for outcome in outcomes),
        **{f"rows_{name}": count for name, count in _outcomes(outcomes).items()},
        "row_flow": dg.MetadataValue.md(_row_flow(outcomes)),
        "inputs": dg.MetadataValue.md(_inputs(project, outcomes)),
        "lineage": dg.MetadataValue.md(_lineage(project, outcomes)),
        "preview": dg.MetadataValue.md(_preview(project, first, sample)),
        **(_loss_curve(project, first) if first.table == "proxy_model" else {}),
        **(_curated(project, first) if first.table == "filtered" else {}),
        "steps": dg.MetadataValue.json(dict(first.provenance.steps)),
        "options": dg.MetadataValue.json(dict(first.provenance.options)),
        "fingerprint": " ".join(outcome.provenance.fingerprint for outcome in outcomes),
        # The whole record, as it is in the commit, in the OpenLineage event and in the audit log.
        "provenance": dg.MetadataValue.json([json.loads(outcome.provenance.to_json()) for outcome in outcomes]),
        "code": " ".join(f"{name} {value}" for name, value in first.provenance.code.items()),
        "dagster/uri": project.lake.storage.uri(first.table),
    }


def _outcomes(outcomes: Sequence[Outcome]) -> dict[str, int]:
    total: dict[str, int] = {}
    for outcome in outcomes:
        for name, count in outcome.provenance.row_flow.get("outcomes", {}).items():
            total[name] = total.get(name, 0) + count
    return total


def _row_flow(outcomes: Sequence[Outcome]) -> str:
    """Rows by outcome; the conservation check says what came in."""
    rows = sum(outcome.provenance.rows for outcome in outcomes)
    seen = [check.observed for o in outcomes for check in o.checks if check.name == "rows_in_equal_rows_out"]
    lines = [["all", rows, ""], *([n, c, f"{c / max(1, rows):.1%}"] for n, c in _outcomes(outcomes).items())]
    note = "; ".join(markdown.escape(text) for text in seen if text)
    return markdown.table(["outcome", "rows", "share"], lines) + (f"\n\n{note}" if note else "")


def _inputs(project: Project, outcomes: Sequence[Outcome]) -> str:
    columns = ["table", "partition", "version", "rows", "kept", "digest"]
    return markdown.table(columns, [line for outcome in outcomes for line in _input_lines(project, outcome)])


def _input_lines(project: Project, outcome: Outcome) -> Iterator[list[Any]]:
    for read in outcome.provenance.inputs:
        flow: dict[str, Any] = {}
        if read.version is not None:
            commits = (c for c in project.lake.log(read.table) if c.version == read.version and c.provenance)
            flow = next((dict(c.provenance.row_flow) for c in commits if c.provenance), {})
        kept = flow.get("outcomes", {}).get("kept")
        version = "not a table" if read.version is None else read.version
        yield [read.table, _named(read.partition), version, flow.get("rows"), kept, read.digest[:16]]


def _lineage(project: Project, outcomes: Sequence[Outcome]) -> str:
    """A picture of what these versions were made from."""
    made = graph.of_commits(project.lake, [(outcome.table, outcome.version) for outcome in outcomes])
    picture = drawing.svg(graph.collapsed(made, DRAWN_CRAWLS)).encode()
    return f"![the versions this was made from](data:image/svg+xml;base64,{base64.b64encode(picture).decode()})"


def _named(partition: Partition) -> str:
    return " ".join(partition.values())


def _preview(project: Project, outcome: Outcome, sample: pa.Table | None) -> str:
    """A few rows, without the words of pages; what is left (a URL, a media type) may still be hostile."""
    if sample is None:
        files = [f.name for f in project.lake.files(outcome.table, outcome.partition, outcome.version)]
        sample = audit.sample(project.lake.storage, outcome.table, files, PREVIEW_ROWS)
    few = sample.slice(0, PREVIEW_ROWS)
    hidden = {*WORDS, *outcome.partition}
    shown = [name for name in few.column_names if name not in hidden and few[name].null_count < len(few)]
    return markdown.table(shown, ([row[name] for name in shown] for row in few.to_pylist()))


def _curated(project: Project, outcome: Outcome) -> dict[str, Any]:
    """How many documents each rule dropped, and how many each editor's rule changed, the most first."""
    files = [f.name for f in project.lake.files(outcome.table, outcome.partition, outcome.version)]
    with audit.connect(project.lake.storage) as connection:
        view = audit.scan(connection, table(outcome.table), audit.uris(project.lake.storage, files))
        dropped, edited = (
            [list(row.values()) for row in audit.fetch(connection, query.format(view)).to_pylist()]
            for query in (_DROPS, _EDITS)
        )
    drops = markdown.table(["rule", "documents", "share"], ([n, c, f"{s:.1%}"] for n, c, s in dropped))
    return {
        "drops_by_rule": dg.MetadataValue.md(drops),
        "edits_by_rule": dg.MetadataValue.md(markdown.table(["rule", "documents", "edits", "characters"], edited)),
    }


def _loss_curve(project: Project, outcome: Outcome) -> dict[str, Any]:
    from headwater.model.training import loss_plot_png

    files = project.lake.files(outcome.table, outcome.partition, outcome.version)
    columns = ["loss_steps", "loss_curve", "loss"]
    row = next(r for f in files for b in read_batches(project.lake.storage, f.name, columns) for r in b.to_pylist())
    picture = base64.b64encode(loss_plot_png(row["loss_steps"], row["loss_curve"])).decode()
    return {
        "loss": float(row["loss"]),
        "loss_curve": dg.MetadataValue.md(f"![loss by step](data:image/png;base64,{picture})"),
    }
