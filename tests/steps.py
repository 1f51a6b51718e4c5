"""A project's own steps, written by a test and gone after it."""

import sys
from contextlib import contextmanager
from importlib import import_module
from textwrap import dedent

from headwater import registry


@contextmanager
def found(folder, **files):
    """Steps `SHELF__NAME=SOURCE` in a folder of a project, found by this process until the block ends."""
    before = {shelf: list(import_module(f"headwater.{shelf}").__path__) for shelf in registry.OF_PROJECTS}
    for place, source in files.items():
        shelf, name = place.split("__")
        (folder / shelf).mkdir(parents=True, exist_ok=True)
        (folder / shelf / f"{name}.py").write_text(dedent(source))
    try:
        registry.extend(folder)
        yield folder
    finally:
        for shelf, path in before.items():
            import_module(f"headwater.{shelf}").__path__[:] = path
        for place in files:
            sys.modules.pop("headwater." + place.replace("__", "."), None)
        registry.module.cache_clear()
