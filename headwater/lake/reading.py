"""Many partitions of a table as inputs: its log is read once, where one at a time would read it for each."""

from collections.abc import Sequence

from headwater.errors import MissingInput
from headwater.lake.lineage import Input, Partition
from headwater.lake.store import DataFile, Lake


def inputs(
    lake: Lake, name: str, partitions: Sequence[Partition], *, made_by: int | None = None
) -> list[tuple[Input, list[DataFile]]]:
    """What a stage that reads these partitions now depends on, and their files. Raises MissingInput as `input` does.

    `made_by` is the version of the table's stage whose files the reader understands; MissingInput, too, for another.
    """
    version = lake.version(name)
    steps: dict[tuple[tuple[str, str], ...], int | None] = {}
    newest: dict[tuple[tuple[str, str], ...], Input] = {}
    for commit in (c for c in lake.log(name) if version is not None and c.version <= version):
        if commit.provenance is not None:
            said = commit.provenance
            steps.setdefault(_place(said.partition), said.steps.get(f"stages/{name}"))
            newest.setdefault(_place(said.partition), Input(name, dict(said.partition), commit.version, said.digest))
    if made_by is not None:
        for partition in partitions:
            _understood(name, partition, steps.get(_place(partition), made_by), made_by)
    files: dict[tuple[tuple[str, str], ...], list[DataFile]] = {}
    for file in lake.files(name, version=version):
        files.setdefault(_place(file.partition), []).append(file)
    found = []
    for partition in partitions:
        read = newest.get(_place(partition))
        found.append((read, files.get(_place(partition), [])) if read is not None else _alone(lake, name, partition))
    return found


def _understood(name: str, partition: Partition, found: int | None, made_by: int) -> None:
    if found != made_by:
        where = " ".join(f"{k}={v}" for k, v in partition.items())
        raise MissingInput(
            f"table {name} has {where} as version {found} of its stage wrote it, {made_by} is needed; run that crawl "
            f"anew first: headwater run {partition.get('recipe')} --crawl {partition.get('crawl')} --to deduped"
        )


def _alone(lake: Lake, name: str, partition: Partition) -> tuple[Input, list[DataFile]]:
    read = lake.input(name, partition)
    return read, lake.read(read)


def _place(partition: Partition) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(partition.items()))
