"""`headwater calibrate --language LANG`: thresholds and stop words of a language from reference texts."""

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from headwater import show
from headwater.errors import UserError


def calibrate(
    language: Annotated[str, typer.Option(help="The language, by any of its labels: sw, swh_Latn.")],
    reference: Annotated[
        Path | None, typer.Option("--from", help="Its texts, .jsonl or .txt; default: those of the lake.")
    ] = None,
    english: Annotated[Path | None, typer.Option(help="English texts of the same kind; needed with --from.")] = None,
    method: Annotated[
        str, typer.Option(help="quantile, mean_std, ten_tail or median_ratio: how English thresholds are mapped.")
    ] = "quantile",
    extractor: Annotated[str, typer.Option(help="Of the lake's texts, those by this extractor.")] = "resiliparse",
    to: Annotated[str | None, typer.Option(help="Write languages/FOLDER/LANG.yaml; default: print it.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="With --to: put it in the place of a file of that name.")
    ] = False,
) -> None:
    """Derive a language's thresholds and stop words from texts of it and English texts, by FineWeb2's mappings."""
    from headwater import calibrate as calibration
    from headwater.lake.store import NAME
    from headwater.project import Project
    from headwater.text.labels import canonical, is_label

    if not is_label(language):
        raise UserError(
            f"{language[:80]!r} is no label of a language; give it as models and recipes do: en, sw, eng_Latn, swh_Latn"
        )
    if method not in calibration.METHODS:
        raise UserError(f"no method {method!r}; have: {', '.join(calibration.METHODS)}")
    if to is not None and not NAME.fullmatch(to):
        raise UserError(f"--to {to!r} is no name of a folder in languages; give its name alone")
    project = Project.open()
    file = None if to is None else project.settings.language_folder / to / f"{canonical(language)}.yaml"
    if file is not None and file.exists() and not replace:
        raise UserError(f"{file} is there already; give another folder to --to, or --replace to write over it")
    own, of_english = _references(project, language, reference, english, extractor)
    found = calibration.calibrate(own, of_english, cast("calibration.Method", method))
    said = (
        f"# Derived by headwater calibrate for {canonical(language)}; see docs/languages.md.\n"
        + calibration.as_yaml(found)
    )
    if file is None:
        for line in said.splitlines():
            show.line(line)
        return
    try:
        _write(file, said)
    except OSError as error:
        raise UserError(f"cannot write {file}: {error.strerror}; give another folder to --to") from error
    show.line(str(file))


def _write(file: Path, said: str) -> None:
    """The whole file or none of it: what a recipe names is never half a file."""
    from headwater.lake.storage import temporary_name

    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(temporary_name(file.name))
    try:
        new.write_text(said, encoding="utf-8")
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def _references(project: Any, language: str, reference: Path | None, english: Path | None, extractor: str) -> Any:
    from headwater.language import references

    if reference is None:
        if english is not None:
            raise UserError("--english goes with --from; without them both references are taken from the lake")
        return tuple(references.from_lake(project, label, extractor=extractor) for label in (language, "eng_Latn"))
    if english is None:
        raise UserError(
            "--from needs --english FILE: English texts of the same kind, which the thresholds are mapped from"
        )
    model = project.settings.language_model_path if project.settings.language_model.identify else None
    return references.from_file(reference, language, model), references.from_file(english, "eng_Latn", model)
