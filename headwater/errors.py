"""Every error Headwater raises on purpose. Each message says what, which value, and what to do.

* HeadwaterError
  + UserError             the request cannot be met as asked; nothing was changed
    - UnknownName         no such recipe, crawl, table or step; the message lists the known ones
    - BadRecipe           a recipe or settings file is wrong; the message has file and line
    - MissingInput        something that must come first is not there
    - NotFound            a lookup (document, URL, token) matched nothing
    - LakeUnavailable     the lake root cannot be written, or is newer than this code
  + AuditFailed           a draft broke an expectation or lost rows; the published table is untouched
  + BrokenLake            files and log of the lake do not agree; headwater verify says where
  + ConcurrentCommit      another run replaced the same partition first
  + BrokenContract        a step gave what its shelf's contract rules out; its code must be mended
  + WorkerFailed          a worker died or raised; its shard is named
"""

from collections.abc import Sequence
from typing import Any


class HeadwaterError(Exception):
    """Base of the tree. Catch it at the edge of a program, nowhere else."""


class UserError(HeadwaterError):
    """The request cannot be met as asked; nothing was changed."""


class UnknownName(UserError):
    """No recipe, crawl, table or step has this name."""

    @classmethod
    def among(cls, kind: str, name: str, known: object) -> "UnknownName":
        """The error for `name`, with the known names of this `kind` listed in order."""
        names = ", ".join(sorted(map(str, known))) if hasattr(known, "__iter__") else str(known)
        return cls(f"no {kind} {name!r}; have: {names or 'none'}")


class BadRecipe(UserError):
    """A recipe or settings file cannot be read as one."""


class MissingInput(UserError):
    """A predecessor, input table or file is not there yet."""


class NotFound(UserError):
    """A lookup matched nothing."""


class LakeUnavailable(UserError):
    """The lake root cannot be used as it is."""


class AuditFailed(HeadwaterError):
    """A draft broke an expectation or lost rows; nothing was published. `checks` are all answers of the audit."""

    def __init__(self, message: str, checks: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.checks = tuple(checks)


class BrokenLake(HeadwaterError):
    """Files and log of the lake do not agree."""


class ConcurrentCommit(HeadwaterError):
    """Another run committed to the same partition first; run again."""


class BrokenContract(HeadwaterError):
    """A step gave what the contract of its shelf rules out."""


class WorkerFailed(HeadwaterError):
    """A worker raised or died in a way that no record explains."""


def reason(error: BaseException) -> str:
    """Another library's error in one line: delta-rs adds a stack, and a parser may quote the whole file."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:240]}"
