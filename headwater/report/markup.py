"""A document as HTML that stands by itself, or as Markdown. Domains and texts come from the web, so all is escaped.

The HTML loads nothing and runs nothing; it reads on a screen and prints on paper.
"""

import html
import re
from collections.abc import Iterator

from headwater.report.numbers import Listing, Number, Value
from headwater.report.page import Block, Field, Link, Page, Ref, Rows, Section, linked, shown

WORDS = {
    "recorded": "from the lake", "given": "from the provider", "not applicable": "not applicable",
    "optional": "optional",
}  # fmt: skip
MARKS = re.compile(r"([\\`*_\[\]<>#|~&])")


def as_html(page: Page) -> str:
    """The whole document in one file."""
    places = {entry.name: place for place, entry in enumerate(page.cited(), 1)}
    answered, total = page.completeness
    body = [
        f"<h1>{_safe(page.title)}</h1>",
        f'<p class="lead">{_safe(page.subtitle)}</p>',
        '<dl class="head">',
        *(_head_html(label, value) for label, value in page.header),
        f"<div><dt>Answered</dt><dd>{answered} of {total} fields</dd></div>",
        "</dl>",
        *(f'<p class="note">{_safe(note)}</p>' for note in page.notes),
        *(line for section in page.sections for line in _section_html(section, places, page.todo)),
        *_evidence_html(page, places),
    ]
    return _FRAME.replace("$TITLE", _safe(page.title)).replace("$STYLE", _STYLE).replace("$BODY", "\n".join(body))


def as_markdown(page: Page) -> str:
    """The whole document as Markdown, numbers linked to the queries at its end."""
    places = {entry.name: place for place, entry in enumerate(page.cited(), 1)}
    answered, total = page.completeness
    lines = [f"# {_mark(page.title)}", "", _mark(page.subtitle), ""]
    lines += [f"- {_mark(label)}: {_block_markdown(linked(value), {})}" for label, value in page.header]
    lines += [f"- Answered: {answered} of {total} fields", ""]
    lines += [line for note in page.notes for line in (_mark(note), "")]
    for section in page.sections:
        lines += [f"## {_numbered(section.id, section.title)}", ""]
        for entry in section.fields:
            lines += [*_field_markdown(entry, places, page.todo), ""]
    return "\n".join([*lines, *_evidence_markdown(page, places)])


def safe(text: str) -> str:
    """Text without characters that a reader would not see or that change what they see: those are shown as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _safe(text: str) -> str:
    return html.escape(safe(text))


def _mark(text: str) -> str:
    return MARKS.sub(r"\\\1", safe(text))


def _numbered(id: str, title: str) -> str:
    return f"{id} {_mark(title)}" if id[:1].isdigit() else _mark(title)


def _head_html(label: str, value: str) -> str:
    wide = ' class="wide"' if len(value) > 40 else ""
    return f"<div{wide}><dt>{_safe(label)}</dt><dd>{_block_html(linked(value), {})}</dd></div>"


def _section_html(section: Section, places: dict[str, int], todo: str) -> Iterator[str]:
    label = f'<span class="id">{_safe(section.id)}</span>' if section.id[:1].isdigit() else ""
    yield f'<section id="s-{_safe(section.id)}"><h2>{label}{_safe(section.title)}</h2>'
    for entry in section.fields:
        yield from _field_html(entry, places, todo)
    yield "</section>"


def _field_html(entry: Field, places: dict[str, int], todo: str) -> Iterator[str]:
    label = f'<span class="id">{_safe(entry.id)}</span>' if entry.id[:1].isdigit() else ""
    state = todo if entry.state == "missing" else WORDS[entry.state]
    kind = entry.state.replace(" ", "-")
    yield f'<article class="{kind}" id="f-{_safe(entry.id)}"><h3>{label}{_safe(entry.title)}'
    yield f'<span class="state">{_safe(state)}</span></h3>'
    for block in entry.blocks:
        yield _block_html(block, places) if isinstance(block, Rows) else f"<p>{_block_html(block, places)}</p>"
    yield "</article>"


def _block_html(block: Block, places: dict[str, int]) -> str:
    if isinstance(block, Link):
        return f'<a href="{_safe(block.target)}" rel="noreferrer">{_safe(block.label)}</a>'
    if isinstance(block, Rows):
        return _rows_html(block, places)
    return "".join(_safe(run) if isinstance(run, str) else _ref_html(run, places) for run in block.runs)


def _ref_html(ref: Ref, places: dict[str, int]) -> str:
    place = places[ref.name]
    title = _safe(ref.name)
    return f'<span class="n">{_safe(ref.shown)}</span><a class="q" href="#q{place}" title="{title}">{place}</a>'


def _rows_html(block: Rows, places: dict[str, int]) -> str:
    place = places[block.name]
    numeric = [_is_numeric([row[i] for row in block.rows]) for i in range(len(block.columns))]
    kinds = [' class="r"' if each else "" for each in numeric]
    head = "".join(f"<th{kind}>{_safe(name)}</th>" for name, kind in zip(block.columns, kinds, strict=True))
    lines = [
        "<tr>" + "".join(f"<td{kind}>{_cell(value)}</td>" for value, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in block.rows
    ]
    body = "".join(lines) or f'<tr><td colspan="{len(block.columns)}">no rows</td></tr>'
    link = f'<a href="#q{place}" title="{_safe(block.name)}">query {place}</a>'
    return f'<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p class="from">{link}</p>'


def _cell(value: Value) -> str:
    return "" if value is None else _safe(shown(value))


def _is_numeric(values: list[Value]) -> bool:
    return bool(values) and all(isinstance(v, int | float | None) for v in values)


def _evidence_html(page: Page, places: dict[str, int]) -> Iterator[str]:
    yield '<section class="evidence"><h2>Where the numbers come from</h2>'
    yield f"<p>{_safe(ABOUT)}</p>"
    yield f'<h3><code>training</code></h3><pre>{html.escape(page.facts.definition)}</pre><ol class="queries">'
    for entry in page.cited():
        tables = ", ".join(_safe(table) for table in entry.tables)
        yield f'<li id="q{places[entry.name]}"><strong>{_safe(entry.name)}</strong>: {_safe(_what(entry))}'
        yield f'<br><span class="from">read from {tables}</span><pre>{html.escape(entry.query)}</pre></li>'
    yield "</ol></section>"


def _what(entry: Number | Listing) -> str:
    return f"{entry.what}, in {entry.unit}" if isinstance(entry, Number) else entry.what


ABOUT = (
    "Each number is the answer to the query of its mark, over the table versions that are named. The digests of those "
    "versions are in numbers.json. The queries read the views of the release; training is this one:"
)


def _field_markdown(entry: Field, places: dict[str, int], todo: str) -> Iterator[str]:
    state = todo if entry.state == "missing" else WORDS[entry.state]
    yield f"### {_numbered(entry.id, entry.title)}"
    yield ""
    yield f"*{state}*" if entry.state != "missing" else f"**{state}**"
    for block in entry.blocks:
        yield ""
        yield _block_markdown(block, places)


def _block_markdown(block: Block, places: dict[str, int]) -> str:
    if isinstance(block, Link):
        return f"<{block.target}>" if block.label == block.target else f"[{_mark(block.label)}]({block.target})"
    if isinstance(block, Rows):
        return _rows_markdown(block, places)
    return "".join(_mark(run) if isinstance(run, str) else _ref_markdown(run, places) for run in block.runs)


def _ref_markdown(ref: Ref, places: dict[str, int]) -> str:
    return f"[{_mark(ref.shown)}](#q{places[ref.name]})"


def _rows_markdown(block: Rows, places: dict[str, int]) -> str:
    numeric = [_is_numeric([row[i] for row in block.rows]) for i in range(len(block.columns))]
    lines = ["| " + " | ".join(_mark(name) for name in block.columns) + " |"]
    lines += ["|" + "|".join("---:" if each else "---" for each in numeric) + "|"]
    lines += ["| " + " | ".join(_mark("" if v is None else shown(v)) for v in row) + " |" for row in block.rows]
    return "\n".join([*lines, "", f"[query {places[block.name]}](#q{places[block.name]})"])


def _evidence_markdown(page: Page, places: dict[str, int]) -> list[str]:
    lines = ["## Where the numbers come from", "", ABOUT, "", "```sql", page.facts.definition, "```", ""]
    for entry in page.cited():
        place = places[entry.name]
        lines += [f'<a id="q{place}"></a>', "", f"{place}. `{entry.name}`: {_mark(_what(entry))}; "]
        lines[-1] += f"read from {', '.join(map(_mark, entry.tables))}"
        lines += ["", "```sql", entry.query, "```", ""]
    return lines


_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$TITLE</title>
<style>$STYLE</style>
</head>
<body>
<main>
$BODY
</main>
</body>
</html>
"""

_STYLE = """
:root { --ink: #1c2127; --soft: #5b6570; --line: #d9dee3; --wash: #f5f7f8; --mark: #0b5c7a; --miss: #9a3412; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #fff;
  font: 15px/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 54rem; margin: 0 auto; padding: 3rem 1.5rem 5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.2rem; margin: 2.8rem 0 .6rem; padding-bottom: .35rem; border-bottom: 2px solid var(--ink); }
h3 { font-size: .95rem; margin: 0 0 .3rem; display: flex; gap: .6rem; align-items: baseline; }
p { margin: .35rem 0; max-width: 44rem; overflow-wrap: anywhere; }
a { color: var(--mark); }
.lead { font-size: 1.05rem; color: var(--soft); }
.head { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .9rem 1.5rem;
  margin: 1.4rem 0; padding: 1.1rem 1.2rem; background: var(--wash); border-radius: 6px; }
.head dt { font-size: .75rem; color: var(--soft); }
.head dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.head .wide { grid-column: 1 / -1; }
.id { color: var(--soft); font-weight: 500; font-variant-numeric: tabular-nums; min-width: 2.6rem; }
h2 .id { margin-right: .6rem; }
article { padding: .85rem 0; border-bottom: 1px solid var(--line); break-inside: avoid-page; }
article > p, article > table { margin-left: 0; }
.state { margin-left: auto; font-size: .72rem; font-weight: 500; color: var(--soft); white-space: nowrap; }
.missing .state { color: var(--miss); border: 1px solid currentColor; border-radius: 3px; padding: 0 .4rem; }
.not-applicable > p, .optional > p { color: var(--soft); }
.n { font-variant-numeric: tabular-nums; font-weight: 600; }
.q { font-size: .68em; vertical-align: super; line-height: 0; text-decoration: none; margin-left: .1em; }
.note { color: var(--soft); font-size: .9rem; }
table { border-collapse: collapse; margin: .6rem 0 .1rem; width: 100%; font-size: .86rem; }
th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--ink); }
th, td { padding: .28rem .9rem .28rem 0; vertical-align: top; overflow-wrap: anywhere; }
td { border-bottom: 1px solid var(--line); }
th.r, td.r { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th:last-child, td:last-child { padding-right: 0; }
.from { font-size: .78rem; color: var(--soft); }
.evidence { font-size: .86rem; }
.queries { padding-left: 1.8rem; }
.queries li { margin: .7rem 0; break-inside: avoid-page; }
.queries li:target { background: #fff6d6; }
pre { margin: .3rem 0; padding: .55rem .7rem; background: var(--wash); border-radius: 4px;
  font: .76rem/1.45 ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
@page { margin: 18mm 16mm; }
@media print {
  body { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  article:has(table) { break-inside: auto; }
  a { color: inherit; }
}
@media (max-width: 40rem) { h3 { flex-wrap: wrap; } .state { margin-left: 0; } main { padding-top: 1.5rem; } }
"""
