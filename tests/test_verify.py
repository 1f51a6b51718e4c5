"""verify finds what does not belong, and says where."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from headwater import releases, verify
from headwater.errors import BrokenLake, LakeUnavailable
from headwater.takedown import certificate
from headwater.takedown import request as requests
from tests import chain
from tests.takedown.conftest import HOST, take_down

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


def version_file(lake, table, version):
    return lake / table / "_delta_log" / f"{version:020d}.json"


def entry_file(lake):
    return sorted((lake / "audit_log").glob("*.parquet"))[5]


def release_file(lake):
    return next((lake / "releases").rglob("*.parquet"))


def edit_actions(file, change):
    """Change the actions of one version in place."""
    actions = [json.loads(line) for line in file.read_text().splitlines()]
    for action in actions:
        change(action)
    file.write_text("\n".join(map(json.dumps, actions)) + "\n")


def says_no_json(action):
    if "commitInfo" in action:
        action["commitInfo"]["headwater"] = "nope"


def tear(file):
    file.write_text(file.read_text()[:-40])


def lists_no_files(file):
    rewrite(file, lambda t: set_column(t, "files", pa.chunked_array([["not json"] * len(t)])))


DAMAGE = {
    "audit entry deleted": (entry_file, Path.unlink, "audit_log", -1),
    "audit entry garbage": (entry_file, lambda f: f.write_bytes(b"x" * 100), "audit_log", -1),
    "audit version torn": (lambda lake: version_file(lake, "audit_log", 3), tear, "audit_log", 3),
    "release garbage": (release_file, lambda f: f.write_bytes(b"x"), "releases", -1),
    "release files no json": (release_file, lists_no_files, "releases", -1),
    "release version torn": (lambda lake: version_file(lake, "releases", 0), tear, "releases", 0),
    "middle version deleted": (lambda lake: version_file(lake, "raw", 1), Path.unlink, "raw", 1),
    "middle version torn": (lambda lake: version_file(lake, "raw", 1), tear, "raw", 1),
    "newest version torn": (lambda lake: version_file(lake, "raw", 2), tear, "raw", 2),
    "record no json": (lambda lake: version_file(lake, "raw", 1), lambda f: edit_actions(f, says_no_json), "raw", 1),
}


@pytest.fixture(scope="module")
def released_folder(built, tmp_path_factory):
    folder = shutil.copytree(built, tmp_path_factory.mktemp("released") / "project")
    with chain.opened(folder) as project:
        releases.create(project, "first", "tiny", to="tokenized")
        assert verify.verify(project, rows=False).ok
    return folder


@pytest.fixture(scope="module")
def removed_folder(built, tmp_path_factory):
    folder = shutil.copytree(built, tmp_path_factory.mktemp("certified") / "project")
    with chain.opened(folder) as project:
        take_down(project, ("domain", HOST), scan=False)
        assert verify.verify(project, rows=False).ok
    return folder


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_a_break_that_names_table_version_and_file(released_folder, tmp_path, name):
    find, harm, table, version = DAMAGE[name]
    folder = shutil.copytree(released_folder, tmp_path / "damaged")
    file = find(folder / "lake")
    harm(file)
    with chain.opened(folder) as project:
        breaks = verify.verify(project, rows=False).breaks
    named = [b for b in breaks if (b.table, b.version) == (table, version)]
    assert any(file.relative_to(folder / "lake").as_posix() in b.what for b in named)


def test_damage_to_one_table_hides_none_of_another(copy):
    lake = Path(copy.lake.storage.root)
    version_file(lake, "raw", 1).unlink()
    file = data_file(copy, "mixed")
    file.unlink()
    assert any(t == "mixed" and f"{file.name} cannot be read" in what for t, what in chain.broken(copy))


@pytest.mark.parametrize("text", ["{}", "[]", "nope", '{"format": null}'])
def test_a_lake_that_does_not_say_its_format_is_a_break(copied, text):
    (copied / "lake" / "headwater-lake.json").write_text(text)
    with chain.opened(copied) as project:
        (found,) = verify.verify(project).breaks
        with pytest.raises(BrokenLake, match="put it back"):
            _ = project.lake
    assert (found.table, found.version) == ("lake", -1)
    assert "headwater-lake.json" in found.what


def test_a_lake_of_a_newer_headwater_is_not_called_broken(copied):
    (copied / "lake" / "headwater-lake.json").write_text('{"format": 99}')
    with chain.opened(copied) as project, pytest.raises(LakeUnavailable, match="upgrade"):
        verify.verify(project)


@pytest.mark.parametrize(("part", "value", "named"), [
    ("minValues", "zzzz", "min.doc_id"),
    ("maxValues", "0", "max.doc_id"),
    ("nullCount", 7, "null_count.doc_id"),
    ("minValues", None, "min.doc_id"),
])  # fmt: skip
def test_statistics_of_the_log_that_are_not_those_of_the_file_are_found(copy, part, value, named):
    def falsify(action):
        if "add" in action:
            said = json.loads(action["add"]["stats"])
            said[part]["doc_id"] = value
            action["add"]["stats"] = json.dumps(said)

    edit_actions(version_file(Path(copy.lake.storage.root), "document_index", 1), falsify)
    (file,) = {f.name for f in copy.lake.files("document_index", version=1)}
    breaks = verify.verify(copy, rows=False).breaks
    assert [b.what for b in breaks if b.table == "document_index"] == [
        f"{file}: the statistics in the log are not those of the file: {named}"
    ]


def forge(file, change):
    """A certificate that says something else, with a digest that holds."""
    said = json.loads(file.read_text())
    change(said)
    said["digest"] = certificate.digest(said)
    file.write_text(json.dumps(said))


@pytest.mark.parametrize(("harm", "what"), [
    (lambda f: f.write_text(f.read_text().replace("letter 1", "letter 2")), "was changed since it was issued"),
    (lambda f: f.write_bytes(b"\xff"), "cannot be read as a certificate"),
    (Path.unlink, "there is no certificate"),
    (lambda f: f.with_name("documents.csv").write_text("crawl,doc_id\n"), "was changed since it was issued"),
    (lambda f: forge(f, lambda said: said.update(state="never asked")), "is not the certificate that its takedown"),
    (lambda f: forge(f, lambda said: said.update(audit_log_head="0" * 64)), "the audit log does not hold the entry"),
    (lambda f: shutil.copytree(f.parent, f.parent.with_name("T-0")), "is the certificate of takedown T-"),
])  # fmt: skip
def test_a_certificate_that_is_not_the_one_that_was_issued_is_found(removed_folder, tmp_path, harm, what):
    folder = shutil.copytree(removed_folder, tmp_path / "forged")
    with chain.opened(folder) as project:
        (takedown,) = requests.listed(project)
        harm(certificate.place(project, takedown.id))
        breaks = verify.verify(project, rows=False).breaks
    assert {(b.table, b.version) for b in breaks} == {("certificates", -1)}
    assert any(what in b.what and "certificates/T-" in b.what for b in breaks)
