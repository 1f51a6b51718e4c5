"""Compared pairs of documents to verdicts, by document number: what is O(documents) is DuckDB's, which spills to disk.

A document's number is its place in order of precedence, (crawl, rank, doc_id), among the documents that match another.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater import clusters
from headwater.buckets import KNOWN, PAIR, STAR
from headwater.clusters import Checked, Stars
from headwater.lake.audit import connect, fetch, parquet
from headwater.lake.storage import Storage

I64 = npt.NDArray[np.int64]
FOUND = pa.schema([*PAIR, ("similarity", pa.float64()), ("accepted", pa.bool_())])
Compare = Callable[[pa.Table, int], tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]]
"""Similarity of pairs (rows of PAIR), and whether it suffices; and which round of proofs it is."""

# A pair tells the rank of a document, what is known of an earlier crawl's duplicates does not.
_DOCUMENTS = """
    create temp table documents as
    with sides as (
        select source, high, low, rank from found where accepted
        union all select other_source, other_high, other_low, other_rank from found where accepted
        union all select source, high, low, rank from stars
        union all select star_source, star_high, star_low, null from stars
    ), once as (select source, high, low, max(rank) as rank from sides group by all)
    select (row_number() over (order by crawl, coalesce(rank, 0), high, low) - 1)::bigint as number,
        once.* replace (coalesce(rank, 0) as rank)
    from once join sources using (source)
"""
_MATCHED = """
    with matched as (
        select source, high, low, other_source, other_high, other_low, similarity from found where accepted
        union all
        select source, high, low, star_source, star_high, star_low, similarity
        from (select distinct * from stars)
    )
    select l.number as later, e.number as earlier, similarity
    from matched m join documents l using (source, high, low)
    join documents e on m.other_source = e.source and m.other_high = e.high and m.other_low = e.low
"""
_REJECTED = """
    select a.later, a.earlier, f.similarity
    from asked a join documents l on a.later = l.number join documents e on a.earlier = e.number
    join found f on f.source = l.source and f.high = l.high and f.low = l.low
        and f.other_source = e.source and f.other_high = e.high and f.other_low = e.low
    where not f.accepted
"""


@contextmanager
def spilling(storage: Storage) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with bounded memory that puts the rest into a folder of its own, which goes away with the block."""
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder, connect(storage) as db:
        db.execute(f"set temp_directory = '{folder.replace(chr(39), chr(39) * 2)}'")
        yield db


def view(db: duckdb.DuckDBPyConnection, name: str, files: Sequence[str], schema: pa.Schema) -> None:
    """A view over scratch files, which may be none."""
    if files:
        db.execute(f"create temp view {name} as from {parquet(files)}")
    else:
        db.register(name, schema.empty_table())


@dataclass(frozen=True)
class Decided:
    """Verdicts on one crawl: its duplicates (rows of KNOWN) and the second proofs they rest on (rows of FOUND)."""

    duplicates: pa.Table
    proofs: pa.Table


@dataclass
class Matching:
    """One method's accepted pairs as numbers, and what has been proven besides."""

    db: duckdb.DuckDBPyConnection
    documents: pa.Table
    later: I64
    earlier: I64
    similarity: npt.NDArray[np.float64]
    compared: Checked = field(default_factory=Checked.none)
    rejected: Checked = field(default_factory=Checked.none)

    @classmethod
    def of(cls, db: duckdb.DuckDBPyConnection) -> "Matching":
        """From the views `found` (FOUND), `stars` (STAR) and `sources` (source, crawl: its place in their order)."""
        db.execute(_DOCUMENTS)
        documents = fetch(db, "select source, high, low, rank from documents order by number")
        pairs = fetch(db, _MATCHED)
        columns = [pairs.column(name).to_numpy() for name in ("later", "earlier", "similarity")]
        return cls(db, documents, *columns)

    def settle(self, compare: Compare) -> Stars:
        """Stars, when every proof that they ask for is there."""
        rounds = 1
        while True:
            stars = clusters.stars(self.earlier, self.later, self.similarity, checked=self.compared.plus(self.rejected))
            if not stars.needed_document.size:
                return stars
            later, earlier = self._unknown(stars.needed_document, stars.needed_representative)
            if later.size:
                similarity, accepted = compare(self.pairs(later, earlier), rounds)
                self.compared = self.compared.plus(Checked(later, earlier, similarity, accepted))
                rounds += 1

    def _unknown(self, later: I64, earlier: I64) -> tuple[I64, I64]:
        """Those that were not candidates before; what is known of the others is noted."""
        self.db.register("asked", pa.table({"later": later, "earlier": earlier}))
        found = fetch(self.db, _REJECTED)
        self.db.unregister("asked")
        known, before, similarity = (found.column(name).to_numpy() for name in ("later", "earlier", "similarity"))
        rejected = Checked(known, before, similarity, np.zeros(found.num_rows, dtype=np.bool_))
        self.rejected = self.rejected.plus(rejected)
        new = ~np.isin(self._code(later, earlier), self._code(known, before))
        return later[new], earlier[new]

    def _code(self, later: I64, earlier: I64) -> I64:
        code: I64 = later * self.documents.num_rows + earlier
        return code

    def pairs(self, later: I64, earlier: I64) -> pa.Table:
        """Pairs of numbers as rows of PAIR."""
        names = ["source", "high", "low", "rank"]
        sides = [self.documents.select(names).take(pa.array(side)) for side in (later, earlier)]
        return pa.table([column for side in sides for column in side.columns], schema=PAIR)

    def decided(self, stars: Stars, first_source: int, method: int) -> Decided:
        """What became of the documents of sources from the first one on."""
        source = self.documents.column("source").to_numpy()
        mine = source[stars.document] >= first_source
        both = self.pairs(stars.document[mine], stars.representative[mine])
        columns = [
            *both.columns[:3],
            np.full(both.num_rows, method, dtype=np.int16),
            *both.columns[4:7],
            stars.similarity[mine],
        ]
        duplicates = pa.table(columns, schema=KNOWN)
        used = np.isin(
            self._code(self.compared.document, self.compared.representative),
            self._code(stars.second.document, stars.second.representative),
        ) & (source[self.compared.document] >= first_source)  # fmt: skip
        proofs = self.compared.take(used)
        columns = [*self.pairs(proofs.document, proofs.representative).columns, proofs.similarity, proofs.accepted]
        return Decided(_ordered(duplicates), _ordered(pa.table(columns, schema=FOUND)))


def _ordered(rows: pa.Table) -> pa.Table:
    names = [name for name in rows.column_names if name.endswith(("source", "high", "low"))]
    return rows.take(pa.array(np.lexsort([rows.column(name).to_numpy() for name in reversed(names)])))


__all__ = ["FOUND", "STAR", "Compare", "Decided", "Matching", "spilling", "view"]
