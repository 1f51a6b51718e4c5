"""A difference is counted right: each number equals one that is counted row by row, without a query."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from math import isclose, sqrt
from pathlib import Path

import pytest
import yaml

from headwater import difference, releases, sides
from headwater.contrast import flat
from headwater.errors import NotFound, UnknownName, UserError
from headwater.lake.files import read_batches
from tests import chain
from tests.stages.crawls import archive, root

FIRST, SECOND = "SAMPLE-2024-10", "SAMPLE-2025-03"
JUDGED = ("raw", "extracted", "filtered", "deduped", "mixed")
SMALL = {"steps": 2, "layers": 1, "hidden_size": 48, "intermediate_size": 64}
PAGE = "<html><body><p>{0} is what this page of words about the old mill tells of. {1}</p></body></html>"


def variant(folder, name, **parts):
    """A recipe like tiny in all but some parts."""
    recipe = yaml.safe_load((folder / "recipes" / "tiny.yaml").read_text())
    (folder / "recipes" / f"{name}.yaml").write_text(yaml.safe_dump({**recipe, **parts}))


@pytest.fixture(scope="module")
def two(built, tmp_path_factory):
    """A project with three datasets of the sample, two of them with scores of a model that is hardly trained."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("two") / "project")
    scored = {"model": SMALL, "evals": ["bits_per_byte"]}
    strict = [{"language": {"languages": ["en"], "min_score": 0.5}}, {"gopher_quality": {"min_words": 120}}]
    variant(folder, "small", **scored)
    variant(folder, "strict", **scored, filters=strict, mix={"group_by": "crawl", "held_out": 0.1, "seed": 1})
    variant(folder, "late", crawls=[SECOND])
    with chain.opened(folder) as project:
        chain.run(project, recipe="small", to="eval_scores")
        chain.run(project, recipe="strict", to="eval_scores")
        chain.run(project, recipe="late", crawls=[SECOND], to="deduped")
        yield project


def fates(project, recipe):
    """What became of each document of a recipe, by (crawl, doc_id), counted in plain Python from the live files."""
    found = {}
    crawls = {p["crawl"] for p in project.lake.partitions("filtered") if p["recipe"] == recipe}
    for name in JUDGED:
        for file in project.lake.files(name):
            crawl = file.partition.get("crawl")
            if file.partition.get("recipe", recipe) == recipe and (crawl is None or crawl in crawls):
                for batch in read_batches(project.lake.storage, file.name):
                    for row in batch.to_pylist():
                        known = found.setdefault((row.get("crawl", crawl), row["doc_id"]), {})
                        said = {k: v for k, v in row.items() if v is not None or k in ("rule", "outcome")}
                        known.update(said, table=name)
    for row in chain.rows(project, "tokenized", recipe=recipe):
        known = found[row["crawl"], row["doc_id"]]
        known["tokens"] = known.get("tokens", 0) + len(row["tokens"])
    return found


def kept(fate):
    return (fate["table"], fate["outcome"]) == ("mixed", "kept")


def verdict(fate):
    return (fate["table"], fate["outcome"], fate["rule"]) if fate else ("not in its crawls", None, None)


def test_documents_in_and_out_are_those_counted_row_by_row(two):
    found, a, b = difference.difference(two, "small", "strict"), fates(two, "small"), fates(two, "strict")
    ins = [{key for key, fate in side.items() if kept(fate)} for side in (a, b)]
    said = found["documents"]
    assert (said["a"], said["b"]) == tuple(map(len, ins))
    assert (said["both"], said["only_a"], said["only_b"]) == (
        len(ins[0] & ins[1]), len(ins[0] - ins[1]), len(ins[1] - ins[0])
    )  # fmt: skip
    assert said["only_a"] > 0
    assert said["both"] + said["only_a"] + said["only_b"] + said["neither"] == len(a.keys() | b.keys())


def test_fates_are_those_counted_row_by_row(two):
    found, a, b = difference.difference(two, "small", "strict"), fates(two, "small"), fates(two, "strict")
    wanted = Counter(
        (kept(a[key]), kept(b[key]), *verdict(a[key]), *verdict(b[key]))
        for key in a
        if kept(a[key]) != kept(b[key]) or (not kept(a[key]) and verdict(a[key]) != verdict(b[key]))
    )
    names = [f"{side}_{column}" for side in "ab" for column in ("table", "outcome", "rule")]
    states = {"only_a": (True, False), "only_b": (False, True), "neither": (False, False)}
    assert {(*states[f["state"]], *(f[n] for n in names)): f["documents"] for f in found["fates"]} == wanted
    assert all(any(f["example"] == doc for _, doc in a) for f in found["fates"])


def test_changes_are_those_counted_row_by_row(two):
    found, a, b = difference.difference(two, "small", "strict"), fates(two, "small"), fates(two, "strict")
    both = [key for key in a if kept(a[key]) and kept(b[key])]
    columns = {"text": "text", "group": "group", "copies": "copies", "licence_class": "licence_class"}
    wanted = {name: sum(a[k].get(c) != b[k].get(c) for k in both) for name, c in columns.items()}
    assert found["changes"] == wanted
    assert wanted["group"] == len(both) == found["documents"]["changed"]


@pytest.mark.parametrize("column", ["domain", "language", "licence_class"])
def test_documents_and_tokens_by_a_column_are_those_counted_row_by_row(two, column):
    found, a, b = difference.difference(two, "small", "strict", top=10_000), fates(two, "small"), fates(two, "strict")
    wanted = {}
    for letter, side, other in (("a", a, b), ("b", b, a)):
        for key, fate in side.items():
            if kept(fate):
                row = wanted.setdefault(fate.get(column), Counter())
                row[f"documents_{letter}"] += 1
                row[f"only_{letter}"] += not kept(other[key])
                row[f"tokens_{letter}"] += fate["tokens"]
                row[f"tokens_estimate_{letter}"] += fate["tokens_estimate"] * fate["copies"]
    names = [name for name in found["by"][column][0] if name not in ("value", "others", "changed")]
    said = {row["value"]: {name: row[name] or 0 for name in names} for row in found["by"][column]}
    assert said == {value: {name: row[name] for name in names} for value, row in wanted.items()}


def test_values_beyond_the_top_are_summed_in_one_row_that_says_how_many(two):
    versions = [two.lake.published("filtered", {"recipe": r, "crawl": FIRST}).version for r in ("small", "strict")]
    names = [f"filtered@{version}" for version in versions]
    most, few = (difference.difference(two, *names, top=n)["by"]["domain"] for n in (10_000, 1))
    assert len(most) > 1
    assert [row["others"] for row in few] == [0, len(most) - 1]
    assert few[0] == most[0]
    assert few[1]["documents_a"] == sum(row["documents_a"] for row in most[1:])


def test_tokens_are_those_of_the_streams(two):
    said = difference.difference(two, "small", "strict")["tokens"]
    for letter, recipe in (("a", "small"), ("b", "strict")):
        assert said["real"][letter] == sum(len(r["tokens"]) for r in chain.rows(two, "tokenized", recipe=recipe))
        mixed = chain.rows(two, "mixed", recipe=recipe)
        mine = [row for row in mixed if row["outcome"] == "kept"]
        assert said["estimate"][letter] == sum(row["tokens_estimate"] * row["copies"] for row in mine)


def test_what_made_them_differ_is_named_by_its_option(two):
    parts = difference.difference(two, "small", "strict")["parts"]
    told = {(p["table"], p["part"], p["name"]): (p["a"], p["b"], p["of"]) for p in parts}
    assert told["filtered", "option", "filters.gopher_quality.min_words"] == ("30", "120", [FIRST, SECOND])
    assert told["mixed", "option", "group_by"] == ("domain", "crawl", [])
    assert told["mixed", "step", "mixers/temperature"] == ("1", None, [])
    assert told["mixed", "step", "mixers/proportional"] == (None, "1", [])
    assert not any(table in ("raw", "extracted", "signals") for table, _, _ in told)


def test_a_dataset_does_not_differ_from_itself(two):
    found = difference.difference(two, "small", "recipe:small")
    assert (found["documents"]["only_a"], found["documents"]["only_b"], found["documents"]["changed"]) == (0, 0, 0)
    assert (found["fates"], found["parts"], found["warnings"]) == ([], [], [])
    assert all(row["same_rows"] for row in found["tables"])


def test_scores_stand_side_by_side_with_the_error_of_their_difference(two):
    found = difference.difference(two, "small", "strict")["scores"]
    (a,), (b,) = (chain.rows(two, "eval_scores", recipe=recipe) for recipe in ("small", "strict"))
    (row,) = found["scores"]
    assert (row["score_a"], row["score_b"], row["n_a"], row["n_b"]) == (a["score"], b["score"], a["n"], b["n"])
    assert isclose(row["difference"], b["score"] - a["score"])
    assert isclose(row["difference_error"], sqrt(a["standard_error"] ** 2 + b["standard_error"] ** 2))
    mixes = [chain.rows(two, "mixed", recipe=recipe) for recipe in ("small", "strict")]
    held = [{row["doc_id"] for row in rows if row["rule"] == "held_out"} for rows in mixes]
    assert found["held_out"] == {
        "both": len(held[0] & held[1]), "only_a": len(held[0] - held[1]), "only_b": len(held[1] - held[0])
    }  # fmt: skip
    assert row["comparable"] == (held[0] == held[1])
    assert "No cause" in found["note"]
    assert [m["seed"] for models in found["models"].values() for m in models] == [0, 0]


def test_crawls_that_only_one_side_holds_are_told_and_their_documents_are_nowhere_in_the_other(two):
    found = difference.difference(two, "small", "late")
    assert any(FIRST in warning for warning in found["warnings"])
    assert any("not the same question" in warning for warning in found["warnings"])
    gone = [f for f in found["fates"] if f["b_table"] == "not in its crawls"]
    assert sum(f["documents"] for f in gone) == len(chain.rows(two, "raw", ["doc_id"], crawl=FIRST))


def test_two_versions_of_a_table_are_compared_by_their_own_partition(two):
    versions = {r: two.lake.published("filtered", {"recipe": r, "crawl": FIRST}).version for r in ("small", "strict")}
    found = difference.difference(two, f"filtered@{versions['small']}", f"filtered@{versions['strict']}")
    counts = [
        sum(r["outcome"] == "kept" for r in chain.rows(two, "filtered", ["outcome"], recipe=recipe, crawl=FIRST))
        for recipe in versions
    ]
    assert [found["documents"][letter] for letter in "ab"] == counts
    assert {row["table"] for row in found["tables"]} >= {"raw", "extracted", "filtered"}
    assert sides.crawls(sides.side(two, f"deduped@{two.lake.version('deduped')}")) == [SECOND]


def test_a_release_stays_what_it_was_when_its_recipe_goes_on(copied):
    with chain.opened(copied) as project:
        releases.create(project, "first", "tiny", to="tokenized")
        before = difference.difference(project, "first", "tiny")
        assert before["documents"]["a"] == before["documents"]["both"] == before["documents"]["b"]
        chain.change(copied, "tiny", mix={"group_by": "domain", "held_out": 0.5})
        chain.run(project)
        after = difference.difference(project, "first", "tiny")
    assert after["documents"]["a"] == before["documents"]["a"]
    assert after["documents"]["only_a"] > 0
    assert ("mixed", "held_out") in {(f["b_table"], f["b_rule"]) for f in after["fates"]}


def test_a_name_of_a_release_and_a_recipe_is_asked_for_and_an_unknown_one_is_refused(copy):
    releases.create(copy, "tiny", "tiny", to="tokenized")
    with pytest.raises(UserError, match="release:tiny or recipe:tiny"):
        sides.side(copy, "tiny")
    assert (sides.side(copy, "release:tiny").kind, sides.side(copy, "recipe:tiny").kind) == ("release", "recipe")
    wrong = {"nothing": UnknownName, "mixed@99": NotFound, "shard:x": UserError, "mixed@0": UserError}
    for name, error in wrong.items():
        with pytest.raises(error):
            sides.side(copy, name)


def pages_of(*words):
    """Pages that share no five words with each other."""
    return [PAGE.format(word, " ".join(f"{word}{n} and then" for n in range(60))).encode() for word in words]


def test_documents_of_two_crawls_with_one_id_are_two_documents(tmp_path):
    crawls = {f"C{n}": {"a.warc.gz": archive(page)} for n, page in enumerate(pages_of("apple", "zebra"))}
    folder = chain.lay_out(tmp_path / "project", crawls=root(tmp_path / "root", **crawls))
    plain = {"filters": [], "mix": {"group_by": "crawl", "held_out": 0.0}}
    chain.change(folder, "tiny", **plain)
    variant(folder, "one", **plain, crawls=["C1"])
    with chain.opened(folder) as project:
        chain.run(project)
        chain.run(project, recipe="one", crawls=["C1"])
        assert len({row["doc_id"] for row in chain.rows(project, "mixed")}) == 1
        found = difference.difference(project, "tiny", "one")
        streams = [chain.rows(project, "tokenized", recipe=recipe) for recipe in ("tiny", "one")]
    assert (found["documents"]["both"], found["documents"]["only_a"], found["documents"]["only_b"]) == (1, 1, 0)
    assert found["changes"]["text"] == 0
    lengths = [sum(len(row["tokens"]) for row in rows) for rows in streams]
    assert [found["tokens"]["real"][letter] for letter in "ab"] == lengths


def test_a_text_that_changed_under_the_same_id_is_counted(tmp_path):
    before, after = pages_of("apple", "zebra"), pages_of("apple", "hippopotamus")
    crawls = root(tmp_path / "root", C0={"a.warc.gz": archive(*before)})
    folder = chain.lay_out(tmp_path / "project", crawls=crawls)
    chain.change(folder, "tiny", filters=[], mix={"held_out": 0.0})
    with chain.opened(folder) as project:
        chain.run(project, to="mixed")
        releases.create(project, "first", "tiny", to="mixed")
    next(crawls.rglob("a.warc.gz")).write_bytes(archive(*after))
    with chain.opened(folder) as project:
        chain.run(project, to="mixed")
        found = difference.difference(project, "first", "tiny")
    assert (found["documents"]["both"], found["documents"]["changed"], found["changes"]["text"]) == (2, 1, 1)
    assert {part["part"] for part in found["parts"]} == {"input"}


def test_options_are_told_by_name_and_in_order():
    options = {"filters": [["b", {"x": 1}], ["a", {}]], "mixer": {"name": "m", "options": {"tau": 0.7}}, "n": None}
    told = {"filters": "b, a", "filters.b.x": "1", "mixer.name": "m", "mixer.options.tau": "0.7", "n": "null"}
    assert dict(flat(options)) == told


def test_the_command_prints_what_the_library_counts(two):
    folder = two.settings.folder
    command = [Path(sys.executable).with_name("headwater"), "--project", folder, "diff", "small", "strict"]
    said = json.loads(subprocess.run([*command, "--json"], capture_output=True, check=True).stdout)
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert said["documents"] == difference.difference(two, "small", "strict")["documents"]
    assert f"only in A {said['documents']['only_a']}, only in B {said['documents']['only_b']}" in text
    assert "filters.gopher_quality.min_words" in text
