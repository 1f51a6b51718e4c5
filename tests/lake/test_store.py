"""One writer, one commit a partition, its lineage inside, and nothing half done."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headwater.errors import BadRecipe, BrokenLake, ConcurrentCommit, LakeUnavailable, MissingInput, UnknownName
from headwater.lake import reading
from headwater.lake.audit import connect, whole
from headwater.lake.files import read_aligned, read_grown
from headwater.lake.lineage import Input, Provenance
from headwater.lake.storage import Storage
from headwater.lake.store import Lake
from headwater.lake.tables import TABLES
from tests.lake.commits import PLACE, commit, drafted, ids, provenance

KEY_A, KEY_B = "a" * 16, "b" * 16


def test_a_commit_replaces_its_partition_and_no_other(lake):
    other = {**PLACE, "crawl": "C2"}
    commit(lake, drafted(lake, KEY_A, ["1", "2"]))
    commit(lake, drafted(lake, KEY_A, ["3"], place=other))
    commit(lake, drafted(lake, KEY_B, ["4"]))
    assert (ids(lake), ids(lake, place=other)) == (["4"], ["3"])


def test_every_version_stays_readable_the_empty_first_one_too(lake):
    assert commit(lake, drafted(lake, KEY_A, ["1"])) == 1
    assert commit(lake, drafted(lake, KEY_B, ["2"])) == 2
    assert [ids(lake, version) for version in (0, 1, 2, None)] == [[], ["1"], ["2"], ["2"]]


def test_an_input_names_the_version_that_was_read_for_ever(lake):
    commit(lake, drafted(lake, KEY_A, ["1"]))
    read = lake.input("minhash_index", PLACE)
    commit(lake, drafted(lake, KEY_B, ["2"]))
    assert read.version == 1
    assert [file.rows for file in lake.read(read)] == [1]
    assert "a" * 16 in lake.read(read)[0].name


def test_a_commit_carries_its_lineage_and_gives_it_back_unchanged(lake):
    draft = drafted(lake, KEY_A, ["1"])
    footers = lake.footers(draft, ["s0"])
    said = provenance(lake, draft, footers)
    lake.commit(draft, footers, said)
    assert lake.published("minhash_index", PLACE).provenance == said
    assert Provenance.from_json(said.to_json()) == said
    assert said.inputs == (Input("filtered", PLACE, 3, "d"),)


def test_the_log_lists_every_commit_newest_first(lake):
    commit(lake, drafted(lake, KEY_A, ["1"]))
    commit(lake, drafted(lake, KEY_B, ["2"]))
    log = lake.log("minhash_index")
    assert [entry.version for entry in log] == [2, 1, 0]
    assert [entry.provenance.key[:16] for entry in log] == [KEY_B, KEY_A, ""]


@pytest.mark.parametrize("before", [[], ["0"]])
def test_of_two_different_drafts_of_one_partition_the_second_is_refused_and_nothing_doubles(lake, before):
    if before:
        commit(lake, drafted(lake, "0" * 16, before))
    first, second = drafted(lake, KEY_A, ["1"]), drafted(lake, KEY_B, ["2"])
    version = commit(lake, first)
    with pytest.raises(ConcurrentCommit, match="run again"):
        commit(lake, second)
    assert ids(lake) == ["1"]
    assert lake.version("minhash_index") == version


@pytest.mark.parametrize("before", [[], ["0"]])
def test_a_second_commit_that_passes_the_first_look_is_stopped_by_the_log(lake, before, monkeypatch):
    from headwater.lake import store

    if before:
        commit(lake, drafted(lake, "0" * 16, before))
    first, second = drafted(lake, KEY_A, ["1"]), drafted(lake, KEY_B, ["2"])
    stale = lake.created("minhash_index")
    commit(lake, first)
    # The other run's commit falls between this one's look at the table and its own commit.
    monkeypatch.setattr(store.Lake, "created", lambda self, name: stale)
    with pytest.raises(ConcurrentCommit):
        commit(lake, second)
    assert ids(lake) == ["1"]


def test_drafts_of_different_partitions_do_not_meet(lake):
    other = {**PLACE, "crawl": "C2"}
    first, second = drafted(lake, KEY_A, ["1"]), drafted(lake, KEY_A, ["2"], place=other)
    commit(lake, first)
    commit(lake, second)
    assert (ids(lake), ids(lake, place=other)) == (["1"], ["2"])


def test_a_draft_is_in_no_version_until_it_is_committed(lake):
    draft = drafted(lake, KEY_A, ["1"])
    assert draft.finished() == {"s0"}
    assert (lake.version("minhash_index"), lake.files("minhash_index")) == (None, [])


def test_a_partition_can_be_replaced_by_no_files(lake):
    commit(lake, drafted(lake, KEY_A, ["1"]))
    empty = lake.draft("minhash_index", PLACE, KEY_B)
    commit(lake, empty)
    assert ids(lake) == []
    assert lake.published("minhash_index", PLACE).version == 2


def test_a_lake_made_anew_at_the_same_place_is_read_anew(lake):
    commit(lake, drafted(lake, KEY_A, ["1"]))
    assert lake.published("minhash_index", PLACE).provenance.key[:16] == KEY_A
    lake.storage.remove("minhash_index")
    commit(lake, drafted(lake, KEY_B, ["2"]))
    assert lake.published("minhash_index", PLACE).provenance.key[:16] == KEY_B


def test_an_input_that_was_never_published_is_missing(lake):
    with pytest.raises(MissingInput, match="table raw has no crawl=C1"):
        lake.input("raw", {"crawl": "C1"})


@pytest.mark.parametrize("crawl", ["../x", "a/b", "", ".hidden", "a=b", "x" * 200])
def test_a_name_that_could_leave_its_folder_is_refused(lake, crawl):
    with pytest.raises(BadRecipe, match="cannot name a partition"):
        lake.draft("raw", {"crawl": crawl}, KEY_A)


def test_a_table_that_is_none_is_refused_with_the_known_ones(lake):
    with pytest.raises(UnknownName, match="filtered"):
        lake.files("nope")


def test_a_lake_of_a_newer_format_is_refused_and_not_changed(tmp_path):
    storage = Storage(str(tmp_path))
    marker = tmp_path / "headwater-lake.json"
    marker.write_text(json.dumps({"format": 99}))
    with pytest.raises(LakeUnavailable, match="format 99, this headwater knows 1; upgrade"):
        Lake(storage)
    assert [p.name for p in tmp_path.iterdir()] == ["headwater-lake.json"]


def test_a_root_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    lake = Lake(Storage(str(tmp_path / "file/lake")))
    with pytest.raises(LakeUnavailable) as refused:
        lake.draft("raw", {"crawl": "C1"}, KEY_A)
    assert "check the lake root" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (tmp_path / "file").read_text() == "in the way"


def test_files_that_hold_other_documents_are_not_read_side_by_side(lake):
    names = [drafted(lake, key, found).name("s0") for key, found in ((KEY_A, ["1", "2"]), (KEY_B, ["1", "3"]))]
    with pytest.raises(BrokenLake, match="different documents"):
        list(read_aligned(lake.storage, *names))


def test_a_missing_column_is_an_error_and_leaves_no_file(lake):
    draft = lake.draft("minhash_index", PLACE, KEY_A)
    with pytest.raises(KeyError), draft.writer("s0") as writer:
        writer.write(pa.table({"doc_id": ["1"]}))
    assert draft.finished() == set()


def test_lineage_never_ages_out_of_any_table(tiny_lake):
    for name in TABLES:
        found = tiny_lake.lake.delta(name)
        if found is not None:
            kept = found.metadata().configuration
            assert kept["delta.logRetentionDuration"] == "interval 36500 days"
            assert kept["delta.enableExpiredLogCleanup"] == "false"


def test_no_text_of_a_page_is_in_any_log(tiny_lake, built):
    texts = [r["text"] for r in tiny_rows(tiny_lake) if r["text"] and len(r["text"]) > 200]
    log = "\n".join(file.read_text() for file in (built / "lake").rglob("_delta_log/*.json"))
    assert len(texts) > 50
    for text in texts:
        words = text[100:].split("\n")[0][:30]
        assert len(words) < 12 or words not in log


def tiny_rows(project):
    from tests import chain

    return chain.rows(project, "filtered", ["text"])


def test_text_columns_have_no_statistics_and_no_dictionary_in_any_file(built):
    for table in ("extracted", "filtered"):
        for file in (built / "lake" / table).rglob("*.parquet"):
            metadata = pq.ParquetFile(file).metadata
            group = metadata.row_group(0)
            for column in (group.column(i) for i in range(metadata.num_columns)):
                if column.path_in_schema in ("text", "title"):
                    assert column.statistics is None
                    assert not column.has_dictionary_page


def test_the_log_has_statistics_of_the_columns_named_for_it_and_of_no_other(tiny_lake):
    for name, described in TABLES.items():
        found = tiny_lake.lake.delta(name)
        for add in [] if found is None else pa.table(found.get_add_actions(flatten=True)).to_pylist():
            columns = {key.split(".", 1)[1] for key in add if key.startswith(("min.", "max."))}
            assert columns <= set(described.statistics)


def test_many_partitions_read_at_once_are_the_inputs_read_one_by_one(lake):
    places = [{**PLACE, "crawl": crawl} for crawl in ("C1", "C2", "C3")]
    for number, place in enumerate([*places, places[0]]):
        commit(lake, drafted(lake, f"{number}" * 16, [f"doc{number}"], place=place))
    found = reading.inputs(lake, "minhash_index", places[::-1])
    assert [read for read, _ in found] == [lake.input("minhash_index", place) for place in places[::-1]]
    assert [files for _, files in found] == [lake.read(read) for read, _ in found]


def test_a_partition_that_is_not_there_is_missed_among_many_too(lake):
    commit(lake, drafted(lake, KEY_A, ["a"]))
    with pytest.raises(MissingInput, match="crawl=C9"):
        reading.inputs(lake, "minhash_index", [PLACE, {**PLACE, "crawl": "C9"}])


def test_a_partition_that_another_version_of_its_stage_wrote_is_refused_where_the_reader_says_so(lake):
    commit(lake, drafted(lake, KEY_A, ["a"]))
    with pytest.raises(MissingInput, match="run that crawl anew"):
        reading.inputs(lake, "minhash_index", [PLACE], made_by=99)


@pytest.mark.parametrize(
    ("name", "younger"),
    [("deduped", "edits"), ("mixed", "cluster_size"), ("duplicate_pairs", "chosen"), ("minhash_index", "split")],
)
def test_files_that_are_older_than_a_column_are_read_with_nulls_in_it(tmp_path, name, younger):
    schema = TABLES[name].file_schema
    places = dict.fromkeys(TABLES[name].partitions, "x")
    row = pa.Table.from_pylist([{**dict.fromkeys(schema.names), "doc_id": "a"}], schema)
    file = tmp_path / "/".join(f"{k}={v}" for k, v in places.items()) / "old.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(row.drop_columns([younger]), file)
    storage = Storage(str(tmp_path), {})
    (batch,) = read_grown(storage, name, str(file.relative_to(tmp_path)))
    assert (batch.schema, batch.column(younger).null_count) == (schema, 1)
    with connect(storage) as db:
        assert db.execute(f"select doc_id, {younger} from ({whole(db, TABLES[name], [str(file)])})").fetchall() == [
            ("a", None)
        ]
