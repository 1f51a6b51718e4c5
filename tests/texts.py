"""Texts of real pages, as the extraction stage would give them."""

import hashlib

from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from resiliparse.parse.html import HTMLTree


def extracted_texts(root):
    """The main text of every HTML response under a folder of WARC files, in order."""
    return (text for _, _, text in extracted_pages(root))


def extracted_pages(root):
    """(doc_id, url, main text) of every HTML response under a folder of WARC files, in order."""
    for path in sorted(root.rglob("*.warc.gz")):
        if "robotstxt" in path.parts:
            continue
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
                if "html" in (record.http_content_type or ""):
                    body = record.reader.read()
                    tree = HTMLTree.parse(bytes_to_str(body, detect_encoding(body)))
                    doc_id = hashlib.sha256(record.record_id.encode()).hexdigest()[:32]
                    yield doc_id, record.headers["WARC-Target-URI"], extract_plain_text(tree, main_content=True)
