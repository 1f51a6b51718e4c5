"""datatrove's four steps of MinHash over texts. Run by peers.py in a venv of its own, as IN OUT OPTIONS.

14 buckets of 8 hashes over 5-grams of words, as FineWeb. What each step took is the last line of OUT.
"""

import json
import sys
import tempfile
import time
from pathlib import Path


def main(source, output, _):
    from datatrove.data import Document
    from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.hashing import HashConfig

    rows = [json.loads(line) for line in Path(source).read_text(encoding="utf-8").splitlines()]
    config = MinhashConfig(hash_config=HashConfig(precision=64), n_grams=5, num_buckets=14, hashes_per_bucket=8)
    seconds = {}

    def documents():
        return (Document(text=row["text"], id=row["id"]) for row in rows)

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        steps = {
            "signatures": MinhashDedupSignature(str(folder / "signatures"), config=config, language="eng"),
            "buckets": MinhashDedupBuckets(str(folder / "signatures"), str(folder / "buckets"), config=config),
            "cluster": MinhashDedupCluster(str(folder / "buckets"), str(folder / "remove"), config=config),
            "filter": MinhashDedupFilter(str(folder / "remove")),
        }
        writer = JsonlWriter(str(folder / "out"))
        for name, step in steps.items():
            start = time.process_time()
            workers = 14 if name == "buckets" else 1
            for rank in range(workers):
                found = step.run(documents() if name in ("signatures", "filter") else None, rank, workers)
                for _ in writer.run(found) if name == "filter" else found or ():
                    pass
            seconds[name] = time.process_time() - start
    Path(output).write_text(json.dumps({"seconds": seconds}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
