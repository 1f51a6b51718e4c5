"""What Dolma's taggers measure. Run by peers.py in a venv of its own: python peers_dolma.py INPUT OUTPUT OPTIONS.

The tagger classes that `dolma tag` calls, on one document after the other. A tagger gives spans; a span of the whole
text with a score is a number of the document, any other is a place in it, of which we keep type, start and end.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

TAGGERS = ("gopher_v1", "gopher_v2", "c4_v1", "c4_v2", "pii_regex_v1", "pii_regex_v2", "pii_regex_with_counts_fast_v2")
WHOLE = ("gopher_v1", "gopher_v2")


def measured(name, result):
    """Numbers of the document, and places by type."""
    spans = result.spans
    if name in WHOLE:
        return {"values": {span.type: span.score for span in spans}}
    places = {}
    for span in spans:
        places.setdefault(span.type, []).append((span.start, span.end))
    return {"places": places}


def main(source, output, options):
    from dolma.core.data_types import Document
    from dolma.core.registry import TaggerRegistry

    taggers = {name: TaggerRegistry.get(name)() for name in TAGGERS}
    seconds = Counter()
    with Path(source).open(encoding="utf-8") as lines, Path(output).open("w", encoding="utf-8") as out:
        for line in lines:
            row = json.loads(line)
            document = Document(source="", version="", id=row["doc_id"], text=row["text"])
            said = {"doc_id": row["doc_id"]}
            for name, tagger in taggers.items():
                start = time.process_time()
                try:
                    said[name] = measured(name, tagger.predict(document))
                except Exception as error:  # noqa: BLE001  # whatever the peer raises is an answer, too
                    said[name] = {"raises": type(error).__name__}
                seconds[name] += time.process_time() - start
            out.write(json.dumps(said) + "\n")
        out.write(json.dumps({"seconds": seconds}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
