"""A Bloom filter as rows of a table: pages of 64 KiB, those that are empty left out."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from headwater.document import Bits
from headwater.errors import BrokenLake

PAGE_BYTES = 1 << 16
WORDS = PAGE_BYTES // 8
SCHEMA = pa.schema([pa.field("key", pa.int64()), pa.field("bits", pa.binary())])


def count(words: int) -> int:
    """How many pages a filter of so many 64-bit words has."""
    return -(-words // WORDS)


def to_pages(bits: Bits, *, first: int = 0, stop: int | None = None, before: Bits | None = None) -> pa.Table:
    """Pages `first` up to `stop` that have a bit set; of a filter that was `before`, those that changed only."""
    numbers, content = [], []
    for number in range(first, count(len(bits)) if stop is None else min(stop, count(len(bits)))):
        part = slice(number * WORDS, (number + 1) * WORDS)
        page = bits[part]
        if page.any() and (before is None or not np.array_equal(page, before[part])):
            numbers.append(number)
            content.append(page.astype("<u8").tobytes())
    return pa.table([pa.array(numbers, pa.int64()), pa.array(content, pa.binary())], schema=SCHEMA)


def fill(bits: Bits, rows: Iterable[pa.RecordBatch]) -> Bits:
    """The filter with the bits of these rows (key, bits) set, in place; in any order."""
    for batch in rows:
        for key, content in zip(batch.column("key").to_pylist(), batch.column("bits"), strict=True):
            page = bits[key * WORDS : (key + 1) * WORDS]
            found = np.frombuffer(content.as_buffer(), dtype="<u8")
            if not len(page) or len(page) != len(found):
                raise BrokenLake(
                    f"page {key} of {len(found) * 8} bytes is not one of a filter of {len(bits) * 8} bytes"
                )
            page |= found
    return bits
