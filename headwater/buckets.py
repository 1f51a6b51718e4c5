"""From the buckets of `minhash_index` to candidate pairs, one range of buckets at a time.

The documents *at hand* for a method are those of its buckets that no earlier method of the recipe took away, in any
crawl: also those that the method itself found to be duplicates. That is what one run over all crawls would look at, so
a crawl that comes later is given the same candidates. Documents are ordered by crawl, rank and doc_id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater import identity
from headwater.identity import U64
from headwater.lake.files import read_where
from headwater.lake.storage import Storage

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

# A document is compared with this many of its bucket's earliest, so a bucket of n costs n pairs, not n squared.
LEADERS = 16
GOLDEN = np.uint64(0x9E37_79B9_7F4A_7C15)
WHOLE = ["doc_id", "shard", "split", "rank"]

# A document that some method of its own crawl found to be a duplicate, and of which one.
KNOWN = pa.schema([
    ("source", pa.int32()), ("high", pa.uint64()), ("low", pa.uint64()), ("method", pa.int16()),
    ("star_source", pa.int32()), ("star_high", pa.uint64()), ("star_low", pa.uint64()), ("similarity", pa.float64()),
])  # fmt: skip
PAIR = pa.schema([
    ("source", pa.int32()), ("high", pa.uint64()), ("low", pa.uint64()), ("rank", pa.int64()),
    ("other_source", pa.int32()), ("other_high", pa.uint64()), ("other_low", pa.uint64()), ("other_rank", pa.int64()),
])  # fmt: skip
STAR = pa.schema([*list(PAIR)[:4], *list(KNOWN)[4:]])


@dataclass(frozen=True)
class Rows:
    """Rows of the index (n,): `key` is the bucket and its band, `source` the place of the shard among all sources."""

    key: U64
    split: I32
    rank: I64
    source: I32
    high: U64
    low: U64

    def take(self, which: Any) -> "Rows":
        """Those at the places, or where the flag is set."""
        return Rows(
            self.key[which], self.split[which], self.rank[which], self.source[which], self.high[which], self.low[which]
        )  # fmt: skip


@dataclass(frozen=True)
class Sources:
    """The shards of all crawls that are compared, in the order of their crawls."""

    crawl: pa.Array
    shard: pa.Array
    order: I32

    @classmethod
    def of(cls, rows: pa.Table) -> "Sources":
        """From a table of `crawl` and `shard`, ordered by crawl."""
        crawl = rows.column("crawl").combine_chunks()
        order = np.cumsum([0, *(a != b for a, b in zip(crawl[1:].to_pylist(), crawl[:-1].to_pylist(), strict=True))])
        return cls(crawl, rows.column("shard").combine_chunks(), order[: len(crawl)].astype(np.int32))

    def of_crawl(self, crawl: str, shards: pa.Array) -> I32:
        """The sources of shards of one crawl; -1 for those that are not there."""
        here = np.flatnonzero(pc.equal(self.crawl, crawl).to_numpy(zero_copy_only=False))
        place = pc.fill_null(pc.index_in(shards, value_set=self.shard.take(pa.array(here))), -1).to_numpy()
        return np.where(place < 0, -1, np.append(here, -1)[place]).astype(np.int32)


def read(
    storage: Storage, files: Sequence[str], crawl: str, sources: Sources, method: str, low: int, high: int,
    wanted: U64 | None = None,
) -> Rows:  # fmt: skip
    """A method's rows of one crawl within a range of buckets, and of those only such as have a `wanted` key."""
    bounds = {"method": (method, method), "bucket": (low, high)}
    found: list[Rows] = []
    for name in files:
        for rows in read_where(storage, name, bounds, ["bucket", "band", *WHOLE]):
            band = rows.column("band").to_numpy().astype(np.uint64) + np.uint64(1)
            key = rows.column("bucket").to_numpy().view(np.uint64) ^ (band * GOLDEN)
            if wanted is not None:
                here = np.flatnonzero(identity.among(key, wanted))
                rows, key = rows.take(pa.array(here)), key[here]
            if key.size:
                found.append(_rows(key, rows, sources, crawl))
    return joined(found)


def _rows(key: U64, rows: pa.Table, sources: Sources, crawl: str) -> Rows:
    source = sources.of_crawl(crawl, rows.column("shard").combine_chunks())
    halves = identity.halves(rows.column("doc_id"))
    return Rows(key, rows.column("split").to_numpy(), rows.column("rank").to_numpy(), source, *halves)


def joined(parts: Sequence[Rows]) -> Rows:
    """Parts one after another."""
    kinds = {"key": np.uint64, "split": np.int32, "rank": np.int64, "source": np.int32}
    columns: dict[str, Any] = {}
    for name in (field.name for field in fields(Rows)):
        nothing = np.zeros(0, kinds.get(name, np.uint64))
        columns[name] = np.concatenate([nothing, *(getattr(part, name) for part in parts)])
    return Rows(**columns)


def shared(rows: Rows, mine: Flags) -> Flags:
    """The rows of buckets that hold one document of this crawl and one more."""
    keys, place, count = np.unique(rows.key, return_inverse=True, return_counts=True)
    own = np.bincount(place[mine], minlength=keys.size)
    found: Flags = ((count > 1) & (own > 0))[place]
    return found


@dataclass(frozen=True)
class Proposed:
    """Pairs (m,) as places of documents; which documents had an earlier one left out; and what the buckets were."""

    documents: Rows
    later: I32
    earlier: I32
    left_out: Flags
    counted: Mapping[str, int]


def proposed(rows: Rows, sources: Sources, crawl: int) -> Proposed:
    """The candidates among rows: documents of one crawl, a place in the order of crawls, with earlier ones."""
    from headwater._buckets import propose, room

    documents, number = _numbered(rows, sources)
    order = np.lexsort((number, rows.key))
    key, number = rows.key[order], number[order]
    mine = sources.order[rows.source[order]] == crawl
    new = np.ones(key.size + 1, dtype=np.bool_)
    new[1:-1] = key[1:] != key[:-1]
    first = np.flatnonzero(new).astype(np.int64)
    most = room(first, mine, LEADERS)
    later, earlier = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    left_out = np.zeros(len(documents.key), dtype=np.bool_)
    count = propose(first, number, rows.split[order], mine, LEADERS, later, earlier, left_out)
    once = np.unique((later[:count].astype(np.uint64) << np.uint64(32)) | earlier[:count].astype(np.uint64))
    sizes = np.diff(first)
    counted = {
        "buckets": int((sizes > 1).sum()), "oversized": int((sizes > LEADERS).sum()),
        "largest": int(sizes.max(initial=0)),
    }  # fmt: skip
    return Proposed(
        documents, (once >> np.uint64(32)).astype(np.int32), once.astype(np.uint32).astype(np.int32), left_out, counted
    )


def _numbered(rows: Rows, sources: Sources) -> tuple[Rows, I32]:
    """The documents of rows in order of precedence, and each row's document."""
    crawl = sources.order[rows.source]
    order = np.lexsort((rows.low, rows.high, rows.rank, crawl))
    new = np.zeros(order.size, dtype=np.bool_)
    new[:1] = True
    for there in (crawl[order], rows.high[order], rows.low[order]):
        new[1:] |= there[1:] != there[:-1]
    number = np.empty(order.size, dtype=np.int32)
    number[order] = np.cumsum(new) - 1
    return rows.take(order[new]), number


def pairs(found: Proposed) -> pa.Table:
    """Candidates as rows of PAIR."""
    sides = (found.documents.take(found.later), found.documents.take(found.earlier))
    return pa.table([c for side in sides for c in (side.source, side.high, side.low, side.rank)], schema=PAIR)
