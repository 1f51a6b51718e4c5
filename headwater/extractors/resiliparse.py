"""Main content as plain text by Resiliparse, the extractor of DCLM (arXiv:2406.11794; resiliparse.chatnoir.eu)."""

from typing import Literal

from headwater.document import Extraction

VERSION = 1


def resiliparse(
    html: str,
    *,
    url: str,
    main_content: bool = True,
    preserve_formatting: bool | Literal["minimal_html"] = True,
    list_bullets: bool = True,
    alt_texts: bool = False,
    links: bool = False,
    form_fields: bool = False,
    noscript: bool = False,
    comments: bool = True,
    post_meta: bool = True,
    hidden_elements: bool = False,
    skip_elements: tuple[str, ...] = (),
) -> Extraction | None:
    """Title and main text of a page given as Unicode; None where it has no text.

    Options are Resiliparse's own; `skip_elements` are CSS selectors of what is left out.
    """
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(html)
    text = extract_plain_text(
        tree,
        main_content=main_content,
        preserve_formatting=preserve_formatting,
        list_bullets=list_bullets,
        alt_texts=alt_texts,
        links=links,
        form_fields=form_fields,
        noscript=noscript,
        comments=comments,
        post_meta=post_meta,
        hidden_elements=hidden_elements,
        skip_elements=tuple(skip_elements) or None,
    )
    return Extraction(text, tree.title or None) if text.strip() else None
