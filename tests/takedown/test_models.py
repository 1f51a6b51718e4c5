"""Models and a takedown: each that read the text is named, and what it read of other documents is still told."""

import shutil
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest

from headwater import reach, story, streams
from headwater.lake.snapshot import Snapshot
from headwater.model import loader
from headwater.takedown.resolve import Document
from headwater.takedown.texts import models
from tests import chain
from tests.takedown.conftest import HOST, of_host, take_down

MODEL = {
    "steps": 40, "hidden_size": 32, "layers": 1, "heads": 2, "kv_heads": 2, "intermediate_size": 64, "seq_len": 64,
    "batch_size": 2, "device": "cpu",
}  # fmt: skip
OTHER = {**MODEL, "steps": 30, "seed": 7}


def read_by(project, training):
    """Tokens of each document that a training read of the live stream, by marking every position."""
    rows = sorted(chain.rows(project, "tokenized"), key=lambda row: (row["shard"], row["position"]))
    lengths = np.array([len(row["tokens"]) for row in rows])
    seen = np.zeros(int(lengths.sum()), dtype=bool)
    how = {name: training.get(name, 0) for name in ("steps", "batch_size", "seq_len", "seed")}
    for start, end in loader.positions_seen(len(seen), **how):
        seen[start:end] = True
    found = Counter()
    for row, start, length in zip(rows, np.cumsum(lengths) - lengths, lengths, strict=True):
        found[row["doc_id"]] += int(seen[start : start + length].sum())
    return found


def of_models(project, doc):
    """What the story of a document says of each model, by (tokenized_version, live)."""
    rows = [row for row in story.of_document(project, doc)["stages"] if row["table"] == "proxy_model"]
    return {(row["tokenized_version"], row["live"]): (row["tokens"], row["tokens_read"], row["note"]) for row in rows}


@pytest.fixture(scope="module")
def trained(built, tmp_path_factory):
    """Two models, the second live, each of a stream of its own in several shards; with what each read by document."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("models") / "project")
    read = []
    for model, tokenizer in ((MODEL, 40_000), (OTHER, 60_000)):
        chain.change(folder, "tiny", model=model, tokenizer={"vocab_size": 4096, "tokens_per_shard": tokenizer})
        with chain.opened(folder) as project:
            chain.run(project, to="proxy_model")
            assert len(project.lake.files("tokenized", {"recipe": "tiny"})) > 2
            version = project.lake.published("tokenized", {"recipe": "tiny"}).version
            read.append((version, read_by(project, model)))
    return folder, read


@pytest.fixture(scope="module")
def taken(trained, tmp_path_factory):
    """The same after the takedown of one host: project, certificate, what each model read, the host's doc_ids."""
    folder, read = trained
    copy = shutil.copytree(folder, tmp_path_factory.mktemp("taken") / "project")
    with chain.opened(copy) as project:
        hers = of_host(project)
        said = take_down(project, ("domain", HOST))
        yield project, said, read, hers


def some_read(read, without):
    """Documents that both models read, one that only the first read, and one that neither did."""
    (_, first), (_, second) = read
    docs = [d for d in first if d not in without]
    both = [d for d in docs if first[d] and second[d]][:3]
    one = [d for d in docs if first[d] and not second[d]][:2]
    none = [d for d in docs if not first[d] and not second[d]][:2]
    assert both
    assert one
    assert none
    return [*both, *one, *none]


def test_every_model_that_read_the_text_is_named_also_one_that_is_not_live(taken):
    _, said, read, hers = taken
    wanted = {
        (version, sum(count[d] for d in hers), sum(count[d] > 0 for d in hers if d in count)) for version, count in read
    }
    assert {(m["tokenized_version"], m["tokens"], m["documents"]) for m in said["models"]} == wanted
    assert len({m["checkpoint_digest"] for m in said["models"]} - {None}) == 2


def test_a_model_that_read_nothing_of_a_document_is_not_named_for_it(trained):
    folder, read = trained
    with chain.opened(folder) as project:
        rows = {r["doc_id"]: r for r in chain.rows(project, "raw")}
        for doc in some_read(read, ()):
            crawls = {c for c in project.lake.partitions("raw") for c in c.values()}
            found = models(project, [Document(c, rows[doc]["shard"], doc, "", "", "") for c in sorted(crawls)])
            assert {(m["tokenized_version"], m["tokens"]) for m in found} == {(v, n[doc]) for v, n in read if n[doc]}


def test_the_story_of_a_document_that_stays_still_tells_what_each_model_read(trained, taken):
    project, _, read, hers = taken
    with chain.opened(trained[0]) as before:
        for doc in some_read(read, hers):
            told = of_models(project, doc)
            assert told == of_models(before, doc)
            assert {version: tokens for (version, _), (_, tokens, _) in told.items()} == {v: n[doc] for v, n in read}


def test_the_models_of_a_removed_document_are_still_told_by_its_id(taken):
    project, _, read, hers = taken
    doc = max(hers, key=lambda d: read[0][1][d])
    (stages,) = [reach.of(project, "doc", doc)["models"]]
    wanted = [(v, n[doc], None) for v, n in read]
    assert [(m["tokenized_version"], m["tokens_read"], m["note"]) for m in stages] == wanted
    assert {v: read for (v, _), (_, read, _) in of_models(project, doc).items()} == {v: n for v, n, _ in wanted}


def test_the_reach_of_documents_that_stay_is_the_same_by_an_index_as_by_the_stream(trained, taken):
    project, _, _, _ = taken
    doc = some_read(taken[2], taken[3])[0]
    host = next(r["host"] for r in chain.rows(project, "raw") if r["doc_id"] == doc)
    with chain.opened(trained[0]) as before:
        assert reach.of(project, "domain", host)["models"] == reach.of(before, "domain", host)["models"]


def test_an_index_holds_every_place_of_the_stream_and_neither_tokens_nor_text(trained, tmp_path):
    with chain.opened(shutil.copytree(trained[0], tmp_path / "copy")) as project:
        look, (version, _) = Snapshot(project.lake), trained[1][0]
        files = [f.name for f in look.files("tokenized", version=version, recipe="tiny")]
        streams.keep(project)
        index = streams.index_of(project.lake.storage, "tiny", version)
        with project.lake.storage.open(index) as file:
            table = pq.read_table(file)
        assert table.column_names == ["shard", "position", "crawl", "doc_id", "copy", "first_token", "size"]
        wanted = []
        for name in files:
            with project.lake.storage.open(name) as file:
                for r in pq.read_table(file, partitioning=None).to_pylist():
                    facts = [r[c] for c in table.column_names[:-1]]
                    wanted.append((*facts, len(r["tokens"])))
        assert sorted(tuple(r.values()) for r in table.to_pylist()) == sorted(wanted)


def test_what_is_live_gets_no_index_and_one_that_is_there_is_not_written_again(trained, tmp_path):
    with chain.opened(shutil.copytree(trained[0], tmp_path / "copy")) as project:
        streams.keep(project)
        (first, _), (second, _) = trained[1]
        storage = project.lake.storage
        assert storage.names("stream_index/tiny") == [f"{first}.parquet"]
        assert streams.index_of(storage, "tiny", second) is None
        written = storage.filesystem.info(storage.uri(f"stream_index/tiny/{first}.parquet"))["ino"]
        streams.keep(project)
        assert storage.filesystem.info(storage.uri(f"stream_index/tiny/{first}.parquet"))["ino"] == written


def test_a_story_without_stream_and_index_says_that_it_cannot_tell(taken, tmp_path):
    project, _, read, hers = taken
    with chain.opened(shutil.copytree(project.settings.folder, tmp_path / "copy")) as copy:
        copy.lake.storage.remove("stream_index")
        for doc in some_read(read, hers):
            for (version, _), (_, tokens_read, note) in of_models(copy, doc).items():
                assert tokens_read is None
                assert f"tokenized@{version}" in note
        assert all(m["tokens_read"] is None for m in reach.of(copy, "doc", doc)["models"])


def test_a_second_takedown_names_the_models_of_streams_that_the_first_deleted(taken, tmp_path):
    project, _, read, hers = taken
    doc = some_read(read, hers)[0]
    with chain.opened(shutil.copytree(project.settings.folder, tmp_path / "copy")) as copy:
        digests = {r["checkpoint_digest"] for r in chain.rows(copy, "proxy_model")}
        said = take_down(copy, ("doc_id", doc))
        assert {m["tokenized_version"] for m in said["models"]} == {version for version, _ in read}
        assert all(m["tokens"] for m in said["models"])
        assert digests < {m["checkpoint_digest"] for m in said["models"]}
