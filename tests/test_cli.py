"""What commands print, how they end, and what they never touch."""

import base64
import hashlib
import json
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import catalog, cli, show
from tests import chain

HEAVY = ("dagster", "torch", "dbt", "great_expectations", "numba", "fasttext", "resiliparse", "pandas")


@pytest.fixture
def headwater(monkeypatch, capfdbinary):
    """Runs a command in this process: (exit code, standard output, standard error)."""

    def run(folder, *arguments):
        monkeypatch.setenv("HEADWATER_PROJECT", str(folder))
        monkeypatch.setattr(sys, "argv", ["headwater", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfdbinary.readouterr()
        return ended.value.code, out if arguments[0] == "bytes" else out.decode(), err.decode()

    return run


@pytest.fixture
def empty(tmp_path):
    """A project without a lake."""
    return chain.lay_out(tmp_path / "empty")


def test_status_has_the_shape_that_others_rely_on(headwater, built):
    code, out, _ = headwater(built, "status", "--json")
    entries = json.loads(out)
    wanted = {"table": str, "partition": dict, "version": int, "rows": int, "outcomes": dict, "current": bool}
    assert code == 0
    for entry in entries:
        assert {name: type(entry[name]) for name in wanted} == wanted
        assert set(entry["partition"]) <= {"crawl", "recipe", "extractor", "kind", "as_of"}
    assert {e["table"] for e in entries} >= {"sources", "raw", "extracted", "filtered", "deduped", "mixed", "tokenized"}
    assert all(entry["current"] for entry in entries)


def test_status_says_what_a_changed_recipe_makes_stale(headwater, copied):
    chain.change(copied, "tiny", mix={"group_by": "language"})
    entries = json.loads(headwater(copied, "status", "--json")[1])
    assert {entry["table"] for entry in entries if not entry["current"]} == {"mixed", "tokenized"}


def test_status_of_no_lake_is_an_empty_list_and_makes_none(headwater, empty):
    assert headwater(empty, "status", "--json")[:2] == (0, "[]\n")
    assert not (empty / "lake").exists()


def test_trace_has_the_shape_that_others_rely_on(headwater, built, tiny_lake):
    doc = chain.rows(tiny_lake, "tokenized")[0]["doc_id"]
    code, out, _ = headwater(built, "trace", doc, "--json")
    told = json.loads(out)
    assert (code, told["doc_id"]) == (0, doc)
    assert {"doc_id", "url", "crawl", "warc", "stages"} <= set(told)
    assert set(told["warc"]) == {"file", "offset", "length"}
    assert all({"table", "version"} <= set(stage) for stage in told["stages"])
    assert all({"outcome", "rule", "value", "threshold"} <= set(stage) for stage in told["stages"][:5])


def test_trace_of_a_token_says_which_token_it_is(headwater, built):
    code, out, _ = headwater(built, "trace", "--token", "tiny:00000:5", "--json")
    token = json.loads(out)["token"]
    assert code == 0
    assert (token["recipe"], token["shard"], token["position"]) == ("tiny", "00000", 5)
    assert isinstance(token["text"], str)


def test_trace_by_url_finds_the_document(headwater, built, tiny_lake):
    row = chain.rows(tiny_lake, "raw", crawl="SAMPLE-2025-03")[0]
    assert json.loads(headwater(built, "trace", row["url"], "--json")[1])["doc_id"] == row["doc_id"]


@pytest.mark.parametrize("ask", [
    ("trace", "0" * 32), ("trace", "http://nowhere.example/"), ("trace", "--token", "tiny:00000:999999999"),
    ("bytes", "0" * 32),
])  # fmt: skip
def test_what_is_not_there_ends_with_3_and_a_plain_sentence(headwater, built, ask):
    code, out, err = headwater(built, *ask)
    assert (code, len(out)) == (3, 0)
    assert err.startswith("headwater: no ")
    assert err.count("\n") == 1


def test_bytes_are_the_payload_that_the_crawler_digested(headwater, built, tiny_lake):
    row = chain.rows(tiny_lake, "raw")[7]
    code, out, _ = headwater(built, "bytes", row["doc_id"])
    assert code == 0
    assert row["payload_digest"] == "sha1:" + base64.b32encode(hashlib.sha1(out).digest()).decode()


def test_verify_of_a_good_lake_ends_with_0_and_says_so(headwater, built):
    code, out, _ = headwater(built, "verify", "--json")
    said = json.loads(out)
    assert (code, said["ok"], said["breaks"]) == (0, True, [])
    assert said["closed"] == said["commits"]


def test_verify_of_a_broken_lake_ends_with_1_and_names_the_break(headwater, copied):
    next((copied / "lake/signals").rglob("*.parquet")).unlink()
    code, out, _ = headwater(copied, "verify", "--json")
    said = json.loads(out)
    assert (code, said["ok"]) == (1, False)
    assert set(said["breaks"][0]) == {"table", "version", "what"}
    assert said["breaks"][0]["table"] == "signals"
    code, out, _ = headwater(copied, "verify", "--quick")
    first, *rest = out.splitlines()
    assert (code, first) == (1, f"{said['closed']} of {said['commits']} commits closed; {len(said['breaks'])} breaks")
    assert all(any(line.endswith(found["what"]) for line in rest) for found in said["breaks"])


def test_crawls_says_which_are_at_the_source_and_which_in_the_lake(headwater, empty):
    rows = json.loads(headwater(empty, "crawls", "--json")[1])
    assert [(r["crawl"], r["at_source"], r["in_lake"]) for r in rows] == [
        ("SAMPLE-2024-10", True, False), ("SAMPLE-2025-03", True, False),
    ]  # fmt: skip


def test_check_names_what_a_recipe_would_use(headwater, empty):
    code, out, _ = headwater(empty, "check", "tiny", "--json")
    facts = json.loads(out)
    assert (code, facts["warc_files"], facts["recipe"]) == (0, 4, "tiny")


def test_sql_asks_every_table_as_a_view(headwater, copied):
    with chain.opened(copied) as project:
        catalog.publish(project)
        wanted = len(chain.rows(project, "raw"))
    code, out, _ = headwater(copied, "sql", "select count(*) as n, count(distinct crawl) as crawls from raw", "--json")
    assert (code, json.loads(out)) == (0, [{"n": wanted, "crawls": 2}])


def test_sql_cannot_change_the_catalog(headwater, copied):
    with chain.opened(copied) as project:
        catalog.publish(project)
    code, _, err = headwater(copied, "sql", "create table x as select 1")
    assert code == 2
    assert "read-only" in err


@pytest.mark.parametrize(("ask", "said"), [
    (("run", "nope"), "no recipe 'nope'; have: c4, dclm_baseline, "),
    (("check", "nope"), "no recipe 'nope'; have: c4, dclm_baseline, "),
    (("run", "tiny", "--crawl", "C9"), "no crawl of recipe tiny 'C9'; have: SAMPLE-2024-10, SAMPLE-2025-03"),
    (("run", "tiny", "--to", "nope"), "no table 'nope'; have: "),
    (("run", "tiny", "--crawl", "SAMPLE-2025-03"), "SAMPLE-2024-10 come before SAMPLE-2025-03"),
    (("trace",), "give either a document"),
    (("sql", "select 1"), "there is no catalog"),
])  # fmt: skip
def test_a_request_that_cannot_be_met_ends_with_2_one_line_and_no_change(headwater, empty, ask, said):
    code, out, err = headwater(empty, *ask)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert not (empty / "lake").exists()


def test_an_unknown_key_of_a_recipe_is_told_with_file_line_and_the_known_ones(headwater, empty):
    file = empty / "recipes/tiny.yaml"
    file.write_text(file.read_text() + "colour: red\n")
    code, _, err = headwater(empty, "check", "tiny")
    line = len(file.read_text().splitlines())
    assert code == 2
    assert f"{file}:{line}: unknown key 'colour'; known: description, filters" in err


def test_an_unknown_key_of_the_settings_is_told_with_file_line_and_the_known_ones(headwater, empty):
    file = empty / "headwater.yaml"
    file.write_text("crawls: x\nlaek: y\n")
    code, _, err = headwater(empty, "status")
    assert code == 2
    assert f"{file}:2: unknown key 'laek'; known: lake" in err


def test_a_lake_of_a_newer_version_is_refused_in_one_line(headwater, empty):
    (empty / "lake").mkdir()
    (empty / "lake/headwater-lake.json").write_text('{"format": 99}')
    code, _, err = headwater(empty, "status")
    assert code == 2
    assert "has format 99" in err
    assert err.count("\n") == 1


def test_a_lake_that_cannot_be_written_is_refused_in_one_line(headwater, empty, monkeypatch):
    (empty / "file").write_text("")
    monkeypatch.setenv("HEADWATER_LAKE", str(empty / "file/lake"))
    code, _, err = headwater(empty, "check", "tiny")
    assert code == 2
    assert "cannot write" in err
    assert err.count("\n") == 1


def test_init_makes_a_project_whose_crawls_can_be_listed(headwater, tmp_path):
    assert headwater(tmp_path, "init", tmp_path / "mine")[0] == 0
    rows = json.loads(headwater(tmp_path / "mine", "crawls", "--json")[1])
    assert [row["crawl"] for row in rows] == ["SAMPLE-2024-10", "SAMPLE-2025-03"]
    assert (tmp_path / "mine/recipes/tiny.yaml").exists()


def test_init_refuses_a_folder_that_is_not_empty_and_changes_nothing(headwater, tmp_path):
    (tmp_path / "kept").write_text("mine")
    code, _, err = headwater(tmp_path, "init", tmp_path)
    assert code == 2
    assert "is not empty" in err
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("ask", [
    ("status", "--json"), ("crawls",), ("check", "tiny"), ("verify", "--quick"),
    ("trace", "http://nowhere.example/"), ("trace", "--token", "tiny:00000:1000"),
])  # fmt: skip
def test_commands_that_answer_facts_import_nothing_heavy(built, ask):
    heavy = HEAVY if ask[0] != "check" else HEAVY[:4]
    code = (
        "import sys\nfrom headwater import cli\n"
        f"sys.argv = ['headwater', '--project', {str(built)!r}, *{ask!r}]\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', sorted(set({heavy!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=chain.ROOT)
    assert done.stdout.splitlines()[-1] == "LOADED []"


@given(st.text(max_size=300), st.integers(2, 80))
def test_nothing_that_a_terminal_would_obey_is_printed(text, width):
    shown = show.plain(text, width)
    assert len(shown) <= width
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in shown)


@pytest.mark.parametrize(
    "hostile", ["\x1b[2J\x1b]0;owned\x07", "a\r\nb", "\u202egnp.exe", "\x9b31m", "\u2028x", "\x00"]
)
def test_hostile_text_is_shown_as_escapes(hostile):
    shown = show.plain(hostile)
    assert "\\" in shown
    assert shown.isprintable()


def test_json_is_ascii_whatever_a_page_says(capsys):
    show.as_json({"title": "\x1b[31m \u202e ü \x9b"})
    out = capsys.readouterr().out
    assert out.isascii()
    assert "\x1b" not in out
