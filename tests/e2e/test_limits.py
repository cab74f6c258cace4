# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container may take: each limit as the kernel has it, and that it holds."""

import json
import re
import shlex
import time

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
            machine.session("alice", fresh=True, command="echo begun; exec -a second-session cat") as second:
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


# ---- of sessions ------------------------------------------------------------------------------


PROCESS = """[default]
nice = 5
oom-score-adjust = 300
limit-as = 8G
limit-core = 0
limit-cpu = 1h:2h
limit-data = 4G
limit-fsize = 1G
limit-memlock = 64K
limit-msgqueue = 800K
limit-nofile = 256:512
limit-nproc = 200:300
limit-sigpending = 111
limit-stack = 4M:16M
"""
LIMITS = "nice; cat /proc/self/oom_score_adj; sed -n 's/^Max //; s/  */ /gp' /proc/self/limits"
EXPECTED = {
    "cpu time": (3600, 7200), "file size": (1 << 30, 1 << 30), "data size": (4 << 30, 4 << 30),
    "stack size": (4 << 20, 16 << 20), "core file size": (0, 0), "processes": (200, 300),
    "open files": (256, 512), "locked memory": (65536, 65536), "address space": (8 << 30, 8 << 30),
    "pending signals": (111, 111), "msgqueue size": (800 << 10, 800 << 10),
}


def are_set(result):
    """Nice, the badness and each limit that the kernel says."""
    assert result.lines[:2] == ["5", "300"], result
    found = {match[1]: (int(match[2]), int(match[3]))
             for match in re.finditer(r"^([a-z ]+) (\d+) (\d+)(?: [a-z]+)? ?$", result.stdout, re.M)}
    assert {name: found.get(name) for name in EXPECTED} == EXPECTED, result
    return True


def test_limits__of_sessions(machine, config):
    """Each is what the kernel has, for a command, a second session and an administrator's entry; root's own stay."""
    config(PROCESS)
    assert are_set(machine.ssh("alice", LIMITS))
    with machine.session("alice"):
        assert are_set(machine.ssh("alice", LIMITS))
        assert are_set(machine.root(f"nice -n 3 prlimit --nofile=77:77 container-shell --enter alice -- sh -c '{LIMITS}'"
                                    .replace("'s/", '"s/').replace("gp'", 'gp"')))
    assert machine.ssh("root", "nice").stdout == "0\n"


def test_limits__of_sessions_by_pam(machine, config, host):
    """By PAM it is the same, for a command and sshd's own sftp server alike."""
    config(PROCESS)
    assert are_set(host.ssh(LIMITS))


def test_enter__has_the_limits_of_the_login(machine):
    """Without a key an entry has what the login had, not what the administrator has."""
    with machine.session("alice"):
        mine = machine.ssh("alice", "ulimit -Hn; ulimit -Sn; nice; cat /proc/self/oom_score_adj").lines
        entered = machine.root("echo -900 >/proc/self/oom_score_adj; nice -n -7 prlimit --nofile=77:99 "
                               "container-shell --enter alice -- "
                               "sh -c 'ulimit -Hn; ulimit -Sn; nice; cat /proc/self/oom_score_adj'").lines
    assert entered == mine, (entered, mine)


def test_limits__what_was_taken_is_said(machine, config, journal):
    """The peak of memory, kills and processor time, in --status, --list --json and at the end in the log."""
    config("[default]\nmemory-max = 64M\nswap-max = 0\n")
    with machine.session("alice", fresh=True):
        result = machine.ssh("alice", "head -c 200000000 /dev/zero | tail -n 1 | wc -c; exit 3", fresh=True)
        assert result.status == 3, result
        status = machine.root("container-shell --status alice").stdout
        item = json.loads(machine.root("container-shell --list --json").stdout)[0]
        assert re.search(r"Memory peak: 6\d(\.\d)?M", status) and re.search(r"OOM kills: [1-9]", status), status
        assert (60 << 20) < item["memory_peak"] <= (64 << 20) and item["oom_kills"] > 0, item
    ended = journal("container ended")[-1]
    found = re.search(r" memory-peak=(\d+) oom-kills=(\d+) cpu-us=(\d+) because ", ended)
    assert found and int(found[1]) >= item["memory_peak"] and int(found[2]) >= 1 and int(found[3]) > 1000, ended


# ---- neighbours -------------------------------------------------------------------------------


# What each runs, and what says that it has come to its limit.
HOGS = {
    "forks": ("bomb() { bomb | bomb & }; bomb; sleep 60", "grep -q '^max [1-9]' pids.events"),
    "memory": ("python3 -c 'x = []\nwhile True: x.append(bytearray(1 << 20))'", "grep -q '^oom_kill [1-9]' memory.events"),
    "tmp": ("while :; do cat /dev/zero >/tmp/$RANDOM; done",
            "test $(stat -f -c %a /proc/$(sort -n cgroup.procs | head -n 1)/root/tmp) = 0"),
    "processors": ("for i in 1 2 3 4 5 6; do while :; do :; done & done; wait", "grep -q '^nr_throttled [1-9]' cpu.stat"),
}


def login_time(machine, user):
    """Seconds that a login takes: the middle one of five."""
    times = []
    for _ in range(5):
        began = time.monotonic()
        assert machine.ssh(user, "true", fresh=True, timeout=60).status == 0
        times.append(time.monotonic() - began)
    return sorted(times)[2]


@pytest.mark.parametrize("hog", HOGS)
def test_limits__neighbours_do_not_feel_a_hog(machine, config, hog):
    """While alice's container takes all that it can get, bob and root log in within twice their quiet time."""
    config("[default]\n[hogs]\nusers = alice\nmemory-max = 96M\nswap-max = 0\npids-max = 64\ncpu-quota = 50%\n"
           "tmp-size = 16M\n")
    quiet = {user: login_time(machine, user) for user in ("bob", "root")}
    with machine.session("alice", fresh=True, command=f"echo begun; exec 2>/dev/null; (eval {shlex.quote(HOGS[hog][0])}); "
                         "sleep 60; exec cat"):
        machine.wait(f"cd {group_of(machine)} && {HOGS[hog][1]}", timeout=30)
        busy = {user: login_time(machine, user) for user in ("bob", "root")}
        machine.wait(f"cd {group_of(machine)} && {HOGS[hog][1]}")
        machine.root("container-shell --stop alice", timeout=60)
    print(hog, *(f"{user}: {quiet[user]:.2f} s, then {busy[user]:.2f} s" for user in busy))
    for user, seconds in busy.items():
        assert seconds < 2 * quiet[user], (hog, user, quiet, busy)
    machine.wait(NO_GROUP)
