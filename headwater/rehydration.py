"""More copies of what the web has more often: FineWeb2's duplication-aware up-sampling, called rehydration.

Source: Penedo et al. 2025, arXiv:2506.20920, and `misc/rehydration` of github.com/huggingface/fineweb-2. A document
that survived deduplication is repeated by the size of its cluster, by a step function {cluster size: repeats}.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from headwater import survivors
from headwater.lake import scratch
from headwater.lake.audit import connect, parquet, uris
from headwater.lake.store import Draft
from headwater.text.labels import same_language

I64 = npt.NDArray[np.int64]
Steps = Mapping[int, int]

SIZE = pa.schema([("place", pa.string()), ("doc_id", pa.string()), ("documents", pa.int64())])
BATCH = 4_096
NOTHING: Steps = {1: 1}

# A record id can occur in two crawls: then the copies count at both places of their representative.
_SIZES = """
    with stands as ({stands}), copies as (
        select survivor, count(*) as duplicates
        from {deduped} as copy join stands on stands.named = copy.representative
        where copy.outcome = 'duplicate' group by 1
    )
    select kept.crawl || '~' || kept.shard as place, kept.doc_id, 1 + copies.duplicates as documents
    from copies join {deduped} as kept on kept.doc_id = copies.survivor
    where kept.outcome = 'kept'
    order by place, doc_id
"""


def repeats(sizes: I64, steps: Steps) -> I64:
    """How often a document of each cluster size is repeated: the value of the largest key that is not above the size.

    Sizes above the last key have its value; below the first key it is 1.
    """
    keys = np.array(sorted(steps), dtype=np.int64)
    values = np.array([1, *(steps[key] for key in keys.tolist())], dtype=np.int64)
    found: I64 = values[np.searchsorted(keys, sizes, side="right")]
    return found


def of_languages(
    languages: Iterable[str | None], sizes: I64, steps: Steps | None, by_language: Mapping[str, Steps] | None
) -> I64:
    """How often each document is repeated, by the steps of its language, else by those for all."""
    named = list(languages)
    found = np.ones(len(named), dtype=np.int64)
    for language in set(named):
        here = np.array([each == language for each in named], dtype=np.bool_)
        found[here] = repeats(sizes[here], _steps(language, by_language or {}) or steps or NOTHING)
    return found


def _steps(language: str | None, by_language: Mapping[str, Steps]) -> Steps | None:
    if language is None:
        return None
    return by_language.get(language) or next((by_language[n] for n in by_language if _same(n, language)), None)


@lru_cache(maxsize=4096)
def _same(one: str, other: str) -> bool:
    return same_language(one, other)


def gather(draft: Draft, deduped: list[str]) -> str:
    """Sizes of all clusters of two or more, in all crawls, by the place of their survivor; gives the scratch file."""
    if not scratch.missing(draft, "sizes", ["all"]):
        return scratch.name(draft, "sizes", "all")
    with scratch.writer(draft, "sizes", "all", SIZE) as out, connect(draft.storage) as db:
        if deduped:
            # Sorted and in small row groups, so that a shard reads its own by their statistics.
            found = parquet(uris(draft.storage, deduped))
            query = _SIZES.format(deduped=found, stands=survivors.stands(found))
            for batch in db.sql(query).to_arrow_reader(BATCH):
                out.write_batch(batch.cast(SIZE))
    return scratch.name(draft, "sizes", "all")


def of_shard(draft: Draft, sizes: str, place: str) -> dict[str, int]:
    """Sizes of the clusters whose survivor is in one shard."""
    with draft.storage.open(sizes) as file:
        found = pq.read_table(file, filters=[("place", "==", place)], columns=["doc_id", "documents"])
    return dict(zip(*(found.column(name).to_pylist() for name in ("doc_id", "documents")), strict=True))


def derived(counts: Mapping[int, tuple[int, int]], most: int = 10) -> dict[int, int]:
    """The step function of a language by its filters' verdicts: {cluster size: (documents, dropped)} in, steps out.

    A size whose removal rate is near the rate over all, or above, is repeated once; the size of the lowest rate `most`
    times; between them linearly, rounded. Neighbours that agree are one step. Raises ValueError where nothing is
    counted. FineWeb2 counts clusters that were found before filtering; how it groups rare sizes is not published, so a
    size of few documents is as good as its counts.
    """
    if most < 1 or not counts or any(size < 1 or not 0 <= out <= n or n < 1 for size, (n, out) in counts.items()):
        raise ValueError("counts must be {size: (documents, dropped)} with documents at least 1, and most at least 1")
    overall = sum(out for _, out in counts.values()) / sum(n for n, _ in counts.values())
    rates = {size: out / n for size, (n, out) in sorted(counts.items())}
    span = overall - min(rates.values())
    found: dict[int, int] = {}
    for size, rate in rates.items():
        wanted = 1 + round(max(0.0, overall - rate) / span * (most - 1)) if span > 0 else 1
        if not found or found[max(found)] != wanted:
            found[size] = wanted
    return found
