# SPDX-License-Identifier: GPL-3.0-or-later
"""What the configuration says of a container's life: how long, for whom, and when not."""

import re

import pexpect
import pytest

PROMPT = r"\$ "
NAMESPACES = "readlink /proc/self/ns/{mnt,pid,ipc,uts,cgroup} | tr '\\n' ' '; echo"
CONTAINER = "readlink /proc/self/ns/pid"
NOTHING_LEFT = ("test -z \"$(ls -A /run/container-shell 2>/dev/null)\" && "
                "test -z \"$(find /sys/fs/cgroup/container-shell -mindepth 1 -type d ! -name monitor 2>/dev/null)\" && "
                "! ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q container-shell-")
NOBODY_IN = "! ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q container-shell-helper"
SFTP = "/usr/lib/openssh/sftp-server"


def echo(client, text=b"still here\n"):
    """Whether the session behind a client goes on."""
    client.stdin.write(text)
    client.stdin.flush()
    return client.stdout.readline() == text


def uptime(machine):
    """The machine's own clock, whatever the emulation takes; seconds."""
    return float(machine.root("cat /proc/uptime").stdout.split()[0])


def wait_until(machine, moment):
    """Wait for a moment of the machine's own clock."""
    machine.wait(f"awk '{{ exit $1 < {moment} }}' /proc/uptime", timeout=60)


def gone_at(machine, timeout=60):
    """When nothing was left, by the machine's own clock."""
    return float(machine.wait(f"{NOTHING_LEFT} && cat /proc/uptime", timeout=timeout).split()[0])


def refused(result, why):
    """Whether a result is our refusal: status 125 and exactly one line, with this reason."""
    return result.status == 125 and result.stdout == "" and \
        re.fullmatch(rf"container-shell: cannot [^\n]+: {why}\n", result.stderr)


@pytest.fixture
def policy(machine, config):
    """config, for containers that may outlive their sessions: they are ended after the test."""
    yield config
    machine.root("container-shell --stop --all", check=False)


# --- linger -------------------------------------------------------------------

def test_linger__tmux_survives_the_cut_of_its_connection(machine, policy):
    """The next login finds the tmux of a lost one, attaches to it, and after linger nothing is left."""
    policy("[default]\nlinger = 15s\n")
    with machine.terminal("alice", fresh=True) as child:
        child.expect(PROMPT)
        child.sendline("tmux -f /dev/null new-session -s work")
        child.expect(r"\[work\]")
        child.send("echo $((6*7))-before\r")
        child.expect("42-before")
        init = machine.container(1001)
        child.kill(9)
    machine.wait(NOBODY_IN)
    with machine.terminal("alice", fresh=True) as child:
        child.expect(PROMPT)
        child.sendline("tmux attach -t work")
        child.expect("42-before")
        child.send("echo $((6*7))-after\r")
        child.expect("42-after")
        assert machine.container(1001) == init
        child.send("exit\r")
        child.expect("exited")
        child.sendline("exit")
        child.expect(pexpect.EOF)
    left = uptime(machine)
    assert gone_at(machine) - left >= 14


def test_linger__ends_when_nobody_comes(machine, policy):
    """A container goes on for linger, with what runs in it, and not much longer."""
    policy("[default]\nlinger = 5s\n")
    left = float(machine.ssh("alice", "setsid -f sleep 98760 </dev/null >/dev/null 2>&1; cat /proc/uptime")
                 .stdout.split()[0])
    machine.wait(NOBODY_IN)
    assert machine.root("pgrep -f '^sleep 98760'").status == 0
    assert machine.root("container-shell --list").stdout.split()[5] == "lingering"
    lived = gone_at(machine) - left
    assert 5 <= lived < 10, lived
    assert machine.root("pgrep -f '^sleep 98760'", check=False).stdout == ""


def test_linger__login_stops_the_clock(machine, policy):
    """A login during lingering keeps the container for as long as it is in; then the clock starts anew."""
    policy("[default]\nlinger = 5s\n")
    began = uptime(machine)
    first = machine.ssh("alice", CONTAINER).stdout
    with machine.session("alice") as second:
        wait_until(machine, began + 9)
        assert echo(second)
        assert machine.ssh("alice", CONTAINER).stdout == first
        left = uptime(machine)
    assert gone_at(machine) - left >= 5


def test_linger__short_visit_starts_the_clock_anew(machine, policy):
    """Who has come and gone during lingering gives it its full time again."""
    policy("[default]\nlinger = 6s\n")
    first = machine.ssh("alice", CONTAINER).stdout
    wait_until(machine, uptime(machine) + 3)
    left = uptime(machine)
    assert machine.ssh("alice", CONTAINER).stdout == first
    assert gone_at(machine) - left >= 6


def test_linger__yes_goes_on_until_stop(machine, policy):
    """linger = yes keeps the container for the next login, until --stop leaves nothing of it."""
    policy("[default]\nlinger = yes\nstop-timeout = 500ms\n")
    first = machine.ssh("alice", f"touch /tmp/kept; {CONTAINER}").stdout
    wait_until(machine, uptime(machine) + 4)
    assert machine.ssh("alice", f"ls /tmp; {CONTAINER}").stdout == f"kept\n{first}"
    machine.wait(NOBODY_IN)
    machine.root("container-shell --stop alice")
    machine.wait(NOTHING_LEFT)


@pytest.mark.parametrize("linger", ("yes", "1h"))
def test_linger__costs_no_processor_time(machine, policy, linger):
    """The monitor of a container that lingers sleeps."""
    policy(f"[default]\nlinger = {linger}\n")
    machine.ssh("alice", "true")
    machine.wait(NOBODY_IN)
    monitor, = machine.processes("container-shell-monitor")
    ticks = f"cut -d' ' -f14,15 /proc/{monitor['pid']}/stat"
    before = machine.root(ticks).stdout
    wait_until(machine, uptime(machine) + 3)
    assert machine.root(ticks).stdout == before


def test_linger__no_ends_even_what_ignores_every_signal(machine, config, scratch):
    """With linger = no a nohup'd process that ignores TERM is gone one second after stop-timeout."""
    config("[default]\nlinger = no\nstop-timeout = 2s\n")
    loop = f"trap '' TERM HUP; while cut -d' ' -f1 /proc/uptime >{scratch}/new; do mv {scratch}/new {scratch}/last; done"
    result = machine.ssh("alice", f"nohup sh -c \"{loop}\" </dev/null >/dev/null 2>&1 & "
                                  f"until test -e {scratch}/last; do sleep 0.1; done; cut -d' ' -f1 /proc/uptime")
    machine.wait(NOTHING_LEFT)
    lived = float(machine.root(f"cat /home/alice/{scratch}/last").stdout) - float(result.stdout)
    assert 1 < lived < 3, lived


# --- scope --------------------------------------------------------------------

def test_scope__session_gives_each_login_its_own(machine, config):
    """With scope = session two logins share no namespace and see neither processes nor /tmp of each other."""
    config("[default]\nscope = session\n")
    begin = "echo mine >/tmp/of-%s; %s; exec -a login-%s cat"
    first = machine.popen("alice", begin % ("first", NAMESPACES, "first"))
    second = machine.popen("alice", begin % ("second", NAMESPACES, "second"))
    try:
        spaces = [set(client.stdout.readline().decode().split()) for client in (first, second)]
        assert len(spaces[0]) == len(spaces[1]) == 5
        assert not spaces[0] & spaces[1]
        assert len(machine.processes("container-shell-init")) == 2
        third = machine.ssh("alice", "ls /tmp; pgrep -cf '^login-'; ls /home")
        assert third.lines == ["0", "alice"], third
        machine.wait("test $(ls /run/container-shell/1001 | wc -l) = 2")
        machine.end(first)
        machine.wait("test $(ls /run/container-shell/1001 | wc -l) = 1")
        assert machine.root("pgrep -cf '^login-second'").stdout == "1\n"
        assert len(machine.processes("container-shell-init")) == 1
        assert echo(second)
    finally:
        for client in (first, second):
            machine.end(client)
    machine.wait(NOTHING_LEFT)


# --- max-sessions -------------------------------------------------------------

def test_max_sessions__refuses_the_next_one(machine, config):
    """The session after the last allowed is refused with one line and 125; when one has ended, the next works."""
    config("[default]\nmax-sessions = 2\n")
    with machine.session("alice") as last:
        with machine.session("alice"):
            assert refused(machine.ssh("alice", "echo in"), "the limit is 2")
            assert machine.ssh("bob", "echo in").stdout == "in\n"
        assert machine.ssh("alice", "echo in").stdout == "in\n"
        assert echo(last)


def test_max_sessions__change_holds_for_the_next_login(machine, config):
    """A changed limit holds for new logins, those that join an older container too; nobody is put out."""
    config("[default]\nmax-sessions = 3\nrecycle = never\n")
    with machine.session("alice") as first, machine.session("alice") as second:
        config("[default]\nmax-sessions = 1\nrecycle = never\n")
        assert refused(machine.ssh("alice", "echo in"), "the limit is 1")
        config("[default]\nmax-sessions = 4\nrecycle = never\n")
        with machine.session("alice"):
            assert machine.ssh("alice", "echo in").stdout == "in\n"
        assert echo(first) and echo(second)


def test_max_sessions__killed_one_frees_its_slot(machine, config):
    """A session that was killed with SIGKILL, helper or shell, does not count any more."""
    config("[default]\nmax-sessions = 2\n")
    with machine.session("alice"):
        for victim in ("pgrep -f '^her-session'", "ps -o ppid= -p $(pgrep -f '^her-session')"):
            client = machine.popen("alice", "echo begun; exec -a her-session cat")
            try:
                assert client.stdout.readline() == b"begun\n"
                assert refused(machine.ssh("alice", "echo in"), "the limit is 2")
                machine.root(f"kill -9 $({victim})")
                client.wait(20)
                assert machine.ssh("alice", "echo in").stdout == "in\n"
            finally:
                machine.end(client)
            machine.wait("! pgrep -f '^her-session'")


def test_max_sessions__holds_for_all_containers_of_a_class(machine, policy):
    """With scope = session the limit is of all the user's sessions, and a refused one leaves no container."""
    policy("[default]\nscope = session\nmax-sessions = 1\nlinger = yes\n")
    with machine.session("alice") as only:
        for _ in range(2):
            assert refused(machine.ssh("alice", "echo in"), "the limit is 1")
        assert len(machine.processes("container-shell-init")) == 1
        assert echo(only)
    machine.wait(NOBODY_IN)
    assert machine.ssh("alice", "echo in").stdout == "in\n"


# --- max-age ------------------------------------------------------------------

def test_max_age__ends_the_container_under_a_session(machine, config):
    """At max-age the container ends with whoever is in it; the next login gets a new one."""
    config("[default]\nmax-age = 5s\nstop-timeout = 500ms\n")
    began = uptime(machine)
    client = machine.popen("alice", "touch /tmp/of-first; echo begun; exec cat")
    try:
        assert client.stdout.readline() == b"begun\n"
        lived = gone_at(machine) - began
        client.wait(20)
        assert 5 <= lived < 12, lived
        assert machine.ssh("alice", "ls /tmp").stdout == ""
    finally:
        machine.end(client)


# --- idle-timeout -------------------------------------------------------------

def test_idle_timeout__hangs_up_idle_shells_alone(machine, config):
    """An idle shell on a terminal is hung up; one whose command runs and one without a terminal are not."""
    config("[default]\nidle-timeout = 9s\n")
    with machine.session("alice") as plain, machine.terminal("alice") as busy, machine.terminal("alice") as idle:
        # logged in before the idle one, so idle for longer by what is typed
        busy.expect(PROMPT)
        busy.sendline("echo rea''dy; cat")
        busy.expect("ready")
        idle.expect(PROMPT)
        idle.expect(pexpect.EOF, timeout=40)
        idle.wait()
        assert idle.exitstatus != 0
        assert echo(plain)
        busy.sendline("typed")
        busy.expect("typed\r\ntyped")
        busy.sendcontrol("d")
        busy.sendline("exit")
        busy.expect(pexpect.EOF)


def test_idle_timeout__counts_from_the_last_key(machine, config):
    """Nobody is hung up before idle-timeout after the last key, though the kernel notes keys to 8 seconds."""
    config("[default]\nidle-timeout = 10s\n")
    with machine.terminal("alice") as child:
        child.expect(PROMPT)
        machine.wait("test $(($(date +%s) % 8)) = 0")
        child.send("\r")
        child.expect(PROMPT)
        # the last key, at the end of those seconds whose beginning the terminal's atime says
        typed = float(machine.wait("test $(($(date +%s) % 8)) = 6 && cat /proc/uptime").split()[0])
        child.send("\r")
        child.expect(PROMPT)
        child.expect(pexpect.EOF, timeout=60)
        idle = uptime(machine) - typed
    assert 10 <= idle < 26, idle


# --- maintenance --------------------------------------------------------------

def test_maintenance__new_logins_get_the_message(machine, config):
    """ssh gets the message as one line on standard error and 125; who is in stays in, and root logs in."""
    with machine.session("alice") as before:
        config("[default]\nmaintenance = Back at noon: we are moving.\n")
        result = machine.ssh("alice", "echo in", fresh=True)
        assert (result.status, result.stdout) == (125, "")
        assert result.stderr == "container-shell: Back at noon: we are moving.\n"
        assert machine.ssh("root", "echo in", fresh=True).stdout == "in\n"
        assert echo(before)
    machine.wait(NOTHING_LEFT)
    assert machine.ssh("alice", "echo in").status == 125
    machine.root(NOTHING_LEFT)


def test_maintenance__message_is_shown_on_a_terminal(machine, config):
    """On a terminal the message is what the user reads before the line is cut."""
    config("[default]\nmaintenance = Back at noon.\n")
    with machine.terminal("alice") as child:
        child.expect("container-shell: Back at noon.\r+\n")
        child.wait()
    assert child.exitstatus == 125


def test_maintenance__sftp_can_be_allowed(machine, config, scratch, tmp_path):
    """With maintenance-allow = sftp the sftp client still fetches a file, and without it does not."""
    machine.write(f"/home/alice/{scratch}/file", "to be fetched\n")
    get = f"get {scratch}/file {tmp_path}/got\n".encode()
    config("[default]\nmaintenance = Back at noon.\n")
    assert machine.client("sftp", "-b", "-", "alice@vm", stdin=get).status != 0
    config("[default]\nmaintenance = Back at noon.\nmaintenance-allow = sftp\n")
    result = machine.client("sftp", "-b", "-", "alice@vm", stdin=get)
    assert result.status == 0, result
    assert (tmp_path / "got").read_text() == "to be fetched\n"


@pytest.mark.parametrize("command", (
    "id", f"{SFTP}; id", f"{SFTP} && id", f"{SFTP}\nid", f"{SFTP} | id", f"{SFTP} $(id)", f"{SFTP} `id`",
    f"{SFTP} <(id)", f" {SFTP}", f"{SFTP}x", f"{SFTP}/../../../bin/id", f"id {SFTP}", f"X={SFTP} id", "internal-sftp", ""))
def test_maintenance__sftp_alone_is_allowed(machine, config, command):
    """With maintenance-allow = sftp no other command gets in, however it is dressed up, nor a login shell."""
    config("[default]\nmaintenance = Back at noon.\nmaintenance-allow = sftp\n")
    result = machine.ssh("alice", *[command] * (command != ""), stdin=b"id\n", options=("-T",))
    assert (result.status, result.stdout) == (125, ""), result
    assert result.stderr == "container-shell: Back at noon.\n"


# --- recycle, and the policy of a container that is joined -----------------------

def test_recycle__idle_replaces_what_lingers(machine, policy):
    """recycle = idle: after a change of the configuration a login replaces a container in which nobody is."""
    policy("[default]\nlinger = 1h\n")
    first = machine.ssh("alice", CONTAINER).stdout
    assert machine.ssh("alice", CONTAINER).stdout == first
    machine.wait(NOBODY_IN)
    policy("[default]\nlinger = 1h\ntmp-size = 6M\nrecycle = idle\n")
    assert machine.ssh("alice", "df --output=size -k /tmp | tail -n 1").stdout.strip() == "6144"
    assert len(machine.processes("container-shell-init")) == 1


def test_recycle__idle_joins_what_is_occupied(machine, policy):
    """recycle = idle: a container in which somebody is goes on, and is joined."""
    with machine.session("alice") as first:
        before = machine.container(1001)
        policy("[default]\ntmp-size = 6M\nrecycle = idle\n")
        assert machine.ssh("alice", "df --output=size -k /tmp | tail -n 1").stdout.strip() == "1048576"
        assert machine.container(1001) == before
        assert echo(first)


def test_recycle__now_replaces_what_is_occupied(machine, policy):
    """recycle = now: the login ends the older container under those who are in, and has its own."""
    client = machine.popen("alice", "echo begun; exec cat")
    try:
        assert client.stdout.readline() == b"begun\n"
        policy("[default]\ntmp-size = 6M\nrecycle = now\nstop-timeout = 500ms\n")
        result = machine.ssh("alice", "df --output=size -k /tmp | tail -n 1")
        assert (result.status, result.stdout.strip()) == (0, "6144"), result
        client.wait(20)
        assert machine.ssh("bob", "echo in").stdout == "in\n"
    finally:
        machine.end(client)
    machine.wait(NOTHING_LEFT)


def test_recycle__now_leaves_a_current_one_alone(machine, policy):
    """recycle = now: without a change of the configuration the second login joins the first."""
    policy("[default]\nrecycle = now\n")
    with machine.session("alice") as first:
        before = machine.container(1001)
        assert machine.ssh("alice", "echo in").stdout == "in\n"
        assert machine.container(1001) == before
        assert echo(first)


def test_recycle__never_joins_what_lingers(machine, policy):
    """recycle = never: a container of an older configuration is joined, lingering or not."""
    policy("[default]\nlinger = 1h\n")
    first = machine.ssh("alice", CONTAINER).stdout
    machine.wait(NOBODY_IN)
    policy("[default]\nlinger = 1h\ntmp-size = 6M\nrecycle = never\n")
    assert machine.ssh("alice", CONTAINER).stdout == first
    with machine.session("alice"):
        assert machine.ssh("alice", CONTAINER).stdout == first


def test_policy__of_a_container_stays_until_its_end(machine, policy):
    """A login that joins a container of an older configuration gets that one's shell and linger."""
    policy("[default]\nshell = /bin/sh\nlinger = 1h\nrecycle = never\n")
    with machine.session("alice"):
        policy("[default]\nshell = /bin/bash\nlinger = no\nrecycle = never\n")
        result = machine.ssh("alice", "echo $SHELL; readlink /proc/$$/exe; true")
        assert result.lines == ["/bin/sh", "/usr/bin/dash"]
    machine.wait(NOBODY_IN)
    wait_until(machine, uptime(machine) + 3)
    assert machine.root("container-shell --list").stdout.split()[5] == "lingering"
    machine.root("container-shell --stop alice")
    assert machine.ssh("alice", "readlink /proc/$$/exe; true").stdout == "/usr/bin/bash\n"
