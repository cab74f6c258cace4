# SPDX-License-Identifier: GPL-3.0-or-later
"""The set-uid helper, called in ways that no shell calls it."""

import re

import pytest

HELPER = "/usr/libexec/container-shell/container-shell-helper"
SHELL = "/usr/bin/container-shell"


def refused(result):
    """Whether a result is our refusal: status 125 and exactly one line, ours."""
    return result.status == 125 and result.stdout == "" and \
        re.fullmatch(r"container-shell: cannot [^\n]+: [^\n]+\n", result.stderr)


def python(machine, user, code, command="id -u; grep -E '^Sig(Blk|Ign)' /proc/self/status; exit 5"):
    """Run the helper out of a Python program of the user's that does something nasty first."""
    program = (f"import os, signal, resource, ctypes\nargv = {[HELPER, 'run', '-c', command]!r}\n{code}\n"
               f"os.execv({HELPER!r}, argv)\n")
    return machine.as_user(user, "python3", "-c", program)


def test_helper__is_set_uid_root(machine):
    """The helper is the one set-uid file that is installed."""
    assert machine.root(f"stat -c '%a %U %G' {HELPER}").stdout == "4755 root root\n"
    assert machine.root("find /usr/bin/container-shell* /usr/libexec/container-shell -perm /7000").lines == [HELPER]


def test_helper__run_by_its_user_is_inside(machine):
    """run -c works for the user as the shell does."""
    result = machine.as_user("alice", HELPER, "run", "-c", "ls /home; exit 5")
    assert (result.stdout, result.status) == ("alice\n", 5)


def test_helper__run_by_root_makes_no_container(machine):
    """Root is refused: root is never contained."""
    result = machine.root(f"{HELPER} run -c 'echo in'", check=False)
    assert refused(result), result


def test_helper__run_by_nobody_gives_no_more_than_a_container(machine):
    """nobody either is refused or is nobody in a container."""
    result = machine.root(f"cd /; setpriv --reuid nobody --regid nogroup --clear-groups {HELPER} run -c "
                          "'id -u; id -G; readlink /proc/self/ns/pid'; echo $?; readlink /proc/self/ns/pid")
    *said, status, host = result.lines
    if said:
        assert said[:2] == ["65534", "65534"] and said[2] != host
    else:
        assert status == "125" and len(result.stderr.splitlines()) == 1


def test_helper__from_inside_is_refused(machine):
    """Inside a container the helper has no privilege and says so."""
    assert refused(machine.ssh("alice", f"{HELPER} run -c 'echo in'"))


def test_helper__from_a_user_namespace_is_refused(machine):
    """From unshare -Urm with a /etc of the user's own the helper refuses."""
    script = ("mkdir -p /tmp/fake/container-shell; echo 'root:x:0:0::/:/bin/sh' >/tmp/fake/passwd; "
              f"unshare -Urm sh -c 'mount --bind /tmp/fake /etc && {HELPER} run -c \"echo in\"'; "
              "s=$?; rm -r /tmp/fake; exit $s")
    result = machine.as_user("alice", "sh", "-c", script)
    assert refused(result), result


def test_helper__with_no_new_privs_is_refused(machine):
    """With no_new_privs set by the caller the helper is not root, and refuses."""
    assert refused(machine.as_user("alice", "setpriv", "--no-new-privs", HELPER, "run", "-c", "echo in"))


@pytest.mark.parametrize("argv", ((), ("run", "--bogus"), ("run", "-c"), ("run", "-c", "x", "-c", "y"), ("mount",), ("run", "--"),
                                  ("--help",), ("run", "x"), ("", "-c", "x"), ("run", "-x", "-c", "true"), ("run", "-c", "true", "more")),
                         ids=lambda argv: " ".join(argv) or "none")
def test_helper__bad_arguments_are_refused(machine, argv):
    """Arguments that nobody specified are one line and status 125."""
    assert refused(machine.as_user("alice", HELPER, *argv))


def test_helper__with_argc_0_is_refused(machine):
    """An empty argument vector is refused."""
    code = (f"import ctypes, os\nlibc = ctypes.CDLL(None)\n"
            f"libc.execve({HELPER.encode()!r}, (ctypes.c_char_p * 1)(None), (ctypes.c_char_p * 1)(None))\n")
    result = machine.as_user("alice", "python3", "-c", code)
    assert refused(result), result


@pytest.mark.parametrize("closed", ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"))
def test_helper__with_closed_fds_works(machine, scratch, closed):
    """With standard descriptors closed the session runs, and has three that are no one else's."""
    result = machine.as_user("alice", HELPER, "run", "-c", f"ls -l /proc/$$/fd >~/{scratch}/fds; exit 5",
                             before=f"exec {closed}")
    assert result.status == 5
    fds = machine.root(f"cat /home/alice/{scratch}/fds").stdout
    assert re.findall(r" (\d+) -> ", fds) == ["0", "1", "2"], fds
    assert "container-shell" not in fds and "/etc" not in fds


def test_helper__with_fsize_0_works(machine):
    """With RLIMIT_FSIZE=0 the container is made, and the limit is the session's."""
    result = machine.as_user("alice", HELPER, "run", "-c", "ulimit -f; exit 5", before="ulimit -f 0")
    assert (result.stdout, result.status) == ("0\n", 5), result


@pytest.mark.parametrize("limit", ("n 4", "n 3", "n 0", "u 1", "v 30000", "s 64", "d 100", "i 0", "l 0", "t 1"))
def test_helper__with_a_tight_limit_works_or_says_no(machine, limit):
    """With a limit too tight for a session it is either run or refused with one line; nothing hangs or is left."""
    result = machine.as_user("alice", "bash", "-c", f"ulimit -S{limit}; exec {HELPER} run -c 'exit 5'")
    assert result.status == 5 or refused(result) or result.status in (126, 127, -9, -11), result
    assert machine.as_user("alice", HELPER, "run", "-c", "exit 5").status == 5


def test_helper__with_nofile_4_works(machine):
    """RLIMIT_NOFILE=4 is no limit for the helper, and is the session's."""
    result = machine.as_user("alice", HELPER, "run", "-c", "ulimit -n; exit 5", before="ulimit -n 4")
    assert result.status in (5, 126, 127) or refused(result) and "open files" in result.stderr, result
    if result.status == 5:
        assert result.stdout == "4\n"


def test_helper__with_blocked_signals_works(machine):
    """With every signal blocked and ignored the session runs, and has an empty mask and default dispositions."""
    code = ("for n in signal.valid_signals():\n"
            "    if n not in (signal.SIGKILL, signal.SIGSTOP):\n"
            "        signal.signal(n, signal.SIG_IGN)\n"
            "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n")
    result = python(machine, "alice", code)
    assert result.status == 5, result
    assert result.lines[0] == "1001"
    assert [int(line.split()[1], 16) for line in result.lines[1:]] == [0, 0]


def test_helper__with_a_running_timer_works(machine):
    """A timer that the caller has set does not go off in the helper or the session."""
    code = ("signal.setitimer(signal.ITIMER_REAL, 0.2)\nsignal.setitimer(signal.ITIMER_VIRTUAL, 0.05)\n"
            "signal.setitimer(signal.ITIMER_PROF, 0.05)\n")
    result = python(machine, "alice", code, command="sleep 0.6; exit 5")
    assert result.status == 5, result


def test_helper__in_a_deleted_directory_works(machine):
    """From a working directory that is gone the session begins in the home."""
    result = machine.as_user("alice", "sh", "-c",
                             f"mkdir /tmp/gone; cd /tmp/gone; rmdir /tmp/gone; exec {HELPER} run -c 'pwd; exit 5'")
    assert (result.stdout, result.status) == ("/home/alice\n", 5), result


def test_helper__ignores_a_fake_environment(machine):
    """No variable of the caller's changes what the helper reads."""
    result = machine.as_user("alice", HELPER, "run", "-c", "ls /home; exit 5", env={
        "LD_PRELOAD": "/tmp/evil.so", "LD_DEBUG": "all", "GCONV_PATH": "/tmp", "LOCPATH": "/tmp", "NLSPATH": "/tmp/%N",
        "MALLOC_TRACE": "/tmp/trace", "CONTAINER_SHELL_CONF": "/tmp/conf", "GLIBC_TUNABLES": "glibc.malloc.check=3"})
    assert (result.stdout, result.stderr, result.status) == ("alice\n", "", 5)


def test_helper__is_not_traceable(machine):
    """strace by the user takes the set-uid privilege away, and the helper refuses."""
    result = machine.as_user("alice", "strace", "-f", "-o", "/dev/null", HELPER, "run", "-c", "echo in")
    assert result.stdout == "" and "container-shell: cannot" in result.stderr, result


def test_helper__stopped_by_its_user_blocks_nobody_else(machine):
    """SIGSTOP to her own helper, at any instant, does not keep others out, nor the user herself for ever."""
    client = machine.popen("alice", "echo begun; exec cat")
    try:
        assert client.stdout.readline() == b"begun\n"
        pid = machine.processes("container-shell-helper", uid=1001)[0]["pid"]
        machine.as_user("alice", "kill", "-STOP", str(pid))
        assert machine.ssh("bob", "exit 3").status == 3
        assert machine.ssh("alice", "exit 3", timeout=20).status == 3
        machine.as_user("alice", "kill", "-CONT", str(pid))
    finally:
        client.communicate(timeout=20)
