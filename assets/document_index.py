"""Where a document is, by id and by address."""

from assets._table import How, table_asset
from headwater.lake.lineage import Partition
from headwater.make import make
from headwater.pipeline import Outcome
from headwater.project import Project
from headwater.stages.document_index import KINDS


@table_asset(deps=["raw"], group="ingest")
def document_index(project: Project, partition: Partition, how: How) -> list[Outcome]:
    """Where in raw a document is, by doc_id, by URL and by domain, as hashes in key order: what makes trace fast."""
    return [make(project, "document_index", {**partition, "kind": kind}, **how) for kind in KINDS]
