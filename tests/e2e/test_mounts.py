# SPDX-License-Identifier: GPL-3.0-or-later
"""What the keys for mounts add to a container, on a real login."""

import re

import pytest

SHELL = "/usr/bin/container-shell"


def mounts(machine, user="alice"):
    """{mount point: (root, type, set of options)} as the user sees them; the topmost one wins."""
    found = {}
    for line in machine.ssh(user, "cat /proc/self/mountinfo").lines:
        before, _, after = line.partition(" - ")
        fields = before.split()
        found[fields[4]] = (fields[3], after.split()[0], set(fields[5].split(",")))
    return found


def refused(result):
    """Whether a result is our refusal: status 125 and exactly one line, ours."""
    return result.status == 125 and result.stdout == "" and \
        re.fullmatch(r"container-shell: cannot [^\n]+: [^\n]+\n", result.stderr)


@pytest.fixture
def data(machine):
    """/srv/data of the host, with things in it; gone after the test."""
    machine.root("rm -rf /srv/data; mkdir -p /srv/data/project /srv/data/closed /srv/data/below;"
                 "echo read >/srv/data/file; chgrp team /srv/data/project; chmod 2775 /srv/data/project;"
                 "install -d -o alice -g alice /srv/data/alice; install -d -o bob -g bob /srv/data/bob;"
                 "mount -t tmpfs -o size=1M below /srv/data/below; touch /srv/data/below/there;"
                 "chmod 700 /srv/data/closed; cp /bin/true /srv/data/run; chmod 4755 /srv/data/run")
    yield "/srv/data"
    machine.root("umount /srv/data/below; rm -rf /srv/data")


def test_expose__is_read_only(machine, config, data):
    """An exposed directory is there with what is mounted below, read-only, nosuid and nodev, and in no other class."""
    config(f"[default]\n[some]\nusers = alice\nexpose = {data} {data}/file=/srv/file\n")
    result = machine.ssh("alice", f"cat {data}/file /srv/file; ls {data}/below; touch {data}/project/x || echo no")
    assert result.stdout == "read\nread\nthere\nno\n" and "Read-only file system" in result.stderr
    seen = mounts(machine)
    for path in (data, f"{data}/below", "/srv/file"):
        assert {"ro", "nosuid", "nodev"} <= seen[path][2], seen[path]
    assert machine.ssh("bob", "ls /srv").stdout == ""


def test_share__is_as_writable_as_outside(machine, config, data):
    """What is shared can be written by whom its modes let, seen outside with the right owner."""
    config(f"[default]\nshare = {data}/project=/project {data}/%u=/mine {data}/closed\n")
    group = "team" in machine.ssh("alice", "id -nG").stdout.split()
    result = machine.ssh("alice", f"touch /mine/x && echo mine; touch /project/x && echo project; ls {data}/closed")
    assert result.stdout == "mine\n" + ("project\n" if group else "")
    assert "Permission denied" in result.stderr
    assert machine.root(f"stat -c %U {data}/alice/x").stdout == "alice\n"
    seen = mounts(machine)["/mine"]
    assert seen[0] == f"{data}/alice" and {"rw", "nosuid", "nodev"} <= seen[2]
    assert refused(machine.ssh("carol", "true"))    # has none


def test_mounts__are_explained_and_shown(machine, config, data):
    """--explain says where each mount comes from, --status shows it as it is."""
    config(f"[default]\nexpose = {data}\n\nshare = {data}/%u=/mine\n")
    text = machine.root(f"{SHELL} --explain alice").stdout
    where = "/etc/container-shell/conf.d/90-test.conf"
    assert f"{data} {data} none rbind,ro,nosuid,nodev 0 0  ({where}:2)\n" in text
    assert f"{data}/alice /mine none rbind,rw,nosuid,nodev 0 0  ({where}:4)\n" in text
    with machine.session("alice"):
        text = machine.root(f"{SHELL} --status alice").stdout
    assert re.search(rf"^ +{data} \S+ ro,nosuid,nodev,\S+ of {data}$", text, re.M), text
    assert re.search(rf"^ +/mine \S+ rw,nosuid,nodev,\S+ of {data}/alice$", text, re.M), text


def test_mounts__a_changed_configuration_is_for_the_next_container(machine, config, data):
    """Who is in keeps what there is; the next container has what is new."""
    config("[default]\n")
    with machine.session("alice"):
        config(f"[default]\nexpose = {data}\n")
        assert machine.ssh("alice", f"ls {data}").stdout == ""
    machine.wait(f"test ! -e /run/container-shell/$(id -u alice)")
    assert "file" in machine.ssh("alice", f"ls {data}").lines


BROKEN = {
    "missing": ("expose = /srv/none", "/srv/none is not there"),
    "link": ("expose = /srv/link", "/srv/link is a symbolic link: name what it leads to"),
    "behind a link": ("expose = /srv/link/file", "/srv/link is a symbolic link: name what it leads to"),
    "in another's directory": ("expose = /home/bob/.profile", "/home/bob/.profile can be exchanged by others than root"),
    "a device": ("share = /srv/device", "/srv/device is no directory, file or socket"),
    "the host's sockets": ("share = /run/dbus", "/run/dbus has sockets by which a process is started outside"),
    "the host's processes": ("share = /proc=/srv/proc", "/proc shows the processes outside"),
    "dots": ("expose = /srv/../etc", "/srv/../etc is not an absolute path without .., // and control characters"),
    "relative": ("expose = srv", "srv is not an absolute path without .., // and control characters"),
    "twice": ("expose = /srv/data /srv/data/file=/srv/data", "/srv/data is mounted twice"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_check_config__names_file_line_and_key(machine, config, data, what):
    """What would not work is named by --check-config, with file, line and key, and refused at a login."""
    line, why = BROKEN[what]
    machine.root("ln -s data /srv/link; mknod /srv/device c 1 3")
    try:
        config(f"[default]\ntmp-size = 5M\n{line}\n")
        result = machine.root(f"{SHELL} --check-config", check=False)
        assert result.status != 0
        key = line.split()[0]
        assert f"/etc/container-shell/conf.d/90-test.conf:3: [default] {key}: {why}\n" in result.stderr, result
        assert refused(machine.ssh("alice", "true"))
    finally:
        machine.root("rm -f /srv/link /srv/device")
