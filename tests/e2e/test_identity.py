# SPDX-License-Identifier: GPL-3.0-or-later
"""Who the user is in a container with a user namespace, and what root is there."""

import contextlib
import json
import re

import pytest

ALICE, TEAM = 1001, 2000
RANGE = "id-range = 100000+65536\n"
MAPS = "cat /proc/self/uid_map"
STATUS = "grep -E '^(Cap|NoNewPrivs)' /proc/self/status"
NO_RIGHTS = [f"Cap{name}:\t{0:016x}" for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")] + ["NoNewPrivs:\t1"]
ENTER_ROOT = "container-shell --enter alice --user root"


@pytest.fixture
def subids(machine):
    """A function that says what /etc/subuid and /etc/subgid have; they are again as they were after the test."""
    machine.root("cp -p /etc/subuid /root/subuid; cp -p /etc/subgid /root/subgid")

    def write(uids, gids=None):
        for name, text in (("subuid", uids), ("subgid", uids if gids is None else gids)):
            machine.root(f"cat >/etc/{name}", stdin=text.encode())

    yield write
    machine.root("cat /root/subuid >/etc/subuid; cat /root/subgid >/etc/subgid; rm /root/subuid /root/subgid")


def numbers(result):
    """The lines of a map: (inside, outside, count) each."""
    return [tuple(map(int, line.split())) for line in result.lines]


def refusal(result, why):
    """One line of ours, with this reason, and 125."""
    return result.status == 125 and result.stdout == "" and \
        re.fullmatch(rf"container-shell: cannot [^\n]*{why}[^\n]*\n", result.stderr)


@contextlib.contextmanager
def gone(machine):
    """No container of alice's runs at the end."""
    yield
    machine.wait("! test -e /run/container-shell/1001")


# ---- identity = root ------------------------------------------------------------------


def test_root__is_uid_0_and_nobody_else(machine, config, subids):
    """Without subordinate ids there is one uid inside, 0, and it is the user's; no right comes with it."""
    subids("bob:100000:65536\n")
    config("[default]\nidentity = root\n")
    assert numbers(machine.ssh("alice", MAPS)) == [(0, ALICE, 1)]
    result = machine.ssh("alice", f"id -u; id -un; {STATUS}; cat /proc/self/setgroups")
    assert result.lines == ["0", "root", *NO_RIGHTS, "deny"], result


def test_root__has_a_configured_range(machine, config, subids):
    """A user without subordinate ids has COUNT from BASE + uid * COUNT on."""
    subids("")
    config(f"[default]\nidentity = root\n{RANGE}")
    assert numbers(machine.ssh("alice", MAPS)) == [(0, ALICE, 1), (1, 100000 + ALICE * 65536, 65536)]
    assert machine.ssh("alice", "cat /proc/self/setgroups").stdout == "allow\n"


def test_root__files_are_the_users_outside(machine, config, scratch):
    """What root inside writes is the user's on the host, by each way to write, and back again."""
    config("[default]\nidentity = root\n")
    machine.ssh("alice", f"cd {scratch}; echo x >shell; mkdir d; ln -s x link; umask 077; echo y >closed")
    machine.client("scp", "-q", "/etc/hostname", f"alice@vm:{scratch}/scp")
    assert machine.root(f"cd /home/alice/{scratch}; stat -c '%u %g' shell d link closed scp").lines == \
        [f"{ALICE} {ALICE}"] * 5
    machine.root(f"install -o alice -g team -m 640 /etc/hostname /home/alice/{scratch}/host")
    assert machine.ssh("alice", f"cd {scratch}; stat -c '%u %g' host; cat closed; >>host").lines == ["0 2000", "y"]


def test_root__groups_are_kept(machine, config):
    """Supplementary groups are there by their names, and a group's files open."""
    config("[default]\nidentity = root\n")
    machine.root("install -d -o root -g team -m 2770 /srv/team")
    config("[default]\nidentity = root\nshare = /srv/team\n")
    try:
        with gone(machine):
            result = machine.ssh("alice", "id -Gn; touch /srv/team/x; stat -c '%U %G' /srv/team/x")
        assert set(result.lines[0].split()) >= {"root", "team"} and result.lines[1:] == ["root team"], result
        assert machine.root("stat -c '%U %G' /srv/team/x").lines == ["alice team"]
    finally:
        machine.root("rm -r /srv/team")


def test_root__terminal_works(machine, config):
    """A terminal is alice's own, with job control, as with any identity."""
    config("[default]\nidentity = root\n")
    with machine.terminal("alice", "-t", "tty; stat -c %U $(tty); ps -o comm= | head -1; : </dev/tty && echo opened") \
            as child:
        child.expect(r"/dev/pts/\d+\r\nroot\r\n")
        child.expect("opened")


# ---- identity = keep --------------------------------------------------------------------


def test_keep__is_the_same_user(machine, config):
    """The user has the same ids and groups inside, no right, and the rest is of /etc/subuid."""
    config("[default]\nidentity = keep\n")
    start = int(machine.root("grep ^alice: /etc/subuid").stdout.split(":")[1])
    assert numbers(machine.ssh("alice", MAPS)) == \
        [(0, start, ALICE), (ALICE, ALICE, 1), (ALICE + 1, start + ALICE + 1, 65536 - ALICE - 1)]
    result = machine.ssh("alice", f"id -u; id -g; id -Gn; {STATUS}; stat -c '%U %G' ~ / /tmp /usr /usr/bin/env /etc")
    assert result.lines[:2] == [str(ALICE)] * 2 and "team" in result.lines[2].split(), result
    assert result.lines[3:] == [*NO_RIGHTS, "alice alice", *["root root"] * 4, "nobody nogroup"], result


def test_keep__explain_says_what_cannot_be_mapped(machine, config):
    """--explain tries the host's file systems: an overlay cannot show owners as the namespace has them."""
    config("[default]\nidentity = keep\n")
    result = machine.root("container-shell --explain alice")
    assert "x-idmap" in result.stdout and "note:" not in result.stdout, result
    result = machine.root("unshare -m sh -c 'mount -t overlay -o lowerdir=/usr:/mnt test /usr && "
                          "container-shell --explain alice'")
    assert re.findall("^note: .*", result.stdout, re.M) == \
        ["note: /usr cannot be mapped, as its file system is: its owners are shown as user and group 65534"], result
    config("[default]\nidentity = keep\nallow-root = yes\n")
    assert "x-idmap" not in machine.root("container-shell --explain alice").stdout


def test_keep__without_subordinate_ids_is_refused(machine, config, subids):
    """A user who has none is told so; so is one whose ids are somebody else's, too."""
    config("[default]\nidentity = keep\n")
    subids("bob:100000:65536\n")
    assert refusal(machine.ssh("alice", "id"), "alice has no subordinate ids, and the class no id-range")
    subids("alice:100000:65536\nbob:165535:65536\n")
    assert refusal(machine.ssh("alice", "id"), r"overlap with those of bob \(/etc/subuid:2\)")
    subids("alice:4294901760:65536\n")
    assert refusal(machine.ssh("alice", "id"), "go past 4294967294")
    subids("alice:100000:65535\n")
    assert refusal(machine.ssh("alice", "id"), "are 65535, and 65536 are needed")
    subids("alice:100000:65536\n")
    assert machine.ssh("alice", "id -u").stdout == f"{ALICE}\n"


# ---- the container's root -------------------------------------------------------------------

# Each line a thing that must not work, and that would print "worked".
REFUSED = f"{STATUS}; id -u\n" + """
cd /tmp
python3 - <<'END'
import os
for path in ("/proc/sys/kernel/hostname", "/proc/sys/vm/swappiness", "/proc/sys/kernel/core_pattern",
             "/proc/sysrq-trigger", "/proc/1/oom_score_adj", "/sys/kernel/profiling",
             "/sys/fs/cgroup/cgroup.procs", "/sys/power/state"):
    try:
        os.open(path, os.O_WRONLY)
        print("worked: open", path)
    except OSError:
        pass
for path in ("/proc/1/environ", "/proc/1/mem", "/proc/1/maps", "/etc/shadow", "/proc/kcore", "/proc/kmsg"):
    try:
        open(path, "rb").read(1)
        print("worked: read", path)
    except OSError:
        pass
END
umount /tmp && echo worked: umount
umount -l /usr && echo worked: umount -l
mount -o remount,rw / && echo worked: remount
mount -o remount,bind,rw /usr && echo worked: remount of /usr
mount -t tmpfs over /proc && echo worked: mount over /proc
mount -t proc fresh /mnt && echo worked: fresh proc
mount --bind /tmp /usr/bin && echo worked: bind
mknod sda b 8 0 && echo worked: mknod
chown 70000 . && echo worked: chown
setpriv --reuid 70000 true && echo worked: setuid
kill -9 1 && echo worked: kill
hostname x && echo worked: hostname
ip link add type dummy && echo worked: ip link
unshare -m true && echo worked: unshare
nsenter -t 1 -m true && echo worked: nsenter
ls /proc/1/root/ && echo worked: root of init
date -s 2001-01-01 && echo worked: date
touch /usr/x /etc/x /x && echo worked: touch
echo done
"""


@pytest.mark.parametrize("text", ["identity = root\nallow-root = yes\n", "identity = keep\n",
                                  "identity = keep\nnetwork = none\n"])
def test_container_root__has_no_power_over_the_container(machine, config, text):
    """With all rights of a user namespace's root: no mount, device, foreign id, setting or init is to be had."""
    config(f"[default]\n{text}")
    machine.write("/usr/local/lib/refused.sh", REFUSED)
    try:
        with machine.session("alice"):
            result = machine.root(f"{ENTER_ROOT} -- sh /usr/local/lib/refused.sh")
            assert "CapEff:\t0000000000000000" not in result.lines and "0" in result.lines, result
            assert "worked" not in result.stdout and result.lines[-1] == "done", result
            assert machine.ssh("alice", "hostname; ls -d /usr/bin").status == 0
    finally:
        machine.root("rm /usr/local/lib/refused.sh")


def test_allow_root__gives_files_to_others_inside(machine, config, scratch):
    """A user with root's rights may give files to subordinate ids and be them; without allow-root not."""
    config("[default]\nidentity = root\n")
    with gone(machine):
        assert machine.ssh("alice", f"cd {scratch}; touch x; chown daemon x").status == 1
    config("[default]\nidentity = root\nallow-root = yes\n")
    start = int(machine.root("grep ^alice: /etc/subuid").stdout.split(":")[1])
    machine.ssh("alice", f"cd {scratch}; chown daemon:daemon x; chmod 600 x; "
                         "setpriv --reuid daemon --regid daemon --clear-groups sh -c 'id -un >x'")
    assert machine.root(f"stat -c '%u %g' /home/alice/{scratch}/x; cat /home/alice/{scratch}/x").lines == \
        [f"{start} {start}", "daemon"]
    assert machine.ssh("alice", f"chmod 700 {scratch}; cat {scratch}/x; rm {scratch}/x").stdout == "daemon\n"


def test_enter__as_root(machine, config):
    """--user root is the container's root where it has one; else the reason is said."""
    config("[default]\nidentity = keep\n")
    with gone(machine), machine.session("alice"):
        pid = machine.container(ALICE)["pid"]
        for target in ("alice", str(pid)):
            result = machine.root(f"container-shell --enter {target} --user root -- sh -c 'id -u; id -Gn; tty; "
                                  "touch /tmp/of-root; echo $USER'")
            assert result.lines == ["0", "root", "not a tty", "root"], result
        assert machine.ssh("alice", "stat -c %U /tmp/of-root; rm -f /tmp/of-root; ls /tmp").lines == \
            ["root", "of-root"]
        assert machine.root("container-shell --enter alice -- id -un").stdout == "alice\n"
        assert machine.root("container-shell --enter alice --user bob -- id", check=False).stderr == \
            "container-shell: cannot enter a container: there is nobody but alice in it\n"
    config("")
    with machine.session("alice"):
        assert machine.root(f"{ENTER_ROOT} -- id", check=False).stderr == \
            "container-shell: cannot enter a container: it has no root: its identity is host\n"


def test_enter__as_root_on_a_terminal(machine, config):
    """The terminal of root's entry is the container root's, with job control."""
    config("[default]\nidentity = keep\n")
    with machine.session("alice"), machine.terminal("root", "-t", ENTER_ROOT) as child:
        child.expect("# ")
        child.sendline("stat -c %U,%a $(tty); sleep 100 & jobs; echo e''nd")
        child.expect(r"root,\d+\r\n")
        child.expect("Running")
        child.expect("end")
        child.sendline("kill %1; exit")


# ---- what does not change ---------------------------------------------------------------------


@pytest.mark.parametrize("identity", ["keep", "root"])
def test_lifetime__is_the_same(machine, config, identity):
    """Sessions share the container, signals and statuses pass, --stop ends all of it, whoever it is inside."""
    config(f"[default]\nidentity = {identity}\n")
    with machine.session("alice"):
        machine.ssh("alice", "touch /tmp/x")
        assert machine.ssh("alice", "ls /tmp/x; exit 42").status == 42
        assert machine.ssh("alice", "kill -TERM $$").status in (143, 255)
    config(f"[default]\nidentity = {identity}\nlinger = yes\n")
    machine.ssh("alice", "trap '' TERM HUP; sleep 1000 >/dev/null 2>&1 &")
    assert machine.root("pgrep -u alice -x sleep", check=False).status == 0
    machine.root("container-shell --stop alice")
    assert machine.root("pgrep -u alice -x sleep", check=False).status == 1


@pytest.mark.parametrize("identity", ["keep", "root"])
def test_agent__is_reached(machine, config, agent, identity):
    """A forwarded agent answers, whoever the user is inside."""
    config(f"[default]\nidentity = {identity}\n")
    result = machine.ssh("alice", "ssh-add -l", options=("-A",), fresh=True, env={"SSH_AUTH_SOCK": agent})
    assert "forwarded-key" in result.stdout, result


# ---- by PAM -------------------------------------------------------------------------------------


def test_pam__keep_is_contained(host, config, machine):
    """sshd's process of a user goes into the user namespace: shell, sftp, groups, no right."""
    config("[default]\nidentity = keep\n")
    result = host.ssh("id -un; id -Gn; " + STATUS + "; cat /run/host/container-manager")
    assert result.lines[0] == "carol" and {"carol", "team"} <= set(result.lines[1].split()), result
    assert result.lines[2:] == [*NO_RIGHTS, "container-shell"], result
    start = int(machine.root("grep ^carol: /etc/subuid").stdout.split(":")[1])
    assert numbers(host.ssh(MAPS))[0] == (0, start, 1003)
    done = host.sftp(b"ls -n /run/host\n")
    assert "container-manager" in done.stdout and done.status == 0, done


def test_pam__root_is_refused(host, config, journal):
    """sshd would not find its user inside: the session is refused, and the log says why."""
    config("[default]\nidentity = root\n")
    result = host.ssh("id")
    assert result.status != 0 and "uid=" not in result.stdout, result
    journal("identity = root needs container-shell as the login shell")


def test_list__says_who_has_which(machine, config):
    """--list --json and --status say who is who, from the record."""
    config("[default]\nidentity = root\n")
    with machine.session("alice"):
        item, = json.loads(machine.root("container-shell --list --json").stdout)
        assert (item["user"], item["identity"], item["allow_root"], item["root_uid"]) == \
            ("alice", "root", False, ALICE)
        assert f"Identity: root, root inside is uid {ALICE} of the host\n" in \
            machine.root("container-shell --status alice").stdout
    config("")
    with machine.session("alice"):
        item, = json.loads(machine.root("container-shell --list --json").stdout)
        assert item["identity"] == "host" and "root_uid" not in item
        assert "Identity: host\n" in machine.root("container-shell --status alice").stdout


def test_doctor__finds_ids_that_are_somebody_elses(machine, config, subids):
    """--doctor names who cannot log in, before they try."""
    config("[default]\nidentity = keep\n")
    subids("alice:100000:65536\nbob:165535:65536\n")
    result = machine.root("container-shell --doctor --json", check=False)
    found = [item["what"] for item in json.loads(result.stdout) if item["id"] == "subordinate-ids"]
    assert any("alice cannot log in" in what and "overlap with those of bob" in what for what in found), found
    assert result.status == 2
