"""What other options of filters and editors would change is what a rerun with them does change."""

import json
import shutil
from collections import Counter

import pytest
import yaml
from typer.testing import CliRunner

from headwater import whatif_filters
from headwater import whatif_settings as read
from headwater.cli import app
from headwater.errors import BadRecipe, MissingInput, UnknownName, UserError
from tests import chain, steps
from tests.test_curation import RAISE as TOUCHY
from tests.whatif_cases import BY_SIGNALS, CASES, CUT, EDITED, EDITED_UNION, SHOWN, UNION, WORDS_OF

ALL = 10**9


@pytest.fixture(scope="module")
def folder(built, tmp_path_factory):
    """A copy of the built project with steps of its own."""
    place = shutil.copytree(built, tmp_path_factory.mktemp("whatif") / "project")
    with steps.found(place / "steps", editors__cut_numbers=CUT, filters__touchy=TOUCHY, filters__without=WORDS_OF):
        yield place


@pytest.fixture(scope="module")
def project(folder):
    with chain.opened(folder) as opened:
        yield opened


def write(project, **parts):
    """The recipe `own`, and `filtered` by it."""
    said = {"description": "own", "dedup": [], **parts}
    (project.settings.recipe_folder / "own.yaml").write_text(yaml.safe_dump(said))
    chain.run(project, recipe="own", to="filtered")
    return {(r["crawl"], r["doc_id"]): r for r in rows(project)}


def rows(project):
    for crawl in project.crawls(project.recipe("own")):
        for row in chain.rows(project, "filtered", recipe="own", crawl=crawl):
            yield {**row, "crawl": crawl}


def with_settings(parts, settings):
    """The recipe's parts after `--set`, done by hand."""
    changed = yaml.safe_load(yaml.safe_dump(parts))
    for text in settings:
        address, value = text.split("=")
        name, option = address.split(".")
        for step in changed["filters"]:
            if name in step:
                step[name][option] = yaml.safe_load(value)
    return changed


def asked(project, settings, **more):
    return whatif_filters.settings(project, "own", [read.setting(s) for s in settings], **more)


def told(before, after):
    """What the answer must be, from the rows of both runs."""
    was = {d for d in before if before[d]["outcome"] == "kept"}
    becomes = {d for d in after if after[d]["outcome"] == "kept"}
    gained, lost = becomes - was, was - becomes
    other = {d for d in was & becomes if any(before[d][k] != after[d][k] for k in ("text", "extractor"))}

    def chars(documents, rows):
        return sum(rows[d]["chars"] for d in documents)

    return {
        "documents": {"before": len(was), "after": len(becomes), "gained": len(gained), "lost": len(lost),
                      "other_text": len(other)},
        "chars": {"before": chars(was, before), "after": chars(becomes, after), "gained": chars(gained, after),
                  "lost": chars(lost, before), "other_text": chars(other, after) - chars(other, before)},
        **{f"by_{name}": by(name, before, after, was, becomes) for name in ("language", "domain", "crawl")},
        "by_rule": by_rule(before, after, was, becomes),
        "examples": {"gained": examples(gained, after, before), "lost": examples(lost, before, after)},
    }  # fmt: skip


def summary(found):
    return {"changed": len(found), "vanish": sum(r["after"] == 0 for r in found),
            "new": sum(r["before"] == 0 for r in found), "rows": found[:20]}  # fmt: skip


def by(column, before, after, was, becomes):
    one, other = ({d: row[column] or "unknown" for d, row in rows.items()} for rows in (before, after))
    found = []
    for name in {*one.values(), *other.values()}:
        gained = [d for d in becomes - was if other[d] == name]
        lost = [d for d in was - becomes if one[d] == name]
        row = {
            "name": name,
            "before": sum(one[d] == name for d in was),
            "after": sum(other[d] == name for d in becomes),
            "gained": len(gained),
            "lost": len(lost),
            "chars_gained": sum(after[d]["chars"] for d in gained),
            "chars_lost": sum(before[d]["chars"] for d in lost),
        }
        found += [row] if gained or lost else []
    return summary(sorted(found, key=lambda r: (-r["gained"] - r["lost"], r["name"])))


def by_rule(before, after, was, becomes):
    one, other = (
        {d: r["rule"] or r["outcome"] for d, r in rows.items() if r["outcome"] != "kept"} for rows in (before, after)
    )
    new = {d for d in before if any(before[d][k] != after[d][k] for k in ("rule", "outcome"))}
    moved = Counter([one[d] for d in new if d in one] + [other[d] for d in new if d in other])
    found = [
        {
            "name": name,
            "before": sum(v == name for v in one.values()),
            "after": sum(v == name for v in other.values()),
            "gained": sum(one[d] == name for d in becomes - was),
            "lost": sum(other[d] == name for d in was - becomes),
        }
        for name in moved
    ]
    return summary(sorted(found, key=lambda r: (-r["gained"] - r["lost"], -moved[r["name"]], r["name"])))


def examples(documents, here, there):
    """One an address: the same page of two crawls is one example."""
    first = {here[d]["url"]: d for d in sorted(documents, key=lambda d: (d[1], d[0]), reverse=True)}
    return [
        {"doc_id": d[1], "crawl": d[0], "url": here[d]["url"], "language": here[d]["language"] or "unknown",
         "chars": here[d]["chars"], "rule": there[d]["rule"], "value": there[d]["value"],
         "threshold": there[d]["threshold"]}
        for d in sorted(first.values(), key=lambda d: (d[1], d[0]))
    ]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_answer_is_that_of_a_rerun(project, case):
    parts, settings = CASES[case]
    before = write(project, **parts)
    answer = asked(project, settings, examples=ALL)
    after = write(project, **with_settings(parts, settings))
    expected = told(before, after)
    assert {name: answer[name] for name in expected} == expected
    assert (answer["read"]["way"] == "signals") == (parts in (BY_SIGNALS, UNION))
    assert expected["documents"][SHOWN.get(case, "lost")] > 0 or case == "the same"


@pytest.mark.parametrize(("parts", "sweep"), [
    (BY_SIGNALS, "gopher_quality.min_words=0:200:40"),
    (EDITED, "gopher_quality.min_words=10,60,150"),
    (EDITED, "length.min_chars=100,900,2000"),
    (EDITED_UNION, "gopher_quality.min_alpha_word_ratio=0.4,0.55,0.7"),
    (UNION, "gopher_quality.min_words=5,200"),
])  # fmt: skip
def test_each_point_of_a_sweep_is_the_answer_to_that_threshold(project, parts, sweep):
    write(project, **parts)
    over = read.sweep(sweep)
    answer = whatif_filters.sweep(project, "own", over)
    for point, value in zip(answer["points"], over.values, strict=True):
        one = asked(project, [f"{over.address}={value}"])
        assert point == {
            "threshold": value, "documents": one["documents"]["after"], "chars": one["chars"]["after"],
            **{name: one["documents"][name] for name in ("gained", "lost")},
            **{f"chars_{name}": one["chars"][name] for name in ("gained", "lost")},
        }  # fmt: skip
        assert answer["published"] == {name: one[name]["before"] for name in ("documents", "chars")}
    assert len({point["documents"] for point in answer["points"]}) > 1


def test_a_sweep_reads_each_text_once_where_the_filter_is_before_the_editors(project):
    write(project, **EDITED)
    over = read.sweep("gopher_quality.min_alpha_word_ratio=0.1:0.5:0.05")
    loosest = asked(project, ["gopher_quality.min_alpha_word_ratio=0.1"])
    assert whatif_filters.sweep(project, "own", over)["read"]["texts"] == loosest["read"]["texts"] > 0


def test_no_text_is_read_where_a_filter_before_the_editors_becomes_stricter(project):
    write(project, **{"filters": EDITED["filters"][:4]})
    stricter = asked(project, ["gopher_quality.min_words=100"])
    assert stricter["documents"]["lost"] > 0
    assert stricter["read"] == {"way": "texts", "because": "c4_lines reads texts", "texts": 0}
    looser = asked(project, ["gopher_quality.min_words=null"])
    assert 0 < looser["read"]["texts"] < looser["documents"]["after"]


def test_after_an_editor_only_texts_that_it_changed_are_read_where_a_filter_becomes_stricter(project):
    before = write(project, filters=[{"cut_numbers": {"digits": 5}}, {"length": {"min_chars": 200}}])
    edited = [row for row in before.values() if row["edits"] and row["outcome"] == "kept"]
    assert edited
    answer = asked(project, ["length.min_chars=500"])
    assert answer["documents"]["lost"] > 0
    assert len(edited) <= answer["read"]["texts"] < answer["documents"]["after"] / 2


def test_workers_and_this_process_give_the_same_answer(project, monkeypatch):
    write(project, **UNION)
    settings = ["gopher_quality.min_words=90"]
    alone = asked(project, settings)
    monkeypatch.setattr(whatif_filters, "ALONE", 0)
    assert asked(project, settings) == alone


def test_one_crawl_can_be_asked_about_alone(project):
    write(project, **BY_SIGNALS)
    crawls = project.crawls()
    each = [asked(project, ["gopher_quality.min_words=150"], crawls=[c])["documents"] for c in crawls]
    both = asked(project, ["gopher_quality.min_words=150"])["documents"]
    assert {k: sum(d[k] for d in each) for k in both} == both
    with pytest.raises(UnknownName, match="no crawl of recipe own in the lake 'C-9'"):
        asked(project, ["gopher_quality.min_words=150"], crawls=["C-9"])


def test_asking_writes_nothing(project, folder):
    write(project, **EDITED)
    files = {p: p.stat().st_mtime_ns for p in (folder / "lake").rglob("*")}
    asked(project, ["cut_numbers.digits=2"])
    assert {p: p.stat().st_mtime_ns for p in (folder / "lake").rglob("*")} == files


def test_what_is_not_filtered_as_the_recipe_says_cannot_be_compared(project):
    write(project, **BY_SIGNALS)
    chain.change(project.settings.folder, "own", filters=["language"])
    with pytest.raises(MissingInput, match="is not what the recipe and its inputs say now; bring it up to date first"):
        asked(project, ["language.min_score=0.1"])
    chain.change(project.settings.folder, "gopher", description="never run")
    with pytest.raises(MissingInput, match="recipe gopher has filtered no crawl yet"):
        whatif_filters.settings(project, "gopher", [read.setting("language.min_score=0.1")])


@pytest.mark.parametrize(("setting", "error", "message"), [
    ("nope.min_words=3", UnknownName, "no filter or editor in recipe own 'nope'; have: gopher_quality, language"),
    ("gopher_quality.words=3", UnknownName, "no option of gopher_quality 'words'; have: .*min_words"),
    ("gopher_quality.min_words=many", BadRecipe, "gopher_quality.min_words: expected a number or null, found 'many'"),
    ("gopher_quality#3.min_words=70", UserError, "gopher_quality#3.min_words: .* lists gopher_quality 1 times"),
    ("min_words=3", UserError, "'min_words=3' sets nothing; write STEP.OPTION=VALUE"),
    ("gopher_quality.min_words", UserError, "sets nothing"),
    ("gopher_quality.min_words=", UserError, "sets nothing"),
    ("gopher_quality.min_words=[1", BadRecipe, r"'\[1' is not YAML"),
])  # fmt: skip
def test_a_setting_that_a_recipe_could_not_have_is_refused(project, setting, error, message):
    write(project, **BY_SIGNALS)
    with pytest.raises(error, match=message):
        asked(project, [setting])


def test_a_step_that_is_listed_twice_is_addressed_by_its_place(project):
    parts = {"filters": ["language", {"gopher_quality": {"min_words": 40}}, {"gopher_quality": {"min_words": 90}}]}
    before = write(project, **parts)
    with pytest.raises(
        UserError, match=r"lists gopher_quality 2 times; say which is meant: gopher_quality#1.min_words or"
    ):
        asked(project, ["gopher_quality.min_words=5"])
    answer = asked(project, ["gopher_quality#2.min_words=5"], examples=ALL)
    parts["filters"][2] = {"gopher_quality": {"min_words": 5}}
    expected = told(before, write(project, **parts))
    assert {name: answer[name] for name in expected} == expected
    assert answer["documents"]["gained"] > 0


def test_an_option_for_one_language_changes_documents_of_that_language_alone(project):
    write(project, filters=[{"language": {"languages": None, "min_score": 0.3}}, {"gopher_quality": {"min_words": 20}}])
    answer = asked(project, ["gopher_quality:ru.min_words=100000"])
    assert answer["documents"]["lost"] == answer["by_language"]["rows"][0]["before"] > 0
    assert [(row["name"], row["after"]) for row in answer["by_language"]["rows"]] == [("ru", 0)]
    everywhere = asked(project, ["gopher_quality.min_words=100000"])
    assert everywhere["documents"]["lost"] > answer["documents"]["lost"]


BY_LANGUAGE = {
    "by_language": "own",
    "filters": [{"language": {"languages": None, "min_score": 0.3}}, {"gopher_quality": {"min_words": 20}}],
}


@pytest.mark.parametrize("edited", [False, True], ids=["from signals", "behind an editor"])
def test_an_answer_by_language_is_that_of_a_rerun_with_another_file(project, edited):
    languages = project.settings.language_folder
    (languages / "own").mkdir(exist_ok=True)
    for name in ("eng_Latn", "rus_Cyrl", "deu_Latn"):
        shutil.copy(languages / "fineweb2" / f"{name}.yaml", languages / "own")
    editors = [{"cut_numbers": {"digits": 2}}] if edited else []
    language, quality = BY_LANGUAGE["filters"]
    parts = {**BY_LANGUAGE, "filters": [language, *editors, quality]}
    before = write(project, **parts)
    answer = asked(
        project, ["gopher_quality:ru.min_words=100", "gopher_quality:en.min_mean_word_chars=4.6"], examples=ALL
    )
    for name, option, value in (("rus_Cyrl", "min_words", 100), ("eng_Latn", "min_mean_word_chars", 4.6)):
        file = languages / "own" / f"{name}.yaml"
        said = yaml.safe_load(file.read_text())
        said["filters"].setdefault("gopher_quality", {})[option] = value
        file.write_text(yaml.safe_dump(said))
    expected = told(before, write(project, **parts))
    assert {name: answer[name] for name in expected} == expected
    assert {row["name"] for row in expected["by_language"]["rows"]} == {"ru", "en"}


@pytest.mark.parametrize(("text", "values"), [
    ("a.b=20:200:60", (20, 80, 140, 200)),
    ("a.b=0.1:0.3:0.1", (0.1, 0.2, 0.3)),
    ("a.b=3,1,2,1", (1, 2, 3)),
    ("a.b=5:6:9", (5,)),
    ("a.b=-1:1:1", (-1, 0, 1)),
    ("a.b=1e-300,1e300", (1e-300, 1e300)),
    ("a.b=0e999999:1:1", (0, 1)),
])  # fmt: skip
def test_a_sweep_is_a_range_that_includes_its_end_or_a_list(text, values):
    assert read.sweep(text).values == values


@pytest.mark.parametrize("text", [
    "a.b=1:2", "a.b=1:2:0", "a.b=2:1:1", "a.b=x:2:1", "a.b=1,,2", "a.b=nan", "a.b=0:1e9:1", "a.b=inf,1", "a=1:2:1",
    "a.b=1:inf:1", "a.b=0:1e999999:1", "a.b=1e999999", "a.b=0:1:1e-999999", "a.b=0:9e9999999999999:1",
    "a.b=1e99999999999999999999", "a.b=1:1e300:1e-300", "a.b=-1e301:0:1",
])  # fmt: skip
def test_what_is_no_sweep_is_refused(text):
    with pytest.raises(UserError):
        read.sweep(text)


def test_a_sweep_that_goes_down_or_nowhere_is_told_how_to_be_written():
    with pytest.raises(UserError, match="'200:20:10' goes down; write the smaller first, as in 20:200:10"):
        read.sweep("a.b=200:20:10")
    with pytest.raises(UserError, match="'20:200:0' never gets to its end"):
        read.sweep("a.b=20:200:0")


@pytest.mark.parametrize("value", ["[" * 5000, "{a: " * 5000, "9" * 5000, "2001-99-99"], ids=["[", "{", "9", "date"])
def test_a_value_that_cannot_be_read_is_refused_in_few_words(value):
    with pytest.raises(BadRecipe) as refused:
        read.setting(f"a.b={value}")
    assert len(str(refused.value)) < 400


def test_the_command_tells_it_in_words_and_in_json(project, folder, monkeypatch, tmp_path):
    write(project, **BY_SIGNALS)
    monkeypatch.setenv("HEADWATER_PROJECT", str(folder))
    run = CliRunner().invoke
    said = run(app, ["whatif", "own", "--set", "gopher_quality.min_words=150"]).stdout
    assert "gopher_quality.min_words 60 -> 150; nothing was written" in said
    assert "answered from signals: no step reads a text" in said
    assert "examples of what is lost:" in said
    found = json.loads(
        run(app, ["whatif", "own", "--set", "gopher_quality.min_words=150", "--json", "--examples", "1"]).stdout
    )
    assert len(found["examples"]["lost"]) == 1
    picture = tmp_path / "sweep.svg"
    swept = run(app, ["whatif", "own", "--sweep", "gopher_quality.min_words=20:200:60", "--output", str(picture)])
    assert "published: 60 keeps" in swept.stdout
    assert swept.stdout.count("\n") == 8
    assert picture.read_text().startswith("<svg")


@pytest.mark.parametrize("options", [
    [], ["--policy", "everything", "--set", "a.b=1"], ["--policy", "everything", "--output", "x.svg"],
    ["--set", "a.b=1", "--output", "x.svg"], ["--sweep", "a.b=1,2", "--output", "x.png"],
])  # fmt: skip
def test_options_that_do_not_go_together_are_refused(folder, monkeypatch, options):
    monkeypatch.setenv("HEADWATER_PROJECT", str(folder))
    done = CliRunner().invoke(app, ["whatif", "tiny", *options])
    assert isinstance(done.exception, UserError)
