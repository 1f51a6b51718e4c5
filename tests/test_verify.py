"""verify finds what does not belong, and says where."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from headwater import verify
from tests import chain

FIRST = "SAMPLE-2024-10"


def data_file(project, table, **partition):
    return Path(project.lake.storage.uri(project.lake.files(table, partition)[0].name))


def rewrite(file, change, metadata=None):
    """The same file with other rows and, as a forger would leave it, the same footer."""
    whole = pq.read_table(file)
    said = pq.ParquetFile(file).metadata.metadata
    with pq.ParquetWriter(file, whole.schema, compression="zstd") as out:
        out.write_table(change(whole))
        out.add_key_value_metadata({k: v for k, v in said.items() if k == b"headwater"} | (metadata or {}))


def set_column(table, name, values):
    return table.set_column(table.schema.get_field_index(name), table.schema.field(name), values)


def test_a_good_lake_closes_for_every_commit(tiny_lake):
    report = verify.verify(tiny_lake)
    assert report.ok
    assert report.closed == report.commits > 20


def test_a_report_has_the_shape_that_others_rely_on(tiny_lake):
    said = verify.verify(tiny_lake, rows=False).to_json()
    assert list(said) == ["ok", "commits", "closed", "breaks"]
    assert (said["ok"], said["breaks"]) == (True, [])


def test_changed_rows_are_found_and_the_file_is_named(copy):
    file = data_file(copy, "filtered", crawl=FIRST)
    rewrite(file, lambda t: set_column(t, "text", pc.utf8_upper(t.column("text"))))
    breaks = chain.broken(copy)
    assert (
        "filtered",
        f"filtered/recipe=tiny/crawl={FIRST}/{file.name} holds other rows than were committed",
    ) in breaks


def test_a_removed_row_is_found(copy):
    rewrite(data_file(copy, "deduped", crawl=FIRST), lambda t: t.slice(1))
    whats = " ".join(what for table, what in chain.broken(copy) if table == "deduped")
    assert "other size or number of rows" in whats
    assert "rows are not conserved" in whats


def test_a_swapped_document_is_found_even_where_numbers_of_rows_agree(copy):
    def swap(rows):
        ids = rows.column("doc_id").to_pylist()
        return set_column(rows, "doc_id", pa.chunked_array([["0" * 32, *ids[1:]]]))

    rewrite(data_file(copy, "extracted", crawl=FIRST), swap)
    assert any("not the same documents" in what for table, what in chain.broken(copy) if table == "extracted")


def test_a_digest_forged_in_the_footer_is_found(copy):
    file = data_file(copy, "mixed")
    said = json.loads(pq.ParquetFile(file).metadata.metadata[b"headwater"])
    forged = json.dumps({**said, "digest": "0" * 64}).encode()
    rewrite(file, lambda t: t, {b"headwater": forged})
    assert ("mixed", "digest of the files is not the one that was committed") in chain.broken(copy)


def test_a_commit_made_by_hand_is_found(copy):
    lake = copy.lake
    rows = pa.Table.from_pylist([{"recipe": "tiny", "shard": "x", "copies": 1}], schema=lake_schema("mixed"))
    write_deltalake(lake.storage.uri("mixed"), rows, mode="append")
    breaks = [b for b in verify.verify(copy).breaks if b.table == "mixed"]
    assert any(b.version == 2 and "not written by headwater" in b.what for b in breaks)
    assert any("cannot be read" in b.what for b in breaks)


def lake_schema(name):
    from headwater.lake.tables import table

    return table(name).schema


def test_a_deleted_data_file_is_found(copy):
    file = data_file(copy, "signals", crawl=FIRST)
    file.unlink()
    assert any(t == "signals" and f"{file.name} cannot be read" in what for t, what in chain.broken(copy))


def test_a_missing_input_is_found(copy):
    import shutil

    shutil.rmtree(copy.lake.storage.uri("raw"))
    breaks = chain.broken(copy)
    assert any(t == "extracted" and f"input raw@1 {FIRST} is not in the log" in what for t, what in breaks)


@pytest.mark.parametrize(("field", "value", "what"), [
    ("options", {"filters": []}, "fingerprint does not match"),
    ("inputs", [], "key does not match"),
    ("checks", {"rows_in_equal_rows_out": False}, "published although checks failed: rows_in_equal_rows_out"),
    ("table", "raw", "its lineage record is of table raw"),
])  # fmt: skip
def test_a_lineage_record_that_was_edited_is_found(copy, field, value, what):
    log = sorted(Path(copy.lake.storage.uri("filtered/_delta_log")).glob("*.json"))[-1]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    info = next(line["commitInfo"] for line in lines if "commitInfo" in line)
    info["headwater"] = json.dumps({**json.loads(info["headwater"]), field: value})
    log.write_text("\n".join(map(json.dumps, lines)) + "\n")
    assert any(t == "filtered" and what in found for t, found in chain.broken(copy))


def test_input_rows_that_are_not_those_read_are_found(copy):
    log = sorted(Path(copy.lake.storage.uri("raw/_delta_log")).glob("*.json"))[1]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    info = next(line["commitInfo"] for line in lines if "commitInfo" in line)
    info["headwater"] = json.dumps({**json.loads(info["headwater"]), "digest": "0" * 64})
    log.write_text("\n".join(map(json.dumps, lines)) + "\n")
    assert any(t == "extracted" and "holds other rows than were read" in what for t, what in chain.broken(copy))


def test_quick_trusts_the_footers_and_still_finds_a_file_that_is_gone(copy):
    data_file(copy, "raw", crawl=FIRST).unlink()
    assert not verify.verify(copy, rows=False).ok
