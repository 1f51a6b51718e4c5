"""From a token to its bytes: every token is at its place in its document, every document at its place in the crawl."""

import base64
import hashlib
import random

import pytest

from headwater import story
from headwater.errors import NotFound, UserError
from headwater.model import tokenizer as bpe
from headwater.takedown import apply, request
from tests import chain

FIRST = "SAMPLE-2024-10"


def places(project, number, seed=0):
    """Random tokens of the stream: (shard, position of the token in it)."""
    ends = {}
    for row in chain.rows(project, "tokenized", recipe="tiny"):
        ends[row["shard"]] = max(ends.get(row["shard"], 0), row["first_token"] + len(row["tokens"]))
    drawn, shards = random.Random(seed), sorted(ends)
    chosen = drawn.choices(shards, weights=[ends[s] for s in shards], k=number)
    return [(shard, drawn.randrange(ends[shard])) for shard in chosen]


def test_a_thousand_random_tokens_are_at_their_place_in_their_documents_text(tiny_lake):
    texts = {row["doc_id"]: row["text"] for row in chain.rows(tiny_lake, "filtered", recipe="tiny")}
    rows = sorted(chain.rows(tiny_lake, "tokenized", recipe="tiny"), key=lambda r: (r["shard"], r["first_token"]))
    commit = tiny_lake.lake.published("tokenized", {"recipe": "tiny"})
    tokenizer = bpe.load(tiny_lake.lake.storage.read(commit.provenance.details["tokenizer"]).decode())
    for shard, position in places(tiny_lake, 1_000):
        row = next(r for r in reversed(rows) if r["shard"] == shard and r["first_token"] <= position)
        index = position - row["first_token"]
        start, end = bpe.token_span(tokenizer, row["tokens"], index)
        assert texts[row["doc_id"]].encode()[start:end] == bpe.token_bytes(tokenizer, row["tokens"][index])


def test_a_token_is_traced_to_its_place_in_the_text_that_the_recipe_kept(tiny_lake):
    for shard, position in places(tiny_lake, 15, seed=1):
        told = story.of_token(tiny_lake, f"tiny:{shard}:{position}")
        token = told["token"]
        data = story.text(tiny_lake, "tiny", told["doc_id"]).encode()[token["start_byte"] : token["end_byte"]]
        assert token["text"] in (data.decode(errors="replace"), bpe.END_OF_TEXT)
        assert (token["recipe"], token["shard"], token["position"]) == ("tiny", shard, position)
        stage = next(s for s in told["stages"] if s["table"] == "tokenized" and s["copy"] == token["copy"])
        assert 0 <= position - stage["first_token"] < stage["tokens"]


def test_the_first_and_the_last_token_of_the_stream_are_found(tiny_lake):
    rows = chain.rows(tiny_lake, "tokenized", recipe="tiny")
    shard = max(row["shard"] for row in rows)
    end = max(row["first_token"] + len(row["tokens"]) for row in rows if row["shard"] == shard)
    assert story.of_token(tiny_lake, "tiny:00000:0")["token"]["start_byte"] == 0
    assert story.of_token(tiny_lake, f"tiny:{shard}:{end - 1}")["token"]["text"] == bpe.END_OF_TEXT
    with pytest.raises(NotFound, match=str(end)):
        story.of_token(tiny_lake, f"tiny:{shard}:{end}")


def test_every_documents_payload_is_the_bytes_that_the_crawler_digested(tiny_lake, sample):
    digests = {row["doc_id"]: row["payload_digest"] for row in chain.rows(tiny_lake, "raw")}
    warcs = {row["shard"]: row["path"] for row in chain.rows(tiny_lake, "sources")}
    from headwater.warc.reader import read_at

    for row in chain.rows(tiny_lake, "raw"):
        with (sample / warcs[row["shard"]]).open("rb") as stream:
            body = read_at(stream, row["offset"], name="x").body()
        assert digests[row["doc_id"]] == "sha1:" + base64.b32encode(hashlib.sha1(body).digest()).decode()


def test_the_bytes_of_a_document_are_found_by_its_id_alone(tiny_lake):
    for row in chain.rows(tiny_lake, "raw")[::60]:
        body = story.record(tiny_lake, row["doc_id"]).body()
        assert row["payload_digest"] == "sha1:" + base64.b32encode(hashlib.sha1(body).digest()).decode()


def test_a_documents_story_has_every_stage_with_its_version_and_verdict(tiny_lake):
    doc = chain.rows(tiny_lake, "tokenized", recipe="tiny")[0]["doc_id"]
    told = story.of_document(tiny_lake, doc)
    assert list(told)[:5] == ["doc_id", "url", "crawl", "warc", "stages"]
    assert set(told["warc"]) == {"file", "offset", "length"}
    tables = [stage["table"] for stage in told["stages"]]
    assert tables == ["raw", "extracted", "filtered", "deduped", "mixed", "tokenized"]
    for stage in told["stages"][:5]:
        assert stage["outcome"] == "kept"
        assert stage["version"] >= 1
        assert {"rule", "value", "threshold"} <= set(stage)


def test_the_story_of_a_drop_ends_with_its_rule_value_and_threshold(tiny_lake):
    row = next(r for r in chain.rows(tiny_lake, "filtered", recipe="tiny") if r["rule"] == "gopher_quality.min_words")
    last = story.of_document(tiny_lake, row["doc_id"])["stages"][-1]
    assert (last["table"], last["rule"], last["threshold"]) == ("filtered", "gopher_quality.min_words", 30.0)
    assert last["value"] < 30.0


def test_a_url_gives_the_newest_document_and_names_the_others(tiny_lake):
    rows = chain.rows(tiny_lake, "raw")
    urls = {row["url"] for row in rows if row["shard"].startswith(FIRST)}
    url = next(row["url"] for row in rows if row["url"] in urls and not row["shard"].startswith(FIRST))
    told = story.of_url(tiny_lake, url)
    assert told["crawl"] == "SAMPLE-2025-03"
    assert [other["crawl"] for other in told["also"]] == [FIRST]


@pytest.mark.parametrize("ask", [
    lambda p: story.of_document(p, "0" * 32),
    lambda p: story.of_url(p, "http://nowhere.example/"),
    lambda p: story.of_token(p, "tiny:99999:0"),
    lambda p: story.record(p, "0" * 32),
    lambda p: story.text(p, "tiny", "0" * 32),
])  # fmt: skip
def test_what_is_not_there_is_said_to_be_not_there(tiny_lake, ask):
    with pytest.raises(NotFound):
        ask(tiny_lake)


def test_a_quote_in_a_url_is_a_character_like_any_other(tiny_lake):
    with pytest.raises(NotFound):
        story.of_url(tiny_lake, "http://x.example/' or 'a'='a")


@pytest.mark.parametrize("place", ["tiny", "tiny:0", "tiny:00000:-1", "tiny:00000:x", "tiny:00000:²"])
def test_a_place_that_is_none_is_refused(tiny_lake, place):
    with pytest.raises(UserError, match="RECIPE:SHARD:POSITION"):
        story.of_token(tiny_lake, place)


def test_a_recipe_without_a_stream_is_refused_with_those_that_have_one(tiny_lake):
    with pytest.raises(NotFound, match="have: tiny"):
        story.of_token(tiny_lake, "gopher:00000:0")


def test_the_dated_consent_of_a_document_is_beside_its_stages(tiny_lake):
    row = chain.rows(tiny_lake, "raw")[0]
    told = story.of_document(tiny_lake, row["doc_id"])
    assert [fact["as_of"] for fact in told["consent"]] == ["at_crawl"]
    assert "consent" not in {stage["table"] for stage in told["stages"]}


def test_the_bytes_of_a_removed_document_are_not_given_and_its_story_names_the_takedown(copy):
    row = next(r for r in chain.rows(copy, "tokenized", recipe="tiny"))
    url = story.of_document(copy, row["doc_id"])["url"]
    asked = request.Request((("url", url),), reason="asked to", reference="letter 7")
    takedown = request.add(copy, asked).id
    apply.apply(copy, takedown, scan=False)
    with pytest.raises(NotFound, match=takedown):
        story.record(copy, row["doc_id"])
    with pytest.raises(NotFound):
        story.text(copy, "tiny", row["doc_id"])
    told = story.of_document(copy, row["doc_id"])
    assert {stage["outcome"] for stage in told["stages"]} == {"removed"}
    assert (told["takedown"]["takedown"], told["takedown"]["reason"]) == (takedown, "asked to")
    assert story.of_url(copy, url)["takedown"]["takedown"] == takedown
