"""What a worker is asked to measure in the tests: texts with a signal among the others that never ends on one."""

from pathlib import Path

from headwater import signals
from headwater.engine import Limited
from headwater.stages.signals import measured

ENDLESS = '''"""Source: this test."""

import re

import numpy as np

VERSION = 1
COLUMNS = ("words",)


def words_endless(texts):
    if "boom" in texts.to_pylist():
        re.match(r"(a+)+$", "a" * 64 + "b")
    return {"words": np.array([float(len((text or "").split())) for text in texts.to_pylist()])}
'''


def measure(task, guard):
    """Outcome, rule, detail and words of each text."""
    from tests.stages.test_signals import batch

    folder = Path(task.arguments["folder"])
    (folder / "words_endless.py").write_text(ENDLESS)
    signals.__path__.append(str(folder))
    found = measured(batch(task.arguments["texts"]), Limited(task, guard, 3.0))
    return [(r["outcome"], r["rule"], r["detail"], r["words"]) for r in found.to_pylist()]
