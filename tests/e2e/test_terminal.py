# SPDX-License-Identifier: GPL-3.0-or-later
"""A session on a terminal: names, sizes, signals and full-screen programs."""

PROMPT = r"\$ "


def test_terminal__has_its_own_name(machine):
    """tty inside says what SSH_TTY says, and it is a device of the host's."""
    with machine.terminal("alice") as child:
        child.expect(PROMPT)
        child.sendline("echo \"<$(tty)|$SSH_TTY>\"")
        child.expect(r"<(/dev/pts/\d+)\|(/dev/pts/\d+)>")
        assert child.match.group(1) == child.match.group(2)
        machine.root(f"test -c {child.match.group(1)}")
        child.sendline("exit")
        child.wait()


def test_terminal__is_a_login_shell(machine):
    """Without a command the real shell on the terminal is an interactive login shell."""
    with machine.terminal("alice") as child:
        child.expect(PROMPT)
        child.sendline("shopt login_shell; echo $-; exit 12")
        child.expect(r"login_shell\s+on")
        child.expect(r"\w*i\w*m\w*")
        child.wait()
    assert child.exitstatus == 12


def test_terminal__has_a_size(machine):
    """stty size says what the client's terminal has."""
    with machine.terminal("alice", "stty size", size=(37, 123)) as child:
        child.expect("37 123")
        child.wait()


def test_terminal__follows_a_resize(machine):
    """A resize arrives as SIGWINCH, with the new size."""
    command = "trap 'stty size; seen=1' WINCH; sleep 1000 & echo be''gun; until [ $seen ]; do wait; done; kill $!"
    with machine.terminal("alice", command) as child:
        child.expect("begun")
        child.setwinsize(41, 131)
        child.expect("41 131")
        child.wait()


def test_terminal__interrupt_ends_the_command_only(machine):
    """^C ends the foreground command, and the shell goes on."""
    with machine.terminal("alice") as child:
        child.expect(PROMPT)
        child.sendline("echo rea''dy; cat")
        child.expect("ready")
        child.sendline("once")
        child.expect("once\r\nonce")
        child.sendintr()
        child.expect(PROMPT)
        child.sendline("echo after $?")
        child.expect(r"after 130")
        child.sendline("exit")
        child.wait()


def test_terminal__has_job_control(machine):
    """^Z stops a command and fg takes it back, without a complaint of the shell's."""
    with machine.terminal("alice") as child:
        child.expect(PROMPT)
        assert "job control" not in child.before
        child.sendline("echo rea''dy; cat")
        child.expect("ready")
        child.sendline("once")
        child.expect("once\r\nonce")
        child.sendcontrol("z")
        child.expect("Stopped")
        child.expect(PROMPT)
        child.sendline("jobs; fg")
        # the second name is fg's: typed earlier, the line is echoed before the command is back
        child.expect(r"\[1\]\+\s+Stopped\s+cat\r\ncat\r\n")
        child.sendline("twice")
        child.expect("twice\r\ntwice")
        child.sendcontrol("d")
        child.expect(PROMPT)
        child.sendline("exit")
        child.wait()


def test_terminal__interrupt_at_the_prompt_goes_on(machine):
    """^C and ^\\ at the prompt disturb neither the shell nor what waits outside."""
    with machine.terminal("alice") as child:
        child.expect(PROMPT)
        child.sendintr()
        child.expect(PROMPT)
        child.sendcontrol("\\")
        child.sendline("echo al''ive")
        child.expect("alive")
        child.sendline("exit 8")
        child.wait()
    assert child.exitstatus == 8


def test_terminal__dev_tty_opens(machine):
    """/dev/tty is the controlling terminal inside."""
    with machine.terminal("alice", "echo through >/dev/tty; ps -o tpgid=,pgid= -p $$") as child:
        child.expect("through")
        child.expect(r"(\d+)\s+(\d+)\r\n")
        assert child.match.group(1) == child.match.group(2) != "0"
        child.wait()


def test_terminal__hangup_ends_the_session(machine):
    """When the client goes away, what runs on the terminal gets SIGHUP."""
    with machine.terminal("alice", "exec -a on-terminal cat") as child:
        machine.wait("pgrep -f ^on-terminal")
        child.kill(9)
        machine.wait("! pgrep -f ^on-terminal")


def test_terminal__passes_the_exit_status(machine):
    """ssh -t passes the command's status."""
    with machine.terminal("alice", "exit 42") as child:
        child.wait()
    assert child.exitstatus == 42


def test_terminal__cannot_be_typed_into(machine):
    """TIOCSTI and TIOCLINUX are refused, with any upper half of the request, where the kernel allows them."""
    script = ("import ctypes, os\n"
              "libc = ctypes.CDLL(None, use_errno=True)\n"
              "for request in (0x5412, 0x541c, 0x100005412, 0x10000541c):\n"
              "    done = libc.syscall(16, 0, ctypes.c_ulong(request), b'x')\n"
              "    print('refused' if done == -1 and ctypes.get_errno() in (1, 38) else f'{request:x} {done}')\n")
    machine.root("test ! -e /proc/sys/dev/tty/legacy_tiocsti || sysctl -q dev.tty.legacy_tiocsti=1")
    try:
        with machine.terminal("alice", f"python3 -c \"{script}\"") as child:
            child.expect("(refused\r\n){4}")
            child.wait()
    finally:
        machine.root("test ! -e /proc/sys/dev/tty/legacy_tiocsti || sysctl -q dev.tty.legacy_tiocsti=0")


def test_terminal__tmux_runs(machine):
    """tmux starts, shows its status line and a shell, and ends."""
    with machine.terminal("alice", "tmux -f /dev/null new-session -s inside") as child:
        child.expect(r"\[inside\]")
        child.send("echo $((6*7))-answer\r")
        child.expect("42-answer")
        child.send("exit\r")
        child.expect("exited")
        child.wait()
    assert child.exitstatus == 0


def test_terminal__tmux_can_be_taken_up_by_a_second_login(machine):
    """A detached tmux is found by the next login while the container is there."""
    with machine.session("alice"):
        assert machine.ssh("alice", "tmux -f /dev/null new-session -d -s kept && echo ok").stdout == "ok\n"
        with machine.terminal("alice", "tmux attach -t kept", fresh=True) as child:
            child.expect(r"\[kept\]")
            child.send("exit\r")
            child.expect("exited")
            child.wait()


def test_terminal__vim_edits(machine):
    """vi takes the screen, and writes a file."""
    with machine.session("alice"):
        with machine.terminal("alice", "vi -u NONE /tmp/text") as child:
            child.expect("/tmp/text")
            child.send("ihello from vi\x1b:wq\r")
            child.wait()
        assert machine.ssh("alice", "cat /tmp/text").stdout == "hello from vi\n"


def test_terminal__top_shows_the_container(machine):
    """top runs on the terminal, counts only the container's processes, and quits."""
    with machine.terminal("alice", "top") as child:
        child.expect(r"Tasks:[^ ]* +(\d+) ")
        assert int(child.match.group(1)) < 10
        child.send("q")
        child.wait()
    assert child.exitstatus == 0
