"""`dolma dedupe`: DCLM's n-gram Bloom filter in Rust, as paragraphs by n-grams of 13 words, timed in processor seconds.

The filter's size is a power of two in bytes, so its rate of false positives is lower than asked for: what it says it
has is given on to us, so that both sides have the same. Its start-up in Python is measured alone and taken off.
"""

import os
import re
import subprocess
from pathlib import Path


def command(dolma: Path, folder: Path, ngrams: int, *more: str) -> list[str]:
    options = {
        "--documents": folder / "documents" / "*.jsonl.gz",
        "--dedupe.name": "bff",
        "--dedupe.paragraphs.attribute_name": "repeated",
        "--dedupe.paragraphs.by_ngram.ngram_length": 13,
        "--dedupe.paragraphs.by_ngram.stride": 1,
        "--dedupe.paragraphs.by_ngram.overlap_threshold": 0.8,
        "--bloom_filter.file": folder / "filter",
        "--bloom_filter.estimated_doc_count": ngrams,
        "--bloom_filter.desired_false_positive_rate": 0.01,
        "--processes": 1,
    }
    flags = ["--dedupe.paragraphs.by_ngram.skip_short_paragraphs", "--no-bloom_filter.read_only", *more]
    return [str(dolma), "dedupe", *(str(part) for pair in options.items() for part in pair), *flags]


def timed(arguments: list[str]) -> tuple[float, str]:
    """Processor seconds of a command, and what it said."""
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(said)
    return used.ru_utime + used.ru_stime, said


def run(dolma: Path, folder: Path, ngrams: int) -> tuple[float, float]:
    """Seconds over all documents of the folder, and the filter's rate of false positives."""
    (folder / "filter").unlink(missing_ok=True)
    seconds, said = timed(command(dolma, folder, ngrams))
    start_up, _ = timed(command(dolma, folder, ngrams, "--dryrun"))
    written = folder / "attributes" / "bff"
    if not any(written.iterdir()):
        raise SystemExit(f"{written} is empty: dolma said {said}")
    return seconds - start_up, float(re.search(r"false positive rate ([0-9.e-]+)\.?\s", said)[1])
