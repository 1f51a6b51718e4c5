"""From the stream to a model and its scores: both are tables with lineage like all others."""

import pytest

from headwater import freshness, story
from tests import chain

MODEL = {"steps": 5, "hidden_size": 32, "layers": 1, "heads": 2, "kv_heads": 2, "intermediate_size": 64, "seq_len": 64}


@pytest.fixture(scope="module")
def trained(built, tmp_path_factory):
    """The built project with a very small model, taken to its scores."""
    import shutil

    folder = shutil.copytree(built, tmp_path_factory.mktemp("trained") / "project")
    chain.change(folder, "tiny", model={**MODEL, "batch_size": 2, "device": "cpu"})
    with chain.opened(folder) as project:
        chain.run(project, to="eval_scores")
        yield project


def test_a_model_and_its_scores_are_tables_that_verify_closes(trained):
    assert chain.broken(trained) == []
    row = chain.rows(trained, "proxy_model")[0]
    assert (row["steps"], row["tokens_seen"], row["device"]) == (5, 5 * 2 * 64, "cpu")
    assert row["tokenized_version"] == trained.lake.published("tokenized", {"recipe": "tiny"}).version


def test_every_eval_of_the_recipe_has_scores_of_that_model(trained):
    scores = chain.rows(trained, "eval_scores")
    assert {row["task"] for row in scores} >= {"arc_easy", "copa"}
    assert {row["model"] for row in scores} == {chain.rows(trained, "proxy_model")[0]["model"]}
    assert all(row["n"] > 0 and row["standard_error"] >= 0 for row in scores)


def test_a_held_out_document_is_in_no_stream(trained):
    held = {row["doc_id"] for row in chain.rows(trained, "mixed") if row["rule"] == "held_out"}
    assert held
    assert held.isdisjoint(row["doc_id"] for row in chain.rows(trained, "tokenized"))


def test_a_trained_model_is_not_trained_again(trained):
    before = chain.versions(trained)
    assert not any(outcome.written for outcome in chain.run(trained, to="eval_scores"))
    assert chain.versions(trained) == before


def test_another_learning_rate_asks_for_a_model_and_nothing_before_it(trained):
    folder = trained.settings.folder
    kept = (folder / "recipes/tiny.yaml").read_text()
    chain.change(folder, "tiny", model={**MODEL, "learning_rate": 0.01})
    recipe = trained.recipe("tiny")
    wanted = list(freshness.targets(recipe, trained.crawls(recipe)))
    assert [t.table for t in freshness.stale(trained, wanted)] == ["proxy_model", "eval_scores"]
    (folder / "recipes/tiny.yaml").write_text(kept)


def test_the_story_of_a_token_names_the_model_that_saw_it(trained):
    last = story.of_token(trained, "tiny:00000:0")["stages"][-1]
    assert last["table"] == "proxy_model"
    assert last["checkpoint_digest"] == chain.rows(trained, "proxy_model")[0]["checkpoint_digest"]
