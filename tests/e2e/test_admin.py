# SPDX-License-Identifier: GPL-3.0-or-later
"""What root can do to containers: --list, --status, --stop and --enter."""

import contextlib
import hashlib
import json
import os
import re
import select
import shlex
import time

import pexpect
import pytest

ROOT_PROMPT = r"root@vm:[^#]*# "
PROMPT = r"alice@vm:[^$]*\$ "
ENTER = "container-shell --enter"
NOTHING_LEFT = ("test -z \"$(ls -A /run/container-shell 2>/dev/null)\" && "
                "test -z \"$(find /sys/fs/cgroup/container-shell -mindepth 1 -type d ! -name monitor 2>/dev/null)\" && "
                "! ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q container-shell-")
NOBODY_IN = "! ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q container-shell-helper"
# As --list has them: blanks between, and the time since has one in it.
LINE = re.compile(r"(?P<user>\S+) +(?P<class>\S+) +(?P<pid>\d+) +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +"
                  r"(?P<state>running|lingering|dead) +(?P<sessions>\d+) +(?P<processes>\d+) +"
                  r"(?P<memory>[0-9.]+[KMG]?) +(?P<cpu>\d+(ms|s|min.*?)) +(?P<network>\S+) *(?P<from>.*)")


def listed(machine):
    """What --list says: {user: match}."""
    matches = [LINE.fullmatch(line) for line in machine.root("container-shell --list").lines]
    assert all(matches), machine.root("container-shell --list")
    return {match["user"]: match for match in matches}


def outside(machine, pattern):
    """The pid, as the host sees it, of the one process with this command line."""
    pid, = machine.root(f"pgrep -f '{pattern}'").stdout.split()
    return int(pid)


def complaint(result, status, why):
    """Whether a result is one line of ours, with this reason and status."""
    return result.status == status and result.stdout == "" and \
        re.fullmatch(rf"container-shell: [^\n]*{why}[^\n]*\n", result.stderr)


@contextlib.contextmanager
def root_shell(machine, *options):
    """Root's own shell on a terminal of the host's."""
    with machine.terminal("root", options=options) as child:
        child.expect(ROOT_PROMPT)
        yield child
        child.sendline("exit")
        child.expect(pexpect.EOF)


@contextlib.contextmanager
def entry(machine, size=(24, 80)):
    """A shell of root's in alice's container, where she is, on root's terminal."""
    with machine.session("alice"), machine.terminal("root", f"{ENTER} alice", size=size) as child:
        child.expect(PROMPT)
        yield child


def leave(child, status=0):
    """Leave an entry by exit, with a status that it passes."""
    child.sendline(f"exit {status}")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == status


# --- list ---------------------------------------------------------------------

def test_list__agrees_with_what_is_there(machine, config):
    """Table and JSON say who is in which container, on which terminal, from where, and since when."""
    config("[students]\nusers = alice\n")
    with machine.session("alice"), machine.session("bob"), machine.terminal("alice", "tty; exec cat") as child:
        child.expect(r"/dev/(pts/\d+)\r\n")
        tty = child.match.group(1)
        table = listed(machine)
        items = {item["user"]: item for item in json.loads(machine.root("container-shell --list --json").stdout)}
        now = float(machine.root("date +%s").stdout)
        assert set(table) == set(items) == {"alice", "bob"}
        for user, uid, kind in (("alice", 1001, "students"), ("bob", 1002, "default")):
            line, item, init = table[user], items[user], machine.container(uid)
            assert (line["class"], line["pid"], line["state"]) == (kind, str(init["pid"]), "running")
            assert (item["class"], item["pid"], item["state"], item["uid"]) == (kind, init["pid"], "running", uid)
            monitor, = [p["pid"] for p in machine.processes("container-shell-monitor") if str(uid) in p["argv"]]
            assert item["monitor"] == monitor
            assert init["cgroup"].endswith(item["cgroup"])
            assert int(line["sessions"]) == len(item["sessions"]) == (2 if user == "alice" else 1)
            assert int(line["processes"]) == item["processes"] == 1 + len(item["sessions"])
            assert item["memory"] > 0 and item["cpu_us"] > 0
            assert now - 60 < item["since_ms"] / 1000 <= now + 1
            helpers = {p["pid"] for p in machine.processes("container-shell-helper", uid=uid)}
            assert {session["pid"] for session in item["sessions"]} == helpers
            assert all(session["from"] == "10.0.2.2" and not session["admin"] for session in item["sessions"])
        assert {session["tty"] for session in items["alice"]["sessions"]} == {"", tty}
        assert table["alice"]["from"] == f"- 10.0.2.2, {tty} 10.0.2.2"
        assert table["bob"]["from"] == "- 10.0.2.2"


def test_list__tells_who_only_lingers(machine, config):
    """A container that nobody is in is listed as lingering, with no session."""
    config("[default]\nlinger = 1h\n")
    machine.ssh("alice", "true")
    machine.wait(NOBODY_IN)
    line, item = listed(machine)["alice"], json.loads(machine.root("container-shell --list --json").stdout)[0]
    assert (line["state"], line["sessions"], line["from"]) == ("lingering", "0", "")
    assert (item["state"], item["sessions"]) == ("lingering", [])
    machine.root("container-shell --stop alice")


def test_list__tells_of_an_entry(machine):
    """An administrator who is in is told from a login."""
    with entry(machine) as child:
        session, = [s for s in json.loads(machine.root("container-shell --list --json").stdout)[0]["sessions"]
                    if s["admin"]]
        assert session["tty"].startswith("pts/") and session["from"] == ""
        assert f"{session['tty']} (admin)" in listed(machine)["alice"]["from"]
        leave(child)


def test_list__of_nothing_is_empty(machine):
    """With no container the table has no line and the JSON no element."""
    machine.wait(NOTHING_LEFT)
    assert machine.root("container-shell --list").stdout == ""
    assert json.loads(machine.root("container-shell --list --json").stdout) == []


def test_list__has_headings_on_a_terminal_alone(machine):
    """On a terminal the columns have headings, in a pipe they have none."""
    with machine.session("alice"):
        assert "USER" not in machine.root("container-shell --list").stdout
        with machine.terminal("root", "container-shell --list") as child:
            child.expect(r"USER +CLASS +PID +SINCE +STATE +SESSIONS +PROCESSES +MEMORY +CPU +NETWORK +FROM\r+\nalice +default ")
            child.expect(pexpect.EOF)


def test_list__survives_what_a_user_says_of_herself(machine):
    """What the user can choose neither reaches the terminal raw nor breaks the JSON."""
    hostile = "1.2\"\\\x1b[2J\n\x9b.3\u009b\u00e4"
    command = shlex.join(["setpriv", "--reuid", "alice", "--regid", "alice", "--init-groups", "env", "-i",
                          f"SSH_CONNECTION={hostile} 1 2 3", "/usr/bin/container-shell", "-c", "echo begun; exec cat"])
    client = machine.popen("root", command)
    try:
        assert client.stdout.readline() == b"begun\n"
        table, raw = machine.root("container-shell --list"), machine.root("container-shell --list --json").bytes
        assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f-\xff]", table.bytes)
        assert len(table.lines) == 1
        assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]", raw)
        assert json.loads(raw)[0]["sessions"][0]["from"] == hostile
    finally:
        machine.end(client)


@pytest.mark.parametrize("command, status", (("--list", 1), ("--list --json", 1), ("--status alice", 1),
                                             ("--stop alice", 1), ("--stop --all", 1), ("--enter alice", 125)))
@pytest.mark.parametrize("user", ("alice", "carol"))
def test_admin__is_for_root_alone(machine, command, status, user):
    """A normal user, the container's own too, gets one line and a failure, and nothing happens."""
    with machine.session("alice") as client:
        result = machine.as_user(user, "/usr/bin/container-shell", *command.split())
        assert complaint(result, status, "only root can"), result
        client.stdin.write(b"still here\n")
        client.stdin.flush()
        assert client.stdout.readline() == b"still here\n"


@pytest.mark.parametrize("command", ("--list --yaml", "--list alice", "--status --json", "--status a b",
                                     "--stop", "--stop --message x", "--stop a --message", "--stop a b", "--enter",
                                     "--enter alice bob", "--enter alice --", "--enter alice --shell sh", "--lists"))
def test_admin__says_what_it_did_not_understand(machine, command):
    """A wrong command line is one line and status 2."""
    assert complaint(machine.root(f"container-shell {command}", check=False), 2, "")


# --- status -------------------------------------------------------------------

def test_status__shows_it_in_full(machine, config):
    """--status of a user, or of any process inside, shows state, policy, sessions, processes and mounts."""
    config("# a class\n[students]\nusers = alice\nlinger = 90s\nmax-age = 7d\n")
    with machine.session("alice", command="echo begun; exec -a her-session cat"):
        init, session = machine.container(1001)["pid"], outside(machine, "^her-session")
        by_name = machine.root("container-shell --status alice")
        text = by_name.stdout
        assert by_name.lines[0] == "alice, class students"
        for line in (r"State: running", rf"Init: {init} \(monitor \d+\)", r"Sessions: no terminal since .* from 10\.0\.2\.2,"
                     r" process \d+", r"Config: /etc/container-shell/conf\.d/90-test\.conf:2", r"Processes: 2",
                     r"Shell: /bin/bash", r"Home: /home/alice", r"Linger: 1min 30s", r"Max age: 7d", r"Stop timeout: 2s",
                     rf"{init} container-shell", rf"{session} cat", r"/tmp tmpfs rw,\S*nosuid\S*", r"/proc proc \S+",
                     r"/home/alice ext4 rw,\S+ of /home/alice", r"/usr ext4 ro,\S+ of /usr"):
            assert re.search(rf"^ *{line}$", text, re.M), (line, text)
        for pid in (init, session):
            assert machine.root(f"container-shell --status {pid}").lines[0] == by_name.lines[0]
        item, = json.loads(machine.root("container-shell --status alice --json").stdout)
        assert (item["user"], item["pid"], len(item["sessions"])) == ("alice", init, 1)
    machine.root("container-shell --stop alice")


def test_status__shows_parents_above_children(machine):
    """The tree has a command below the shell that started it, and one that is stopped says so."""
    with machine.session("alice", command="sleep 98761 & echo begun; cat; kill -9 $!"):
        machine.wait("pgrep -f '^sleep 98761'")
        shell, child = outside(machine, "^bash -c sleep 98761"), outside(machine, "^sleep 98761")
        machine.root(f"kill -STOP {child}")
        machine.wait(f"grep -q '^State:.T' /proc/{child}/status")
        text = machine.root("container-shell --status alice").stdout
        assert re.search(rf"^( +){shell} bash\n(\1  +\d+ cat\n)?\1  +{child} sleep \(stopped\)$", text, re.M), text


def test_status__escapes_what_a_user_calls_a_mount(machine):
    """A mount below the home, as a user may make one by FUSE, with an escape sequence for a name: none is printed."""
    place = "/home/alice/$(printf 'x\\033[2J')"
    machine.root(f"mkdir \"{place}\" && mount -t tmpfs none \"{place}\"")
    try:
        with machine.session("alice"):
            text = machine.root("container-shell --status alice").stdout
    finally:
        machine.root(f"umount \"{place}\" && rmdir \"{place}\"")
    assert "\x1b" not in text and "/home/alice/x\\x1b[2J tmpfs" in text, text


def test_status__says_where_the_class_comes_from(machine, config):
    """Without a file the class is built in; after a change, and after its removal, that is said."""
    with machine.session("alice"):
        assert re.search(r"Config: built in$", machine.root("container-shell --status alice").stdout, re.M)
        config("[default]\ntmp-size = 5M\n")
        assert re.search(r"Config: /etc/\S+90-test\.conf:1 \(changed since the container was made\)$",
                         machine.root("container-shell --status alice").stdout, re.M)
        config("[default\n")
        assert re.search(r"Config: .*--check-config", machine.root("container-shell --status alice").stdout)
    machine.wait(NOTHING_LEFT)
    config("[students]\nusers = alice\n")
    with machine.session("alice"):
        config("[teachers]\nusers = alice\n")
        assert re.search(r"Config: class students is no more", machine.root("container-shell --status alice").stdout)


def test_status__of_nobody_says_why(machine):
    """A user without a container, and one who does not exist, are one line and status 1."""
    assert complaint(machine.root("container-shell --status bob", check=False), 1, "bob has no running container")
    assert complaint(machine.root("container-shell --status elvis", check=False), 1, "elvis is no user")
    assert complaint(machine.root("container-shell --status", check=False), 1, "say whose")


# --- stop ---------------------------------------------------------------------

def test_stop__ends_it_and_tells_the_user(machine):
    """--stop --message writes to the session's terminal, ends the container, and leaves nothing."""
    with machine.terminal("alice", "exec -a on-terminal cat") as child, machine.session("bob") as bob:
        machine.wait("pgrep -f ^on-terminal")
        result = machine.root(["container-shell", "--stop", "alice", "--message", "Going down:\x1b[2J at five."])
        left = machine.root("ls /run/container-shell; ls -d /sys/fs/cgroup/container-shell/1001-*; pgrep -f ^on-terminal",
                            check=False).stdout
        assert (result.stdout, result.stderr, left) == ("", "", "1002\n")
        child.expect(r"container-shell: Going down:\\x1b\[2J at five\.\r+\n")
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus not in (0, 125)
        bob.stdin.write(b"still here\n")
        bob.stdin.flush()
        assert bob.stdout.readline() == b"still here\n"
    machine.wait(NOTHING_LEFT)


def test_stop__waits_for_what_ignores_it(machine, config):
    """--stop returns when what ignores every signal has been killed, after stop-timeout."""
    config("[default]\nstop-timeout = 1s\n")
    client = machine.popen("alice", "trap '' TERM HUP; echo begun; exec -a stubborn sleep 1000")
    try:
        assert client.stdout.readline() == b"begun\n"
        machine.root("container-shell --stop alice")
        assert machine.root("pgrep -f ^stubborn; ls -A /run/container-shell", check=False).stdout == ""
    finally:
        machine.end(client)


def test_stop__takes_a_process_too(machine):
    """--stop PID ends the container that the process is in."""
    with machine.session("alice", command="echo begun; exec -a her-session cat"):
        machine.root(f"container-shell --stop {outside(machine, '^her-session')}")
        assert machine.root("ls -A /run/container-shell").stdout == ""
    machine.wait(NOTHING_LEFT)


def test_stop__all_ends_everybodys(machine):
    """--stop --all ends the containers of all users, with or without one, and says nothing."""
    with machine.session("alice"), machine.session("bob"):
        result = machine.root("container-shell --stop --all")
        assert (result.stdout, result.stderr) == ("", "")
        assert machine.root("ls -A /run/container-shell").stdout == ""
    machine.wait(NOTHING_LEFT)
    assert machine.root("container-shell --stop --all").status == 0


def test_stop__of_nobody_says_why(machine):
    """A user without a container is one line and status 1."""
    assert complaint(machine.root("container-shell --stop bob", check=False), 1, "bob has no running container")


# --- enter, without a terminal ---------------------------------------------------

def test_enter__is_the_user_inside(machine):
    """A command runs as the user, with a small pid, the user's groups, in the home."""
    with machine.session("alice"):
        result = machine.root(f"{ENTER} alice -- sh -c 'echo $$; id; pwd; ls /home; cat /run/host/container-manager'")
    pid, ids, *rest = result.lines
    assert int(pid) < 50
    assert ids == machine.root("runuser -u alice id").stdout.strip()
    assert rest == ["/home/alice", "alice", "container-shell"]


def test_enter__has_no_privilege(machine):
    """An entry has the empty capability sets, no_new_privs and the filter of every session."""
    with machine.session("alice"):
        inside = machine.ssh("alice", "grep -E '^(Cap|NoNewPrivs|Seccomp|[UG]id|Groups)' /proc/self/status").stdout
        entered = machine.root(f"{ENTER} alice -- grep -E '^(Cap|NoNewPrivs|Seccomp|[UG]id|Groups)' /proc/self/status").stdout
        assert machine.root(f"exec 7</etc/shadow; {ENTER} alice -- sh -c 'ls /proc/$$/fd; true'").lines == ["0", "1", "2"]
    assert entered == inside != ""


def test_enter__passes_term_and_nothing_else(machine):
    """Of the administrator's environment TERM alone comes in."""
    with machine.session("alice"):
        result = machine.root(f"SECRET=x LANG=C.UTF-8 SSH_TTY=/dev/pts/0 LD_PRELOAD= TERM=vt220 {ENTER} alice -- env")
    seen = dict(line.split("=", 1) for line in result.lines)
    assert seen.pop("TERM") == "vt220"
    assert set(seen) == {"HOME", "USER", "LOGNAME", "SHELL", "PATH", "XDG_RUNTIME_DIR"}
    assert (seen["HOME"], seen["USER"]) == ("/home/alice", "alice")


@pytest.mark.parametrize("status", (0, 1, 42, 125, 255))
def test_enter__passes_the_exit_status(machine, status):
    """The command's exit status is --enter's."""
    with machine.session("alice"):
        assert machine.root(f"{ENTER} alice -- sh -c 'exit {status}'", check=False).status == status


def test_enter__passes_death_by_signal(machine):
    """When the command dies by a signal a shell sees 128+n; absent and unusable commands are 127 and 126."""
    with machine.session("alice"):
        for number in (1, 9, 11, 15):
            result = machine.root(f"{ENTER} alice -- sh -c 'kill -{number} $$'; echo $?", check=False)
            assert result.stdout == f"{128 + number}\n"
        for command, status in (("no-such-command", 127), ("/no/such", 127), ("/etc/passwd", 126)):
            assert complaint(machine.root(f"{ENTER} alice -- {command}", check=False), status, "cannot run ")


def test_enter__passes_arguments_untouched(machine):
    """Blanks, quotes, empty words, newlines and words with dashes reach the command as they were; no shell sees them."""
    words = ["a  b", "", "'\"", "$HOME *", "x\ny", "é", "--", "--user", "-l"]
    with machine.session("alice"):
        result = machine.root(["container-shell", "--enter", "alice", "--", "printf", "<%s>", *words])
    assert result.stdout == "".join(f"<{word}>" for word in words)


def test_enter__is_a_login_shell(machine):
    """Without a command the user's shell, or --shell's, is started as a login shell and reads what it is given."""
    with machine.session("alice"):
        assert machine.root(f"{ENTER} alice", stdin=b"echo $0 $SHELL; shopt -q login_shell && echo login; exit 3\n",
                            check=False).lines == ["-bash /bin/bash", "login"]
        assert machine.root(f"{ENTER} alice --shell /bin/sh", stdin=b"echo $0; readlink /proc/$$/exe\n").lines == \
            ["-sh", "/usr/bin/dash"]
        assert machine.root(f"{ENTER} alice --user alice -- id -un").stdout == "alice\n"


def test_enter__takes_any_process_of_the_container(machine):
    """By the pid that the host sees of init, of a session or of a grandchild, it is the same container."""
    with machine.session("alice", command="(exec -a grandchild sleep 1000) & echo begun; exec -a her-session cat"):
        pids = [machine.container(1001)["pid"], outside(machine, "^her-session"), outside(machine, "^grandchild")]
        spaces = {machine.root(f"{ENTER} {pid} -- readlink /proc/self/ns/pid /proc/self/ns/mnt").stdout for pid in pids}
        assert spaces == {machine.ssh("alice", "readlink /proc/self/ns/pid /proc/self/ns/mnt").stdout}


def test_enter__wants_a_pid_where_a_user_has_several(machine, config):
    """With scope = session the user's name is not enough, and the pid of a process is."""
    config("[default]\nscope = session\n")
    with machine.session("alice"), machine.session("alice", command="touch /tmp/of-second; echo begun; exec -a second cat"):
        assert complaint(machine.root(f"{ENTER} alice -- true", check=False), 125, "alice has 2; say which by a PID")
        assert machine.root(f"{ENTER} {outside(machine, '^second')} -- ls /tmp").stdout == "of-second\n"


def test_enter__holds_the_container(machine):
    """A container that is entered outlives its last session, and ends with the entry."""
    with machine.session("alice", command="echo mine >/tmp/file; echo begun; exec cat") as first:
        admin = machine.popen("root", f"{ENTER} alice -- sh -c 'echo begun; cat; cat /tmp/file'")
        assert admin.stdout.readline() == b"begun\n"
        first.stdin.close()
        first.wait(20)
        machine.wait("test $(ls -l /proc/[0-9]*/exe 2>/dev/null | grep -c container-shell-helper) = 1")
    assert admin.communicate(timeout=20)[0] == b"mine\n"
    machine.wait(NOTHING_LEFT)


def test_enter__refuses_what_is_no_container(machine):
    """Host's processes, kernel threads, zombies, look-alikes and what is not there are one line and 125, with the reason."""
    zombie = "import os, sys; os.fork() or os._exit(0); print('begun', flush=True); sys.stdin.read()"
    look_alike = machine.popen("root", "exec unshare -pmf --kill-child --mount-proc bash -c 'exec -a look-alike cat'")
    try:
        with machine.session("alice", command=f"exec python3 -c {shlex.quote(zombie)}"), \
                machine.session("carol", command="echo begun; exec -a of-carol cat"):
            machine.wait("pgrep -f ^look-alike")
            helper, = machine.processes("container-shell-helper", uid=1001)
            monitor, = machine.processes("container-shell-monitor")
            refusals = {
                "1": "is in no container of ours", "2": "is a thread of the kernel",
                machine.wait("grep -l '^State:.Z' /proc/[0-9]*/status").split("/")[2]: "has ended",
                outside(machine, "^look-alike"): "is in no container of ours",
                outside(machine, "^of-carol"): "is in no container of ours",
                helper["pid"]: "is in no container of ours", monitor["pid"]: "is in no container of ours",
                "4194304": "is not a process", "0": "is not a process", "99999999999999999999": "is not a process",
                "bob": "bob has no running container", "elvis": "elvis is no user",
                "alice --user root": "it has no root", "alice --user bob": "there is nobody but alice in it",
            }
            for operand, why in refusals.items():
                result = machine.root(f"{ENTER} {operand} -- id", check=False)
                assert complaint(result, 125, why), (operand, result)
    finally:
        machine.end(look_alike)
    machine.wait(NOTHING_LEFT)


def test_enter__helper_takes_no_entry_from_a_user(machine):
    """The helper's way in for root is closed to the user, whose container it is, and to others."""
    helper = "/usr/libexec/container-shell/container-shell-helper"
    with machine.session("alice"):
        for user in ("alice", "carol"):
            result = machine.as_user(user, helper, "enter", "1001", "default", "--", "id")
            assert complaint(result, 125, "cannot start"), result


def test_enter__is_logged_with_the_login_uid(machine, journal):
    """The log says who entered, by the uid that logged in, however root came to be root."""
    with machine.session("alice"):
        machine.root(f"echo 1003 >/proc/self/loginuid && exec {ENTER} alice -- sh -c 'exit 7'", check=False)
    lines = journal("by=1003.*exit=7")
    assert "user=alice" in lines[0] and "session closed" in lines[0]
    assert journal("session opened.*by=1003")


# --- enter, on a terminal ----------------------------------------------------------

def test_enter__has_a_terminal_of_its_own(machine):
    """tty inside is not root's terminal; it is the user's to open by name, and root's is not."""
    with machine.session("alice"), root_shell(machine) as child:
        child.sendline("echo \"<$(tty)>\"")
        child.expect(r"<(/dev/pts/\d+)>")
        outer = child.match.group(1)
        child.expect(ROOT_PROMPT)
        child.sendline(f"{ENTER} alice")
        child.expect(PROMPT)
        child.sendline("echo \"<$(tty)>\"; echo through >$(tty); echo by-dev-tty >/dev/tty; "
                       f"(: <>{outer}) 2>/dev/null || echo ref''used; echo $TERM")
        child.expect(r"<(/dev/pts/\d+)>\r\nthrough\r\nby-dev-tty\r\nrefused\r\nxterm\r\n")
        assert child.match.group(1) != outer
        child.sendline("exit 4")
        child.expect(ROOT_PROMPT)
        child.sendline("echo status $?")
        child.expect("status 4")
        child.expect(ROOT_PROMPT)


def test_enter__has_job_control(machine):
    """^Z stops a command and fg takes it back, ^C ends it, and the shell goes on, without a complaint."""
    with entry(machine) as child:
        assert "job control" not in child.before
        child.sendline("echo rea''dy; cat")
        child.expect("ready")
        child.sendline("once")
        child.expect("once\r\nonce")
        child.sendcontrol("z")
        child.expect("Stopped")
        child.expect(PROMPT)
        child.sendline("jobs; fg")
        child.expect(r"\[1\]\+\s+Stopped\s+cat\r\ncat\r\n")
        child.sendline("twice")
        child.expect("twice\r\ntwice")
        child.sendintr()
        child.expect(PROMPT)
        child.sendline("echo after $?")
        child.expect("after 130")
        child.expect(PROMPT)
        child.sendintr()
        child.expect(PROMPT)
        leave(child, 12)


def test_enter__follows_the_outer_ones_size(machine):
    """The terminal inside has the size of root's, and a change arrives as SIGWINCH."""
    with entry(machine, size=(33, 111)) as child:
        child.sendline("stty size")
        child.expect("33 111")
        child.expect(PROMPT)
        child.sendline("sh -c 'trap \"stty size; exit\" WINCH; echo wait''ing; while :; do read x; done'")
        child.expect("waiting")
        child.setwinsize(44, 122)
        child.expect("44 122")
        child.sendline("")
        child.expect(PROMPT)
        leave(child)


def test_enter__takes_input_from_a_pipe(machine):
    """With a pipe as input, or as output, on a terminal the command has the pipe, its end included."""
    with machine.session("alice"), root_shell(machine) as child:
        child.sendline(f"echo hi | {ENTER} alice -- cat; echo status $?")
        child.expect(r"[\r\n]hi\r\nstatus 0\r\n")
        child.expect(ROOT_PROMPT)
        child.sendline(f"{ENTER} alice -- sh -c 'test -t 0 && ! test -t 1 && echo out' | tr a-z A-Z")
        child.expect("OUT\r\n")
        child.expect(ROOT_PROMPT)
        child.sendline(f"{ENTER} alice -- true </dev/null; echo status $?")
        child.expect("status 0")
        child.expect(ROOT_PROMPT)


def test_enter__runs_tmux(machine):
    """A full-screen program runs on the terminal inside."""
    with entry(machine) as child:
        child.sendline("tmux -f /dev/null new-session -s inside")
        child.expect(r"\[inside\]")
        child.send("echo $((6*7))-answer\r")
        child.expect("42-answer")
        child.send("exit\r")
        child.expect("exited")
        leave(child)


def transfer(client, data, size):
    """Write data to a client, while reading size bytes from it; these."""
    read, written, got = client.stdout.fileno(), client.stdin.fileno(), bytearray()
    os.set_blocking(written, False)
    end = time.monotonic() + 60
    while len(got) < size:
        ready = select.select([read], [written] if data else [], [], max(0, end - time.monotonic()))
        assert ready[0] or ready[1], f"stopped after {len(got)} bytes, {len(data)} to go"
        if ready[1]:
            data = data[os.write(written, data[:65536]):]
        if ready[0]:
            chunk = os.read(read, 65536)
            assert chunk, f"ended after {len(got)} bytes"
            got += chunk
    return bytes(got)


def test_enter__carries_every_byte(machine):
    """5 MB of all bytes arrive as they were sent (an emulated machine carries half a megabyte a second)."""
    size = 5 << 20
    program = ("import sys, tty; tty.setraw(1); out = sys.stdout.buffer; out.write(b'begun'); out.flush()\n"
               f"for i in range({size >> 10}): out.write(bytes((i * 7 + k * k) % 256 for k in range(256)) * 4)")
    wanted = b"".join(bytes((i * 7 + k * k) % 256 for k in range(256)) * 4 for i in range(size >> 10))
    with machine.session("alice"):
        client = machine.popen("root", f"{ENTER} alice -- python3 -c {shlex.quote(program)}", options=("-tt",))
        got = transfer(client, b"", size + 5)
        assert machine.end(client) == 0
    assert hashlib.sha256(got[5:]).digest() == hashlib.sha256(wanted).digest()


def test_enter__carries_both_ways_at_once(machine):
    """1 MB that is typed comes back whole from a program that echoes it: no side waits for the other for ever."""
    data = hashlib.shake_256(b"typed").digest(1 << 20)
    with machine.session("alice"):
        client = machine.popen("root", f"{ENTER} alice -- sh -c 'stty raw -echo; echo begun; exec head -c {len(data)}'",
                               options=("-tt", "-e", "none"))
        try:
            assert client.stdout.readline() == b"begun\n"
            assert transfer(client, data, len(data)) == data
        finally:
            client.kill()
            client.communicate()


def test_enter__costs_nothing_while_idle(machine):
    """While nobody types the relay takes no processor time; with a pipe as input neither."""
    with entry(machine) as child, \
            machine.terminal("root", f"cat /dev/zero | head -c 1 | {ENTER} alice -- sh -c 'echo rea''dy; exec sleep 1000'") as piped:
        piped.expect("ready")
        pids = [process["pid"] for process in machine.processes("container-shell-admin")]
        assert len(pids) == 2
        ticks = "; ".join(f"cut -d' ' -f14,15 /proc/{pid}/stat" for pid in pids)
        before = machine.root(ticks).stdout
        now = float(machine.root("cat /proc/uptime").stdout.split()[0])
        machine.wait(f"awk '{{ exit $1 < {now + 3} }}' /proc/uptime")
        assert machine.root(ticks).stdout == before
        piped.sendintr()
        piped.expect(pexpect.EOF)
        leave(child)


def test_enter__lost_connection_ends_it(machine):
    """When root's connection is cut the entry is hung up, and nothing of it is left."""
    with machine.session("alice"):
        with machine.terminal("root", f"{ENTER} alice", fresh=True) as child:
            child.expect(PROMPT)
            child.sendline("echo rea''dy; exec -a on-terminal cat")
            child.expect("ready")
            machine.wait("pgrep -f ^on-terminal")
            child.kill(9)
            machine.wait("! pgrep -f ^on-terminal && "
                         "! ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q container-shell-admin")
        assert [len(item["sessions"]) for item in json.loads(machine.root("container-shell --list --json").stdout)] == [1]


def test_enter__is_not_kept_by_what_goes_on_writing(machine):
    """The entry ends when its command has, whatever the user's processes go on writing to the terminal."""
    evil = ("import fcntl, os, signal, termios, time\n"
            "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
            "for i in range(3):\n"
            "    if os.fork() == 0:\n"
            "        os.setsid()\n"
            "        os.execvp('yes', ['yes', 'x' * 3000])\n"
            "time.sleep(0.3)\n"
            "fcntl.ioctl(0, termios.TIOCNOTTY)\n")
    machine.write("/home/alice/evil.py", evil)
    try:
        with machine.session("alice"), \
                machine.terminal("root", f"{ENTER} alice -- python3 /home/alice/evil.py") as child:
            end = time.monotonic() + 40
            with contextlib.suppress(pexpect.EOF):
                while time.monotonic() < end:
                    child.read_nonblocking(4096, timeout=5)
                    time.sleep(0.1)     # a slow line: there is always more to carry
                pytest.fail("the entry goes on")
    finally:
        machine.root("rm /home/alice/evil.py")


def test_enter__restores_the_terminal(machine):
    """The modes of root's terminal are what they were, after an entry and after one whose helper was killed with -9."""
    with machine.session("alice"), root_shell(machine) as child:
        for end in ("exit", "kill"):
            child.sendline(f"stty rows 24 -ixon; stty -a >/run/modes; {ENTER} alice; stty -a | diff /run/modes - && echo sa''me")
            child.expect(PROMPT)
            if end == "exit":
                child.sendline("stty raw; exit 3")
            else:
                child.sendline("echo rea''dy")
                child.expect("ready")
                pid, = [session["pid"] for item in json.loads(machine.root("container-shell --list --json").stdout)
                        for session in item["sessions"] if session["admin"]]
                machine.root(f"kill -9 {pid}")
            child.expect("same")
            child.expect(ROOT_PROMPT)
        machine.root("rm /run/modes")
        child.sendline("stty ixon")
        child.expect(ROOT_PROMPT)


def test_enter__stopped_relay_gives_the_terminal_back(machine):
    """When the relay is stopped from outside, root's shell has its terminal as it was; fg goes on with the entry."""
    with machine.session("alice"), root_shell(machine) as child:
        child.sendline(f"{ENTER} alice")
        child.expect(PROMPT)
        relay, = [process["pid"] for process in machine.processes("container-shell-admin")]
        machine.root(f"kill -TSTP {relay}")
        child.expect("Stopped")
        child.expect(ROOT_PROMPT)
        child.sendline("stty -a | grep -o ' icanon'; fg")
        child.expect(" icanon\r\n")
        child.expect(ENTER)
        child.sendline("echo ba''ck")
        child.expect("back")
        child.sendline("exit")
        child.expect(ROOT_PROMPT)


@pytest.fixture
def legacy_tiocsti(machine):
    """Where the kernel has a switch for TIOCSTI, it is on."""
    machine.root("test ! -e /proc/sys/dev/tty/legacy_tiocsti || sysctl -q dev.tty.legacy_tiocsti=1")
    yield
    machine.root("test ! -e /proc/sys/dev/tty/legacy_tiocsti || sysctl -q dev.tty.legacy_tiocsti=0; rm -f /run/typed")


# Type a command into every terminal that can be opened, by its name or as 0, 1 and 2, or into 0 alone.
HOSTILE = """import ctypes, glob, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fds = [0]
if sys.argv[1] == "everywhere":
    fds = [0, 1, 2]
    for name in sorted(glob.glob("/dev/pts/[0-9]*")) + ["/dev/tty"]:
        try:
            fds.append(os.open(name, os.O_RDWR | os.O_NOCTTY))
        except OSError:
            pass
typed = 0
for fd in fds:
    for request in (0x5412, 0x100005412):
        for byte in b"touch /run/typed\\n":
            typed += libc.syscall(16, fd, ctypes.c_ulong(request), ctypes.c_char_p(bytes([byte]))) == 0
print(f"<{typed} of {len(fds)}>")
"""


def test_enter__hostile_process_cannot_type_outside(machine, legacy_tiocsti):
    """TIOCSTI inside --enter, and inside su of root's, on any terminal that can be opened, types nothing anywhere."""
    del legacy_tiocsti
    machine.write("/home/alice/hostile", HOSTILE)
    try:
        with machine.session("alice"), root_shell(machine) as child:
            # the same program, where nothing is between it and the terminal, does type
            child.sendline("python3 /home/alice/hostile here")
            child.expect(r"<34 of 1>")
            machine.wait("test -e /run/typed")
            child.sendline("echo $((6*7))-seen")
            child.expect("42-seen\r\n")
            child.expect(ROOT_PROMPT)
            machine.root("rm /run/typed")
            for way in (f"{ENTER} alice", "su - alice"):
                child.sendline(way)
                child.expect(PROMPT)
                child.sendline("python3 hostile everywhere; (python3 hostile everywhere) & wait")
                child.expect(r"<0 of [4-9]>")
                child.expect(r"<0 of [4-9]>")
                child.expect(PROMPT)
                child.sendline("exit")
                child.expect(ROOT_PROMPT)
                child.sendline("echo $((6*7))-clean")
                child.expect("42-clean\r\n")
                child.expect(ROOT_PROMPT)
            machine.root("test ! -e /run/typed")
    finally:
        machine.root("rm -f /home/alice/hostile")
