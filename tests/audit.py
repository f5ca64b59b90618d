"""Known holes in the packages that are installed here, by pip-audit: `make audit`.

Ends with 1 for a hole, and with 0 and one line where nobody can be asked: no network, a slow one, a registry that knows
nothing of holes.
"""

import json
import subprocess
import sys

SECONDS = 90


def judged(answer: str) -> tuple[int, str]:
    """Exit code and sentence for what pip-audit printed as JSON; "" where it did not come to that."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 0, "Not audited: the service that knows of holes in packages could not be asked."
    holes = [
        f"{each['name']} {each['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'none'}"
        for each in packages
        for hole in each.get("vulns", ())
    ]
    asked = [each for each in packages if "skip_reason" not in each]
    if holes:
        return 1, "\n".join(holes)
    if not asked:
        return 0, "Not audited: the registry in use knows nothing of holes in packages."
    return 0, f"Audited: {len(asked)} of {len(packages)} packages, no known hole."


def main() -> int:
    """Ask, and say what came of it."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--format", "json", "--progress-spinner", "off"]
    try:
        run = subprocess.run([*command, "--timeout", "5"], capture_output=True, text=True, timeout=SECONDS)
        code, sentence = judged(run.stdout)
    except subprocess.TimeoutExpired:
        code, sentence = judged("")
    print(sentence)
    return code


if __name__ == "__main__":
    sys.exit(main())
