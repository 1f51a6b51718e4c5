"""Count how rare words are, for embedders/hashed_tfidf.py: one byte for each of 65,536 buckets of hashed words.

python -m scripts.word_rarity LAKE_PROJECT     a project whose lake has `extracted` texts

Texts that are equal count once. The result depends on the texts alone, not on their order.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from headwater.embedders._tfidf_kernels import frequencies
from headwater.embedders.hashed_tfidf import RARITY, STEPS
from headwater.lake.files import read_batches
from headwater.project import Project
from headwater.text.fold import fold_table
from headwater.text.shingles import utf8

BUCKETS = 1 << 16


def table(texts):
    """A byte for each bucket: (1 + ln((1 + texts) / (1 + texts with the word))) in steps."""
    data, offsets, _ = utf8(pa.array(texts, pa.large_string()))
    known = np.zeros(BUCKETS, dtype=np.int64)
    frequencies(data, offsets, fold_table(), known)
    return np.rint((1 + np.log((1 + len(texts)) / (1 + known))) * STEPS).clip(0, 255).astype(np.uint8)


def main():
    project = Project.open(Path(sys.argv[1]))
    files = project.lake.files("extracted")
    batches = (b for f in files for b in read_batches(project.lake.storage, f.name, ["text"]))
    texts = sorted({text for batch in batches for text in batch.column("text").to_pylist() if text})
    RARITY.write_bytes(table(texts).tobytes())


if __name__ == "__main__":
    main()
