# SPDX-License-Identifier: GPL-3.0-or-later
"""Files over ssh with the real clients, and that it happens inside."""

import os

import pytest

DATA = bytes(range(256)) * 4096  # every byte, 1 MiB


@pytest.fixture
def local(tmp_path):
    """A local file with every byte value."""
    path = tmp_path / "data"
    path.write_bytes(DATA)
    return path


@pytest.mark.parametrize("protocol", ((), ("-O",)), ids=("sftp", "rcp"))
def test_scp__copies_both_ways(machine, scratch, local, tmp_path, protocol):
    """scp, with its new and its old protocol, copies a file there and back unchanged."""
    there = machine.client("scp", *protocol, str(local), f"alice@vm:{scratch}/there")
    back = machine.client("scp", *protocol, f"alice@vm:{scratch}/there", str(tmp_path / "back"))
    assert there.status == back.status == 0, (there, back)
    assert (tmp_path / "back").read_bytes() == DATA
    assert machine.root(f"stat -c %U /home/alice/{scratch}/there").stdout == "alice\n"


@pytest.mark.parametrize("protocol", ((), ("-O",)), ids=("sftp", "rcp"))
def test_scp__is_inside(machine, local, protocol):
    """What scp writes to /tmp is in the container's /tmp and not in the host's."""
    with machine.session("alice"):
        assert machine.client("scp", *protocol, str(local), "alice@vm:/tmp/copied").status == 0
        assert machine.ssh("alice", "stat -c %s /tmp/copied").stdout == f"{len(DATA)}\n"
        assert "copied" not in machine.root("ls /tmp").lines


@pytest.mark.parametrize("protocol", ((), ("-O",)), ids=("sftp", "rcp"))
def test_scp__fails_as_it_should(machine, tmp_path, protocol):
    """scp of a file that is not there fails."""
    result = machine.client("scp", *protocol, "alice@vm:/home/carol/.profile", str(tmp_path))
    assert result.status != 0 and "No such file" in result.stderr


def test_sftp__copies_both_ways(machine, scratch, local, tmp_path):
    """sftp puts and gets a file unchanged."""
    batch = f"put {local} {scratch}/there\nget {scratch}/there {tmp_path}/back\n"
    result = machine.client("sftp", "-b", "-", "alice@vm", stdin=batch.encode())
    assert result.status == 0, result
    assert (tmp_path / "back").read_bytes() == DATA


def test_sftp__is_inside(machine):
    """sftp lists the container's /home and its process 1's container, not the host's."""
    result = machine.client("sftp", "-b", "-", "alice@vm", stdin=b"ls -1 /home\nls -1 /run/host\n")
    assert "/home/alice" in result.stdout and "carol" not in result.stdout
    assert "container-manager" in result.stdout


def test_rsync__copies_both_ways(machine, scratch, local, tmp_path):
    """rsync copies a tree there and back, with modes, times and links."""
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "sub" / "data").write_bytes(DATA)
    os.chmod(tree / "sub" / "data", 0o640)
    os.utime(tree / "sub" / "data", (1, 1000000000))
    os.symlink("sub/data", tree / "link")
    there = machine.client("rsync", "-rlpt", f"{tree}/", f"alice@vm:{scratch}/tree/")
    back = machine.client("rsync", "-rlpt", f"alice@vm:{scratch}/tree/", f"{tmp_path}/back/")
    assert there.status == back.status == 0, (there, back)
    got = tmp_path / "back" / "sub" / "data"
    assert got.read_bytes() == DATA
    assert (got.stat().st_mode & 0o777, got.stat().st_mtime) == (0o640, 1000000000)
    assert os.readlink(tmp_path / "back" / "link") == "sub/data"


def test_rsync__is_inside(machine, local):
    """What rsync writes to /tmp is not in the host's."""
    with machine.session("alice"):
        assert machine.client("rsync", str(local), "alice@vm:/tmp/synced").status == 0
        assert "synced" not in machine.root("ls /tmp").lines
        assert "synced" in machine.ssh("alice", "ls /tmp").lines


def test_git__pushes_and_clones(machine, scratch, tmp_path):
    """git pushes to a repository in the container and clones from it."""
    assert machine.ssh("alice", f"git init -q --bare {scratch}/repo.git").status == 0
    work = tmp_path / "work"
    work.mkdir()
    (work / "file").write_bytes(DATA)
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
                "GIT_COMMITTER_EMAIL": "a@b"}
    for step in (("init", "-q", "-b", "main"), ("add", "file"), ("commit", "-q", "-m", "one"),
                 ("push", "-q", f"alice@vm:{scratch}/repo.git", "main")):
        result = machine.client("git", *step, cwd=work, **identity)
        assert result.status == 0, (step, result)
    result = machine.client("git", "clone", "-q", "-b", "main", f"alice@vm:{scratch}/repo.git", str(tmp_path / "clone"))
    assert result.status == 0, result
    assert (tmp_path / "clone" / "file").read_bytes() == DATA


def test_pipe__of_commands_works(machine):
    """ssh host 'cmd | cmd' runs both."""
    assert machine.ssh("alice", "printf 'b\\na\\n' | sort | tr -d '\\n'").stdout == "ab"


def test_pipe__is_binary_clean(machine):
    """Every byte passes from stdin to stdout, both ways, unchanged."""
    assert machine.ssh("alice", "cat", stdin=DATA).bytes == DATA


def test_pipe__end_of_input_arrives(machine):
    """A command that reads to the end sees the end."""
    assert machine.ssh("alice", "wc -c", stdin=b"x" * 100000).stdout == "100000\n"


def test_pipe__output_may_end_early(machine):
    """A reader that stops early ends the writer, and the status is the last command's."""
    result = machine.ssh("alice", "yes | head -n 1; exit 3")
    assert (result.stdout, result.status) == ("y\n", 3)
