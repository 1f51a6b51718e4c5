"""What another policy would change is what a rerun does change, and asking leaves no trace."""

import json

import pytest
from typer.testing import CliRunner

from headwater import make, whatif
from headwater.cli import app
from headwater.errors import MissingInput
from headwater.warc import facts
from tests import chain

MIXED = {"recipe": "tiny"}
POLICY = """
description: A third of the sample's hosts, by decisions on them.
allow: [commercial]
sites: some
"""


@pytest.fixture
def ready(copied):
    """The built project, with a policy that lets a third of its hosts through."""
    with chain.opened(copied) as project:
        hosts = sorted({facts.host(r["url"]) for r in chain.rows(project, "filtered", ["url"])})
        decided = "".join(
            f"  - {{site: {host}, licence: CC-BY-4.0, decided_by: me, decided_on: 2025-01-01, reason: a test}}\n"
            for host in hosts[::3]
        )
    (copied / "policies/some.yaml").write_text(POLICY)
    (copied / "policies/sites/some.yaml").write_text(f"sites:\n{decided}")
    return copied


def files(folder):
    return {p.relative_to(folder): p.stat().st_mtime_ns for p in (folder / "lake").rglob("*") if p.is_file()}


def answered(folder, policy="some"):
    with chain.opened(folder) as project:
        return whatif.policy(project, "tiny", policy)


def test_the_answer_is_that_of_a_rerun(ready):
    answer = answered(ready)
    with chain.opened(ready) as project:
        before = {(r["crawl"], r["doc_id"]): r for r in chain.rows(project, "mixed")}
        before = {k: v["copies"] for k, v in before.items()}
        estimates = {(r["crawl"], r["doc_id"]): r["tokens_estimate"] for r in chain.rows(project, "mixed")}
    chain.change(ready, "tiny", policy="some")
    with chain.opened(ready) as project:
        said = make.make(project, "mixed", MIXED).provenance
        after = {(r["crawl"], r["doc_id"]): r["copies"] for r in chain.rows(project, "mixed")}
    assert answer["digest"]["after"] == said.digest
    assert answer["policy"]["after"] == said.details["policy"]
    lost = {doc for doc in before if before[doc] and not after[doc]}
    gained = {doc for doc in before if after[doc] and not before[doc]}
    assert lost
    assert answer["documents"]["before"] == sum(n > 0 for n in before.values())
    assert answer["documents"]["after"] == sum(n > 0 for n in after.values())
    assert (answer["documents"]["lost"], answer["documents"]["gained"]) == (len(lost), len(gained))
    assert answer["tokens_estimate"]["after"] == sum(after[doc] * estimates[doc] for doc in after)
    assert answer["tokens_estimate"]["lost"] == sum(before[doc] * estimates[doc] for doc in lost)


def test_tokens_are_counted_where_the_stream_holds_them(ready):
    answer = answered(ready)
    with chain.opened(ready) as project:
        stream = chain.rows(project, "tokenized", ["tokens"])
    assert answer["tokens"]["before"] == sum(len(r["tokens"]) for r in stream)
    assert 0 < answer["tokens"]["lost"] < answer["tokens"]["before"]
    assert answer["tokens"]["unmeasured_documents"] == answer["documents"]["gained"]


def test_losses_are_told_by_domain_language_class_and_rule_with_examples(ready):
    answer = answered(ready)
    lost = answer["documents"]["lost"]
    assert sum(r["lost"] for r in answer["by_rule"]["rows"]) == lost
    assert sum(r["lost"] for r in answer["by_language"]["rows"]) == lost
    assert "unspecified" in {r["name"] for r in answer["by_licence_class"]["rows"]}
    assert sum(r["lost"] for r in answer["by_domain"]["rows"]) == lost > 0
    for example in answer["examples"]["lost"]:
        assert example["url"].startswith("http")
        assert example["rule"] == "some.class"
        assert "source" in json.loads(example["evidence"])


def test_the_same_policy_changes_nothing(ready):
    answer = answered(ready, "everything")
    assert answer["digest"]["before"] == answer["digest"]["after"]
    assert (answer["documents"]["lost"], answer["documents"]["gained"]) == (0, 0)
    assert answer["by_domain"]["rows"] == answer["examples"]["lost"] == []


def test_asking_writes_nothing(ready):
    before = files(ready)
    answered(ready)
    assert files(ready) == before


def test_a_mix_that_is_not_what_the_recipe_says_cannot_be_compared(ready):
    chain.change(ready, "tiny", mix={"group_by": "crawl"})
    with pytest.raises(MissingInput, match="is not what the recipe says now; bring it up to date first"):
        answered(ready)


def test_the_command_tells_it_in_words_and_in_json(ready, monkeypatch):
    monkeypatch.setenv("HEADWATER_PROJECT", str(ready))
    told = CliRunner().invoke(app, ["whatif", "tiny", "--policy", "some"])
    assert "policy everything -> some; nothing was written" in told.stdout
    said = CliRunner().invoke(app, ["whatif", "tiny", "--policy", "some", "--json", "--examples", "1"])
    assert len(json.loads(said.stdout)["examples"]["lost"]) == 1
