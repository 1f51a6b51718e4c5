"""A crawl file as a file of this machine: where it lies, or a temporary copy of what lies elsewhere."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headwater.warc.crawl import CrawlRoot

CHUNK = 4 << 20


@contextmanager
def local_copy(root: CrawlRoot, path: str) -> Iterator[Path]:
    """The file at `path` of a crawl root. Reading it where it lies, or after one download, beats many ranged reads."""
    if "://" not in root.root:
        yield Path(root.root) / path
        return
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        copy = Path(folder) / path.rsplit("/", 1)[-1]
        with root.open(path) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
        yield copy
