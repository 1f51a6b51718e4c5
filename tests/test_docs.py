"""The documents: commands parse and run, steps, commands and reasons are all there, links and line numbers hold."""

import ast
import dataclasses
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from headwater import catalog, configuration, filters, recipe, registry
from headwater.cli import app
from headwater.curation import Used
from headwater.lake.files import read_aligned
from headwater.lake.tables import TABLES
from headwater.settings import Settings
from headwater.stages.filtered import judged
from scripts import docs_lines
from tests import chain

ROOT = docs_lines.ROOT
PAGES = docs_lines.documents()
README, DOCS = ROOT / "README.md", ROOT / "docs"
ALL = "\n".join(page.read_text() for page in PAGES)
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
READ_ONLY = ("crawls", "check", "status", "trace", "bytes", "verify", "sql", "lineage", "diff", "whatif", "clusters")
FIELDS = [recipe.Recipe, recipe.Mix, recipe.Audit, recipe.Tokenizer, recipe.Model]
MARTS = sorted(path.stem for path in (ROOT / "dbt_project/models/marts").glob("*.sql"))
by_name = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def blocks(page, language):
    return [code for kind, code in FENCED.findall(page.read_text()) if kind == language]


def arguments(line):
    """What `headwater` is given in one line of shell; None where the line runs something else."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    words = words[words.index("&&") + 1 :] if "&&" in words else words
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]
    if not words or Path(words[0]).name != "headwater":
        return None
    ends = [place for place, word in enumerate(words) if set(word) <= set("|>&;")]
    return words[1 : min(ends, default=len(words))]


def commands():
    lines = (line for page in PAGES for code in blocks(page, "sh") for line in code.splitlines())
    return sorted({tuple(found) for found in map(arguments, lines) if found})


def parse(found):
    """The command's own parser on the arguments; raises click's error where they do not fit."""
    group = typer.main.get_command(app)
    with group.make_context("headwater", list(found), resilient_parsing=False) as context:
        name, command, rest = group.resolve_command(context, [*context._protected_args, *context.args])
        with command.make_context(name, rest, parent=context):
            return name


@pytest.fixture(scope="module")
def catalogued(built, tmp_path_factory):
    """A copy of the built project, with its catalog."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("catalogued") / "project")
    with chain.opened(folder) as project:
        catalog.publish(project)
    return folder


def readable():
    return [c for c in commands() if c[0] in READ_ONLY and not any("marts." in word for word in c)]


@pytest.mark.parametrize("found", commands(), ids=" ".join)
def test_each_command_in_the_documents_parses(found):
    assert parse(found) == next(word for word in found if word in typer.main.get_command(app).commands)


def test_a_command_that_is_not_there_does_not_parse():
    with pytest.raises(Exception, match="No such option: --nothing"):
        parse(["trace", "--nothing"])


@pytest.mark.parametrize("found", readable(), ids=" ".join)
def test_each_command_that_only_reads_runs_on_a_built_lake(found, catalogued):
    command = [Path(sys.executable).with_name("headwater"), *found]
    environment = {**os.environ, "HEADWATER_PROJECT": str(catalogued)}
    done = subprocess.run(command, env=environment, cwd=catalogued, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout


def test_each_command_of_the_line_is_in_the_readme():
    table = set(re.findall(r"^\| `headwater (\w+)", README.read_text(), re.MULTILINE))
    assert table == set(typer.main.get_command(app).commands)


def test_each_option_of_a_command_is_in_the_documents():
    known = {
        o for c in typer.main.get_command(app).commands.values() for p in c.params for o in p.opts if o[:2] == "--"
    }
    assert {option for option in known if option not in ALL} == set()


def test_each_mart_in_a_query_is_there():
    assert set(re.findall(r"\bmarts\.(\w+)", ALL)) <= set(MARTS)
    assert {mart for mart in MARTS if f"`{mart}`" not in ALL} == set()


def test_each_recipe_is_mentioned():
    assert {path.stem for path in (ROOT / "recipes").glob("*.yaml") if f"`{path.stem}`" not in ALL} == set()


@pytest.mark.parametrize("shelf", [shelf for shelf in registry.SHELVES if shelf != "stages"])
def test_each_step_is_on_the_page_of_the_shelves(shelf):
    page = (DOCS / "add-a-step.md").read_text()
    assert f"`{shelf}`" in page
    assert {name for name in registry.names(shelf) if f"`{name}`" not in page} == set()


def test_each_table_is_mentioned():
    assert {name for name in TABLES if f"`{name}`" not in (DOCS / "query-the-lake.md").read_text()} == set()


@pytest.mark.parametrize("part", FIELDS, ids=lambda part: part.__name__)
def test_each_key_of_a_recipe_is_described(part):
    page = (DOCS / "write-a-recipe.md").read_text()
    assert {f.name for f in dataclasses.fields(part) if f.name != "name" and f"`{f.name}`" not in page} == set()


def test_each_setting_is_described():
    page = (DOCS / "run-a-crawl.md").read_text()
    assert {f.name for f in dataclasses.fields(Settings) if f.name != "folder" and f"`{f.name}`" not in page} == set()


def test_each_reason_that_the_code_can_give_is_described():
    # A heading names a table, not a reason.
    page = re.sub(r"^#.*$", "", (DOCS / "bad-input.md").read_text(), flags=re.MULTILINE)
    assert {rule for rule in reasons() if f"`{rule}`" not in page} == set()


def test_each_reason_in_a_built_lake_is_described(tiny_lake):
    page = (DOCS / "bad-input.md").read_text()
    tables = ("raw", "extracted", "filtered", "deduped", "mixed")
    found = {row["rule"] for table in tables for row in chain.rows(tiny_lake, table, ["rule"])}
    assert {rule for rule in found if rule and f"`{rule}`" not in page} == set()


def reasons():
    """Words that the library gives as a reason: of damaged records, of stages, of filters, of dedupers."""
    found = set()
    for path in [*(ROOT / "headwater/warc").glob("*.py"), *(ROOT / "headwater/stages").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in GIVERS:
                found |= {a.value for a in node.args if isinstance(a, ast.Constant) and _is_word(a.value)}
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                found |= {v.value for k, v in pairs if getattr(k, "value", None) == "rule" and _is_word(_value(v))}
            if isinstance(node, ast.BoolOp) and getattr(node.values[0], "attr", "") == "step":
                found |= {v.value for v in node.values if isinstance(v, ast.Constant)}
    assert {"filtered", "signals"} <= found
    assert {"truncated", "bad_gzip", "bad_chunked", "empty_page", "repeated_record", "media_type"} <= found
    options = {name: configuration.resolve("filters", name, {}) for name in registry.names("filters")}
    found |= set(registry.names("dedupers"))
    return found | {f"{name}.{option}" for name, given in options.items() for option in given}


GIVERS = ("blame", "_stop", "_quarantined", "Body", "Head")


def _value(node):
    return getattr(node, "value", None)


def _is_word(value):
    return isinstance(value, str) and re.fullmatch(r"[a-z]+(_[a-z]+)*", value) is not None


def test_the_readme_is_short():
    assert len(README.read_text().splitlines()) <= 200


def test_the_filter_of_the_readme_works_as_it_stands(tmp_path, monkeypatch, tiny_lake):
    text = README.read_text()
    named = re.search(r"Write `headwater/filters/(\w+)\.py`", text)[1]
    (tmp_path / f"{named}.py").write_text(next(iter(blocks(README, "python"))))
    monkeypatch.setattr(filters, "__path__", [*filters.__path__, str(tmp_path)])
    (step,) = yaml.safe_load(re.search(rf"`(- {named}: .*?)`", text)[1])
    options = configuration.resolve("filters", named, step[named])
    rows = [
        row
        for pair in aligned(tiny_lake)
        for row in judged(*pair, [Used("filters", named, options)], "resiliparse").to_pylist()
    ]
    registry.module.cache_clear()
    dropped = [row for row in rows if row["outcome"] == "dropped"]
    assert {row["outcome"] for row in rows} >= {"kept", "dropped"}
    assert {(row["rule"], row["threshold"]) for row in dropped} == {(f"{named}.min_lines", 5.0)}
    assert all(row["text"].count("\n") >= 4 for row in rows if row["outcome"] == "kept")


def aligned(project):
    """Batches of `extracted` and `signals` of the sample, side by side."""
    storage = project.lake.storage
    for text, number in zip(project.lake.files("extracted"), project.lake.files("signals"), strict=True):
        yield from read_aligned(storage, text.name, number.name)


def test_the_signal_of_the_page_on_steps_gives_what_it_says():
    import pyarrow as pa

    (code,) = (c for c in blocks(DOCS / "add-a-step.md", "python") if "digit_ratio" in c)
    place = {}
    exec(code, place)
    found = place["digits"](pa.array(["a1b2", "", None, "x"]))
    assert set(found) == set(place["COLUMNS"])
    assert found["digit_ratio"].tolist() == [0.5, 0.0, 0.0, 0.0]


def test_the_recipe_of_the_page_on_recipes_loads(tmp_path):
    (code,) = blocks(DOCS / "write-a-recipe.md", "yaml")
    (tmp_path / "mine.yaml").write_text(code)
    loaded = recipe.load(tmp_path, "mine")
    assert [step.name for step in loaded.filters] == ["language", "gopher_repetition", "gopher_quality"]
    assert loaded.mix.mixer.options == {"tau": 0.5}


def test_each_yaml_block_can_be_read():
    assert all(list(yaml.safe_load_all(code.replace("# or", "---"))) for page in PAGES for code in blocks(page, "yaml"))


@by_name
def test_line_references_point_at_what_they_name(page):
    assert docs_lines.wrong(page.read_text()) == [], "run: python -m scripts.docs_lines"


def test_a_reference_to_another_line_is_found_and_corrected():
    line = docs_lines.line_of("headwater/lake/store.py", "Lake.commit")
    moved = f"headwater/lake/store.py:{line + 1} (Lake.commit)"
    assert docs_lines.wrong(moved) == [moved]
    assert docs_lines.refreshed(moved) == f"headwater/lake/store.py:{line} (Lake.commit)"


@by_name
def test_each_file_that_is_named_is_there(page):
    named = re.findall(r"`((?:[a-z_]+/)+\w+\.(?:py|sql|ya?ml|md))\b", page.read_text())
    assert [file for file in named if not (EXAMPLE.search(file) or (ROOT / file).exists())] == []


EXAMPLE = re.compile(r"NAME|toxicity|line_count|mine")


@by_name
def test_links_within_the_repository_resolve(page):
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / (link.split("#")[0] or page.name)).exists()] == []


@by_name
def test_links_to_a_heading_find_it(page):
    for link in (link for link in LINK.findall(page.read_text()) if "#" in link and "://" not in link):
        target, heading = link.split("#")
        text = (page.parent / target).read_text() if target else page.read_text()
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        assert heading in {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}


def test_every_page_can_be_reached_from_the_readme():
    seen, todo = set(), [README]
    while todo:
        page = todo.pop()
        page = page / "README.md" if page.is_dir() else page
        if page not in seen:
            seen.add(page)
            links = [link.split("#")[0] for link in LINK.findall(page.read_text()) if "://" not in link]
            todo += [t for t in ((page.parent / link).resolve() for link in links) if t.suffix == ".md" or t.is_dir()]
    assert set(PAGES) <= seen


@by_name
def test_no_page_holds_a_path_of_a_machine_or_an_address_of_mail(page):
    text = page.read_text()
    assert re.findall(r"(?<![\w.])/(?:work|home|root|Users)/\S*", text) == []
    assert re.findall(r"[\w.+-]+@[\w-]+\.[\w.]+", text) == []


@by_name
def test_pages_have_no_emoji_and_no_long_lines_of_prose(page):
    text = page.read_text()
    assert re.findall("[\U0001f300-\U0001faff\u2600-\u27bf]", text) == []
    prose = FENCED.sub("", text).splitlines()
    assert [line for line in prose if len(line) > 125 and not line.startswith(("|", "```"))] == []
