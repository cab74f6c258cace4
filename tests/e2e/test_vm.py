# SPDX-License-Identifier: GPL-3.0-or-later
"""The login host by itself: what the other tests take for granted."""


def test_vm__is_the_distribution_asked_for(machine):
    """The machine runs the distribution whose name the test bears."""
    assert machine.root(". /etc/os-release; echo $VERSION_CODENAME").stdout.strip() == machine.distribution


def test_vm__systemd_is_up_without_failed_units(machine):
    """The host has booted as a host does, with systemd, logind and resolved."""
    machine.wait("systemctl is-system-running | grep -q running", timeout=60)
    machine.root("systemctl -q is-active systemd-logind systemd-resolved ssh cron dbus")


def test_vm__a_plain_user_logs_in(machine):
    """A user with a plain shell gets in, with the status of the command."""
    assert machine.ssh("carol", "id -un; exit 42", fresh=True).status == 42


def test_vm__host_check_sees_what_is_left_behind(machine):
    """A file, a process, a mount or a cgroup that stays is noticed."""
    machine.ask(what="snapshot")
    machine.root("touch /tmp/left; mount -t tmpfs tmpfs /mnt; mkdir -p /run/container-shell/left; "
                 "mkdir -p /sys/fs/cgroup/container-shell/left; "
                 "(trap '' HUP; exec sleep 1000) >/dev/null 2>&1 & echo $! >/tmp/pid")
    left = "\n".join(machine.ask(what="settle", timeout=0))
    machine.root("umount /mnt; kill $(cat /tmp/pid); rm /tmp/left /tmp/pid; rmdir /run/container-shell/left "
                 "/sys/fs/cgroup/container-shell/left")
    for what in ("file /tmp/left", "process sleep", "mount 0:", "file /run/container-shell/left",
                 "cgroup /sys/fs/cgroup/container-shell/left"):
        assert f"left behind: {what}" in left
    assert not machine.ask(what="settle", timeout=5)
