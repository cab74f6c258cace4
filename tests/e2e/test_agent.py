# SPDX-License-Identifier: GPL-3.0-or-later
"""The forwarded agent inside."""

import re

import pytest

SHELL = "/usr/bin/container-shell"


@pytest.fixture
def home_agent(machine):
    """An agent of alice's own in the place in the home where newer versions of sshd put theirs."""
    path = "/home/alice/.ssh/agent/s.test.sshd.1"
    machine.root("install -d -m 700 -o alice -g alice /home/alice/.ssh/agent; "
                 f"setpriv --reuid alice --regid alice --init-groups ssh-agent -a {path} >/tmp/agent-env")
    yield path
    machine.root("kill $(sed -n 's/.*SSH_AGENT_PID=\\([0-9]*\\);.*/\\1/p' /tmp/agent-env); rm /tmp/agent-env; "
                 "rm -rf /home/alice/.ssh/agent")


def test_agent__forwarded_is_usable(machine, agent):
    """ssh -A gives a session an agent with the caller's keys, at a place of its own."""
    result = machine.ssh("alice", "echo $SSH_AUTH_SOCK; ssh-add -l", fresh=True, options=("-A",),
                         env={"SSH_AUTH_SOCK": agent})
    assert result.status == 0, result
    assert re.fullmatch(r"/run/host/agent/[^/]+", result.lines[0])
    assert "forwarded-key" in result.lines[1]


def test_agent__is_the_only_thing_bound(machine, agent):
    """Of the host's /tmp nothing but that socket is inside."""
    machine.root("touch /tmp/of-the-host")
    try:
        result = machine.ssh("alice", "ls -A /tmp; ls -A /run/host/agent | wc -l", fresh=True, options=("-A",),
                             env={"SSH_AUTH_SOCK": agent})
    finally:
        machine.root("rm /tmp/of-the-host")
    assert result.lines == ["1"], result


def test_agent__of_a_second_login_is_usable(machine, agent):
    """A login that joins brings its own agent."""
    with machine.session("alice"):
        result = machine.ssh("alice", "ssh-add -l", fresh=True, options=("-A",), env={"SSH_AUTH_SOCK": agent})
    assert "forwarded-key" in result.stdout, result


def test_agent__two_logins_have_two(machine, agent):
    """Two logins with forwarded agents have each a working one."""
    command = "echo $SSH_AUTH_SOCK; ssh-add -l; echo begun; exec cat"
    first = machine.popen("alice", command, fresh=True, options=("-A",), env={"SSH_AUTH_SOCK": agent})
    try:
        one = first.stdout.readline(), first.stdout.readline()
        assert b"forwarded-key" in one[1]
        second = machine.ssh("alice", "echo $SSH_AUTH_SOCK; ssh-add -l", fresh=True, options=("-A",),
                             env={"SSH_AUTH_SOCK": agent})
        assert first.stdout.readline() == b"begun\n"
    finally:
        first.communicate(timeout=30)
    assert "forwarded-key" in second.stdout
    assert one[0].decode().strip() != second.lines[0]


def test_agent__is_gone_with_its_login(machine, agent):
    """When the login that brought an agent ends, the place of its socket is gone or dead."""
    with machine.session("alice"):
        where = machine.ssh("alice", "echo $SSH_AUTH_SOCK", fresh=True, options=("-A",),
                            env={"SSH_AUTH_SOCK": agent}).stdout.strip()
        assert machine.ssh("alice", f"SSH_AUTH_SOCK={where} ssh-add -l").status == 2


def test_agent__in_the_home_is_usable(machine, home_agent):
    """An agent's socket below ~/.ssh/agent works inside."""
    result = machine.as_user("alice", SHELL, "-c", "ssh-add -l", env={"SSH_AUTH_SOCK": home_agent})
    assert "no identities" in result.stdout + result.stderr, result


@pytest.mark.parametrize("path", ("/run/systemd/private", "/dev/null", "/etc/shadow", "/tmp/no-such", "relative",
                                  "/run/dbus/system_bus_socket", "/", "", "/run/user/1003/bus"))
def test_agent__that_is_not_hers_does_not_come_in(machine, path):
    """What is not a socket of the user's own is not bound, and the session goes on without it."""
    result = machine.as_user("alice", SHELL, "-c", "ls -A /run/host/agent 2>/dev/null; ssh-add -l; echo $?",
                             env={"SSH_AUTH_SOCK": path})
    assert result.lines == ["2"], result


def test_agent__without_one_there_is_none(machine):
    """Without forwarding SSH_AUTH_SOCK is not set."""
    assert machine.ssh("alice", "echo ${SSH_AUTH_SOCK-unset}", fresh=True).stdout == "unset\n"
