"""Whether the statistics of the log, by which readers skip files, are those of the files."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from headwater.lake.files import Footer
from headwater.lake.store import Lake

Logged = Mapping[str, Mapping[str, Any]]


def logged(lake: Lake, name: str) -> Logged:
    """What the log says of each live file of a table, by the file's name relative to the lake root."""
    found = lake.delta(name)
    if found is None:
        return {}
    adds = pa.RecordBatchReader.from_stream(found.get_add_actions(flatten=True)).read_all().to_pylist()
    return {f"{name}/{add['path']}": add for add in adds}


def unlike(said: Mapping[str, Any], footer: Footer) -> list[str]:
    """The statistics that the log says otherwise than the file, such as `min.doc_id`.

    Columns that the log keeps no statistics on are left out: a table that grew has more in its newer files.
    """
    parts = {"min": footer.minimum, "max": footer.maximum, "null_count": footer.nulls}
    wrong = [] if said["num_records"] == footer.rows else ["num_records"]
    for column, value in said.items():
        part, _, name = column.partition(".")
        if part in parts and value != parts[part].get(name):
            wrong.append(column)
    return wrong
