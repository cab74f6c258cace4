# SPDX-License-Identifier: GPL-3.0-or-later
"""What the keys for mounts add to a container, on a real login."""

import re

import pytest

SHELL = "/usr/bin/container-shell"


def mounts(machine, user="alice"):
    """{mount point: (root, type, set of options)} as the user sees them; the topmost one wins."""
    found = {}
    for line in machine.ssh(user, "cat /proc/self/mountinfo").lines:
        before, _, after = line.partition(" - ")
        fields = before.split()
        found[fields[4]] = (fields[3], after.split()[0], set(fields[5].split(",")))
    return found


def refused(result):
    """Whether a result is our refusal: status 125 and exactly one line, ours."""
    return result.status == 125 and result.stdout == "" and \
        re.fullmatch(r"container-shell: cannot [^\n]+: [^\n]+\n", result.stderr)


@pytest.fixture
def data(machine):
    """/srv/data of the host, with things in it; gone after the test."""
    machine.root("rm -rf /srv/data; mkdir -p /srv/data/project /srv/data/closed /srv/data/below;"
                 "echo read >/srv/data/file; chgrp team /srv/data/project; chmod 2775 /srv/data/project;"
                 "install -d -o alice -g alice /srv/data/alice; install -d -o bob -g bob /srv/data/bob;"
                 "mount -t tmpfs -o size=1M below /srv/data/below; touch /srv/data/below/there;"
                 "chmod 700 /srv/data/closed; cp /bin/true /srv/data/run; chmod 4755 /srv/data/run")
    yield "/srv/data"
    machine.root("umount /srv/data/below; rm -rf /srv/data")


def test_expose__is_read_only(machine, config, data):
    """An exposed directory is there with what is mounted below, read-only, nosuid and nodev, and in no other class."""
    config(f"[default]\n[some]\nusers = alice\nexpose = {data} {data}/file=/srv/file\n")
    result = machine.ssh("alice", f"cat {data}/file /srv/file; ls {data}/below; touch {data}/project/x || echo no")
    assert result.stdout == "read\nread\nthere\nno\n" and "Read-only file system" in result.stderr
    seen = mounts(machine)
    for path in (data, f"{data}/below", "/srv/file"):
        assert {"ro", "nosuid", "nodev"} <= seen[path][2], seen[path]
    assert machine.ssh("bob", "ls /srv").stdout == ""


def test_share__is_as_writable_as_outside(machine, config, data):
    """What is shared can be written by whom its modes let, seen outside with the right owner."""
    config(f"[default]\nshare = {data}/project=/project {data}/%u=/mine {data}/closed\n")
    group = "team" in machine.ssh("alice", "id -nG").stdout.split()
    result = machine.ssh("alice", f"touch /mine/x && echo mine; touch /project/x && echo project; ls {data}/closed")
    assert result.stdout == "mine\n" + ("project\n" if group else "")
    assert "Permission denied" in result.stderr
    assert machine.root(f"stat -c %U {data}/alice/x").stdout == "alice\n"
    seen = mounts(machine)["/mine"]
    assert seen[0] == f"{data}/alice" and {"rw", "nosuid", "nodev"} <= seen[2]
    machine.root(f"rmdir {data}/bob")
    assert refused(machine.ssh("bob", "true"))


def test_mounts__are_explained_and_shown(machine, config, data):
    """--explain says where each mount comes from, --status shows it as it is."""
    config(f"[default]\nexpose = {data}\n\nshare = {data}/%u=/mine\n")
    text = machine.root(f"{SHELL} --explain alice").stdout
    where = "/etc/container-shell/conf.d/90-test.conf"
    assert f"{data} {data} none rbind,ro,nosuid,nodev 0 0  ({where}:2)\n" in text
    assert f"{data}/alice /mine none rbind,rw,nosuid,nodev 0 0  ({where}:4)\n" in text
    with machine.session("alice"):
        text = machine.root(f"{SHELL} --status alice").stdout
    assert re.search(rf"^ +{data} \S+ ro,nosuid,nodev,\S+ of {data}$", text, re.M), text
    assert re.search(rf"^ +/mine \S+ rw,nosuid,nodev,\S+ of {data}/alice$", text, re.M), text


def test_mounts__a_changed_configuration_is_for_the_next_container(machine, config, data):
    """Who is in keeps what there is; the next container has what is new."""
    config("[default]\n")
    with machine.session("alice"):
        config(f"[default]\nexpose = {data}\n")
        assert machine.ssh("alice", f"ls {data}").stdout == ""
    machine.wait(f"test ! -e /run/container-shell/$(id -u alice)")
    assert "file" in machine.ssh("alice", f"ls {data}").lines


BROKEN = {
    "missing": ("expose = /srv/none", "/srv/none is not there"),
    "link": ("expose = /srv/link", "/srv/link is a symbolic link: name what it leads to"),
    "behind a link": ("expose = /srv/link/file", "/srv/link is a symbolic link: name what it leads to"),
    "in another's directory": ("expose = /home/bob/.profile", "/home/bob/.profile can be exchanged by others than root"),
    "a device": ("share = /srv/device", "/srv/device is no directory, file or socket"),
    "the host's sockets": ("share = /run/dbus", "/run/dbus has sockets by which a process is started outside"),
    "the host's processes": ("share = /proc=/srv/proc", "/proc shows the processes outside"),
    "dots": ("expose = /srv/../etc", "/srv/../etc is not an absolute path without .., // and control characters"),
    "relative": ("expose = srv", "srv is not an absolute path without .., // and control characters"),
    "twice": ("expose = /srv/data /srv/data/file=/srv/data", "/srv/data is mounted twice"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_check_config__names_file_line_and_key(machine, config, data, what):
    """What would not work is named by --check-config, with file, line and key, and refused at a login."""
    line, why = BROKEN[what]
    machine.root("ln -s data /srv/link; mknod /srv/device c 1 3")
    try:
        config(f"[default]\ntmp-size = 5M\n{line}\n")
        result = machine.root(f"{SHELL} --check-config", check=False)
        assert result.status != 0
        key = line.split()[0]
        assert f"/etc/container-shell/conf.d/90-test.conf:3: [default] {key}: {why}\n" in result.stderr, result
        assert refused(machine.ssh("alice", "true"))
    finally:
        machine.root("rm -f /srv/link /srv/device")


FSTAB = "/etc/container-shell/fstab"


@pytest.fixture
def fstab(machine, config):
    """A function that makes an fstab, named by a configuration with other keys too."""
    def write(text, more=""):
        machine.write(FSTAB, text)
        config(f"[default]\nfstab = {FSTAB}\n{more}")

    yield write
    machine.root(f"rm -f {FSTAB}")


def test_fstab__each_line_is_a_mount_with_its_flags(machine, fstab, data):
    """Binds, tmpfs, proc and the others are there with what the line says, as mountinfo has it inside."""
    machine.root(f"mkdir {data}/l1 {data}/l2; touch {data}/l1/one {data}/l2/two")
    fstab(f"# device	place	type	options	dump pass\n"
          f"{data}	/flat	none	bind,ro,noexec	0 0\n"
          f"{data}	/deep	none	rbind\n"
          f"{data}/file	/srv/a\\040file	none	bind	0	0\n"
          f"tmpfs	/srv/tmp	tmpfs	size=64k,mode=1770	0	0\n"
          f"proc	/srv/proc	proc	defaults	0	0\n"
          f"sysfs	/srv/sys	sysfs	defaults	0	0\n"
          f"devpts	/srv/pts	devpts	defaults	0	0\n"
          f"mqueue	/srv/mq	mqueue	defaults	0	0\n"
          f"overlay	/srv/over	overlay	lowerdir={data}/l1:{data}/l2	0	0\n"
          f"{data}/none	/srv/none	none	bind,nofail	0	0\n")
    seen = mounts(machine)
    for place, kind, flags in (("/flat", None, "ro noexec"), ("/deep", None, "rw"), ("/srv/a\\040file", None, "rw"),
                               ("/srv/tmp", "tmpfs", "rw"), ("/srv/proc", "proc", "noexec"),
                               ("/srv/sys", "sysfs", "ro noexec"), ("/srv/pts", "devpts", "noexec"),
                               ("/srv/mq", "mqueue", "noexec"), ("/srv/over", "overlay", "rw")):
        assert kind in (None, seen[place][1]), (place, seen[place])
        assert {"nosuid", "nodev", *flags.split()} <= seen[place][2], (place, seen[place])
    assert "/srv/none" not in seen and "/deep/below" in seen and "/flat/below" not in seen
    result = machine.ssh("alice", "ls /srv/over /srv/proc | head -6; cat '/srv/a file'; stat -c %a /srv/tmp; /flat/run")
    assert result.stdout == "/srv/over:\none\ntwo\n\n/srv/proc:\n1\nread\n1770\n" and result.status == 126
    text = machine.root(f"{SHELL} --explain alice").stdout
    assert f"{data} /flat none bind,ro,nosuid,nodev,noexec 0 0  ({FSTAB}:2)\n" in text
    assert machine.root(f"{SHELL} --check-config").status == 0


def test_fstab__wrong_lines_are_named(machine, fstab, data):
    """--check-config names file, line and field of all that is wrong, and nobody of the class gets in."""
    machine.root(f"ln -s /etc {data}/link")
    fstab(f"{data} /ok none bind\n/a /b none\n\n/a /b none bind,no-such\n{data}/../x /b none bind\n"
          f"{data} b none bind\n{data} /b ext4 ro\n/a /proc/b none bind\n{data} /b none bind 0 x\n")
    result = machine.root(f"{SHELL} --check-config", check=False)
    assert result.status != 0
    for line in ("2: [default]: has fewer than four fields", "4: [default] options: no-such is no option",
                 "5: [default] device: ", "6: [default] mount point: b is not", "7: [default] type: ext4 is no type",
                 "8: [default] mount point: /proc/b is the container's own", "9: [default]: the fifth and sixth"):
        assert f"{FSTAB}:{line}" in result.stderr, (line, result.stderr)
    assert refused(machine.ssh("alice", "true"))
    fstab(f"{data}/link/x /b none bind\n{data}/none /c none bind\n{data} /d none bind\n{data} /d none bind\n")
    result = machine.root(f"{SHELL} --check-config", check=False)
    for line in (f"1: [default] fstab: {data}/link is a symbolic link", f"2: [default] fstab: {data}/none is not there",
                 "4: [default] fstab: /d is mounted twice"):
        assert f"{FSTAB}:{line}" in result.stderr, (line, result.stderr)


def test_fstab__is_believed_from_root_alone(machine, fstab):
    """An fstab that another can write refuses the login, and --check-config says why."""
    fstab("tmpfs /srv/x tmpfs defaults\n")
    assert machine.ssh("alice", "ls /srv").stdout == "x\n"
    machine.root(f"chgrp team {FSTAB}; chmod 664 {FSTAB}")
    result = machine.root(f"{SHELL} --check-config", check=False)
    assert f"90-test.conf:2: [default] fstab: {FSTAB} can be written by others than root" in result.stderr
    assert refused(machine.ssh("alice", "true"))


def test_fstab__a_change_is_for_the_next_container(machine, fstab):
    """A container that lingers is replaced when its fstab has changed."""
    fstab("tmpfs /srv/one tmpfs defaults\n", "linger = 1min\n")
    assert machine.ssh("alice", "touch /tmp/kept; ls /srv").stdout == "one\n"
    assert machine.ssh("alice", "ls /srv /tmp").stdout == "/srv:\none\n\n/tmp:\nkept\n"
    machine.write(FSTAB, "tmpfs /srv/two tmpfs defaults\n")
    assert "(changed since" in machine.root(f"{SHELL} --status alice").stdout
    assert machine.ssh("alice", "ls /srv /tmp").stdout == "/srv:\ntwo\n\n/tmp:\n"
    machine.root(f"{SHELL} --stop alice")


def test_fstab__a_hundred_mounts(machine, fstab):
    """A hundred lines are a hundred mounts."""
    machine.root("mkdir -p /srv/many/{1..100}")
    try:
        fstab("".join(f"/srv/many/{n} /m/{n} none bind,ro 0 0\n" for n in range(1, 101)))
        assert machine.ssh("alice", "ls /m | wc -l; grep -c ' /m/' /proc/self/mountinfo").stdout == "100\n100\n"
    finally:
        machine.root("rm -r /srv/many")


def test_home__tmpfs_private_and_none(machine, config):
    """A home in memory is new each time, a private one is kept; the host's is not touched; none is none."""
    machine.root("ls -A /home/alice >/root/before")
    try:
        config("[default]\nhome = tmpfs\n")
        assert machine.ssh("alice", "pwd; ls -A; touch x; stat -c '%U %a' .").stdout.startswith("/home/alice\n.bash")
        machine.wait("test ! -e /run/container-shell/$(id -u alice)")
        assert "x" not in machine.ssh("alice", "ls -A").lines
        config("[default]\nhome = private\n")
        assert machine.ssh("alice", "ls .profile; touch mine; stat -c '%U %a' .").stdout == ".profile\nalice 700\n"
        machine.wait("test ! -e /run/container-shell/$(id -u alice)")
        assert "mine" in machine.ssh("alice", "ls").lines
        assert machine.ssh("bob", "ls").stdout == ""
        config("[default]\nhome = none\n")
        machine.wait("test ! -e /run/container-shell/$(id -u alice)")
        assert machine.ssh("alice", "pwd; ls /home").stdout == "/\n"
        machine.root("ls -A /home/alice | diff /root/before -")
        assert machine.root("stat -c '%U %a' /var/lib/container-shell-homes").stdout == "root 700\n"
    finally:
        machine.root("rm -rf /var/lib/container-shell-homes /root/before")


def test_automount__of_the_home_and_of_what_is_shared(machine, config):
    """A home that an automount brings, and a shared directory, are there at the first login."""
    machine.root("mkdir -p /srv/dave /srv/disk /home/dave /data; useradd -M -u 2222 -d /home/dave dave;"
                 "chown dave /srv/dave; touch /srv/dave/home /srv/disk/disk")
    for where, what in (("home-dave", "dave"), ("data", "disk")):
        place = "/" + where.replace("-", "/")
        machine.write(f"/run/systemd/system/{where}.automount", f"[Automount]\nWhere={place}\n")
        machine.write(f"/run/systemd/system/{where}.mount",
                      f"[Mount]\nWhere={place}\nWhat=/srv/{what}\nType=none\nOptions=bind\n")
    try:
        config("[default]\nshare = /data\n")
        machine.root("systemctl daemon-reload; systemctl start home-dave.automount data.automount")
        assert machine.root("grep -c 'autofs' /proc/self/mountinfo").stdout.strip() >= "2"
        result = machine.root("cd /; exec setpriv --reuid dave --regid dave --init-groups env -i HOME=/home/dave "
                              f"PATH=/usr/bin:/bin {SHELL} -c 'pwd; ls . /data'")
        assert result.stdout == "/home/dave\n.:\nhome\n\n/data:\ndisk\n"
    finally:
        machine.root("systemctl stop home-dave.automount data.automount home-dave.mount data.mount;"
                     "rm -f /run/systemd/system/{home-dave,data}.{auto,}mount; systemctl daemon-reload;"
                     "userdel dave; rm -rf /srv/dave /srv/disk; rmdir /home/dave /data", check=False)


def test_devices__as_named(machine, config):
    """/dev has what the key names: an own node for each of the eight, one like the host's for others."""
    config("[default]\ndevices = null zero tty ptmx kmsg\n")
    host = machine.root("stat -c '%t:%T %a %u %g' /dev/kmsg").stdout
    result = machine.ssh("alice", "ls /dev; stat -c '%t:%T %a %u %g' /dev/kmsg; readlink /dev/fd /dev/stdout")
    assert result.stdout == "fd\nkmsg\nmqueue\nnull\nptmx\npts\nshm\nstderr\nstdin\nstdout\ntty\nzero\n" + host + \
        "/proc/self/fd\n/proc/self/fd/1\n"
    config("[default]\ndevices = null vda\n")
    machine.wait("test ! -e /run/container-shell/$(id -u alice)")
    assert refused(machine.ssh("alice", "true"))
    assert "/dev/vda is no character device" in machine.root(f"{SHELL} --check-config", check=False).stderr


def test_hide__covers_what_it_names(machine, config, data):
    """What is hidden cannot be read, listed or uncovered; everything beside it can."""
    config(f"[default]\nexpose = {data}\nhide = {data}/file {data}/below /etc/passwd /no/such\n")
    result = machine.ssh("alice", f"cat {data}/file; ls {data}/below; cat /etc/passwd; umount {data}/file; ls {data}/project")
    assert result.stdout == "" and result.stderr.count("Permission denied") == 3, result
    text = machine.root(f"{SHELL} --explain alice").stdout
    assert f"hidden {data}/file none bind,ro,nosuid,nodev,noexec" in text
