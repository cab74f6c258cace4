# SPDX-License-Identifier: GPL-3.0-or-later
"""--doctor: what it finds on a host that nobody has prepared, and that its fixes are fixes."""

import contextlib
import json
import re

import pytest

SHELL = "/usr/bin/container-shell"
DROPIN = "/etc/ssh/sshd_config.d/00-test.conf"

# With our shell for alice and bob, and nothing else done.
STOCK = {
    "sshd-user-keys": "problem",
    "sshd-stream-forwarding": "problem",
    "sshd-tcp-forwarding": "warning",
    "user-manager": "problem",
    "cron-allow": "problem",
}
STOCK_BOOKWORM = STOCK | {"sshd-pam-env": "problem"}


def doctor(machine):
    """The exit status and the findings of root's --doctor."""
    result = machine.root(f"{SHELL} --doctor --json", check=False)
    assert not result.stderr, result
    return result.status, json.loads(result.stdout)


def stock(machine):
    """What a host of this distribution begins with, as {id: level}."""
    return STOCK_BOOKWORM if machine.distribution == "bookworm" else STOCK


@contextlib.contextmanager
def sshd_config(machine, text):
    """Lines that come before all others of sshd_config, which sshd has read: a reload would not wait."""
    machine.write(DROPIN, text)
    machine.root("systemctl restart ssh")
    try:
        yield
    finally:
        machine.root(f"rm -f {DROPIN}; systemctl restart ssh")


@contextlib.contextmanager
def root_keys(machine):
    """alice's and bob's keys, where root alone can write."""
    machine.root("mkdir -p /etc/ssh/authorized_keys; for user in root alice bob carol; do"
                 " install -m 644 $(getent passwd $user | cut -d: -f6)/.ssh/authorized_keys"
                 " /etc/ssh/authorized_keys/$user; done")
    try:
        with sshd_config(machine, "AuthorizedKeysFile /etc/ssh/authorized_keys/%u\n"):
            yield
    finally:
        machine.root("rm -r /etc/ssh/authorized_keys")


@contextlib.contextmanager
def no_user_environment(machine):
    """The line of pam_env without the option that reads the user's file."""
    machine.root("cp -p /etc/pam.d/sshd /etc/pam.d-sshd.kept; sed -i s/user_readenv=1// /etc/pam.d/sshd")
    try:
        yield
    finally:
        machine.root("mv /etc/pam.d-sshd.kept /etc/pam.d/sshd")


@contextlib.contextmanager
def no_forwarding(machine):
    """What the fix: lines say of forwarding, below the keys' line."""
    machine.root(f"printf 'AllowStreamLocalForwarding no\\nAllowTcpForwarding no\\n' >>{DROPIN}")
    yield  # whoever made the file removes it


@contextlib.contextmanager
def no_managers(machine):
    """No manager of alice's or bob's, and none comes."""
    machine.root("systemctl mask --now user@1001.service user@1002.service")
    try:
        yield
    finally:
        machine.root("systemctl unmask user@1001.service user@1002.service;"
                     " systemctl start user@1001.service user@1002.service")


@contextlib.contextmanager
def no_cron(machine):
    """alice and bob may not use crontab."""
    machine.root("printf 'alice\\nbob\\n' >/etc/cron.deny")
    try:
        yield
    finally:
        machine.root("rm /etc/cron.deny")


MENDED = (root_keys, no_user_environment, no_forwarding, no_managers, no_cron)


def test_doctor__finds_what_a_fresh_host_has(machine):
    """On a fresh Debian it finds forwarding, the users' own keys, their managers and cron, and no more."""
    status, findings = doctor(machine)
    assert {finding["id"]: finding["level"] for finding in findings} == stock(machine)
    assert status == 2
    for finding in findings:
        assert set(finding) == {"id", "level", "what", "where", "fix"} and finding["fix"], finding
        if finding["id"] != "sshd-pam-env":
            assert "alice" in finding["what"] and "bob" in finding["what"], finding
            assert "carol" not in finding["what"], finding


def test_doctor__is_content_with_what_its_fixes_made(machine):
    """When each fix is made it ends with 0; a warning alone is 1, and a setting below Match is told of its user."""
    with contextlib.ExitStack() as stack:
        for mend in MENDED:
            stack.enter_context(mend(machine))
        result = machine.root(f"{SHELL} --doctor", check=False)
        assert (result.status, result.stdout, result.stderr) == (0, "nothing found\n", ""), result
        for user in ("alice", "bob"):
            assert machine.ssh(user, "cat /run/host/container-manager", fresh=True).stdout == "container-shell\n"

        machine.root(f"printf 'Match User bob\\nPermitTunnel yes\\n' >>{DROPIN}")
        result = machine.root(f"{SHELL} --doctor", check=False)
        assert result.status == 1, result
        assert re.match(rf"warning: sshd-tunnel: {DROPIN}:5: PermitTunnel is \"yes\" for bob: [^\n]*\n"
                        r"  fix: PermitTunnel no\n0 problems, 1 warning\n$", result.stdout), result


@pytest.mark.parametrize("spoil, mend, name", (
    (f"echo {SHELL} >>/etc/shells", "sed -i '\\,container-shell,d' /etc/shells", "etc-shells"),
    ("loginctl enable-linger alice", "loginctl disable-linger alice", "linger"),
    ("echo '@daily true' | crontab -u alice -", "crontab -r -u alice", "cron-spool"),
    ("ln {0}-helper {0}-kept", "rm {0}-kept", "helper"),
    ("chmod u-s {0}-helper", "chmod 4755 {0}-helper", "helper"),
    ("chmod o+w {0}-planner", "chmod o-w {0}-planner", "programs"),
    ("mkdir -p /etc/container-shell; echo '[default' >/etc/container-shell/container-shell.conf",
     "rm /etc/container-shell/container-shell.conf", "configuration"),
    ("mkdir -p /etc/container-shell; printf '[x]\\nusers = carol\\n' >/etc/container-shell/container-shell.conf",
     "rm /etc/container-shell/container-shell.conf", "class-shell"),
    ("printf 'session required pam_container_shell.so\\n' >>/etc/pam.d/sshd",
     "sed -i '/pam_container_shell/d' /etc/pam.d/sshd", "sshd-pam"),
    ("echo id >/etc/ssh/sshrc", "rm /etc/ssh/sshrc", "sshd-rc"),
), ids=("shells", "linger", "crontab", "hard-link", "mode", "writable", "broken", "class", "half-pam", "sshrc"))
def test_doctor__finds_one_more(machine, spoil, mend, name):
    """What is spoilt is found beside the rest, and is gone when it is mended."""
    place = "/usr/libexec/container-shell/container-shell"
    machine.root(spoil.format(place))
    try:
        _, findings = doctor(machine)
    finally:
        machine.root(mend.format(place))
    assert {finding["id"] for finding in findings} == set(stock(machine)) | {name}
    assert {finding["id"] for finding in doctor(machine)[1]} == set(stock(machine))


def test_doctor__finds_a_process_that_runs_outside(machine):
    """A process of alice's on the host is named."""
    machine.root("setpriv --reuid alice --regid alice --init-groups setsid -f sleep 98765 </dev/null >/dev/null 2>&1")
    pid = machine.wait("pgrep -x -U alice -f 'sleep 98765'").strip()
    try:
        _, findings = doctor(machine)
    finally:
        machine.root(f"kill {pid}")
    (found,) = [finding for finding in findings if finding["id"] == "process-outside"]
    assert found["where"] == f"/proc/{pid}" and "sleep" in found["what"] and found["fix"] == f"kill {pid}"


def test_doctor__takes_no_session_for_a_process_outside(machine):
    """What a session has on the host, sshd and the waiting helper, is not named."""
    with machine.session("alice"), machine.terminal("bob", "cat") as child:
        child.sendline("x")
        child.expect("x")
        assert {finding["id"] for finding in doctor(machine)[1]} == set(stock(machine))


def test_doctor__without_root_says_what_it_did_not_see(machine):
    """carol, outside, gets what can be seen, and notes for the rest."""
    result = machine.as_user("carol", SHELL, "--doctor", "--json")
    found = {finding["id"]: finding["level"] for finding in json.loads(result.stdout)}
    assert found["sshd-settings"] == found["process-outside"] == found["cron-spool"] == "note", result
    assert found["user-manager"] == "problem" and result.status == 2


def test_doctor__inside_refuses(machine):
    """Inside a container it does not take that for the host."""
    result = machine.ssh("alice", f"{SHELL} --doctor")
    assert result.status == 2 and result.stdout == "", result
    assert result.stderr == "container-shell: cannot look at the host: this is inside a container\n"


def test_doctor__changes_nothing(machine):
    """The files of /etc and the spools are what they were, in contents and times."""
    look = "find /etc /var/spool /var/lib/systemd /usr/libexec/container-shell -printf '%p %i %m %u %s %T@ %C@\\n' | sort"
    before = machine.root(look).stdout
    doctor(machine)
    assert machine.root(look).stdout == before


# --- that what it calls a way out is one, and that its fix closes it ----------------------


def sftp_sees_bob(machine):
    """Whether an sftp of alice's lists what only the host has."""
    result = machine.client("sftp", "-o", "ControlPath=none", "-b", "-", "alice@vm", stdin=b"ls /home\n")
    return "/home/bob" in result.stdout


def test_doctor__user_keys_are_a_way_out(machine):
    """command="internal-sftp" in a key file of alice's makes sshd serve the host, until she has no such file."""
    assert not sftp_sees_bob(machine)
    machine.root("cp -p /home/alice/.ssh/authorized_keys /root/kept")
    try:
        with root_keys(machine):
            machine.ssh("alice", "sed -i 's/^ssh/command=\"internal-sftp\" ssh/' .ssh/authorized_keys")
            assert not sftp_sees_bob(machine)
        assert sftp_sees_bob(machine)
    finally:
        machine.root("mv /root/kept /home/alice/.ssh/authorized_keys")


def test_doctor__user_environment_is_a_way_out(machine, scratch):
    """pam_env's user_readenv takes variables of a loader to programs on the host; without it they do not arrive."""
    if "sshd-pam-env" not in stock(machine):
        pytest.skip("this distribution does not have the line")
    machine.ssh("alice", f"printf 'LD_DEBUG DEFAULT=libs\\nLD_DEBUG_OUTPUT DEFAULT=/home/alice/{scratch}/ld\\n'"
                         " >.pam_environment; echo true >.ssh/rc")
    seen = f"ls /home/alice/{scratch}"
    try:
        with no_user_environment(machine):
            machine.ssh("alice", "true", fresh=True)
            assert machine.root(seen).lines == []
        machine.ssh("alice", "true", fresh=True)
        assert machine.root(seen).lines != []
    finally:
        machine.root("rm -f /home/alice/.pam_environment /home/alice/.ssh/rc")
