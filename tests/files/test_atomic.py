"""A file is written whole or not at all, whatever goes wrong, and by every part of the package in the same way."""

import ast
import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import files_in

import colorizer
from colorizer.checkpoints.file import write_tensors
from colorizer.errors import PhotoError, UserError
from colorizer.files import atomic
from colorizer.files.atomic import remove_partial_files, whole_file, write_whole

PACKAGE = Path(colorizer.__file__).parent


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def no_room_to_create(monkeypatch):
    monkeypatch.setattr(atomic, "_create", full)


def no_room_for_the_bytes(monkeypatch):
    monkeypatch.setattr(os, "fsync", full)


def no_room_for_the_name(monkeypatch):
    monkeypatch.setattr(Path, "replace", full)


FAULTS = [no_room_to_create, no_room_for_the_bytes, no_room_for_the_name]


def test_a_complete_file_replaces_the_old_one(tmp_path):
    (tmp_path / "a.txt").write_text("before")
    with whole_file(tmp_path / "a.txt") as partial:
        partial.write_text("after")
        assert (tmp_path / "a.txt").read_text() == "before"
        assert partial.suffix == ".txt"
        assert partial.name.startswith(".")
    assert files_in(tmp_path) == {"a.txt": b"after"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_full_disk_leaves_the_old_file(fault, tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("before")
    fault(monkeypatch)
    with pytest.raises(UserError, match=r"^a.txt could not be written \(No space left on device\)"):
        write_whole(tmp_path / "a.txt", "after")
    with pytest.raises(PhotoError, match=r"a.txt could not be written"):
        write_whole(tmp_path / "a.txt", "after", PhotoError)
    with pytest.raises(OSError, match="No space left") as error:
        write_whole(tmp_path / "a.txt", "after", error=None)
    assert error.value.errno == errno.ENOSPC
    assert files_in(tmp_path) == {"a.txt": b"before"}


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, MemoryError, ValueError])
def test_no_partial_file_is_left_after_any_error(stopped, tmp_path):
    with pytest.raises(stopped), whole_file(tmp_path / "a.txt") as partial:  # noqa: PT012  # it is the file's end
        partial.write_text("half")
        raise stopped
    assert files_in(tmp_path) == {}


WRITING = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.default_int_handler)
from colorizer.files.atomic import whole_file
with whole_file(sys.argv[1]) as partial:
    partial.write_text("half")
    print("half", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGTERM elsewhere")
@pytest.mark.parametrize(("told", "left"), [(signal.SIGTERM, 0), (signal.SIGKILL, 1)])
def test_partial_files_of_a_stopped_program_are_removed(told, left, tmp_path):
    command = [sys.executable, "-c", WRITING, str(tmp_path / "a.txt")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=PACKAGE.parent) as process:
        assert process.stdout.readline() == b"half\n"
        process.send_signal(told)
        process.wait(20)
    assert len(files_in(tmp_path)) == left
    remove_partial_files(tmp_path, older_than=3600)
    assert len(files_in(tmp_path)) == left
    remove_partial_files(tmp_path)
    assert files_in(tmp_path) == {}


def test_files_being_written_are_not_removed(tmp_path):
    with whole_file(tmp_path / "a.txt") as partial:
        partial.write_text("a")
        remove_partial_files(tmp_path)
    assert files_in(tmp_path) == {"a.txt": b"a"}


def test_the_bytes_are_synced_before_the_rename_and_the_rename_before_the_end(tmp_path, monkeypatch):
    done = []
    fsync, replace = os.fsync, Path.replace

    def noted(handle):
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "replace", lambda *paths: (done.append("rename"), replace(*paths)))
    write_whole(tmp_path / "a.txt", "a")
    assert done == (["file", "rename", "folder"] if os.name == "posix" else ["file", "rename"])


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_folder_that_cannot_be_synchronized_is_no_error(number, tmp_path, monkeypatch):
    fsync = os.fsync

    def files_only(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, "not here")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", files_only)
    write_whole(tmp_path / "a.txt", "a")
    assert files_in(tmp_path) == {"a.txt": b"a"}


@pytest.mark.skipif(os.name != "posix", reason="there are no modes elsewhere")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o002, 0o664)])
def test_file_permissions_follow_the_umask(mask, mode, tmp_path):
    before = os.umask(mask)
    try:
        write_whole(tmp_path / "a.txt", "a")
        write_tensors(tmp_path / "a.safetensors", {"a": torch.zeros(1)}, {})
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {mode}


def test_no_other_code_writes_files():
    """In the package. A web page is written into what `whole_file` gives, and an archive of results grows in place."""
    elsewhere = [
        f"{file.relative_to(PACKAGE)}:{node.lineno}"
        for file in PACKAGE.rglob("*.py")
        if file.name not in ("atomic.py", "zip_writer.py") and file.parent.name != "web_page"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _writes(node)
    ]
    assert not elsewhere, "write these by colorizer/files/atomic.py"


def _writes(call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id == "open" and _mode(call, 1) in ("w", "x")
    if not isinstance(function, ast.Attribute):
        return False
    on = function.value.id if isinstance(function.value, ast.Name) else ""
    if on == "os":
        return function.attr in ("replace", "rename")
    if on == "tempfile":
        return function.attr in ("NamedTemporaryFile", "mkstemp")
    if function.attr == "open" and on != "partial":
        return _mode(call, 0) in ("w", "x")
    return function.attr in ("write_text", "write_bytes") and on != "partial"


def _mode(call: ast.Call, position: int) -> str:
    given = [*call.args[position : position + 1], *(word.value for word in call.keywords if word.arg == "mode")]
    return given[0].value[:1] if given and isinstance(given[0], ast.Constant) and given[0].value else ""
