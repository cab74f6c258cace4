# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in that are not ssh, and the users who are not the usual ones."""

import pytest

SHELL = "/usr/bin/container-shell"
WHERE = "cat /run/host/container-manager; ls /home"


def test_su__login_is_inside(machine):
    """su - runs the user's command in her container, with its status."""
    result = machine.root(f"su - alice -c '{WHERE}; shopt -q login_shell && echo login; exit 42'", check=False)
    assert result.lines == ["container-shell", "alice", "login"]
    assert result.status == 42


def test_su__without_dash_is_inside(machine):
    """su without a dash runs the user's command in her container too."""
    assert machine.root(f"su alice -c '{WHERE}'").lines == ["container-shell", "alice"]


def test_su__on_a_terminal_has_one_of_its_own(machine):
    """su - from root's terminal gives a shell with job control on a terminal inside."""
    with machine.terminal("root", "su - alice") as child:
        child.expect(r"\$ ")
        child.sendline("tty; cat /run/host/container-manager; set -o | grep monitor")
        child.expect(r"/dev/pts/\d+")
        child.expect("container-shell\r\n")
        child.expect(r"monitor\s+on")
        child.sendline("exit 9")
        child.expect("logout")
        child.wait()
    assert child.exitstatus == 9


def test_su__terminal_follows_the_outer_ones_size(machine):
    """The terminal inside su - has the size of root's, and follows it."""
    with machine.terminal("root", "su - alice", size=(33, 111)) as child:
        child.expect(r"\$ ")
        child.sendline("stty size")
        child.expect("33 111")
        child.sendline("sh -c 'trap \"stty size; exit\" WINCH; echo wait''ing; while :; do sleep 0.1; done'")
        child.expect("waiting")
        child.setwinsize(44, 122)
        child.expect("44 122")
        child.sendline("exit")
        child.sendline("exit")
        child.wait()


def test_su__inside_cannot_type_into_the_outer_terminal(machine):
    """The terminal that su's caller holds is not the one that the container has."""
    with machine.terminal("root", "tty; su - alice") as child:
        child.expect(r"(/dev/pts/\d+)\r\n")
        outer = child.match.group(1)
        child.expect(r"\$ ")
        child.sendline("echo in $(tty)")
        child.expect(r"in (/dev/pts/\d+)\r\n")
        assert child.match.group(1) != outer
        child.sendline("exit")
        child.wait()


def test_su__with_input_from_elsewhere_still_has_another_terminal(machine):
    """Where only the output of su is root's terminal, what runs inside does not get that one either."""
    # Not -c: for that su leaves the terminal's session.
    with machine.terminal("root", "tty; su --session-command 'tty <&1' alice </dev/null") as child:
        child.expect(r"(/dev/pts/\d+)\r\n(/dev/pts/\d+)\r\n")
        assert child.match.group(1) != child.match.group(2)
        child.wait()


def test_console__login_is_inside(machine):
    """A login on the serial console with a password is in the container, on that terminal."""
    with machine.console() as child:
        child.send("\r")
        child.expect("login: ")
        child.send("alice\r")
        child.expect("Password: ")
        child.send("alice-password\r")
        child.expect(r"\$ ")
        child.send("cat /run/host/container-manager; ls /home | wc -l; tty\r")
        child.expect("container-shell\r\n")
        child.expect("1\r\n")
        child.expect(r"\$ ")
        child.send("exit\r")
        child.expect("login: ")


def test_console__has_job_control(machine):
    """On the console ^Z stops a command, fg takes it back, ^C ends it."""
    with machine.console() as child:
        child.send("\r")
        child.expect("login: ")
        child.send("alice\r")
        child.expect("Password: ")
        child.send("alice-password\r")
        child.expect(r"\$ ")
        child.send("echo rea''dy; cat\r")
        child.expect("ready")
        child.send("once\r")
        child.expect("once\r\nonce\r\n")
        child.send("\x1a")
        child.expect("Stopped")
        child.expect(r"\$ ")
        child.send("fg\r")
        child.expect("cat\r\n")
        child.send("\x03")
        child.expect(r"\$ ")
        child.send("exit\r")
        child.expect("login: ")


def test_cron__job_with_our_shell_is_inside(machine, scratch):
    """A crontab with SHELL=container-shell runs its commands in the container."""
    machine.write("/etc/cron.d/test", f"SHELL={SHELL}\n@reboot alice ({WHERE}; echo $$) >{scratch}/out 2>&1; "
                                      f"touch {scratch}/done\n")
    try:
        # cron runs @reboot jobs when it starts for the first time since boot
        machine.root("rm -f /run/crond.reboot; systemctl restart cron")
        machine.wait(f"test -e /home/alice/{scratch}/done", timeout=30)
    finally:
        machine.root("rm -f /etc/cron.d/test")
    lines = machine.root(f"cat /home/alice/{scratch}/out").lines
    assert lines[:2] == ["container-shell", "alice"]
    assert int(lines[2]) < 50


def test_ssh__password_login_is_inside(machine, tmp_path):
    """A login with a password is in the container like one with a key."""
    ask = tmp_path / "ask"
    ask.write_text("#!/bin/sh\necho alice-password\n")
    ask.chmod(0o700)
    result = machine.ssh("alice", WHERE, fresh=True, options=("-o", "PubkeyAuthentication=no"),
                         env={"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"})
    assert result.lines == ["container-shell", "alice"], result


@pytest.fixture
def dave(machine):
    """A new user whose shell is ours."""
    machine.root(f"useradd -m -u 1004 -s {SHELL} dave && cp -r /home/alice/.ssh /home/dave/ && "
                 "chown -R dave: /home/dave")
    yield "dave"
    machine.wait("! ls -d /run/container-shell/1004 2>/dev/null")
    machine.root("loginctl terminate-user dave", check=False)
    machine.wait("! systemctl -q is-active user@1004.service", timeout=30)
    machine.wait("userdel -r dave 2>/dev/null; ! id dave 2>/dev/null")


def test_user__nobody_configured_gets_the_default(machine, dave):
    """A user whom no configuration mentions is contained, as of class default."""
    assert machine.as_user(dave, SHELL, "-c", "id -un; ls /home; exit 3").lines == ["dave", "dave"]
    with machine.session("alice"):
        assert machine.root("ls /run/container-shell/1001").lines == ["default"]


def test_user__beside_a_class_of_others_gets_the_default(machine, dave, config):
    """A user whom the only class does not serve gets the default class."""
    config("[staff]\nusers = alice\n")
    assert machine.as_user(dave, SHELL, "-c", "ls /home; exit 3").lines == ["dave"]


def test_user__without_home_is_as_with_a_plain_shell(machine):
    """A missing home is told and survived as a plain shell does it."""
    def run(user):
        machine.root(f"mv /home/{user} /home/{user}.away")
        try:
            return machine.ssh(user, "pwd; exit 4")
        finally:
            machine.root(f"mv /home/{user}.away /home/{user}")

    alice, carol = run("alice"), run("carol")
    assert (alice.status, alice.stdout) == (carol.status, carol.stdout)
    assert alice.stderr.replace("alice", "carol") == carol.stderr


def test_user__with_unreachable_home_is_as_with_a_plain_shell(machine):
    """A home that the user may not enter is survived as a plain shell does it."""
    def run(user):
        machine.root(f"chown root: /home/{user}")
        try:
            return machine.ssh(user, "pwd; exit 4")
        finally:
            machine.root(f"chown {user}: /home/{user}")

    alice, carol = run("alice"), run("carol")
    assert (alice.status, alice.stdout) == (carol.status, carol.stdout)


def test_user__root_with_our_shell_logs_in(machine):
    """Root over ssh with container-shell as the shell gets a plain shell on the host."""
    machine.root(f"usermod -s {SHELL} root")
    try:
        result = machine.ssh("root", "readlink /proc/1/ns/pid /proc/self/ns/pid; exit 6", fresh=True)
    finally:
        machine.root("usermod -s /bin/bash root")
    assert len(result.lines) == 2 and len(set(result.lines)) == 1
    assert result.status == 6
