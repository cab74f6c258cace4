# SPDX-License-Identifier: GPL-3.0-or-later
"""Which system calls a session may make: none, a filter of the administrator's, or the default one."""

import struct

FILTER = "/etc/container-shell/filter.bpf"
MODE = "sed -n 's/^Seccomp:[^0-9]*//p' /proc/self/status"
# keyctl(2), which the default filter refuses with EPERM.
KEYCTL = "python3 -c 'import ctypes; c = ctypes.CDLL(None, use_errno=True); " \
         "print(ctypes.get_errno() if c.syscall(250, 6, -3) == -1 else 0)'"


def own(answer):
    """A program by which keyctl of x86-64 fails with this errno, and all else is allowed."""
    rows = ((0x20, 0, 0, 0), (0x15, 0, 1, 250), (0x06, 0, 0, 0x00050000 | answer), (0x06, 0, 0, 0x7fff0000))
    return b"".join(struct.pack("<HBBI", *row) for row in rows)


def write(machine, content):
    """The file, of root's."""
    machine.root(f"mkdir -p /etc/container-shell && cat >{FILTER} && chmod 644 {FILTER}", stdin=content)


def test_seccomp__is_what_the_class_says(machine, config):
    """Another answer for each class, and for an administrator's entry the container's."""
    config(f"[default]\n[all]\nusers = alice\nseccomp = none\n[own]\nusers = bob\nseccomp = {FILTER}\n")
    try:
        write(machine, own(99))
        assert machine.ssh("alice", f"{MODE}; grep -c '^NoNewPrivs:.1' /proc/self/status").lines == ["0", "1"]
        assert machine.ssh("bob", f"{MODE}; {KEYCTL}").lines == ["2", "99"]
        with machine.session("bob"):
            assert machine.root(["container-shell", "--enter", "bob", "--", "sh", "-c", KEYCTL]).stdout == "99\n"
        assert machine.root("container-shell --check-config").status == 0
        write(machine, b"no filter")
        refused = machine.ssh("bob", "true")
        assert refused.status == 125 and \
            refused.stderr == "container-shell: cannot read the system call filter: Invalid argument\n", refused
        checked = machine.root("container-shell --check-config", check=False)
        assert checked.status != 0 and "[own] seccomp: " in checked.stdout + checked.stderr, checked
    finally:
        machine.root(f"rm -f {FILTER}")


def test_seccomp__by_pam(machine, config, host):
    """The same in sshd's process for the user; a file that is gone ends the session."""
    config(f"[default]\nseccomp = {FILTER}\n")
    try:
        write(machine, own(98))
        assert host.ssh(f"{MODE}; {KEYCTL}").lines == ["2", "98"]
        machine.root(f"rm {FILTER}")
        result = host.ssh("echo in")
        assert result.status != 0 and result.stdout == "", result
    finally:
        machine.root(f"rm -f {FILTER}")
    config("[default]\nseccomp = none\n")
    assert host.ssh(MODE).stdout == "0\n"
