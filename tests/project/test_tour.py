"""The notebook for classrooms runs from first cell to last and shows what it promises."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

TOUR = Path(__file__).parents[2] / "examples" / "tour.ipynb"


@pytest.mark.full
def test_the_tour_runs():
    notebook = nbformat.read(TOUR, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "save it without outputs"
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(TOUR.parent)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 5
    said = "".join(output["text"] for output in outputs if output.get("name") == "stdout")
    learnt = said.splitlines()[-1]
    predicted, gray = (float(part.split()[-2]) for part in learnt.split(","))
    assert predicted > gray + 2
