"""Line references in the documents: `path.py:12 (name)` means that `name` is defined at line 12 of that file.

`python -m scripts.docs_lines` rewrites the numbers; the test of the documents asks `wrong` whether there is a need to.
"""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = re.compile(r"(?P<path>[\w./-]+\.py):(?P<line>\d+) \((?P<name>[\w.]+)\)")


def documents() -> list[Path]:
    """Every page that is kept with the code."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@cache
def definitions(path: str) -> dict[str, int]:
    """Line of every function, class, method and constant of a file, by qualified name."""
    return dict(_defined(ast.parse((ROOT / path).read_text(encoding="utf-8")), ""))


def _defined(node: ast.AST, within: str) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield within + child.name, child.lineno
            if isinstance(child, ast.ClassDef):
                yield from _defined(child, f"{within}{child.name}.")
        elif isinstance(child, ast.Assign | ast.AnnAssign):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            yield from ((within + t.id, child.lineno) for t in targets if isinstance(t, ast.Name))


def line_of(path: str, name: str) -> int | None:
    """Where a name is defined; None where there is no such file or name."""
    return definitions(path).get(name) if (ROOT / path).is_file() else None


def wrong(text: str) -> list[str]:
    """The references of a page that do not point at what they name."""
    return [m[0] for m in REFERENCE.finditer(text) if line_of(m["path"], m["name"]) != int(m["line"])]


def refreshed(text: str) -> str:
    """A page with its line numbers right; a reference to nothing stays as it is."""

    def right(match: re.Match[str]) -> str:
        line = line_of(match["path"], match["name"])
        return match[0] if line is None else f"{match['path']}:{line} ({match['name']})"

    return REFERENCE.sub(right, text)


def main() -> int:
    """Rewrite the pages; 1 where a reference is to nothing."""
    lost = []
    for page in documents():
        text = page.read_text(encoding="utf-8")
        new = refreshed(text)
        if new != text:
            page.write_text(new, encoding="utf-8")
        lost += [f"{page.relative_to(ROOT)}: {reference}" for reference in wrong(new)]
    for line in lost:
        sys.stderr.write(f"no such definition: {line}\n")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
