"""A run in a process of its own, `python -m tests.openlineage.killed FOLDER`, killed between a commit and its event."""

import os
import signal
import sys
from pathlib import Path

from headwater import make, openlineage
from tests import chain


def die(emitter, outcome):
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    openlineage.Emitter.committed = die
    with chain.opened(Path(sys.argv[1])) as project:
        make.make(project, "sources", {"crawl": "SAMPLE-2024-10"})
