# SPDX-License-Identifier: GPL-3.0-or-later
"""A container with another system than the host's: Debian 13, on both hosts."""

import re

import pytest

IMAGES = "/srv/images"
DIRECTORY = f"root = {IMAGES}/debian\n"
SELF_MADE = f"{DIRECTORY}identity = keep\nallow-root = yes\nwritable = "
APT = "sudo DEBIAN_FRONTEND=noninteractive apt-get -q"


@pytest.fixture(autouse=True, scope="module")
def images(machine):
    """The images are there."""
    machine.root(f"mkdir {IMAGES}; mount -o ro /dev/vdb {IMAGES}")
    yield
    machine.root(f"umount {IMAGES}; rmdir {IMAGES}")


@pytest.fixture
def subids(machine):
    """Alice has subordinate ids, and nobody else."""
    machine.root("cp -p /etc/subuid /root/subuid; cp -p /etc/subgid /root/subgid; "
                 "echo alice:300000:65536 | tee /etc/subuid >/etc/subgid")
    yield
    machine.root("cat /root/subuid >/etc/subuid; cat /root/subgid >/etc/subgid; rm /root/subuid /root/subgid")


@pytest.fixture
def layers(machine):
    """Where what is written for good is; not there before and after."""
    machine.root("! test -e /var/lib/container-shell")
    yield "/var/lib/container-shell/1001/default"
    machine.root("rm -rf /var/lib/container-shell")


def gone(machine):
    """No container of alice's runs any more."""
    machine.wait("! test -e /run/container-shell/1001")


def configure(config, text):
    """What all get."""
    config(f"[default]\n{text}\n")


# ---- what is inside ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["debian", "debian.squashfs", "debian.erofs"])
def test_image__is_what_the_user_has(machine, config, kind):
    """Its files are inside, and the user, her groups and her home; nothing can be written, and no device is left."""
    configure(config, f"root = {IMAGES}/{kind}")
    result = machine.ssh("alice", "sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; id -un; id -Gn; pwd; "
                         "touch /etc/x 2>/dev/null || echo no; echo x >x; cat x; rm x; "
                         "awk '$5 == \"/\" { print $(NF - 2) }' /proc/self/mountinfo; hostname")
    assert result.lines == ["trixie", "alice", "alice audio team", "/home/alice", "no", "x", "overlay", "vm"], result
    gone(machine)
    machine.wait("! losetup -l | grep debian")


@pytest.fixture
def verity(machine):
    """A copy of the image on an ext4 with fs-verity, and its digest."""
    machine.root("set -e; mkdir /srv/verity; truncate -s 1G /root/verity.ext4; mkfs.ext4 -q -O verity /root/verity.ext4; "
                 f"mount -o loop /root/verity.ext4 /srv/verity; cp {IMAGES}/debian.squashfs {IMAGES}/debian.erofs /srv/verity")
    yield "/srv/verity"
    machine.root("umount /srv/verity; rmdir /srv/verity; rm /root/verity.ext4")


@pytest.mark.parametrize("kind", ["squashfs", "erofs"])
def test_image__has_the_digest_of_root_verity(machine, config, verity, kind):
    """One without fs-verity is refused, and so is one with another digest; the right one is used, and cannot be changed."""
    image = f"{verity}/debian.{kind}"

    def login(digest):
        configure(config, f"root = {image}\nroot-verity = {digest}")
        result = machine.ssh("alice", "sed -n 's/^VERSION_CODENAME=//p' /etc/os-release")
        gone(machine)
        return result

    digest = machine.root(f"fsverity digest --compact {image}").stdout.strip()
    result = login(f"sha256:{digest}")
    assert (result.status, result.stderr) == (125, "container-shell: cannot verify the image: No data available\n"), result
    machine.root(f"fsverity enable {image}")
    assert machine.root(f"fsverity measure {image}").stdout.split()[0] == f"sha256:{digest}"
    assert login(f"sha256:{digest}").stdout == "trixie\n"
    result = login(f"sha256:{digest[:-1]}{'0' if digest[-1] != '0' else '1'}")
    assert (result.status, result.stderr) == (125, "container-shell: cannot verify the image: Bad message\n"), result
    machine.root(f"! echo x 2>/dev/null >>{image}")
    machine.wait("! losetup -l | grep verity/debian")


def test_image__ways_in_work(machine, config, tmp_path, scratch):
    """A command, its status, a signal, a terminal, scp by both protocols, sftp and rsync, all of the image's programs."""
    configure(config, f"root = {IMAGES}/debian.squashfs")
    assert machine.ssh("alice", "exit 42").status == 42
    assert machine.ssh("alice", "tty; stty size", options=["-tt"]).stdout.startswith("/dev/pts/")
    source = tmp_path / "source"
    source.write_bytes(bytes(range(256)) * 500)
    for number, words in enumerate((["scp", "-q"], ["scp", "-O", "-q"], ["rsync"])):
        result = machine.client(*words, str(source), f"alice@vm:{scratch}/{number}")
        assert result.status == 0, result
    found = machine.ssh("alice", f"cd {scratch}; cmp 0 1 && cmp 1 2 && stat -c %s 0")
    assert found.stdout == "128000\n", found
    listing = machine.client("sftp", "-b", "-", "alice@vm", stdin=b"ls /srv\n")
    assert "/srv/repository" in listing.stdout, listing


def test_image__names_resolve(machine, config):
    """The host's name servers and hosts are asked, although the image knows neither."""
    configure(config, f"root = {IMAGES}/debian")
    assert machine.ssh("alice", "getent hosts localhost vm | wc -l; grep -c ^nameserver /etc/resolv.conf").lines == ["2", "1"]


def test_image__set_uid_is_nothing_with_the_users_own_identity(machine, config):
    """With identity = host sudo gives nothing, as nothing is set-uid and no_new_privs is set."""
    configure(config, f"{DIRECTORY}writable = ephemeral")
    result = machine.ssh("alice", "sudo id -u; grep NoNewPrivs /proc/self/status")
    assert "NoNewPrivs:\t1" in result.stdout and "0\n" not in result.stdout.split("NoNew")[0], result


def test_pam__an_image_is_inside(machine, config, host):
    """By PAM sshd's own sftp server, and a shell of the image's."""
    configure(config, f"root = {IMAGES}/debian")
    result = host.ssh("sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; id -un")
    assert result.lines == ["trixie", "carol"], result
    machine.wait("! test -e /run/container-shell/1003")


# ---- root in it ---------------------------------------------------------------------------


def test_root__owners_are_those_of_the_image(machine, config, subids):
    """Mapped: root's files are root's inside, and so on; on the host nothing has changed."""
    configure(config, f"{DIRECTORY}identity = keep")
    assert machine.ssh("alice", "stat -c '%U:%G' / /etc/passwd /etc/shadow /var/mail /home/alice; "
                       "stat -c %u /proc/1").lines == \
        ["root:root", "root:root", "root:shadow", "root:mail", "alice:alice", "65534"]
    assert machine.root(f"stat -c %U:%G {IMAGES}/debian/etc/shadow").stdout == "root:shadow\n"


def test_root__an_image_file_is_mapped_or_refused(machine, config, subids):
    """squashfs can be mapped since Linux 6.2; before, the login is refused in one line. erofs can on both."""
    configure(config, f"root = {IMAGES}/debian.squashfs\nidentity = keep")
    result = machine.ssh("alice", "stat -c %U /etc/passwd")
    if machine.distribution == "bookworm":
        assert result.status == 125 and result.stderr == \
            "container-shell: cannot map the owners of the image's files: Not supported\n", result
    else:
        assert result.stdout == "root\n", result
    gone(machine)
    configure(config, f"root = {IMAGES}/debian.erofs\nidentity = keep")
    assert machine.ssh("alice", "stat -c %U /etc/passwd").stdout == "root\n"


def test_root__sudo_is_root_in_the_image_alone(machine, config, subids):
    """Root inside has the image, and nothing of the host's: mounts, devices, /proc and /sys, other users' files."""
    configure(config, f"{SELF_MADE}ephemeral")
    assert machine.ssh("alice", "sudo id -un; sudo sh -c 'id -u; whoami; echo x >/etc/mine; cat /etc/mine'").lines == \
        ["root", "0", "root", "x"]
    attempts = ("umount /proc", "mount -o remount,rw,bind /sys", "mount -t tmpfs none /proc", "mknod /dev/sda b 8 0",
                "mknod /x c 1 1", "chown 4000000000 /etc/mine", "sh -c 'echo x >/proc/sys/kernel/hostname'",
                "sh -c 'echo x >/proc/sysrq-trigger'", "sh -c 'echo 1 >/sys/kernel/mm/ksm/run'", "kill -9 1",
                "hostname x", "ls /proc/1/root/", "cat /proc/kcore",
                "nsenter -t 1 -m true", "unshare -m true", "insmod /x", "dmesg")
    for attempt in attempts:
        result = machine.ssh("alice", f"sudo {attempt}")
        assert result.status != 0, (attempt, result)
    assert machine.root("hostname").stdout == "vm\n"


def test_root__apt_installs_for_good(machine, config, subids, layers):
    """apt install works for alice in her own Debian 13; with persistent it is there after the last logout."""
    configure(config, f"{SELF_MADE}persistent")
    result = machine.ssh("alice", f"{APT} update && {APT} -y install hello && hello", timeout=80)
    assert result.status == 0 and result.lines[-1] == "Hello, world!", result
    gone(machine)
    assert machine.ssh("alice", "hello; dpkg -s hello | grep ^Status").lines == \
        ["Hello, world!", "Status: install ok installed"]
    gone(machine)
    # The image and the host have nothing of it; nor has bob, whose layer is his own.
    assert machine.root(f"ls {IMAGES}/debian/usr/bin/hello /usr/bin/hello", check=False).stdout == ""
    owners = machine.root(f"cd {layers}/*/upper; find . -name hello -path '*bin*' -exec stat -c %u {{}} +; stat -c %u .")
    assert owners.lines == ["300000", "300000"], owners
    assert machine.as_user("bob", "ls", layers).status != 0


def test_root__apt_installs_for_now(machine, config, subids):
    """With ephemeral it is gone with the container."""
    configure(config, f"{SELF_MADE}ephemeral")
    result = machine.ssh("alice", f"{APT} update && {APT} -y install hello && hello", timeout=80)
    assert result.status == 0 and result.lines[-1] == "Hello, world!", result
    gone(machine)
    assert machine.ssh("alice", "hello").status == 127


def test_root__is_the_user_with_identity_root(machine, config, subids):
    """Who is root inside owns the image there, and needs no sudo; her files are hers outside."""
    configure(config, f"{DIRECTORY}identity = root\nallow-root = yes\nwritable = ephemeral")
    result = machine.ssh("alice", f"id -un; {APT.replace('sudo ', '')} update && {APT.replace('sudo ', '')} -y "
                         "install hello && hello; touch ~/made-inside; stat -c %U ~/made-inside", timeout=80)
    assert result.lines[0] == "root" and result.lines[-2:] == ["Hello, world!", "root"], result
    assert machine.root("stat -c %U /home/alice/made-inside; rm /home/alice/made-inside").stdout == "alice\n"


# ---- another image ---------------------------------------------------------------------------


def test_persistent__an_update_is_told_and_nothing_is_lost(machine, config, subids, layers, journal):
    """Another image begins with an empty layer, which the log and --status say; the one before is kept."""
    configure(config, f"root = {IMAGES}/debian.erofs\nidentity = keep\nallow-root = yes\nwritable = persistent")
    machine.ssh("alice", "sudo touch /etc/before")
    gone(machine)
    configure(config, f"{SELF_MADE}persistent")
    assert machine.ssh("alice", "ls /etc/before || echo none").stdout == "none\n"
    gone(machine)
    said = journal("a new layer for")
    assert len(said) == 2 and re.search(rf"a new layer for {IMAGES}/debian: {layers}/[0-9a-f]{{16}}$", said[-1]), said
    assert len(machine.root(f"ls {layers}").lines) == 2
    with machine.session("alice"):
        status = machine.root("container-shell --status alice")
        assert re.search(rf"Layer: {layers}/[0-9a-f]{{16}}", status.stdout), status


# ---- namespaces inside ------------------------------------------------------------------------


NESTED = "nested-namespaces = yes\n"
BWRAP = "bwrap --ro-bind / / --dev /dev --proc /proc --unshare-all --tmpfs /tmp"


def test_nested__is_refused_by_default(machine):
    """Without the key no namespace can be made."""
    for command in ("unshare -Ur true", f"{BWRAP} true"):
        assert machine.ssh("alice", command).status != 0


@pytest.mark.parametrize("root", ["host", f"{IMAGES}/debian"])
def test_nested__lets_bwrap_make_a_sandbox(machine, config, root):
    """Own pids, an own /proc and root inside; nothing of what is outside it, nor of the host."""
    config(f"[default]\nroot = {root}\n{NESTED}")
    result = machine.ssh("alice", f"{BWRAP} sh -c 'echo $$; ls /tmp | wc -l; ls -d /proc/[0-9]* | wc -l'; "
                         "unshare -Ur id -u; unshare -Urpf --mount-proc sh -c 'ls -d /proc/[0-9]* | wc -l'; "
                         "unshare -Urm sh -c 'umount /proc; mount -o remount,rw,bind /usr; touch /usr/x; "
                         "mount -t tmpfs t /mnt && echo mounted' 2>/dev/null; "
                         "grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; ls /proc/1/root/ >/dev/null 2>&1 || echo no")
    assert result.lines[0] == "2" and result.lines[1] == "0" and 2 <= int(result.lines[2]) <= 4, result
    assert result.lines[3] == "0" and 1 <= int(result.lines[4]) <= 3, result
    assert result.lines[5:] == ["mounted", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "no"], result
    assert machine.root("! test -e /usr/x").status == 0


def test_nested__runs_podman_without_root(machine, config):
    """Rootless podman of the image's runs a container of the user's own tree, in the container."""
    config(f"[default]\nroot = {IMAGES}/debian\n{NESTED}")
    result = machine.ssh("alice", "mkdir -p tree/bin tree/proc tree/dev tree/sys tree/etc tree/run tree/tmp && "
                         "cp -a /usr/bin tree/usr-bin 2>/dev/null; cp -aL /lib64 /lib tree/ 2>/dev/null; "
                         "cp /bin/dash tree/bin/sh && podman --cgroup-manager=cgroupfs run --rm --network=none --cgroups=disabled "
                         "--rootfs $PWD/tree /bin/sh -c 'echo in podman $$'; rm -rf tree .local .config", timeout=85)
    assert "in podman 1" in result.stdout, result


def test_nested__by_pam(machine, config, host):
    """The same by PAM."""
    config(f"[default]\n{NESTED}")
    assert host.ssh("unshare -Ur id -u").stdout == "0\n"
