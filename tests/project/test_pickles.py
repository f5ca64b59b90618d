"""No code from a file is run: checks the package's imports and calls by parsing it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOADERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}


def imported_by(start: str) -> dict[str, ast.Module]:
    """The syntax trees of all modules that `start` can reach, including imports within functions."""
    files = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
             for path in (ROOT / "colorizer").rglob("*.py")}  # fmt: skip
    reached: dict[str, ast.Module] = {}
    waiting = [name for name in files if name == start or name.startswith(f"{start}.")]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in files:
            continue
        reached[name] = tree = ast.parse(files[name].read_text(encoding="utf-8"))
        package = name.split(".") if files[name].name == "__init__.py" else name.split(".")[:-1]
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                origin = ".".join([*base, *(node.module or "").split(".")]).strip(".")
                waiting += [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
    return reached


def unpicklers(tree: ast.Module) -> list[str]:
    """Calls in a module that can load a pickle or run code."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in LOADERS]
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] in LOADERS:
            found.append(str(node.module))
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if called in ("eval", "exec", "os.system", "os.popen", "torch.jit.load", "yaml.load", "pd.read_pickle"):
                found.append(called)
            elif called == "torch.load" or keywords.get("allow_pickle", "False") != "False":
                found.append(f"{called}({keywords})")
            elif keywords.get("shell", "False") != "False":
                found.append(f"{called}(shell)")
    return found


def test_no_code_that_the_page_reaches_loads_a_pickle():
    reached = imported_by("colorizer.page")
    expected = ["checkpoints.file", "inference.colorizer", "files.zip_reader", "photo.open"]
    assert {f"colorizer.{name}" for name in expected} <= set(reached)
    assert {name: found for name, tree in reached.items() if (found := unpicklers(tree))} == {}


def test_other_code_reads_pickles_only_as_weights():
    for path in [*(ROOT / "colorizer").rglob("*.py"), ROOT / "app.py", ROOT / "train.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
                assert "weights_only=True" in ast.unparse(node), path


def test_the_test_above_detects_pickles():
    lines = "import pickle|from pickle import loads|torch.load(x)|np.load(x, allow_pickle=True)|eval(x)"
    for line in lines.split("|"):
        assert unpicklers(ast.parse(line)), line
