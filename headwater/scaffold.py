"""`headwater init DIR`: the project's folders, copied out of the package for a user to keep and change."""

import shutil
from pathlib import Path

from headwater.errors import MissingInput, UserError

PARTS = (
    "assets", "orchestration", "expectations", "dbt_project", "recipes", "policies", "lists", "languages", "sample",
    "workspace.yaml", "headwater.yaml", "dagster.yaml",
)  # fmt: skip
LEFT_OUT = shutil.ignore_patterns("__pycache__", "target", "logs", "*.pyc", ".user.yml")


def source() -> Path:
    """Where the project's files are: inside an installed wheel, or in the checkout this package runs from."""
    packed = Path(__file__).parent / "_project"
    found = packed if packed.exists() else Path(__file__).parent.parent
    missing = [part for part in PARTS if not (found / part).exists()]
    if missing:
        raise MissingInput(f"this installation has no {', '.join(missing)} in {found}; install headwater again")
    return found


def init(folder: Path) -> list[str]:
    """Copy the project into a new or empty folder; gives the names of what was copied."""
    if folder.exists() and any(folder.iterdir()):
        raise UserError(f"{folder} is not empty; give a new folder, nothing was changed")
    origin = source()
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        if (origin / part).is_dir():
            shutil.copytree(origin / part, folder / part, ignore=LEFT_OUT)
        else:
            shutil.copyfile(origin / part, folder / part)
    return list(PARTS)
