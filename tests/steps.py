"""A project's own steps, written by a test and gone after it."""

import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from textwrap import dedent

from headwater import registry


@contextmanager
def restored():
    """What the block puts on the shelves is taken off at its end: a process never forgets a project's steps itself."""
    before = {package: list(package.__path__) for package in _shelves()}
    try:
        yield
    finally:
        added = {place for package, path in before.items() for place in package.__path__ if place not in path}
        for package, path in before.items():
            package.__path__[:] = path
        if added:
            _forget(added)


def _shelves():
    return [import_module(f"headwater.{shelf}") for shelf in registry.OF_PROJECTS]


def _forget(places):
    for name, module in list(sys.modules.items()):
        if name.startswith("headwater.") and str(Path(getattr(module, "__file__", None) or "").parent) in places:
            del sys.modules[name]
    registry.module.cache_clear()


@contextmanager
def found(folder, **files):
    """Steps `SHELF__NAME=SOURCE` in a folder of a project, found by this process until the block ends."""
    for place, source in files.items():
        shelf, name = place.split("__")
        (folder / shelf).mkdir(parents=True, exist_ok=True)
        (folder / shelf / f"{name}.py").write_text(dedent(source))
    with restored():
        registry.extend(folder)
        yield folder
