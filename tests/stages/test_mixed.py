"""The mix: whole tokens are shared out, each group is cut by order, and texts are those that were deduplicated."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater import make
from headwater.errors import BadRecipe
from headwater.mixers.proportional import proportional
from headwater.stages import mixed
from tests import chain, standing
from tests.stages.crawls import archive, root

MIXED, FIRST = {"recipe": "tiny"}, "SAMPLE-2024-10"
PAGE = "<html><body><p>{0} is what this page of words about the old mill tells of. {1}</p></body></html>"
tokens = st.dictionaries(st.text(max_size=5), st.integers(1, 10**12), min_size=1, max_size=40)


@given(tokens)
def test_a_proportional_mix_without_a_budget_gives_each_group_exactly_what_it_holds(held):
    weights, budget = proportional(held), sum(held.values())
    for group, count in held.items():
        assert mixed.share(weights[group], budget, {1: count}, 4) == (1.0, 1, 0, count)


@given(st.floats(0, 1), st.integers(1, 10**12), st.integers(1, 10**9), st.integers(1, 9))
def test_a_share_is_its_part_of_the_budget_or_the_most_copies(weight, budget, held, most):
    given = mixed.share(weight, budget, {1: held}, most)
    assert 0 <= given.more < held
    assert given.copies * held + given.more == min(round(weight * budget), most * held)


def remixed(folder, **mix):
    """Rows and details of the mix after its recipe says otherwise."""
    chain.change(folder, "tiny", mix=mix)
    with chain.opened(folder) as project:
        details = make.make(project, "mixed", MIXED).provenance.details
        assert chain.broken(project) == []
        return chain.rows(project, "mixed"), details


@pytest.mark.parametrize("group_by", ["crawl", "domain", "language"])
def test_a_proportional_mix_keeps_all_that_is_not_held_out(copied, group_by):
    rows, details = remixed(copied, group_by=group_by, held_out=0.1)
    assert {(r["outcome"], r["copies"], r["rule"]) for r in rows} == {("kept", 1, None), ("left_out", 0, "held_out")}
    assert details["tokens_estimate"] == sum(r["tokens_estimate"] for r in rows if r["outcome"] == "kept")


@pytest.mark.parametrize("budget", [1, 30_000, 250_000, 10**9])
def test_each_group_takes_its_documents_in_order_as_far_as_the_budget_goes(copied, budget):
    rows, details = remixed(copied, group_by="crawl", mixer={"temperature": {"tau": 0.5}}, tokens=budget)
    groups = defaultdict(list)
    for row in sorted((r for r in rows if r["rule"] != "held_out"), key=lambda r: r["order_key"]):
        groups[row["group"]].append(row)
    for name, members in groups.items():
        held, copies = sum(r["tokens_estimate"] for r in members), [r["copies"] for r in members]
        given = mixed.share(members[0]["weight"], budget, {1: held}, 4)
        left = given.more
        assert copies == sorted(copies, reverse=True)
        for row in members:
            left -= row["tokens_estimate"]
            assert row["copies"] == given.copies + (left >= 0 < given.more)
        assert details["groups"][name]["tokens"] == sum(r["copies"] * r["tokens_estimate"] for r in members)
    assert details["tokens_estimate"] == sum(r["copies"] * r["tokens_estimate"] for r in rows) <= budget


STEPS = st.dictionaries(st.integers(1, 9), st.integers(1, 10**9), min_size=1)


@given(st.floats(0, 1), st.integers(1, 10**12), STEPS, st.integers(1, 9))
def test_a_share_counts_the_tokens_of_repeats(weight, budget, tokens, most):
    given = mixed.share(weight, budget, tokens, most)

    def held(times):
        return sum(min(most, times * repeats) * count for repeats, count in tokens.items())

    assert given.given == held(given.copies) <= round(weight * budget)
    assert given.copies == most or given.given + given.more == round(weight * budget) < held(given.copies + 1)


def duplicates_of(project):
    """How many documents each survivor of the lake stands for, itself included."""
    return {doc: count for doc, count in Counter(standing.last(project).values()).items() if count > 1}


def test_every_survivor_has_the_size_of_its_cluster(tiny_lake):
    sizes = duplicates_of(tiny_lake)
    assert sizes
    rows = chain.rows(tiny_lake, "mixed")
    assert {r["doc_id"]: r["cluster_size"] for r in rows} == {r["doc_id"]: sizes.get(r["doc_id"], 1) for r in rows}


def test_survivors_are_repeated_by_the_size_of_their_cluster(copied):
    steps = {1: 1, 2: 3}
    rows, details = remixed(copied, group_by="crawl", held_out=0.1, rehydrate=steps)
    assert {(r["cluster_size"] > 1, r["copies"]) for r in rows if r["outcome"] == "kept"} == {(False, 1), (True, 3)}
    assert details["tokens_estimate"] == sum(r["tokens_estimate"] * r["copies"] for r in rows)


def test_no_document_is_repeated_more_than_the_most_copies(copied):
    rows, _ = remixed(copied, held_out=0.1, max_copies=2, rehydrate={1: 1, 2: 10})
    assert {r["copies"] for r in rows if r["cluster_size"] > 1 and r["outcome"] == "kept"} == {2}


@pytest.mark.parametrize("budget", [1, 30_000, 250_000, 10**9])
def test_a_budget_counts_the_repeats(copied, budget):
    steps = {1: 1, 2: 2, 3: 3}
    rows, details = remixed(copied, group_by="crawl", tokens=budget, held_out=0.1, max_copies=5, rehydrate=steps)
    spent = sum(r["copies"] * r["tokens_estimate"] for r in rows)
    assert details["tokens_estimate"] == spent <= budget
    # In order of their keys, so that a longer budget only ever adds.
    for group in {r["group"] for r in rows}:
        members = [r for r in rows if r["group"] == group and r["rule"] != "held_out"]
        members.sort(key=lambda r: r["order_key"])
        times = {r["doc_id"]: r["copies"] / steps[min(3, r["cluster_size"])] for r in members if r["copies"] < 5}
        assert list(times.values()) == sorted(times.values(), reverse=True)


def test_a_language_has_its_own_repeats(copied):
    own = {"en": {1: 2}}
    rows, _ = remixed(copied, held_out=0.1, rehydrate={1: 1}, rehydrate_by_language=own)
    assert {r["copies"] for r in rows if r["outcome"] == "kept"} == {2}


@pytest.mark.parametrize("wrong", [{}, {1: 0}, {0: 1}])
def test_steps_that_are_none_are_refused(copied, wrong):
    with pytest.raises(BadRecipe, match="rehydrate maps cluster sizes"):
        remixed(copied, rehydrate=wrong)


def test_a_document_over_the_budget_says_how_many_copies_were_wanted(copied):
    rows, _ = remixed(copied, group_by="crawl", tokens=30_000)
    over = [r for r in rows if r["rule"] == "token_budget"]
    assert over
    for row in over:
        assert (row["outcome"], row["copies"], row["threshold"]) == ("left_out", 0, 1.0)
        assert 0 < row["value"] < 1


def test_a_mix_of_nothing_but_held_out_documents_is_made(copied):
    rows, details = remixed(copied, held_out=0.999999)
    assert {(r["rule"], r["weight"], r["copies"]) for r in rows} == {("held_out", None, 0)}
    assert {**details, "policy": None, "licence_classes": None} == {
        "group_count": 0, "tokens_estimate": 0, "groups": {}, "policy": None, "licence_classes": None,
    }  # fmt: skip


def test_a_commit_names_the_largest_groups_only_and_counts_all(tmp_path, monkeypatch):
    pages = [PAGE.format(f"Number {n}", f"Thing {n} is unlike the others. " * (n + 9)).encode() for n in range(3)]
    crawls = root(tmp_path / "root", **{f"C{n}": {"a.warc.gz": archive(page)} for n, page in enumerate(pages)})
    folder = chain.lay_out(tmp_path / "project", crawls=crawls)
    chain.change(folder, "tiny", filters=[], mix={"group_by": "crawl", "held_out": 0.0})
    monkeypatch.setattr(mixed, "NAMED_GROUPS", 1)
    with chain.opened(folder) as project:
        chain.run(project, to="mixed")
        details = project.lake.published("mixed", MIXED).provenance.details
        sizes = {r["group"]: r["tokens_estimate"] for r in chain.rows(project, "mixed") if r["outcome"] == "kept"}
    assert (details["group_count"], details["tokens_estimate"]) == (len(sizes), sum(sizes.values()))
    assert set(details["groups"]) == set(sorted(sizes, key=sizes.get)[-1:])
    assert {name: group["tokens"] for name, group in details["groups"].items()}.items() <= sizes.items()


def test_a_mix_is_made_of_the_texts_that_were_deduplicated(copied):
    tight = [{"language": {"languages": ["en"], "min_score": 0.5}}, {"gopher_quality": {"min_words": 300}}]
    chain.change(copied, "tiny", filters=tight, mix={"group_by": "language", "held_out": 0.1, "seed": 7})
    with chain.opened(copied) as project:
        place = {"recipe": "tiny", "crawl": FIRST}
        deduped = project.lake.input("deduped", place)
        assert make.make(project, "filtered", place).provenance.row_flow["outcomes"]["kept"] < 83
        outcome = make.make(project, "mixed", MIXED)
        assert outcome.written
        assert project.lake.made_from(deduped, "filtered") in outcome.provenance.inputs
        kept = {r["doc_id"] for r in chain.rows(project, "deduped") if r["outcome"] == "kept"}
        rows = chain.rows(project, "mixed")
        assert {r["doc_id"] for r in rows} == kept
        assert len(rows) == len(kept)
        assert min(r["tokens_estimate"] for r in rows) > 0
