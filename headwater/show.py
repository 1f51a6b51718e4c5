"""What commands print. Texts and URLs come from the web, so nothing that a terminal would obey is printed as it is."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

WIDTH = 60


def plain(value: Any, width: int = WIDTH) -> str:
    """A value on one line, shortened; control, bidirectional and other unprintable characters shown as escapes."""
    text = "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: 4 * width])
    return safe if len(safe) <= width else safe[: width - 1] + "…"


def as_json(value: Any) -> None:
    """Print JSON in ASCII, so that no character of a page reaches the terminal."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def json_lines(values: Iterable[Any]) -> None:
    """Print one JSON value a line, in ASCII."""
    for value in values:
        sys.stdout.write(json.dumps(value, sort_keys=True, default=str) + "\n")


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None, width: int = WIDTH) -> None:
    """Print rows as a table: with lines on a terminal, in plain columns elsewhere."""
    names = list(columns) if columns is not None else list(rows[0]) if rows else []
    cells = [[plain(row.get(name), width) for name in names] for row in rows]
    if not sys.stdout.isatty():
        heads = [plain(name, width) for name in names]
        widths = [max(len(row[place]) for row in [heads, *cells]) for place in range(len(heads))]
        for row in [heads, *cells]:
            sys.stdout.write("  ".join(map(str.ljust, row, widths)).rstrip() + "\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(show_edge=False)
    for name in names:
        numeric = bool(rows) and all(isinstance(row.get(name), int | float | None) for row in rows)
        shown.add_column(Text(plain(name, width)), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        shown.add_row(*map(Text, row))
    Console().print(shown)


def line(text: str) -> None:
    """Print one line."""
    sys.stdout.write(plain(text, 2_000) + "\n")


def story(told: Mapping[str, Any]) -> None:
    """Print a document's story, a line for each stage."""
    line(f"document  {told['doc_id']}")
    line(f"url       {told['url']}")
    warc = told["warc"]
    line(f"crawl     {told['crawl']}   {warc['file']} at {warc['offset']}, {warc['length']} bytes")
    if "token" in told:
        token = told["token"]
        where = f"{token['recipe']}:{token['shard']}:{token['position']}"
        line(f"token     {where} is {token['text']!r}, bytes {token['start_byte']} to {token['end_byte']} of its text")
        if "extracted_start" in token:
            start, stop = token["extracted_start"], token["extracted_stop"]
            line(f"          characters {start} to {stop} of the text as extracted")
    table([_stage(stage) for stage in told["stages"]], width=400)
    for cut in told.get("removed_text", []):
        _removed_text(cut)
    for fact in told.get("consent", []):
        named = ("robots_state", "denied_agents", "signals", "observed_at")
        line(f"consent   {fact['as_of']}: " + ", ".join(f"{k} {plain(fact[k])}" for k in named if fact[k] is not None))
    for stage in (s for s in told["stages"] if s["table"] == "deduped" and s["outcome"] == "duplicate"):
        line(_duplicate(stage))
    for entry in told.get("copies", []):
        many = f"{len(entry['documents']) - 1}" if entry["complete"] else "some of the"
        more = "" if entry["complete"] else "; --members looks for all"
        line(f"copies    by {entry['recipe']}: {entry['cluster']} survives, with {many} copies of it{more}")
        table([_copy(copy, entry["cluster"]) for copy in entry["documents"]], width=400)
        for copy in entry["documents"]:
            if copy["agreement"] in DISAGREES:
                line(f"licence   {copy['doc_id']} {DISAGREES[copy['agreement']]}: {_licences(copy, entry)}")
    for release in told.get("releases", []):
        said = f"{release['outcome']} in {release['last_table']}, {release['tokens']} tokens"
        line(f"release   {release['release']}: {said}")
    for export in told.get("exports", []):
        line(f"export    {export['folder']}: {export['files']} files")
    if "takedown" in told:
        line(" ".join(["removed  ", *(f"{k} {plain(v)}" for k, v in told["takedown"].items() if v is not None)]))
    for other in told.get("also", []):
        line(f"also      {other['doc_id']} in crawl {other['crawl']}")


# What an auditor is told of a copy whose page says something else of its licence than the survivor's.
DISAGREES: Mapping[str, str] = {
    "copy_reserves": "reserves all rights, and the survivor does not",
    "copy_silent": "says nothing of a licence, and the survivor does",
    "survivor_silent": "names a licence, and the survivor none",
    "other_licence": "names another licence than the survivor",
}


def _duplicate(stage: Mapping[str, Any]) -> str:
    """Why a document is a duplicate, in a sentence."""
    by = f"duplicate by {stage['recipe']}: {stage['method']}"
    measured, asked = plain(stage["similarity"]), plain(stage["threshold"])
    if stage["representative"] is None:
        return f"{by} saw {measured} of it in earlier documents, {asked} is enough; no single document stands for it"
    return f"{by} measured similarity {measured} to {stage['representative']}, {asked} is enough"


def _licences(copy: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    said = [", ".join(each["licences"]) or "nothing" for each in (copy, entry["documents"][0])]
    return f"{said[0]} against {said[1]}"


def _removed_text(cut: Mapping[str, Any]) -> None:
    line(f"removed   by deduplication in {cut['recipe']}: {cut['count']} stretches of the text as filtered")
    for part in cut["stretches"]:
        line(f"          {part['start']} to {part['stop']} by {part['rule']}: {plain(part['text'])}")


def _copy(copy: Mapping[str, Any], cluster: str) -> dict[str, Any]:
    shown = ("doc_id", "crawl", "outcome", "similarity", "method")
    # A copy of a copy was compared with that one.
    compared = copy["representative"] if copy["representative"] not in (cluster, copy["doc_id"]) else ""
    return {
        "": "survivor" if copy["doc_id"] == cluster else "",
        **{name: copy.get(name) for name in shown},
        "compared with": compared,
        "licences": ", ".join(copy["licences"]),
        **{name: copy.get(name) for name in ("licence_class", "licence", "licence_evidence", "url")},
    }


def _stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("table", "version", "recipe", "outcome", "rule", "value", "threshold")
    rest = {k: v for k, v in stage.items() if k not in shown and v is not None}
    more = ", ".join(f"{k} {TOLD[k](v) if k in TOLD else plain(v, 40)}" for k, v in rest.items())
    return {**{name: stage.get(name) for name in shown}, "more": more}


def _edits(said: Mapping[str, Mapping[str, int]]) -> str:
    return "; ".join(f"{rule} {n['edits']} edits, {n['characters']} chars" for rule, n in said.items())


def _alternatives(said: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{a['extractor']} {a['outcome']}" + (f" {a['rule']}" if a["rule"] else "") for a in said)


# Facts of a stage that are more than a word.
TOLD: Mapping[str, Callable[[Any], str]] = {"edits": _edits, "alternatives": _alternatives}
