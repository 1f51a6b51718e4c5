"""The UI in a headless browser: every asset with its checks, and a partition launched by its own dialog."""

from urllib.parse import urlencode

import pytest

import assets
from orchestration import checks

GROUPS = {spec.key.to_user_string(): spec.group_name for a in assets.discover().values() for spec in a.specs}
TABLES = {spec.key.to_user_string(): a for a in assets.discover().values() for spec in a.specs}
ASSETS = """query { assetNodes { assetKey { path }
    assetChecksOrError { ... on AssetChecks { checks { name } } } } }"""
CHECKS = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
    assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization { status } } } } } } }"""
RUNS = "query { runsOrError { ... on Runs { results { runId status tags { key value } } } } }"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Where screenshots are put; their folder is printed on failure."""
    return tmp_path_factory.mktemp("pictures")


def test_the_ui_knows_every_asset_and_its_checks(ask):
    nodes = {"/".join(n["assetKey"]["path"]): n["assetChecksOrError"]["checks"] for n in ask(ASSETS)["assetNodes"]}
    found = {name: {check["name"] for check in nodes[name]} for name in TABLES}
    assert found == {name: names(name) for name in TABLES}
    assert nodes["marts/retention_funnel"]


@pytest.mark.parametrize("group", sorted(set(GROUPS.values())))
def test_the_graph_shows_every_table_in_its_group(page, site, pictures, group):
    # One group at a time: of a graph that does not fit its window Dagster draws only what is in view.
    page.goto(f"{site}/asset-groups?{urlencode({'expanded': f'global@global:{group}'})}")
    for table in (table for table in GROUPS if GROUPS[table] == group):
        page.get_by_text(table, exact=True).first.wait_for(state="attached")
    page.wait_for_timeout(2_000)  # the picture is drawn in steps
    shot(page, pictures / f"{group}.png")


@pytest.mark.parametrize("table", ["sources", "duplicate_pairs", "deduped"])
def test_an_asset_page_lists_its_checks(page, site, table):
    page.goto(f"{site}/assets/{table}?view=checks")
    for name in names(table):
        # A long name is shown shortened, with the whole one beside it for measure.
        page.get_by_text(name, exact=True).first.wait_for(state="attached")


def test_a_partition_is_launched_by_the_dialog_and_its_checks_are_answered(page, site, ask, pictures):
    page.goto(f"{site}/assets/sources")
    page.get_by_role("button", name="Materialize").first.click()
    page.get_by_text("Add a partition").click()
    page.get_by_placeholder("name").fill("SAMPLE-2024-10")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Launch").click()
    run = finished(page, ask)
    assert run["status"] == "SUCCESS"
    assert {"key": "dagster/partition", "value": "SAMPLE-2024-10"} in run["tags"]
    answers = ask(CHECKS, key={"path": ["sources"]})["assetNodeOrError"]["assetChecksOrError"]["checks"]
    assert {a["executionForLatestMaterialization"]["status"] for a in answers} == {"SUCCEEDED"}
    page.goto(f"{site}/assets/sources?view=partitions&partition=SAMPLE-2024-10")
    page.get_by_text("row_flow").first.wait_for()
    page.get_by_text("written", exact=True).first.wait_for()
    shot(page, pictures / "asset.png")


def names(table):
    """The checks of one table."""
    return {s.name for s in checks.specs(TABLES[table]) if s.asset_key.to_user_string() == table}


def finished(page, ask):
    """The newest run, when it is over."""
    for _ in range(400):
        found = ask(RUNS)["runsOrError"]["results"]
        if found and found[0]["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
            return found[0]
        page.wait_for_timeout(500)
    raise AssertionError(found)


def shot(page, file):
    page.screenshot(path=file)
    assert file.stat().st_size > 10_000, file
