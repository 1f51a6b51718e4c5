"""The sample by a recipe that removes repeated lines: from `deduped` to the stream, an export, and back to the page."""

import gzip
import json
from collections import Counter

import pytest

from headwater import exports, releases, story
from headwater.model import tokenizer as bpe
from tests import chain, cutting


@pytest.fixture(scope="module")
def project(lined):
    """The project, opened."""
    with chain.opened(lined) as found:
        yield found


@pytest.fixture(scope="module")
def texts(project):
    """What is left of each kept document by (crawl, doc_id): `deduped.edits` taken out of `filtered.text` by hand."""
    filtered, found = by_document(project, "filtered"), {}
    for key, row in by_document(project, "deduped").items():
        if row["outcome"] == "kept":
            text = filtered[key]["text"]
            for edit in reversed(row["edits"] or []):
                text = text[: edit["start"]] + text[edit["stop"] :]
            found[key] = text
    return found


def by_document(project, table):
    """Rows of a table by (crawl, doc_id)."""
    return {
        (file.partition["crawl"], row["doc_id"]): row
        for file in project.lake.files(table, {}) for row in cutting.rows_of(project.lake.storage, file.name)
    }  # fmt: skip


def test_no_line_of_what_remains_comes_twice(project, texts):
    lines = Counter(line for text in texts.values() for line in text.split("\n") if any(map(str.isalpha, line)))
    assert lines
    assert lines.most_common(1)[0][1] == 1
    assert any(row["edits"] for row in by_document(project, "deduped").values())
    assert chain.broken(project) == []


def test_tokens_decode_to_exactly_what_remains(project, texts):
    commit = project.lake.published("tokenized", {"recipe": "tiny"})
    tokenizer = bpe.load(project.lake.storage.read(commit.provenance.details["tokenizer"]).decode())
    rows = chain.rows(project, "tokenized")
    assert rows
    for row in rows:
        written = b"".join(bpe.token_bytes(tokenizer, token) for token in row["tokens"])
        assert written.decode() == texts[row["crawl"], row["doc_id"]]


def test_a_token_is_traced_to_its_characters_of_the_extracted_text(project):
    edits = by_document(project, "deduped")
    row = next(r for r in chain.rows(project, "tokenized") if edits[r["crawl"], r["doc_id"]]["edits"])
    whole = by_document(project, "extracted")[row["crawl"], row["doc_id"]]["text"]
    for index in range(0, len(row["tokens"]) - 1, max(1, len(row["tokens"]) // 40)):
        token = story.of_token(project, f"tiny:{row['shard']}:{row['first_token'] + index}")["token"]
        there = whole[token["extracted_start"] : token["extracted_stop"]]
        assert token["text"] == there or (there.startswith(token["text"][0]) and there.endswith(token["text"][-1]))


def test_an_export_has_what_remains(project, texts):
    release = releases.create(project, "lined", "tiny", to="tokenized")
    made = exports.make(project, release, "jsonl", {"compression": "gz"})
    names = [f"{exports.folder('lined', 'jsonl')}/{file.name}" for file in made.files]
    lines = [line for name in names for line in gzip.decompress(project.lake.storage.read(name)).splitlines()]
    given = {(row["crawl"], row["doc_id"]): row["text"] for row in map(json.loads, lines)}
    kept = {(row["crawl"], row["doc_id"]) for row in chain.rows(project, "tokenized", ["crawl", "doc_id"])}
    assert given == {key: texts[key] for key in kept}
