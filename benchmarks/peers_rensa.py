"""rensa's MinHash signatures. Run by peers.py in a venv of its own: python peers_rensa.py INPUT OUTPUT OPTIONS.

128 permutations of 5-word shingles, words lower-cased and split at white space: less work than our normalisation. Three
figures: from text by its classes RMinHash and CMinHash, and by RMinHash from lists of shingles that are there already,
which leaves out half of the work.
"""

import json
import sys
import time
from pathlib import Path

from rensa import CMinHash, RMinHash


def shingles(text):
    words = text.lower().split()
    return [" ".join(words[i : i + 5]).encode() for i in range(len(words) - 4)]


def sketch(kind, sets):
    for items in sets:
        one = kind(128, 1)
        one.update(items)
        one.digest()


def main(source, output):
    with Path(source).open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    made = [shingles(text) for text in texts]
    seconds = {}
    for name, kind, sets in (
        ("RMinHash", RMinHash, map(shingles, texts)),
        ("CMinHash", CMinHash, map(shingles, texts)),
        ("RMinHash, shingles made before", RMinHash, made),
    ):
        start = time.process_time()
        sketch(kind, sets)
        seconds[name] = time.process_time() - start
    Path(output).write_text(json.dumps({"seconds": seconds}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
