"""Appends events larger than any buffer to a file: `python -m tests.openlineage.appending FILE NAME COUNT`."""

import sys
from pathlib import Path

from headwater.openlineage.transport import File

if __name__ == "__main__":
    file = File(Path(sys.argv[1]))
    for number in range(int(sys.argv[3])):
        file.send({"run": {"runId": f"{sys.argv[2]}{number}"}, "eventType": "START", "large": "x" * 50_000})
