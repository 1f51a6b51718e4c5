"""`headwater check RECIPE`: find what is missing before any work starts."""

from collections.abc import Iterator, Sequence
from typing import Any

from headwater import deduplication, lists, registry, trial
from headwater.curation import Used
from headwater.errors import BadRecipe, MissingInput
from headwater.freshness import stale, targets
from headwater.language import second
from headwater.project import Project
from headwater.recipe import Mix, Recipe
from headwater.stages.eval_scores import examples
from headwater.stages.filtered import used
from headwater.stages.tokenized import given_tokenizer
from headwater.text.labels import is_known


def check(project: Project, name: str) -> dict[str, Any]:
    """Facts about what a recipe would use. Raises the error that a run would end with."""
    recipe = project.recipe(name)
    crawls = project.crawls(recipe)
    if not crawls:
        raise MissingInput(f"recipe {name} wants crawls {', '.join(recipe.crawls)}; {project.source.root} has none")
    files = [file for crawl in crawls for file in project.source.paths(crawl)]
    size = sum(project.source.size(file.path) for file in files)
    for way in recipe.ways:
        trial.extractor(way)
        trial.files(way, project.source, [file.path for file in files])
    applied = lists.resolve(project.settings, used(project, recipe))
    trial.curating(lists.located(project.settings, applied))
    _second_opinion(project, recipe)
    for shelf, steps in (("dedupers", recipe.dedup), ("evals", recipe.evals)):
        for step in steps:
            registry.step(shelf, step.name)
    for method in deduplication.methods(recipe):
        method.made()
    listed = lists.check(project.settings, recipe.filters)
    policy = project.policy(recipe.policy)
    project.lake.check_writable()
    registry.step("mixers", recipe.mix.mixer.name)({"a": 1, "b": 2}, **recipe.mix.mixer.options)
    given = given_tokenizer(project, recipe.tokenizer)
    todo = stale(project, list(targets(recipe, crawls)))
    return {
        "recipe": name,
        "crawls": " ".join(crawls),
        "warc_files": len(files),
        "warc_bytes": size,
        "filters": " ".join(step.name for step in recipe.filters),
        "questions": "; ".join(_questions(applied, recipe)) or "none",
        "lists": " ".join(f"{file}={count}" for file, count in listed.items()) or "none",
        "dedup": " ".join(step.name for step in recipe.dedup),
        "policy": f"{policy.name}: {' '.join(policy.allow)}",
        "tokenizer": "given" if given else f"trained, {recipe.tokenizer.vocab_size} tokens",
        "language_model_sha256": project.settings.language_model_digest,
        "second_language_model": second.release(project.settings.language_model.second) or "none",
        "evals": " ".join(f"{k}={v.name}" for k, v in examples(project, recipe).items()),
        "lake": project.lake.storage.root,
        "partitions_to_make": len(todo),
    }


def _questions(applied: Sequence[Used], recipe: Recipe) -> Iterator[str]:
    """What a run would do without an error, and is hardly meant."""
    yield from _rehydration(recipe.mix)
    for step in applied:
        if step.name == "language":
            asked = {
                "languages": step.options.get("languages") or (),
                "min_scores": step.options.get("min_scores") or (),
            }
            for option, labels in asked.items():
                yield from (_unknown(f"language.{option}", label) for label in labels if not is_known(label))
        if step.name == "url_blocklist" and not step.by_language:
            options: tuple[str, ...] = registry.module("filters", step.name).LISTS
            if not any(step.options.get(name) for name in options):
                yield f"url_blocklist names no list and drops nothing: give it one of {', '.join(options)}"
    if recipe.by_language is None:
        return
    labels = sorted({label for step in applied for label in step.by_language})
    yield from (_unknown(f"by_language {recipe.by_language}", label) for label in labels if not is_known(label))
    if not any(step.name == "language" for step in recipe.filters):
        yield (
            f"by_language {recipe.by_language} without the filter language: documents in languages without a file go "
            "by the recipe's own options, and are kept by them"
        )


def _rehydration(mix: Mix) -> Iterator[str]:
    most = max((max(steps.values()) for steps in mix.rehydrations), default=1)
    if most > mix.max_copies:
        yield f"mix.rehydrate asks for {most} copies, and max_copies allows {mix.max_copies}; raise max_copies"
    yield from (_unknown("mix.rehydrate_by_language", n) for n in mix.rehydrate_by_language or () if not is_known(n))


def _unknown(where: str, label: str) -> str:
    return (
        f"{where}: no language {label!r} is known, so only documents with this very label are meant; say en or eng_Latn"
    )


def _second_opinion(project: Project, recipe: Recipe) -> None:
    """Raises MissingInput where the second model is not installed, BadRecipe where it is wanted and not switched on."""
    chosen = project.settings.language_model.second
    second.release(chosen)
    asked = any(step.name == "language" and step.options.get("require_agreement") for step in recipe.filters)
    if asked and chosen is None:
        raise BadRecipe(
            f"recipe {recipe.name}: language.require_agreement needs a second opinion; "
            "set language_model: {second: lingua} in headwater.yaml"
        )
