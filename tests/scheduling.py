"""How `pytest -n 2` hands tests out: what shares costly fixtures goes to one worker, and what takes long goes first."""

from xdist.scheduler import LoadScopeScheduling

# Folders whose files share a lake, a server or a build of dbt.
TOGETHER = ("tests/dbt", "tests/openlineage", "tests/report", "tests/takedown", "tests/ui")
# Minutes each: left to the end, one of them would keep one worker busy while the other has nothing to do.
LONG = ("tests/test_kill.py", *TOGETHER, "tests/orchestration", "tests/test_chain.py", "tests/test_verify.py")


class ByFixtures(LoadScopeScheduling):
    """By file, or by folder where the files of a folder share costly fixtures, in the order of collection."""

    def __init__(self, config, log):
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid):
        file = nodeid.split("::", 1)[0]
        return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


def rank(item):
    """Its place among the long ones, or after all of them."""
    return next((place for place, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))
