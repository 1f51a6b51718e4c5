"""The byte scan finds a removed text wherever it is left, and takes nobody else's text for it."""

import gzip
import json
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import UserError
from headwater.takedown import certificate, traces, windows
from headwater.takedown import request as requests
from tests import chain
from tests.takedown.conftest import HOST, take_down


@pytest.fixture
def cleaned(removed_folder, tmp_path):
    """A copy of the project after a takedown, and its certificate's file."""
    with chain.opened(shutil.copytree(removed_folder, tmp_path / "cleaned")) as project:
        (found,) = requests.listed(project)
        yield project, certificate.place(project, found.id)


def unshared(file, before):
    """A removed text with a sampled window that stands in no other document."""
    said = json.loads(file.read_text())
    shared = {entry["sha256"] for entry in said["scan"]["shared"]}
    wanted = {s["sha256"] for s in said["scan"]["samples"]} - shared
    finder = windows.Finder(certificate.windows([s for s in said["scan"]["samples"] if s["sha256"] in wanted]))
    return next(t for t in before.values() if list(finder.find(np.frombuffer(t.encode(), dtype=np.uint8))))


def plant_text(root, text):
    (root / "notes.txt").write_text(text)


def plant_json(root, text):
    (root / "notes.json").write_text(json.dumps({"deep": [{"text": text}]}))


def plant_gzip(root, text):
    (root / "export.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": text}).encode()))


def plant_zstd(root, text):
    with pa.OSFile(str(root / "export.zst"), "wb") as file, pa.CompressedOutputStream(file, "zstd") as out:
        out.write(text.encode())


def plant_parquet(root, text):
    pq.write_table(pa.table({"inner": [[{"words": text}]]}), root / "draft.parquet", compression="zstd")


def plant_duckdb(root, text):
    with duckdb.connect(str(root / "notes.duckdb")) as connection:
        connection.execute("create table notes as select $text as words from range(20)", {"text": text})


def plant_change_data(root, text):
    folder = root / "extracted" / "_change_data"
    folder.mkdir()
    pq.write_table(pa.table({"text": [text]}), folder / "cdc.parquet")


def plant_statistics(root, text):
    log = root / "extracted" / "_delta_log" / "00000000000000000099.tmp"
    log.write_text(json.dumps({"add": {"stats": json.dumps({"maxValues": {"text": text[:600]}})}}))


def plant_outside(root, text):
    folder = root.parent / "dbt_project" / "target"
    folder.mkdir(parents=True)
    (folder / "run_results.json").write_text(json.dumps({"message": text}))


PLANTS = [
    plant_text, plant_json, plant_gzip, plant_zstd, plant_parquet, plant_duckdb, plant_change_data, plant_statistics,
    plant_outside,
]  # fmt: skip


def test_a_text_that_was_left_is_found_wherever_it_was_left(cleaned, before):
    project, file = cleaned
    root = Path(project.lake.storage.root)
    was = {path for path in root.parent.rglob("*") if path.is_file()}
    for plant in PLANTS:
        plant(root, unshared(file, before))
    planted = {path for path in root.parent.rglob("*") if path.is_file()} - was
    _, found, problems = certificate.check(project, file)
    hit = {root / name for name, _, _ in found.hits}
    assert len(planted) == len(PLANTS)
    assert planted <= hit
    assert problems


def test_a_text_left_as_tokens_is_found(built, tmp_path, before):
    with chain.opened(shutil.copytree(built, tmp_path / "tokens")) as project:
        kept = next(f for f in project.lake.files("tokenized"))
        spare = tmp_path / "spare.parquet"
        shutil.copyfile(project.lake.storage.uri(kept.name), spare)
        said = take_down(project, ("domain", HOST))
        shutil.copyfile(spare, project.lake.storage.uri(kept.name))
        _, found, _ = certificate.check(project, certificate.place(project, said["takedown"]))
        assert {where.split(",")[0] for _, where, _ in found.hits} == {"decoded tokens"}


def test_a_clean_lake_passes_its_certificate_again(cleaned):
    project, file = cleaned
    said, found, problems = certificate.check(project, file)
    assert problems == []
    assert len(said["scan"]["samples"]) > 50
    assert found.files > 100


@pytest.mark.parametrize("change", ["documents", "reason", "csv"])
def test_a_changed_certificate_is_refused(cleaned, change):
    project, file = cleaned
    said = json.loads(file.read_text())
    if change == "csv":
        file.with_name("documents.csv").write_text("crawl,shard,doc_id,matched_by\n")
    else:
        said["request"]["reason"] = said["documents"] = 7
        file.write_text(json.dumps(said))
    with pytest.raises(UserError, match="was changed"):
        certificate.check(project, file)


def test_a_certificate_holds_no_window_of_the_text(cleaned, before):
    _, file = cleaned
    said = json.loads(file.read_text())
    finder = windows.Finder(certificate.windows(said["scan"]["samples"]))
    for path in file.parent.iterdir():
        assert list(finder.find(np.frombuffer(path.read_bytes(), dtype=np.uint8))) == []


def test_the_page_of_a_certificate_shows_hostile_words_as_words(built, tmp_path):
    with chain.opened(shutil.copytree(built, tmp_path / "hostile")) as project:
        found = requests.add(
            project,
            requests.Request((("domain", HOST),), "<script>alert(1)</script>", '"><img src=x onerror=y>', "<b>x</b>"),
        )
        said = certificate.issue(project, found, scanned=None)
        page = certificate.page(said)
        assert "<script" not in page
        assert "<img" not in page
        assert "<b>" not in page
        assert "&lt;script&gt;" in page


@given(st.binary(min_size=48, max_size=400), st.data())
def test_every_window_of_any_bytes_is_found_where_it_is(data, draw):
    start = draw.draw(st.integers(0, len(data) - windows.WINDOW))
    window = data[start : start + windows.WINDOW]
    import hashlib

    digest = hashlib.sha256(window).hexdigest()
    finder = windows.Finder({windows.rolling(window): frozenset([digest])})
    found = list(finder.find(np.frombuffer(data, dtype=np.uint8)))
    every = [i for i in range(len(data) - windows.WINDOW + 1) if data[i : i + windows.WINDOW] == window]
    assert found == [(i, digest) for i in every]


def test_a_window_that_is_everywhere_is_not_looked_for_for_ever():
    window = b"abcdefghijkl" * 4
    data = np.frombuffer(window * 30_000, dtype=np.uint8)
    import hashlib

    digest = hashlib.sha256(window).hexdigest()
    finder = windows.Finder({windows.rolling(window): frozenset([digest])})
    found = list(finder.find(data))
    assert 256 < len(found) <= 4_096
    assert list(finder.find(data)) == []


def test_a_stream_is_searched_across_its_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(traces, "CHUNK", 50)
    window = b"The quick brown fox jumps over the lazy dog, it is"[:48]
    import hashlib

    wanted = {windows.rolling(window): frozenset([hashlib.sha256(window).hexdigest()])}
    looker = traces._Looker({"root": tmp_path, "wanted": wanted, "gone": {}, "vocabularies": {}})
    (tmp_path / "file.txt").write_bytes(b"x" * 30 + window + b"y" * 100)
    traces._file(looker, tmp_path / "file.txt")
    assert len(looker.found.hits) == 1
