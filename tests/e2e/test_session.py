# SPDX-License-Identifier: GPL-3.0-or-later
"""One command over ssh: where it runs, with what, and how its end is told."""

import re
import signal

import pytest

SHELL = "/usr/bin/container-shell"
FATAL = ("HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
         "PIPE", "ALRM", "TERM", "STKFLT", "XCPU", "XFSZ", "VTALRM", "PROF", "POLL", "PWR", "SYS")


def test_session__is_her_own_container(machine):
    """A command over ssh has a small pid, her ids and groups, only her home, and its own status."""
    result = machine.ssh("alice", "echo $$; id; ls /home; exit 42", fresh=True)
    pid, ids, *homes = result.lines
    assert int(pid) < 50
    plain = machine.root("runuser -u alice id").stdout.strip()
    assert ids == plain
    assert homes == ["alice"]
    assert result.status == 42
    assert result.stderr == ""


def test_session__pid_1_is_the_init(machine):
    """Process 1 is container-shell-init, and the container says what manages it."""
    result = machine.ssh("alice", "tr '\\0' ' ' </proc/1/cmdline; echo; cat /run/host/container-manager")
    first, manager = result.lines
    assert "container-shell-init" in first
    assert manager == "container-shell"


def test_session__is_known_as_a_container(machine):
    """systemd-detect-virt finds a container."""
    result = machine.ssh("alice", "systemd-detect-virt --container")
    assert result.status == 0 and result.stdout.strip() not in ("", "none")


def test_session__sees_only_its_own_processes(machine):
    """ps shows process 1, the shell and itself, and nobody else's."""
    result = machine.ssh("alice", "ps -eo pid=,user=,args=")
    others = [line for line in result.lines if line.split()[1] != "alice" and line.split()[0] != "1"]
    assert not others
    assert len(result.lines) <= 4


def test_session__has_no_capability(machine):
    """All five capability sets are empty, no_new_privs is set and a seccomp filter is on."""
    result = machine.ssh("alice", "cat /proc/self/status")
    status = dict(line.split(":\t", 1) for line in result.lines)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0, name
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert status["Uid"].split() == ["1001"] * 4
    assert status["Gid"].split() == ["1001"] * 4


def test_session__init_can_do_no_more_than_kill(machine):
    """Process 1 of the container, which ends the others, has CAP_KILL and no other capability."""
    result = machine.ssh("alice", "grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/1/status")
    assert len(result.lines) == 5
    assert all(int(line.split()[1], 16) & ~(1 << 5) == 0 for line in result.lines)


def test_session__has_only_fds_0_to_2(machine):
    """The shell over ssh has standard input, output and error, and nothing else."""
    assert machine.ssh("alice", "ls /proc/$$/fd; true").lines == ["0", "1", "2"]


def test_session__drops_the_callers_fds(machine):
    """Descriptors that the caller of container-shell has open do not come in."""
    result = machine.as_user("alice", SHELL, "-c", "ls /proc/$$/fd; true",
                             before="exec 3</etc/shadow 9</ 200>/dev/null")
    assert result.lines == ["0", "1", "2"]


@pytest.mark.parametrize("status", (0, 1, 42, 125, 126, 127, 255))
def test_session__passes_the_exit_status(machine, status):
    """The command's exit status is ssh's."""
    assert machine.ssh("alice", f"exit {status}").status == status


def test_session__says_127_for_a_command_not_found(machine):
    """What the shell cannot find is 127, as with a plain shell."""
    assert machine.ssh("alice", "no-such-command").status == 127


def test_session__says_126_for_what_cannot_be_run(machine):
    """What the shell cannot run is 126, as with a plain shell."""
    assert machine.ssh("alice", "/etc/passwd").status == 126


def test_session__dies_by_the_commands_signal(machine):
    """When the command dies by a signal, so does container-shell, for each fatal signal."""
    # bash ignores SIGQUIT, dash does not
    with machine.session("alice"):
        got = {name: machine.as_user("alice", SHELL, "-c", f"exec dash -c 'kill -{getattr(signal, 'SIG' + name):d} $$'").status
               for name in FATAL}
    assert got == {name: -getattr(signal, f"SIG{name}") for name in FATAL}


@pytest.mark.parametrize("name", ("KILL", "TERM", "SEGV"))
def test_session__death_by_signal_reaches_ssh(machine, name):
    """sshd tells the client of the signal as it does with a plain shell."""
    def told(user):
        result = machine.ssh(user, f"kill -{name} $$", options=("-v",), fresh=True)
        return result.status, re.findall(r"rtype (exit-\w+)", result.stderr)

    assert told("alice") == told("carol")


def test_session__passes_the_command_untouched(machine):
    """Quotes, blanks, dollars, newlines and bytes above 127 reach the real shell as they were."""
    command = "printf '%s|' \"$0\" 'a  b' \"\\$HOME\" $'x\\ny' 'é' \"'\" '*' -n -- ; echo \"$#\""
    assert machine.ssh("alice", command).bytes == machine.ssh("carol", command).bytes


def test_session__passes_a_long_command(machine):
    """A command of 100 KB is run."""
    result = machine.as_user("alice", SHELL, "-c", f": {'x' * 100000}; echo done")
    assert result.stdout == "done\n"


def test_session__passes_an_empty_command(machine):
    """An empty command string does nothing and succeeds."""
    result = machine.as_user("alice", SHELL, "-c", "")
    assert (result.status, result.stdout, result.stderr) == (0, "", "")


def test_session__keeps_stderr_apart(machine):
    """Standard output and standard error stay two streams."""
    result = machine.ssh("alice", "echo out; echo err >&2")
    assert (result.stdout, result.stderr) == ("out\n", "err\n")


def test_session__begins_in_the_home(machine):
    """The command runs in the user's home directory."""
    assert machine.ssh("alice", "pwd").stdout == "/home/alice\n"


def test_session__without_command_is_a_login_shell(machine):
    """Without a command, and without a terminal, the real shell is a login shell that reads stdin."""
    result = machine.ssh("alice", stdin=b"shopt -q login_shell && echo login; echo $0; exit 5\n", options=("-T",))
    assert result.lines[-2:] == ["login", "-bash"]
    assert result.status == 5


def test_session__option_l_is_a_login_shell(machine):
    """container-shell -l -c makes the real shell a login shell."""
    result = machine.as_user("alice", SHELL, "-l", "-c", "shopt -q login_shell && echo login")
    assert result.stdout == "login\n", result


def test_session__inside_is_just_the_real_shell(machine):
    """container-shell inside a container runs the real shell in that container."""
    result = machine.ssh("alice", "readlink /proc/self/ns/pid; "
                                  f"{SHELL} -c 'readlink /proc/self/ns/pid; exit 3'")
    assert len(result.lines) == 2 and len(set(result.lines)) == 1, result
    assert result.status == 3


def test_session__of_root_is_a_plain_shell(machine):
    """Root whose shell is container-shell gets a shell on the host."""
    result = machine.root(f"readlink /proc/self/ns/pid; {SHELL} -c 'readlink /proc/self/ns/pid; exit 7'", check=False)
    assert len(set(result.lines)) == 1
    assert result.status == 7


def test_session__leaves_no_zombie(machine):
    """What a command leaves orphaned is reaped while the container goes on."""
    with machine.session("alice"):
        machine.ssh("alice", "for i in 1 2 3 4 5; do (true & true & true &) ; done")
        machine.wait("! grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null")
