"""Many partitions of a table as inputs: its log is read once, where one at a time would read it for each."""

from collections.abc import Sequence

from headwater.lake.lineage import Input, Partition
from headwater.lake.store import DataFile, Lake


def inputs(lake: Lake, name: str, partitions: Sequence[Partition]) -> list[tuple[Input, list[DataFile]]]:
    """What a stage that reads these partitions now depends on, and their files. Raises MissingInput as `input` does."""
    version = lake.version(name)
    newest: dict[tuple[tuple[str, str], ...], Input] = {}
    for commit in (c for c in lake.log(name) if version is not None and c.version <= version):
        if commit.provenance is not None:
            said = commit.provenance
            newest.setdefault(_place(said.partition), Input(name, dict(said.partition), commit.version, said.digest))
    files: dict[tuple[tuple[str, str], ...], list[DataFile]] = {}
    for file in lake.files(name, version=version):
        files.setdefault(_place(file.partition), []).append(file)
    found = []
    for partition in partitions:
        read = newest.get(_place(partition))
        found.append((read, files.get(_place(partition), [])) if read is not None else _alone(lake, name, partition))
    return found


def _alone(lake: Lake, name: str, partition: Partition) -> tuple[Input, list[DataFile]]:
    read = lake.input(name, partition)
    return read, lake.read(read)


def _place(partition: Partition) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(partition.items()))
