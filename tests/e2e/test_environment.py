# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the login arrives inside: variables, limits, umask; and that names resolve."""

import pytest

SHELL = "/usr/bin/container-shell"
SET = {"HOME", "USER", "LOGNAME", "SHELL", "PATH"}
PASSED = {"TERM", "COLORTERM", "LANG", "TZ", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "SSH_AUTH_SOCK", "DISPLAY",
          "SSH_ORIGINAL_COMMAND"}
BY_BASH = {"PWD", "OLDPWD", "SHLVL", "_"}
BY_US = {"XDG_RUNTIME_DIR", "container", "MAIL"}


def variables(result):
    """The variables that env -0 printed."""
    return dict(item.split("=", 1) for item in result.stdout.split("\0") if item)


def test_environment__says_who_and_where(machine):
    """HOME, USER, LOGNAME, SHELL and PATH are set, and right."""
    env = variables(machine.ssh("alice", "env -0"))
    assert SET <= set(env)
    assert env["HOME"] == "/home/alice"
    assert env["USER"] == env["LOGNAME"] == "alice"
    assert env["SHELL"] == "/bin/bash"
    assert "/usr/bin" in env["PATH"].split(":")


def test_environment__holds_nothing_else(machine):
    """Of the login's variables only those on the list come in."""
    names = set(variables(machine.ssh("alice", "env -0", fresh=True)))
    assert {name for name in names if not name.startswith("LC_")} <= SET | PASSED | BY_BASH | BY_US


@pytest.mark.parametrize("name", ("TERM", "COLORTERM", "LANG", "LC_TIME", "TZ", "SSH_CLIENT", "SSH_CONNECTION"))
def test_environment__passes_the_list(machine, name):
    """A variable on the list comes in as it was."""
    result = machine.as_user("alice", SHELL, "-c", f"printenv {name}", env={name: "C.UTF-8"})
    assert result.stdout == "C.UTF-8\n"


@pytest.mark.parametrize("name", ("EVIL", "LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_ENV", "ENV", "IFS", "TMPDIR",
                                  "DBUS_SESSION_BUS_ADDRESS", "XDG_SESSION_ID", "NOTIFY_SOCKET", "GCONV_PATH"))
def test_environment__drops_the_rest(machine, name):
    """A variable that is not on the list does not come in."""
    result = machine.as_user("alice", SHELL, "-c", f"printenv {name}", env={name: "/tmp/evil"})
    assert result.stdout == ""


def test_environment__forged_identity_is_put_right(machine):
    """HOME, USER, LOGNAME and SHELL are ours to set, whatever the caller has."""
    forged = {"HOME": "/root", "USER": "root", "LOGNAME": "root", "SHELL": "/bin/false"}
    env = variables(machine.as_user("alice", SHELL, "-c", "env -0", env=forged))
    assert (env["HOME"], env["USER"], env["LOGNAME"], env["SHELL"]) == ("/home/alice", "alice", "alice", "/bin/bash")


def test_environment__sendenv_arrives(machine):
    """What sshd accepts of the client's locale arrives."""
    result = machine.ssh("alice", "printenv LC_TIME", fresh=True, env={"LC_TIME": "C.UTF-8"})
    assert result.stdout == "C.UTF-8\n"


def test_environment__pass_environment_adds_to_the_list(machine, config):
    """A variable named in pass-environment comes in."""
    config("[default]\npass-environment = EDITOR PAGER\n")
    result = machine.as_user("alice", SHELL, "-c", "printenv EDITOR PAGER OTHER", env={
        "EDITOR": "vi", "PAGER": "less -R", "OTHER": "x"})
    assert result.lines == ["vi", "less -R"]


def test_limits__of_pam_limits_arrive(machine):
    """Resource limits of limits.conf hold inside, and can be raised no further."""
    machine.write("/etc/security/limits.d/test.conf",
                  "alice hard nofile 777\nalice soft nofile 555\nalice hard core 12345\nalice soft core 0\n"
                  "alice - nproc 444\n")
    try:
        result = machine.ssh("alice", "ulimit -Hn; ulimit -Sn; ulimit -Hu; ulimit -n 800; ulimit -Hc; ulimit -Sc",
                             fresh=True)
    finally:
        machine.root("rm /etc/security/limits.d/test.conf")
    assert result.lines == ["777", "555", "444", "12345", "0"], result


def test_limits__of_the_first_login_are_not_the_seconds(machine):
    """Each login has its own limits, not those of the one that made the container."""
    with machine.session("alice"):
        result = machine.as_user("alice", SHELL, "-c", "ulimit -n; umask", before="ulimit -n 333; umask 051")
    assert result.lines == ["333", "0051"]


def test_limits__are_those_of_a_plain_login(machine):
    """Without configuration every limit is what it is without us."""
    assert machine.ssh("alice", "ulimit -Ha; ulimit -Sa", fresh=True).stdout == \
        machine.ssh("carol", "ulimit -Ha; ulimit -Sa", fresh=True).stdout


def test_umask__of_pam_umask_arrives(machine):
    """The umask that pam_umask sets is the session's, as with a plain shell."""
    before = machine.ssh("alice", "umask", fresh=True).stdout
    machine.root("cp -p /etc/pam.d/sshd /root/sshd.kept; "
                 "echo 'session optional pam_umask.so umask=0037' >>/etc/pam.d/sshd")
    try:
        # of the group's part it makes the owner's where each user has a group
        alice, carol = (machine.ssh(user, "umask", fresh=True).stdout for user in ("alice", "carol"))
    finally:
        machine.root("mv /root/sshd.kept /etc/pam.d/sshd")
    assert alice == carol != before
    assert alice in ("0037\n", "0007\n")


def test_umask__does_not_shape_the_container(machine):
    """With umask 0777 the container is built as always."""
    result = machine.as_user("alice", SHELL, "-c", "umask; stat -c %a /tmp /run /dev/shm / /home; touch /tmp/x",
                             before="umask 0777")
    assert result.lines == ["0777", "1777", "755", "1777", "755", "755"], result


def test_priority__and_affinity_arrive(machine):
    """The nice value and the processors of the caller are the session's."""
    result = machine.root("nice -n 7 taskset -c 1 setpriv --reuid alice --regid alice --init-groups "
                          f"{SHELL} -c 'nice; nproc; taskset -p 1 >/dev/null; taskset -cp $$'")
    assert result.lines[:2] == ["7", "1"]
    assert result.lines[2].endswith(": 1")


def test_names__of_users_and_groups_resolve(machine):
    """User and group names are known inside."""
    result = machine.ssh("alice", "id -un; getent passwd carol | cut -d: -f3; getent group team | cut -d: -f3; "
                                  "stat -c %U:%G ~")
    assert result.lines == ["alice", "1003", "2000", "alice:alice"]


def test_names__of_dynamic_users_resolve(machine):
    """A group that only the kernel knows does no harm: id has no nameless entry."""
    result = machine.ssh("alice", "id -Gn")
    assert result.stdout.split() == ["alice", "audio", "team"] and result.stderr == ""


def test_names__of_hosts_resolve_over_resolved(machine):
    """With /etc/resolv.conf a link into /run, the resolver behind it answers inside."""
    assert "/run/systemd/resolve" in machine.root("readlink -f /etc/resolv.conf").stdout
    result = machine.ssh("alice", "grep ^nameserver /etc/resolv.conf; getent -s hosts:dns ahostsv4 _gateway")
    assert result.lines[0] == "nameserver 127.0.0.53"
    assert result.lines[1].split()[0] == "10.0.2.2", result


def test_names__follow_resolved_when_it_rewrites_them(machine):
    """When resolved replaces its resolv.conf, a running container reads the new one."""
    with machine.session("alice"):
        machine.root("resolvectl domain eth0 changed.example; resolvectl flush-caches")
        try:
            machine.wait("grep -q changed.example /run/systemd/resolve/stub-resolv.conf")
            result = machine.ssh("alice", "cat /etc/resolv.conf")
        finally:
            machine.root("resolvectl revert eth0; networkctl reconfigure eth0")
            machine.wait("! grep -q changed.example /run/systemd/resolve/stub-resolv.conf && "
                         "grep -q ^nameserver /run/systemd/resolve/stub-resolv.conf && "
                         "getent -s hosts:dns ahostsv4 _gateway")
    assert "changed.example" in result.stdout


def test_names__of_the_local_host_resolve(machine):
    """The host's own name resolves inside."""
    assert machine.ssh("alice", "getent hosts $(uname -n) >/dev/null; echo $?").stdout == "0\n"


def test_network__is_there(machine):
    """A program inside reaches a service of the host's network."""
    assert machine.ssh("alice", "exec 3<>/dev/tcp/127.0.0.1/22; read -r line <&3; echo $line").stdout.startswith("SSH-2.0")
