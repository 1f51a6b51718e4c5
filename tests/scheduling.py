"""How `pytest -n 2` hands tests out: what shares costly fixtures goes to one worker."""

from xdist.scheduler import LoadScopeScheduling

# Folders whose files share a lake, a server or a build of dbt.
TOGETHER = ("tests/dbt", "tests/openlineage", "tests/report", "tests/takedown", "tests/ui")


class ByFixtures(LoadScopeScheduling):
    """By file, or by folder where the files of a folder share costly fixtures."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::", 1)[0]
        return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)
