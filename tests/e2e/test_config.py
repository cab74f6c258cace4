# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration: its effect on a login, and what becomes of a broken one."""

import re

import pytest

SHELL = "/usr/bin/container-shell"
MAIN = "container-shell.conf"
BROKEN = {
    "unknown key": "[default]\nno-such-key = 1\n",
    "unknown value": "[default]\nidentity = elvis\n",
    "out of range": "[default]\nstop-timeout = 11min\n",
    "key twice": "[default]\ntmp-size = 1G\ntmp-size = 2G\n",
    "section twice": "[default]\n[default]\n",
    "no section": "tmp-size = 1G\n",
    "no syntax": "[default\n",
    "nul byte": "[default]\ntmp-size = 1\0G\n",
    "relative shell": "[default]\nshell = bash\n",
    "long line": f"[default]\nusers = {'a' * 2000}\n",
}


def refused(result):
    """Whether a result is our refusal: status 125 and exactly one line, ours."""
    return result.status == 125 and result.stdout == "" and \
        re.fullmatch(r"container-shell: cannot [^\n]+: [^\n]+\n", result.stderr)


@pytest.mark.parametrize("what", BROKEN)
def test_config__broken_refuses_the_user(machine, config, what):
    """A broken file refuses the user with one line and status 125."""
    config(BROKEN[what])
    result = machine.ssh("alice", "echo in")
    assert refused(result), result
    assert "/etc" not in result.stderr or "container-shell.conf" not in result.stderr


def test_config__broken_lets_root_in(machine, config):
    """A broken file refuses the user over a new connection while root, with our shell too, logs in."""
    config("[default\n", MAIN)
    machine.root(f"usermod -s {SHELL} root")
    try:
        assert machine.ssh("root", "echo in", fresh=True).stdout == "in\n"
        assert refused(machine.ssh("alice", "echo in", fresh=True))
    finally:
        machine.root("usermod -s /bin/bash root")


def test_config__broken_refuses_on_a_terminal_too(machine, config):
    """On a terminal the refusal is the one line."""
    config("[default\n")
    with machine.terminal("alice") as child:
        # ssh may have put its own terminal back when the line arrives: one CR more
        child.expect("container-shell: cannot [^\r\n]*\r+\n")
        child.wait()
    assert child.exitstatus == 125


def test_config__put_right_lets_the_user_in(machine, config):
    """Once the file is right the next login works."""
    config("[default\n")
    assert machine.ssh("alice", "echo in").status == 125
    config("[default]\n")
    assert machine.ssh("alice", "echo in").stdout == "in\n"


@pytest.mark.parametrize("spoil", ("chmod 666 {}", "chmod 664 {}; chgrp team {}", "chown alice {}", "chmod 777 $(dirname {})",
                                   "mv {} {}.real; ln -s /home/alice/mine {}"),
                         ids=("world", "group", "owner", "directory", "link"))
def test_config__that_others_can_write_is_refused(machine, config, spoil):
    """A file, or a directory of one, that not only root can write is not believed."""
    path = "/etc/container-shell/conf.d/90-test.conf"
    config("[default]\ntmp-size = 5M\n")
    machine.root("mkdir -p /etc/container-shell/conf.d; echo '[default]' >/home/alice/mine; chown alice /home/alice/mine")
    mode = machine.root(f"stat -c %a $(dirname {path})").stdout.strip()
    try:
        machine.root(spoil.format(*[path] * 4))
        assert refused(machine.ssh("alice", "echo in"))
    finally:
        machine.root(f"rm -f {path} {path}.real /home/alice/mine; chmod {mode} $(dirname {path})")


def test_config__check_names_every_problem(machine, config):
    """--check-config names file, line and key of every problem in one go, and fails."""
    config("[default]\nno-such-key = 1\ntmp-size = nonsense\n\n[other]\nidentity = elvis\n")
    result = machine.root(f"{SHELL} --check-config", check=False)
    said = result.stdout + result.stderr
    assert result.status != 0
    for line, key in ((2, "no-such-key"), (3, "tmp-size"), (6, "identity")):
        assert re.search(rf"90-test\.conf:{line}:.*{key}", said), said


def test_config__check_is_content_with_a_right_one(machine, config):
    """--check-config succeeds for a right file, and for none."""
    assert machine.root(f"{SHELL} --check-config").status == 0
    config("[default]\ntmp-size = 5M\n")
    assert machine.root(f"{SHELL} --check-config").status == 0


def test_config__explain_prints_the_plan(machine, config):
    """--explain USER says the class, and where each setting came from."""
    config("[team]\ngroups = team\ntmp-size = 5M\n")
    result = machine.root(f"{SHELL} --explain alice")
    assert "team" in result.stdout and re.search(r"90-test\.conf:3", result.stdout), result


def test_config__explain_works_for_the_user_herself(machine):
    """The user may ask for her own plan on the host."""
    result = machine.as_user("alice", SHELL, "--explain")
    assert result.status == 0 and "/home/alice" in result.stdout, result


@pytest.mark.parametrize("text, kind", (
    ("[one]\nusers = alice\n", "one"),
    ("[one]\ngroups = team\n", "one"),
    ("[one]\ngroups = team\n[two]\nusers = alice\n", "two"),
    ("[one]\nusers = alice\n[two]\nusers = alice\n", "one"),
    ("[one]\nusers = bob\n[default]\n", "default"),
    ("[one]\ngroups = alice\n", "one"),
), ids=("user", "group", "user beats group", "first wins", "default", "primary group"))
def test_class__is_chosen_by_user_and_group(machine, config, text, kind):
    """A user match beats a group match beats the default; within a kind the first wins."""
    config(text)
    with machine.session("alice"):
        assert machine.root("ls /run/container-shell/1001").lines == [kind]


def test_class__drop_ins_come_in_order(machine, config):
    """Of two drop-in files the later one in order has the last word."""
    config("[default]\ntmp-size = 5M\n", MAIN)
    config("[default]\ntmp-size = 7M\n", "conf.d/50-a.conf")
    config("[default]\ntmp-size = 9M\n", "conf.d/60-b.conf")
    result = machine.ssh("alice", "df --output=size -k /tmp | tail -n 1")
    if result.status == 0:
        assert result.stdout.strip() == str(9 * 1024)
    else:
        # a class that is in two files may also be refused, but never taken half
        assert refused(result)


def test_key__tmp_size_bounds_tmp(machine, config):
    """tmp-size is how much fits into /tmp."""
    config("[default]\ntmp-size = 3M\n")
    result = machine.ssh("alice", "head -c 8M /dev/zero >/tmp/big; stat -c %s /tmp/big; df --output=size -k /tmp")
    assert int(result.lines[0]) == 3 << 20 and result.lines[-1].strip() == str(3 << 10), result


def test_key__shell_is_what_is_started(machine, config):
    """shell names the program that is started inside."""
    config("[default]\nshell = /bin/sh\n")
    assert machine.ssh("alice", "echo $SHELL; readlink /proc/$$/exe").lines == ["/bin/sh", "/usr/bin/dash"]


def test_key__shell_that_is_absent_is_127(machine, config):
    """A shell that does not exist inside is one line and 127."""
    config("[default]\nshell = /no/such/shell\n")
    result = machine.ssh("alice", "echo in")
    assert result.status == 127 and result.stdout == "" and len(result.stderr.splitlines()) == 1


def test_key__shell_that_cannot_run_is_126(machine, config):
    """A shell that cannot be executed is one line and 126."""
    config("[default]\nshell = /etc/passwd\n")
    result = machine.ssh("alice", "echo in")
    assert result.status == 126 and result.stdout == "" and len(result.stderr.splitlines()) == 1


def test_key__stop_timeout_is_how_long_they_have(machine, config):
    """With stop-timeout = 0 what is left is killed at once; with a long one it has the time to end."""
    config("[default]\nstop-timeout = 1min\n")
    machine.ssh("alice", "setsid -f bash -c 'trap \"\" TERM HUP; exec sleep 987652' </dev/null >/dev/null 2>&1; "
                         "until pgrep -f '[s]leep 987652' >/dev/null; do :; done")
    machine.wait("! ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q helper")
    assert machine.root("pgrep -f '[s]leep 987652'").status == 0
    machine.root("kill -9 $(pgrep -f '[s]leep 987652')")
    machine.wait("! ls -d /run/container-shell/1001 2>/dev/null")


def test_key__change_reaches_the_next_container(machine, config):
    """A changed file holds for the next container, and a running one is neither changed nor in the way."""
    config("[default]\ntmp-size = 3M\n")
    with machine.session("alice"):
        config("[default]\ntmp-size = 6M\n")
        assert machine.ssh("alice", "echo in").stdout == "in\n"
    machine.wait("! ls -d /run/container-shell/1001 2>/dev/null")
    assert machine.ssh("alice", "df --output=size -k /tmp | tail -n 1").stdout.strip() == "6144"


# ---- a plan that is kept -----------------------------------------------------------

PLAN = "/run/container-shell-plans/1001"
SETTLED = "sleep 2.5"  # /etc/passwd and /etc/group have been the same for two seconds


def kept(machine):
    """Log in until a plan is kept, and say which: the planner goes on after the login."""
    machine.root(f"rm -f {PLAN}; {SETTLED}")
    assert machine.ssh("alice", "echo in").stdout == "in\n"
    machine.wait(f"test -f {PLAN}")
    machine.wait("! ls -d /run/container-shell/1001 2>/dev/null")


def end(machine):
    """Alice's container is gone."""
    machine.wait("! ls -d /run/container-shell/1001 2>/dev/null")


def test_plan__is_kept_and_used(machine, config):
    """The second login of a local user goes by what is kept: a mark that is put there shows."""
    config("[default]\ntmp-size = 7M\nmaintenance-allow = sftp\n")
    kept(machine)
    assert machine.root(f"stat -c %U:%a {PLAN} /run/container-shell-plans").lines == \
        ["root:600", "root:700"]
    # The class's name is the container's; "default" is of the same length as "defaulx".
    machine.root(f"sed -i 's/default/defaulx/' {PLAN}")
    with machine.session("alice"):
        assert machine.root("ls /run/container-shell/1001").lines == ["defaulx"]
    end(machine)


def test_plan__follows_the_configuration(machine, config):
    """A changed configuration holds at once, whatever is kept."""
    config("[default]\ntmp-size = 3M\n")
    kept(machine)
    config("[default]\ntmp-size = 6M\n")
    assert machine.ssh("alice", "df --output=size -k /tmp | tail -n 1").stdout.strip() == "6144"
    end(machine)
    kept(machine)
    config("[default\n")
    assert refused(machine.ssh("alice", "echo in"))
    assert machine.root(f"test -f {PLAN}", check=False).status == 0


def test_plan__follows_the_databases(machine, config):
    """A new home in /etc/passwd and another number of a group in /etc/group hold at once."""
    config("[staff]\ngroups = csteam\n[default]\n")
    machine.root("groupadd -g 7001 csteam; mkdir -m 700 /home/alice2; chown alice: /home/alice2; "
                 "cp -a /etc/passwd /root/passwd.kept")
    try:
        kept(machine)
        # Not by usermod(8), which will not while her connection is open.
        machine.root("sed -i '/^alice:/s#:/home/alice:#:/home/alice2:#' /etc/passwd")
        assert machine.ssh("alice", "pwd").stdout == "/home/alice2\n"
        end(machine)
        machine.root("cp -a /root/passwd.kept /etc/passwd")
        kept(machine)
        machine.root("groupmod -g $(id -g alice) -o csteam")
        with machine.session("alice"):
            assert machine.root("ls /run/container-shell/1001").lines == ["staff"]
        end(machine)
    finally:
        machine.root("cp -a /root/passwd.kept /etc/passwd; groupdel csteam; "
                     "rm -r /home/alice2 /root/passwd.kept", check=False)


def test_plan__is_not_kept_when_others_are_asked_first(machine, config):
    """With a name service that may answer otherwise tomorrow, the planner is asked each time."""
    config("[default]\n")
    machine.root(f"rm -f {PLAN}; cp -a /etc/nsswitch.conf /root/nsswitch.kept; "
                 "sed -i 's/^passwd:.*/passwd: systemd files/' /etc/nsswitch.conf")
    try:
        machine.root(SETTLED)
        assert machine.ssh("alice", "echo in").stdout == "in\n"
        end(machine)
        assert machine.ssh("alice", "echo in").stdout == "in\n"
        end(machine)
        machine.root("sleep 0.5")
        assert machine.root(f"test -e {PLAN}", check=False).status == 1
    finally:
        machine.root("mv /root/nsswitch.kept /etc/nsswitch.conf")


def test_plan__that_is_no_plan_asks_the_planner(machine, config):
    """What is kept and cannot be read as a plan is as good as nothing."""
    config("[default]\ntmp-size = 5M\n")
    kept(machine)
    for spoil in (f"truncate -s 600 {PLAN}", f": >{PLAN}", f"chmod 666 {PLAN}",
                  f"rm {PLAN}; mkdir {PLAN}"):
        machine.root(spoil)
        assert machine.ssh("alice", "df --output=size -k /tmp | tail -n 1").stdout.strip() == "5120"
        end(machine)
        machine.root(f"[ ! -d {PLAN} ] || rmdir {PLAN}")
