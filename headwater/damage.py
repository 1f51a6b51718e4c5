"""Reading what may be damaged: an error that a damaged file raises is a finding, and the rest is still looked at."""

import json
import re
from collections.abc import Iterator

from headwater.errors import reason
from headwater.lake.store import Lake, Published, read_commit

VERSION_FILE = re.compile(r"(\d{20})\.json")


def guarded(findings: Iterator[str], what: str) -> Iterator[str]:
    """The findings of one check, the last one being the error that ended it where one did."""
    try:
        yield from findings
    except Exception as error:  # noqa: BLE001  # whatever a damaged file raises is the finding
        yield f"{what} cannot be checked: {reason(error)}"


class Logs:
    """The logs of all tables, read once and version by version, so that one that is damaged hides no other."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._read: dict[str, tuple[list[Published], list[tuple[int, str]]]] = {}

    def commits(self, name: str) -> list[Published]:
        """Every commit of a table that can be read, newest first."""
        return self._of(name)[0]

    def damage(self, name: str) -> list[tuple[int, str]]:
        """The versions that cannot be read, newest first, each with its file and why."""
        return self._of(name)[1]

    def _of(self, name: str) -> tuple[list[Published], list[tuple[int, str]]]:
        if name not in self._read:
            self._read[name] = self._parsed(name)
        return self._read[name]

    def _parsed(self, name: str) -> tuple[list[Published], list[tuple[int, str]]]:
        commits: list[Published] = []
        damage: list[tuple[int, str]] = []
        for version in range(self._newest(name), -1, -1):
            file = f"{name}/_delta_log/{version:020d}.json"
            try:
                # A commit is read up to its lineage record; what comes after it can be torn as well.
                for line in self._lake.storage.read(file).splitlines():
                    json.loads(line)
                commits.append(read_commit(self._lake.storage, name, version))
            except FileNotFoundError:
                damage.append((version, f"{file} is gone: what it committed is not known"))
            except Exception as error:  # noqa: BLE001  # whatever a damaged file raises is the finding
                damage.append((version, f"{file} cannot be read: {reason(error)}"))
        return commits, damage

    def _newest(self, name: str) -> int:
        """The newest version: by the table where it opens, else by the names of the log's files; -1: none."""
        names = self._lake.storage.names(f"{name}/_delta_log")
        listed = max((int(found[1]) for found in map(VERSION_FILE.fullmatch, names) if found), default=-1)
        try:
            opened = self._lake.version(name)
        except Exception:  # noqa: BLE001  # the file that it stumbles over is found by reading each
            return listed
        return listed if opened is None else opened
