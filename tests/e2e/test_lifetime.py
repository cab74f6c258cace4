# SPDX-License-Identifier: GPL-3.0-or-later
"""When a container begins, who shares it, and how it ends."""

import signal

import pytest

NAMESPACES = "readlink /proc/self/ns/{mnt,pid,ipc,uts,cgroup} | tr '\\n' ' '; echo"
NOTHING_LEFT = ("test -z \"$(ls -A /run/container-shell 2>/dev/null)\" && "
                "test -z \"$(find /sys/fs/cgroup/container-shell -mindepth 1 -type d ! -name monitor 2>/dev/null)\" && "
                "! ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q container-shell-")


def echo(client, text=b"still here\n"):
    """Whether the session behind a client goes on."""
    client.stdin.write(text)
    client.stdin.flush()
    return client.stdout.readline() == text


def test_lifetime__second_login_joins_the_first(machine):
    """Two logins share every namespace."""
    with machine.session("alice"):
        first = machine.ssh("alice", NAMESPACES, fresh=True).stdout
        second = machine.ssh("alice", NAMESPACES, fresh=True).stdout
    assert first == second != ""
    assert machine.ssh("carol", NAMESPACES).stdout.split()[1] != first.split()[1]


def test_lifetime__second_login_sees_processes_and_tmp(machine):
    """The second login sees the first one's processes and its /tmp, and can signal them."""
    with machine.session("alice", command="echo hello >/tmp/from-first; echo begun; exec -a first-login cat"):
        result = machine.ssh("alice", "cat /tmp/from-first; pgrep -cf '^first-login'; kill -0 $(pgrep -f '^first-login')")
    assert result.lines == ["hello", "1"]
    assert result.status == 0


def test_lifetime__users_have_containers_of_their_own(machine):
    """Two users never share one."""
    with machine.session("alice"), machine.session("bob"):
        alice = set(machine.ssh("alice", NAMESPACES).stdout.split())
        bob = set(machine.ssh("bob", NAMESPACES).stdout.split())
    assert not alice & bob


def test_lifetime__nothing_is_left_after_the_last_logout(machine):
    """The record, the cgroups and the processes are there during a session and gone after it."""
    with machine.session("alice"):
        assert machine.root("ls /run/container-shell/1001").lines == ["default"]
        assert machine.root("ls -d /sys/fs/cgroup/container-shell/1001-*").lines
        assert len(machine.processes("container-shell-init")) == 1
        assert len(machine.processes("container-shell-monitor")) == 1
    machine.wait(NOTHING_LEFT)


def test_lifetime__goes_on_while_one_session_is_left(machine):
    """When one of two sessions ends, the other and its container go on."""
    with machine.session("alice") as last:
        before = machine.processes("container-shell-init")
        with machine.session("alice"):
            pass
        machine.ssh("alice", "true")
        assert machine.processes("container-shell-init") == before
        assert echo(last)


def test_lifetime__first_session_may_end_first(machine):
    """The session that made the container can end before the others."""
    with machine.session("alice", fresh=True) as first:
        with machine.session("alice", fresh=True) as second:
            first.stdin.close()
            first.wait(20)
            assert echo(second)
            assert machine.ssh("alice", "ls /home").stdout == "alice\n"


def test_lifetime__background_processes_end_with_the_last_session(machine):
    """What a user leaves running is ended when the last session is over."""
    machine.ssh("alice", "setsid -f sleep 987654 </dev/null >/dev/null 2>&1; (trap '' HUP; exec nohup sleep 987654) "
                         "</dev/null >/dev/null 2>&1 &")
    machine.wait(f"! pgrep -f '[s]leep 987654' && {NOTHING_LEFT}")


def test_lifetime__processes_get_term_first(machine, scratch):
    """What is left gets SIGTERM, and time to act on it."""
    program = (f"$SIG{{HUP}} = q(IGNORE); $SIG{{TERM}} = sub {{ open F, q(>{scratch}/got); print F qq(term\\n); exit }}; "
               f"open F, q(>{scratch}/up); sleep 1000")
    machine.ssh("alice", f"setsid -f perl -e '{program}' </dev/null >/dev/null 2>&1; "
                         f"until test -e {scratch}/up; do :; done")
    machine.wait(NOTHING_LEFT)
    assert machine.root(f"cat /home/alice/{scratch}/got").stdout == "term\n"


def test_lifetime__processes_that_ignore_term_are_killed(machine, scratch):
    """What ignores SIGTERM is killed after stop-timeout."""
    machine.ssh("alice", f"setsid -f bash -c 'trap \"\" TERM HUP; touch ~/{scratch}/up; exec sleep 987653' "
                         f"</dev/null >/dev/null 2>&1; until test -e ~/{scratch}/up; do :; done")
    machine.wait(f"! pgrep -f '[s]leep 987653' && {NOTHING_LEFT}", timeout=20)


def test_lifetime__tmp_does_not_outlive_the_container(machine):
    """A new container has an empty /tmp."""
    machine.ssh("alice", "touch /tmp/old /var/tmp/old /dev/shm/old")
    machine.wait(NOTHING_LEFT)
    assert machine.ssh("alice", "ls -A /tmp /var/tmp /dev/shm | grep old").stdout == ""


def test_lifetime__login_right_after_logout(machine):
    """A login that meets a dying container gets a working one, time after time."""
    results = [machine.ssh("alice", f"setsid -f sleep 98765 </dev/null >/dev/null 2>&1; echo {i}") for i in range(8)]
    assert [result.stdout for result in results] == [f"{i}\n" for i in range(8)], results
    machine.wait(NOTHING_LEFT)


@pytest.mark.parametrize("attempt", range(3))
def test_lifetime__two_first_logins_make_one_container(machine, attempt):
    """First logins at the same moment end up in one container."""
    del attempt
    machine.wait(NOTHING_LEFT)
    clients = [machine.popen("alice", "readlink /proc/self/ns/pid; exec cat") for _ in range(5)]
    try:
        seen = [client.stdout.readline() for client in clients]
        number = len(machine.processes("container-shell-init"))
    finally:
        errors = b"".join(client.communicate(timeout=30)[1] for client in clients)
    assert len(set(seen)) == 1 and b"pid:" in seen[0], (seen, errors)
    assert number == 1


@pytest.mark.parametrize("victim", ("session", "helper", "monitor", "init"))
def test_lifetime__survives_sigkill_of_any_part(machine, victim):
    """A SIGKILLed session, helper, monitor or init leaves nothing and blocks nobody."""
    with machine.session("bob") as bob:
        client = machine.popen("alice", "echo begun; exec -a her-session cat")
        try:
            assert client.stdout.readline() == b"begun\n"
            pids = {
                "session": lambda: machine.root("pgrep -f ^her-session").stdout.split(),
                "helper": lambda: [p["pid"] for p in machine.processes("container-shell-helper", uid=1001)],
                "monitor": lambda: [p["pid"] for p in machine.processes("container-shell-monitor")
                                    if "1001" in p["argv"]],
                "init": lambda: [machine.container(1001)["pid"]],
            }[victim]()
            assert len(pids) >= 1
            machine.root(f"kill -9 {' '.join(map(str, pids))}")
            if victim != "monitor":
                client.wait(20)
            again = machine.ssh("alice", "ls /home; exit 3", timeout=30)
            assert (again.stdout, again.status) == ("alice\n", 3), again
            assert echo(bob)
        finally:
            machine.end(client)
        machine.wait("! ls /run/container-shell/1001 2>/dev/null && ! pgrep -f '^her-session'")
        assert echo(bob)
    machine.wait(NOTHING_LEFT)


def test_lifetime__kill_of_the_session_is_told(machine):
    """A session that root kills ends as a plain one does."""
    client = machine.popen("alice", "echo begun; exec -a her-session cat")
    assert client.stdout.readline() == b"begun\n"
    machine.root("kill -9 $(pgrep -f ^her-session)")
    client.communicate(timeout=20)
    assert client.returncode == 255


def test_lifetime__user_kills_her_helper_at_any_instant(machine):
    """However early the user's own SIGKILL hits the helper, nothing is left and the next login works."""
    for delay in (0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3):
        machine.root(f"timeout -s KILL {max(delay, 0.001)} setpriv --reuid alice --regid alice --init-groups "
                     "/usr/bin/container-shell -c 'sleep 2' </dev/null >/dev/null 2>&1", check=False)
    assert machine.ssh("alice", "echo fine").stdout == "fine\n"
    machine.wait(NOTHING_LEFT, timeout=25)


def test_lifetime__lost_client_leaves_nothing(machine):
    """When the client vanishes, the session is hung up and the container ends."""
    client = machine.popen("alice", "echo begun; exec cat", fresh=True)
    assert client.stdout.readline() == b"begun\n"
    client.send_signal(signal.SIGKILL)
    client.communicate()
    machine.wait(NOTHING_LEFT)


def test_lifetime__killed_sshd_leaves_nothing(machine):
    """When the connection's sshd is killed, no close_session is called, and yet the container ends."""
    client = machine.popen("alice", "echo begun; exec cat", fresh=True)
    try:
        assert client.stdout.readline() == b"begun\n"
        everyone = {process["pid"]: process for process in machine.processes()}
        process, sshd = machine.processes("container-shell-helper", uid=1001)[0], []
        while process["ppid"] != 1:
            process = everyone[process["ppid"]]
            sshd.append(str(process["pid"]))
        sshd.pop()  # the one that listens
        assert sshd
        machine.root(["kill", "-9", *sshd])
    finally:
        client.kill()
        client.communicate()
    machine.wait(NOTHING_LEFT)


@pytest.fixture
def kill_user_processes(machine):
    """logind ends every process of a session with it."""
    machine.write("/etc/systemd/logind.conf.d/test.conf", "[Login]\nKillUserProcesses=yes\n")
    machine.root("systemctl restart systemd-logind")
    yield
    machine.root("rm -r /etc/systemd/logind.conf.d && systemctl restart systemd-logind")
    machine.wait("busctl --list >/dev/null && loginctl >/dev/null")


def test_lifetime__second_login_survives_the_first_with_kill_user_processes(machine, kill_user_processes):
    """With KillUserProcesses=yes the first of two overlapping logins ends and the second goes on."""
    del kill_user_processes
    with machine.session("alice", fresh=True) as first:
        with machine.session("alice", fresh=True) as second:
            scopes = [p["cgroup"] for p in machine.processes("container-shell-helper", uid=1001)]
            assert len(set(scopes)) == 2 and all("session-" in scope for scope in scopes), scopes
            init = machine.container(1001)
            first.stdin.close()
            first.wait(20)
            machine.wait(f"test $(ls -d /sys/fs/cgroup/user.slice/user-1001.slice/session-*.scope | wc -l) -le 2")
            assert echo(second)
            assert machine.container(1001) == init
            assert machine.ssh("alice", "echo joined").stdout == "joined\n"
