# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container may take: each limit as the kernel has it, and that it holds."""

import re

import pytest

GROUPS = "/sys/fs/cgroup/container-shell"
NO_GROUP = f"test -z \"$(find {GROUPS} -mindepth 1 -type d ! -name monitor 2>/dev/null)\""
PAGE = 4096

# (lines of the configuration, file of the control group, its first line)
IN_THE_GROUP = (
    ("memory-max = 200M", "memory.max", str(200 << 20)),
    ("memory-max = 209715201", "memory.max", str(200 << 20)),
    ("memory-high = 150M", "memory.high", str(150 << 20)),
    ("swap-max = 0", "memory.swap.max", "0"),
    ("swap-max = 64M", "memory.swap.max", str(64 << 20)),
    ("oom = kill-container", "memory.oom.group", "1"),
    ("pids-max = 100", "pids.max", "100"),
    ("cpu-weight = 33", "cpu.weight", "33"),
    ("cpu-weight = 10000", "cpu.weight", "10000"),
    ("cpu-weight = idle", "cpu.idle", "1"),
    ("cpu-quota = 150%", "cpu.max", "150000 100000"),
    ("cpu-quota = 1%", "cpu.max", "1000 100000"),
    ("cpuset = 1", "cpuset.cpus", "1"),
    ("cpuset = 1,0", "cpuset.cpus.effective", "0-1"),
    ("io-weight = 20", "io.weight", "default 20"),
)


def group_of(machine, uid=1001):
    """The directory of a user's control group, by where init is."""
    return "/sys/fs/cgroup" + machine.container(uid)["cgroup"]


@pytest.mark.parametrize("setting,file,expected", IN_THE_GROUP)
def test_limits__are_in_the_control_group(machine, config, setting, file, expected):
    """The kernel has the limit, from the first process on."""
    config(f"[default]\n{setting}\n")
    with machine.session("alice", fresh=True):
        assert machine.root(f"cat {group_of(machine)}/{file}").lines[0] == expected


def test_limits__of_memory_in_per_cent(machine, config):
    """A percentage is of the host's memory, in whole pages."""
    config("[default]\nmemory-max = 25%\n")
    total = int(machine.root("awk '/^MemTotal/ { print $2 }' /proc/meminfo").stdout) * 1024
    with machine.session("alice", fresh=True):
        found = int(machine.root(f"cat {group_of(machine)}/memory.max").stdout)
    assert found % PAGE == 0 and total / 4 - PAGE - 100 <= found <= total / 4


def test_limits__none_by_default(machine):
    """Without a limit in the configuration there is none."""
    with machine.session("alice", fresh=True):
        group = group_of(machine)
        for file, value in (("memory.max", "max"), ("pids.max", "max"), ("cpu.max", "max 100000")):
            assert machine.root(f"cat {group}/{file} 2>/dev/null", check=False).lines in ([], [value])


def test_limits__are_the_classes_own(machine, config):
    """Each class has its own, and two containers are apart."""
    config("[default]\npids-max = 100\n[others]\nusers = bob\npids-max = 200\n")
    with machine.session("alice", fresh=True), machine.session("bob", fresh=True):
        assert machine.root(f"cat {group_of(machine)}/pids.max {group_of(machine, 1002)}/pids.max").lines == \
            ["100", "200"]


def test_limits__hold_every_session(machine, config):
    """The second session is in the same group, and an administrator's entry, too."""
    config("[default]\npids-max = 100\n")
    with machine.session("alice", fresh=True), \
            machine.session("alice", fresh=True, command="exec -a second-session cat; echo begun") as second:
        group = group_of(machine)
        pid = machine.wait("pgrep -f '^second-session'").strip()
        assert machine.root(f"cat /proc/{pid}/cgroup").stdout.strip() == "0::" + group.removeprefix("/sys/fs/cgroup")
        entered = machine.root("container-shell --enter alice -- cat /proc/self/cgroup").stdout
        assert entered.strip() in ("0::/", "0::" + group.removeprefix("/sys/fs/cgroup"))
        del second


def test_limits__show_the_container_alone_inside(machine, config):
    """/sys/fs/cgroup inside is the container's own group, which nobody there can change."""
    config("[default]\npids-max = 100\n")
    inside = machine.ssh("alice", "cat /proc/self/cgroup /sys/fs/cgroup/pids.max; ls -d /sys/fs/cgroup/*/; "
                         "echo 200 >/sys/fs/cgroup/pids.max; mkdir /sys/fs/cgroup/own", fresh=True)
    assert inside.lines[:2] == ["0::/", "100"] and len(inside.lines) == 2, inside
    assert inside.stderr.count("Read-only file system") == 2, inside


def test_limits__outlive_what_systemd_does_to_its_own(machine, config):
    """A daemon-reload, which turns off controllers that no unit wants, leaves them in force."""
    config("[default]\nmemory-max = 200M\nio-weight = 20\ncpuset = 1\n")
    with machine.session("alice", fresh=True):
        group = group_of(machine)
        for command in ("systemctl daemon-reload", "systemctl start --no-block cs-trial.slice; systemctl stop cs-trial.slice"):
            machine.root(command)
            assert machine.root(f"cat {group}/memory.max {group}/io.weight {group}/cpuset.cpus").lines == \
                [str(200 << 20), "default 20", "1"]


@pytest.mark.parametrize("setting,line", (
    ("cpuset = 64", "cannot choose processors: "),
    ("cpuset = 0,64", "cannot choose processors: "),
))
def test_limits__that_the_kernel_does_not_take_refuse(machine, config, setting, line):
    """A limit that cannot be had stops the login with one line, and leaves nothing."""
    config(f"[default]\n{setting}\n")
    refused = machine.ssh("alice", "echo in", fresh=True)
    assert refused.status == 125 and refused.stdout == ""
    assert re.fullmatch(rf"container-shell: {line}[^\n]+\n", refused.stderr), refused
    machine.wait(NO_GROUP)
    assert machine.root("ls /run/container-shell").lines == []
