"""Steps are tried before any work: whether they run with their options, and whether what they read is there."""

from collections.abc import Sequence

import pyarrow as pa

from headwater import curation, registry
from headwater.configuration import Step
from headwater.curation import Used
from headwater.errors import BadRecipe, MissingInput, UserError, reason
from headwater.warc import wet
from headwater.warc.crawl import CrawlRoot

PAGE = "<html><head><title>A page</title></head><body><p>It has a sentence.</p></body></html>"


def source(extractor: str) -> str:
    """What an extractor is given: "page", or "wet" for the text of the WET file."""
    found: str = getattr(registry.module("extractors", extractor), "SOURCE", "page")
    return found


def extractor(step: Step) -> None:
    """Run an extractor on a page of ours. Raises MissingInput for a library, BadRecipe for an option's value."""
    try:
        registry.step("extractors", step.name)(PAGE, url="", **step.options)
    except UserError:
        raise
    except ImportError as error:
        raise MissingInput(
            f"extractor {step.name} needs a library that is not here: {error}; pip install 'headwater[extractors]'"
        ) from error
    except Exception as error:  # whatever the library makes of an option: it would say so of every page
        raise BadRecipe(f"extractor {step.name} does not run with these options: {reason(error)}") from error


def files(step: Step, root: CrawlRoot, paths: Sequence[str]) -> None:
    """Look for the WET files of an extractor that reads them. Raises MissingInput with the first that is not there."""
    if source(step.name) != "wet":
        return
    for path in paths:
        try:
            root.size(wet.path_of(path))
        except MissingInput as error:
            raise MissingInput(
                f"extractor {step.name} reads the WET file of every WARC file: {error}; "
                f"bring it, or name an extractor that reads the pages themselves"
            ) from error


def curating(steps: Sequence[Used]) -> None:
    """Run filters and editors on no document, with the options of each language. The message names the step.

    Raises MissingInput for a library or file, BadRecipe for an option's value, and for a filter that asks what editors
    removed where none is directly before it.
    """
    for place, step in enumerate(steps):
        for language, options in (("", step.options), *step.by_language.items()):
            said = f"{step.shelf.removesuffix('s')} {step.name}" + (f" for {language}" if language else "")
            try:
                if step.shelf == "filters":
                    _placed(steps[:place], curation.asked([Used(step.shelf, step.name, options)]))
                else:
                    registry.step(step.shelf, step.name)(pa.array([], pa.string()), **options)
            except UserError as error:
                raise type(error)(f"{said}: {error}") from error
            except ImportError as error:
                raise MissingInput(f"{said} needs a library that is not here: {error}; install it") from error
            except Exception as error:  # whatever a step makes of an option: it would say so of every document
                raise BadRecipe(f"{said} does not run with these options: {reason(error)}") from error


def _placed(before: Sequence[Used], asked: Sequence[str]) -> None:
    """Raises BadRecipe where a filter asks what editors removed and none is directly before it: it would see none."""
    if set(asked) & set(curation.REMOVED) and not (before and before[-1].shelf == "editors"):
        raise BadRecipe("it asks how much the editors directly before it removed, and there is none; put it after them")
