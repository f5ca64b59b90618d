"""How `make audit` handles pip-audit's answers."""

import json

import pytest
from audit import judged

SOUND = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "not found"}
HOLE = {"name": "c", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([SOUND, SKIPPED], 0, "1 of 2 packages"),
        ([SKIPPED], 0, "Not audited"),
        ([], 0, "Not audited"),
        ([SOUND, SKIPPED, HOLE], 1, "c 2: CVE-1, fixed in 3"),
    ],
)
def test_only_a_vulnerability_fails(packages, code, words):
    told = judged(json.dumps({"dependencies": packages, "fixes": []}))
    assert told[0] == code
    assert words in told[1]


@pytest.mark.parametrize("answer", ["", "no JSON", "[]", "{}"])
def test_an_unreachable_registry_is_reported_but_does_not_fail(answer):
    assert judged(answer) == (0, "Not audited: the registry could not be reached.")
