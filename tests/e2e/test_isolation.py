# SPDX-License-Identifier: GPL-3.0-or-later
"""What a contained user cannot see, write or reach."""

import pytest

WRITABLE = ("/home/alice", "/tmp", "/var", "/run", "/dev", "/proc", "/dev/shm", "/dev/mqueue", "/dev/pts", "/")


def mounts(machine):
    """{mount point: set of options} as alice sees them; the last one wins."""
    found = {}
    for line in machine.ssh("alice", "cat /proc/self/mountinfo").lines:
        fields = line.split()
        found[fields[4]] = set(fields[5].split(","))
    return found


def test_isolation__neighbours_processes_are_invisible(machine):
    """The processes of a plain user and of another contained one are not in alice's /proc."""
    with machine.session("carol", command="echo begun; exec -a neighbour-carol cat"), \
            machine.session("bob", command="echo begun; exec -a neighbour-bob cat"):
        assert "neighbour-carol" in machine.root("ps -eo args").stdout
        seen = machine.ssh("alice", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; ps -eo user:20= | sort -u").stdout
    assert "neighbour-carol" not in seen
    assert "neighbour-bob" not in seen
    assert "carol" not in seen.split() and "bob" not in seen.split()


def test_isolation__neighbours_cannot_be_signalled(machine):
    """A neighbour's pid of the host means nothing inside, not even to ask whether it is there."""
    with machine.session("carol", command="echo begun; exec -a neighbour cat"):
        pid = machine.root("pgrep -f '^neighbour'").stdout.strip()
        result = machine.ssh("alice", f"kill -0 {pid}")
    assert "No such process" in result.stderr


@pytest.mark.parametrize("user", ("bob", "carol"))
def test_isolation__neighbours_home_is_absent(machine, user):
    """Another user's home does not exist, not even with mode 777."""
    machine.root(f"chmod 777 /home/{user}")
    try:
        result = machine.ssh("alice", f"ls -d /home/{user}; cat /home/{user}/.profile; ls /home")
    finally:
        machine.root(f"chmod 700 /home/{user}")
    assert result.stdout == "alice\n"


def test_isolation__roots_home_is_absent(machine):
    """/root shows nothing of the host's."""
    result = machine.ssh("alice", "ls -A /root 2>/dev/null")
    assert result.stdout == ""


@pytest.mark.parametrize("directory", ("/tmp", "/var/tmp", "/dev/shm"))
def test_isolation__scratch_space_is_private(machine, directory):
    """A file in the host's scratch space is invisible inside, and the other way round."""
    machine.root(f"echo secret >{directory}/of-the-host; chmod 666 {directory}/of-the-host")
    try:
        with machine.session("alice"):
            result = machine.ssh("alice", f"ls -A {directory}; echo mine >{directory}/of-alice && echo written")
            outside = machine.root(f"ls -A {directory}").lines
    finally:
        machine.root(f"rm {directory}/of-the-host")
    assert "of-the-host" not in result.lines
    assert result.lines[-1] == "written", result
    assert "of-alice" not in outside


@pytest.mark.parametrize("directory", ("/tmp", "/var/tmp", "/dev/shm"))
def test_isolation__scratch_space_has_the_usual_mode(machine, directory):
    """/tmp and its like are sticky and writable for all."""
    assert machine.ssh("alice", f"stat -c %a {directory}").stdout == "1777\n"


@pytest.mark.parametrize("directory", ("/usr", "/etc", "/opt", "/sys", "/bin", "/sbin", "/lib"))
def test_isolation__the_system_is_read_only(machine, directory):
    """The system's trees are mounted read-only, whatever the modes of their files."""
    machine.root(f"mkdir -p {directory} && touch {directory}/open-to-all && chmod 666 {directory}/open-to-all",
                 check=directory != "/sys")
    try:
        result = machine.ssh("alice", f"if test -e {directory}/open-to-all; then echo x >{directory}/open-to-all; "
                                      f"else touch {directory}/open-to-all; fi")
    finally:
        machine.root(f"rm -f {directory}/open-to-all", check=directory != "/sys")
    assert result.status != 0
    if directory != "/sys":
        assert "Read-only file system" in result.stderr


def test_isolation__every_other_mount_is_read_only(machine):
    """No mount but the private ones and the home is writable."""
    writable = [point for point, options in mounts(machine).items()
                if "ro" not in options and not any(point == allowed or point.startswith(allowed + "/")
                                                   for allowed in WRITABLE[:-1]) and point != "/"]
    assert not writable


def test_isolation__the_root_is_not_writable(machine):
    """Nothing can be made at /, nor in /home."""
    result = machine.ssh("alice", "touch /x; touch /home/x; mkdir /y; ls -d /x /y /home/x")
    assert result.stdout == "" and result.status != 0


def test_isolation__mounts_carry_nosuid_and_nodev(machine):
    """The user's writable mounts have nosuid and nodev."""
    found = mounts(machine)
    for point in ("/home/alice", "/tmp", "/dev/shm"):
        assert {"nosuid", "nodev"} <= found[point], (point, found[point])


def test_isolation__dev_has_the_usual_nodes_only(machine):
    """/dev holds what every program needs, and no disk, no kernel memory and no console."""
    names = set(machine.ssh("alice", "ls /dev").lines)
    need = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "fd", "stdin",
            "stdout", "stderr"}
    assert need <= names
    assert names <= need | {"fuse", "mqueue", "log", "core", "console"}


def test_isolation__devices_work(machine):
    """null, zero, full, random and a new pty do what they are for."""
    result = machine.ssh("alice", "echo x >/dev/null && test $(head -c 5 /dev/zero | wc -c) = 5 && "
                                  "test $(head -c 5 /dev/urandom | wc -c) = 5 && ! echo x 2>/dev/null >/dev/full && "
                                  "script -qec tty /dev/null </dev/null")
    assert result.status == 0, result
    assert result.stdout.startswith("/dev/pts/")


@pytest.mark.parametrize("path", ("/run/dbus/system_bus_socket", "/run/systemd/private", "/run/user/1001/bus",
                                  "/run/user/1001/systemd", "/run/cron.reboot", "/var/spool/cron", "/run/udev",
                                  "/run/systemd/notify", "/run/container-shell", "/run/systemd/userdb"))
def test_isolation__no_way_to_start_a_process_outside(machine, path):
    """The host's buses, systemd's and cron's sockets and spools, and our own records are absent."""
    assert machine.ssh("alice", f"ls -A {path} 2>/dev/null").stdout == ""


def test_isolation__systemd_run_reaches_nobody(machine):
    """systemd-run, for the user's and for the system's manager, fails."""
    result = machine.ssh("alice", "XDG_RUNTIME_DIR=/run/user/1001 timeout 20 systemd-run --user true; echo $?; "
                                  "timeout 20 systemd-run true; echo $?")
    assert "0" not in result.lines


def test_isolation__set_uid_programs_gain_nothing(machine):
    """su with the right password does not become another user."""
    result = machine.ssh("alice", "su bob -c id", stdin=b"bob-password\n")
    assert result.status != 0 and "uid=1002" not in result.stdout


def test_isolation__sysv_ipc_is_private(machine):
    """A shared memory segment of the host is not seen inside, nor the other way round."""
    ident = machine.root("ipcmk -M 4096 -p 666").stdout.split()[-1]
    try:
        inside = machine.ssh("alice", "ipcs -m | grep -c 0x; ipcmk -Q >/dev/null").lines[0]
        assert inside == "0"
        assert "0x" not in machine.root("ipcs -q").stdout
    finally:
        machine.root(f"ipcrm -m {ident}")


def test_isolation__etc_shadow_is_unreadable(machine):
    """/etc is shown, and its secrets keep their modes."""
    result = machine.ssh("alice", "head -c1 /etc/passwd && cat /etc/shadow /etc/ssh/ssh_host_ed25519_key")
    assert result.stdout == "r" and result.status != 0


def test_isolation__host_cannot_be_signalled_by_pid_minus_1(machine):
    """kill -9 -1 ends what is inside and no more."""
    with machine.session("carol") as carol, machine.session("bob") as bob:
        machine.ssh("alice", "kill -9 -1")
        for client in (carol, bob):
            client.stdin.write(b"still here\n")
            client.stdin.flush()
            assert client.stdout.readline() == b"still here\n"


def test_isolation__the_host_side_cannot_be_signalled(machine):
    """The user, from outside too, can neither kill nor trace the monitor and init."""
    with machine.session("alice"):
        ours = machine.processes("container-shell-monitor") + machine.processes("container-shell-init")
        assert len(ours) == 2
        for process in ours:
            pid = process["pid"]
            assert machine.as_user("alice", "kill", "-9", str(pid)).status != 0
            traced = machine.as_user("alice", "strace", "-p", str(pid), timeout=20)
            assert traced.status != 0 and "not permitted" in traced.stderr
