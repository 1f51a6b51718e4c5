"""Tables and inputs as OpenLineage datasets: how they are named, what is known of a version, which columns made which.

Names follow https://openlineage.io/docs/spec/naming: the namespace is the store, the name is the path.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import urlsplit

from openlineage.client.event_v2 import InputDataset
from openlineage.client.facet_v2 import (
    DatasetFacet,
    InputDatasetFacet,
    base_subset_dataset,
    column_lineage_dataset,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    input_statistics_input_dataset,
    schema_dataset,
    storage_dataset,
    symlinks_dataset,
)

from headwater import registry
from headwater.errors import UnknownName
from headwater.lake.audit import Check
from headwater.lake.lineage import Input, Partition, Provenance
from headwater.lake.store import Published
from headwater.lake.tables import TABLES
from headwater.openlineage.columns import DECLARED, Source
from headwater.openlineage.own import HeadwaterDeltaCommitDatasetFacet
from headwater.project import Project

T = TypeVar("T")
Name = tuple[str, str]


class Facets:
    """Makes facets that all name the same producer."""

    def __init__(self, producer: str) -> None:
        self.producer = producer

    def __call__(self, kind: Callable[..., T], **fields: Any) -> T:
        """One facet."""
        return kind(**fields, producer=self.producer)


class Logs:
    """The commits of the tables that are asked for, each log read once."""

    def __init__(self, project: Project) -> None:
        self._lake = project.lake
        self._read: dict[str, list[Published]] = {}

    def of(self, table: str) -> list[Published]:
        """Every commit of a table, newest first."""
        if table not in self._read:
            self._read[table] = self._lake.log(table)
        return self._read[table]

    def record(self, read: Input) -> Provenance | None:
        """What the commit that an input names says of itself."""
        if read.version is None:
            return None
        return next((c.provenance for c in self.of(read.table) if c.version == read.version), None)


def table_name(project: Project, table: str) -> Name:
    """Namespace and name of a table of the lake."""
    return placed(project.lake.storage.uri(table))


def input_name(project: Project, read: Input) -> Name:
    """Namespace and name of what was read: a table, a crawl at its source, a file of examples, or something else."""
    if read.version is not None:
        return table_name(project, read.table)
    first, _, rest = read.table.partition("/")
    if first == "crawl-data":
        return placed(f"{project.source.root.rstrip('/')}/{read.table}")
    if first == "evals":
        return placed(f"{project.settings.place(project.settings.evals)}/{rest}")
    return "headwater", read.table


def placed(uri: str) -> Name:
    """The store of a path or URL, and the path within it; credentials in a URL are left out."""
    parts = urlsplit(uri)
    if "://" not in uri:
        return "file", uri
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", parts.path.lstrip("/")


def table_facets(facet: Facets, table: str) -> dict[str, DatasetFacet]:
    """What is true of a table in every version: schema, storage, its name in the catalog."""
    described = TABLES[table]
    fields = [
        schema_dataset.SchemaDatasetFacetFields(name=field.name, type=str(field.type), ordinal_position=place)
        for place, field in enumerate(described.schema, 1)
    ]
    symlink = symlinks_dataset.Identifier(namespace="headwater", name=table, type="TABLE")
    return {
        "schema": facet(schema_dataset.SchemaDatasetFacet, fields=fields),
        "storage": facet(storage_dataset.StorageDatasetFacet, storageLayer="delta", fileFormat="parquet"),
        "symlinks": facet(symlinks_dataset.SymlinksDatasetFacet, identifiers=[symlink]),
    }


def condition(partition: Partition) -> base_subset_dataset.PartitionSubsetCondition:
    """One partition as the condition of a subset."""
    where = "/".join(f"{name}={value}" for name, value in sorted(partition.items()))
    one = base_subset_dataset.Partition(dimensions=dict(partition), identifier=where or None)
    return base_subset_dataset.PartitionSubsetCondition(partitions=[one])


def assertions(facet: Facets, checks: list[Check]) -> data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet:
    """The answers of an audit."""
    answers = [
        data_quality_assertions_dataset.Assertion(
            assertion=check.name,
            name=check.name,
            success=check.passed,
            severity="error" if check.blocking else "warn",
            actual=check.observed or None,
        )
        for check in checks
    ]
    return facet(data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet, assertions=answers)


def recorded(record: Provenance) -> list[Check]:
    """The checks that a commit carries. What was observed is not in the record."""
    return [Check(name, passed, name not in record.warnings) for name, passed in record.checks.items()]


def delta_commit(facet: Facets, read: Input, record: Provenance | None) -> HeadwaterDeltaCommitDatasetFacet:
    """The commit that holds a partition; without its record, what a reader of it knew."""
    known = {} if record is None else {"fingerprint": record.fingerprint, "key": record.key, "run": record.run}
    steps = None if record is None else dict(record.steps)
    said = {"table": read.table, "partition": dict(read.partition), "version": read.version, "digest": read.digest}
    return facet(HeadwaterDeltaCommitDatasetFacet, **said, **known, steps=steps)


def read_dataset(project: Project, facet: Facets, logs: Logs, read: Input) -> InputDataset:
    """One input. Of what is outside the lake the digest is the version."""
    namespace, name = input_name(project, read)
    version = read.digest if read.version is None else str(read.version)
    facets: dict[str, DatasetFacet] = {
        "version": facet(dataset_version_dataset.DatasetVersionDatasetFacet, datasetVersion=version)
    }
    said: dict[str, InputDatasetFacet] = {}
    if read.version is not None:
        record = logs.record(read)
        facets |= table_facets(facet, read.table)
        facets["headwater_deltaCommit"] = delta_commit(facet, read, record)
        if record is not None:
            statistics = input_statistics_input_dataset.InputStatisticsInputDatasetFacet
            said["inputStatistics"] = facet(statistics, rowCount=record.rows)
            said["dataQualityAssertions"] = assertions(facet, recorded(record))
    if read.partition:
        where = condition(read.partition)
        said["subset"] = facet(base_subset_dataset.InputSubsetInputDatasetFacet, inputCondition=where)
    return InputDataset(namespace=namespace, name=name, facets=facets, inputFacets=said)


def masks(steps: list[str]) -> bool | None:
    """Whether an editor among the steps takes out what must not be seen; None where one is no longer on the shelf."""
    editors = [step.partition("/")[2] for step in steps if step.startswith("editors/")]
    try:
        return any(getattr(registry.module("editors", name), "MASKS", False) for name in editors)
    except UnknownName:
        return None


def column_lineage(
    project: Project, facet: Facets, record: Provenance
) -> column_lineage_dataset.ColumnLineageDatasetFacet | None:
    """Which columns of which inputs each column of a table comes from; None for a table that declares none."""
    declared = DECLARED.get(record.table)
    if declared is None:
        return None
    edited = [step for step in record.steps if step.startswith("editors/")]
    fields = {
        column: column_lineage_dataset.Fields(
            inputFields=[f for source in sources for f in _fields(project, record, source, edited)]
        )
        for column, sources in declared.columns.items()
    }
    rows = [f for source in declared.rows for f in _fields(project, record, source, [])]
    return facet(column_lineage_dataset.ColumnLineageDatasetFacet, fields=fields, dataset=rows)


def _outside(name: str) -> str:
    return "~" + name.replace("/", " ").partition(" ")[0]


def _fields(
    project: Project, record: Provenance, source: Source, edited: list[str]
) -> Iterator[column_lineage_dataset.InputField]:
    """A declared source, once for each dataset of that table that the commit read."""
    subtype, said, masking = source.subtype, source.said, False if source.type == "DIRECT" else None
    if source.editable and edited:
        subtype, said, masking = "TRANSFORMATION", " ".join(edited), masks(edited)
    how = column_lineage_dataset.Transformation(
        type=source.type, subtype=subtype, description=said or None, masking=masking
    )
    read = [i for i in record.inputs if source.table == (i.table if i.version is not None else _outside(i.table))]
    for namespace, name in sorted({input_name(project, i) for i in read}):
        yield column_lineage_dataset.InputField(
            namespace=namespace, name=name, field=source.column, transformations=[how]
        )
