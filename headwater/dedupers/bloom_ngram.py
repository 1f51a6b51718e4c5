"""DCLM's Bloom filter over n-grams: what an earlier document said, paragraph by paragraph or document by document.

BFF of Li et al., "DataComp-LM" (2024, arXiv:2406.11794), with the options of DCLM-Baseline: 13-grams, a false positive
rate of 0.01, threshold 0.8, mode `old-both`. Documents are judged in the order of crawl and doc_id. A filter knows no
documents: a document that goes has no representative. Details are in `_bloom`.
"""

from headwater.dedupers import _bloom
from headwater.dedupers._bloom import Mode
from headwater.document import FilterDeduper
from headwater.errors import UserError

VERSION = 1


def bloom_ngram(
    *,
    mode: Mode = "old-both",
    min_ngram: int = 13,
    max_ngram: int = 13,
    threshold: float = 0.8,
    fp_rate: float = 0.01,
    expected_ngrams: int = 10_000_000,
) -> FilterDeduper:
    """Units of which more than `threshold` of the n-grams were seen, in a filter for `expected_ngrams` distinct ones.

    A crawl after which a new n-gram is taken for seen in more than twice `fp_rate` of cases is not published. The
    commit of `span_index` says how many n-grams a filter has, about, and its rate.
    """
    of = _bloom.size(ngrams=expected_ngrams, fp_rate=fp_rate)
    if not 0 <= threshold <= 1:
        raise UserError(f"bloom_ngram: threshold is {threshold}; give a share from 0 to 1")
    _bloom.check(mode, min_ngram, max_ngram)
    return FilterDeduper(
        empty=lambda: _bloom.empty(of),
        ngrams=lambda texts: _bloom.ngrams(texts, mode=mode, min_ngram=min_ngram, max_ngram=max_ngram),
        screen=lambda bits, found: _bloom.screen(bits, of, found, mode=mode, threshold=threshold),
        add=lambda bits, found, removed: _bloom.add(bits, of, found, removed),
        stretches=lambda found, said: _bloom.stretches(found, said, mode=mode),
        held=lambda bits: _bloom.held(bits, of),
        words=of.blocks * _bloom.BLOCK_BYTES // 8,
        threshold=threshold,
        expected_ngrams=expected_ngrams,
        fp_rate=fp_rate,
    )
