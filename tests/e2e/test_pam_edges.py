# SPDX-License-Identifier: GPL-3.0-or-later
"""pam_container_shell: settings of sshd's, whoever ends, a hostile container, what is broken, cron."""

import signal
import socket
import subprocess

import pytest

from machine import HERE
from pamhost import INSIDE, PORTS, UID, WHERE, free_port

SESSION = "echo begun; exec cat"
INTERNAL = b"ls -1 /home\nls -1 /\n"


def still_there(client):
    """The session goes on."""
    client.stdin.write(b"still here\n")
    client.stdin.flush()
    assert client.stdout.readline() == b"still here\n"


def library(machine, source):
    """A shared library, built for the machine."""
    root = subprocess.run([HERE / "image", "buildroot", machine.distribution], check=True, capture_output=True,
                          text=True).stdout.strip() + "/root"
    return subprocess.run(["unshare", "--mount", "sh", "-euc", """
        mount -t tmpfs none "$0/tmp"
        cat >"$0/tmp/library.c"
        chroot "$0" gcc -shared -fPIC -o /tmp/library.so /tmp/library.c
        cat "$0/tmp/library.so"
    """, root], input=source.encode(), check=True, stdout=subprocess.PIPE).stdout


# ---- settings of sshd's -----------------------------------------------------------------


def test_no_command__is_inside(host):
    """ssh -N alone: sshd's process is inside and holds the container."""
    with host.open() as client:
        host.sshd_child()
        client.send_signal(signal.SIGKILL)
        client.wait()
        host.gone()


def test_forced_command__is_inside(host):
    """command= before a key, and ForceCommand."""
    host.write("/home/carol/.ssh/authorized_keys",
               f'command="{WHERE}" ' + host.read("/home/carol/.ssh/authorized_keys"))
    assert host.ssh("echo not this").lines == INSIDE
    assert host.ssh("echo not this", port="forced").lines == INSIDE


def test_forced_sftp__is_inside(host):
    """ForceCommand internal-sftp: the server inside sshd's own process sees the container's /."""
    result = host.sftp(INTERNAL, port="sftp")
    assert result.status == 0 and "/home/carol" in result.lines and "/home/alice" not in result.lines, result
    assert "/usr" in result.lines and "/lost+found" not in result.lines, result


def test_forwarding_switched_off__stays_off(host):
    """AllowTcpForwarding no is in force inside too."""
    result = host.ssh(port="noforward", options=("-W", "127.0.0.1:22"))
    assert result.status != 0 and "SSH-2.0" not in result.stdout, result
    assert host.ssh(WHERE, port="noforward").lines == INSIDE


def test_chroot_directory__is_refused(host):
    """ChrootDirectory excludes the module: no session, rather than one outside."""
    result = host.sftp(INTERNAL, port="chroot")
    assert result.status != 0 and "/" not in result.lines and "/home" not in result.stdout, result
    host.gone()


def test_settings__what_pam_sets_is_in_force_inside(host):
    """Limits of pam_limits and variables of pam_env reach the session, and do not hinder the module; home and
    runtime directory are right."""
    host.write("/etc/security/limits.d/test.conf", "carol hard nofile 321\ncarol soft nofile 123\n"
               "carol hard nproc 50\ncarol hard as 400000\n")
    result = host.ssh("ulimit -Sn; ulimit -Hn; echo $HOME $USER $XDG_RUNTIME_DIR; pwd; touch $XDG_RUNTIME_DIR/x && "
                      "echo wrote; cat /proc/self/loginuid; echo")
    assert result.lines == ["123", "321", f"/home/carol carol /run/user/{UID}", "/home/carol", "wrote", str(UID)], result


def test_login_shell__of_ours_makes_one_container(host, agent):
    """A user whose shell is container-shell too is in one container, once: the shell inside just runs."""
    with host.open(SESSION, user="alice"):
        assert host.machine.root("ls /run/container-shell/1001").lines == ["default"]
        assert not [process for process in host.machine.processes("container-shell-helper", uid=1001)]
        result = host.ssh("cat /run/host/container-manager; ls /home; ps -e -o comm=; ssh-add -l; exit 6", user="alice",
                          options=("-A",), env={"SSH_AUTH_SOCK": agent})
        host.machine.wait("container-shell --list | grep -q '^alice .* running  *1 '")
        assert len([process for process in host.machine.processes("container-shell-init")
                    if "/1001-" in process["cgroup"]]) == 1
    assert result.lines[:2] == ["container-shell", "alice"] and result.status == 6, result
    names = result.lines[2:-1]
    assert names.count("container-shell") == 1 and set(names) <= {"container-shell", "cat", "bash", "ps"}, result
    assert "forwarded-key" in result.lines[-1], result


def test_network_none__forwarding_stays_inside(host, config):
    """With network = none, -L and -W reach no service on the host's loopback, and -R and X11 listen inside only."""
    machine = host.machine
    config("[default]\nnetwork = none\n")
    if machine.root("container-shell --check-config", check=False).status != 0:
        pytest.skip("this version has no key network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = server.getsockname()[1]
        port, command = free_port(), "ss -Htln; echo $DISPLAY; echo begun; exec cat"
        client = machine.popen("carol", command, env=host.env(DISPLAY="127.0.0.1:99"), options=(
            *host.options(), "-Y", "-L", f"{port}:127.0.0.1:22", "-R", f"7790:127.0.0.1:{here}"))
        try:
            said = list(iter(client.stdout.readline, b"begun\n"))
            inside = " ".join(line.decode() for line in said)
            child = host.sshd_child()
            names = host.namespaces(child)
            assert names["net"] == host.namespaces(machine.container(UID)["pid"])["net"] != host.namespaces(1)["net"]
            assert "127.0.0.1:7790" in inside and "127.0.0.1:6010" in inside and ":22 " not in inside, inside
            machine.root("! ss -Htln | grep -E ':(7790|6010) '")
            with socket.create_connection(("127.0.0.1", port)) as sock:
                sock.settimeout(30)
                assert sock.recv(64) == b"", "reached sshd on the host"
        finally:
            client.kill()
            client.communicate()
    result = host.ssh(options=("-W", "127.0.0.1:22"))
    assert "SSH-2.0" not in result.stdout and result.status != 0, result
    machine.root("rm -f /home/carol/.Xauthority*")
    host.gone()


# ---- who ends ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def other(pam_host):
    """A session of bob's, that goes on whatever becomes of carol's."""
    with pam_host.open(SESSION, user="bob") as client:
        yield client
    pam_host.gone(1002)


@pytest.mark.parametrize("whom", ("monitor", "child", "client", "container"))
def test_killed__nothing_is_left(host, other, whom):
    """Whoever is killed: nothing of the session stays, the lease is released, others go on."""
    with host.open("sleep 300 & echo begun; exec cat") as client:
        child = host.sshd_child()
        parent = host.machine.root(f"ps -o ppid= -p {child}").stdout.strip()
        if whom == "client":
            client.send_signal(signal.SIGKILL)
        elif whom == "container":
            host.machine.root("container-shell --stop carol")
        else:
            host.machine.root(f"kill -9 {dict(monitor=parent, child=child)[whom]}")
        client.wait(30)
        host.gone()
        still_there(other)


def test_killed__monitor_of_the_container(host, other):
    """kill -9 of the container's monitor ends the container; the next login makes a new one, and ends what is
    left of the old: a connection without a session."""
    with host.open() as client:
        child = host.sshd_child()
        init = host.machine.container(UID)
        host.machine.root(f"kill -9 {init['ppid']}")
        host.machine.wait(f"! kill -0 {init['pid']} 2>/dev/null")
        assert host.ssh(WHERE).lines == INSIDE
        host.machine.wait(f"! kill -0 {child} 2>/dev/null")
        client.wait(20)
        host.gone()
        still_there(other)


def test_killed__listener(host, other):
    """kill -9 of sshd's listener: sessions go on, and end as ever."""
    machine = host.machine
    with host.open(SESSION) as client:
        host.sshd_child()
        machine.root("kill -9 $(systemctl show -P MainPID ssh)")
        still_there(client)
        machine.wait("systemctl reset-failed ssh; systemctl start ssh && systemctl is-active -q ssh", timeout=30)
        assert host.machine.end(client) == 0
        host.gone()
        still_there(other)
        assert host.ssh(WHERE).lines == INSIDE


def test_cut__without_a_word(host, other):
    """A client that has gone without a reset: sshd finds out, and nothing is left."""
    with host.open("sleep 300 & echo begun; exec cat", port="alive") as client:
        host.sshd_child()
        client.send_signal(signal.SIGSTOP)
        host.gone()
        still_there(other)


def test_killed__one_of_two_goes_alone(host):
    """kill -9 of one connection's monitor ends that one; the other is in the same container."""
    with host.open(SESSION) as first:
        child = host.sshd_child()
        with host.open(SESSION) as second:
            pids = [pid for pid in host.machine.root(host.children).lines if int(pid) != child]
            assert len(pids) == 1, pids
            host.machine.root(f"kill -9 $(ps -o ppid= -p {pids[0]})")
            host.machine.wait(f"! kill -0 {pids[0]} 2>/dev/null")
            second.wait(20)
        still_there(first)


def test_stop__ends_a_connection_without_a_session(host):
    """--stop ends sshd's process of an ssh -N, which no pid namespace ends."""
    with host.open() as client:
        child = host.sshd_child()
        host.machine.root("container-shell --stop carol")
        host.machine.wait(f"! kill -0 {child} 2>/dev/null")
        client.wait(20)
        host.gone()


# ---- the other side -----------------------------------------------------------------------

CANARY = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
/* Says who has loaded it. */
__attribute__((constructor)) static void sing(void)
{
	char ns[64] = "", exe[200] = "";
	int fd = open("/home/carol/canary", O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);

	if (readlink("/proc/self/ns/mnt", ns, sizeof(ns) - 1) < 0 || readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		return;
	dprintf(fd, "library %d %s %s\n", (int)geteuid(), ns, exe);
	close(fd);
}
"""


@pytest.fixture(scope="module")
def canary(machine):
    """The library, built for the machine."""
    return library(machine, CANARY)


def test_hostile_container__runs_nothing_as_root(host, canary):
    """A container that has its own ld.so.preload, NSS, motd scripts and PAM: no line of it is run as root.

    Its /etc is put there by root, as no user can; what a user can write is there too. The session line
    is where the most of sshd's own modules come after it.
    """
    machine = host.machine
    host.lines(early=True)
    script = "#!/bin/sh\necho script $(id -u) $(readlink /proc/self/ns/mnt) $0 >>/home/carol/canary\n"
    hostile = {
        "ld.so.preload": "/etc/canary.so\n",
        "nsswitch.conf": "passwd: canary files\ngroup: canary files\nshadow: canary files\nhosts: canary files\n",
        "update-motd.d/00-canary": script, "profile.d/canary.sh": script, "ssh/sshrc": script,
        "pam.d/sshd": "auth optional pam_exec.so /etc/update-motd.d/00-canary\n"
                      "session optional pam_exec.so /etc/update-motd.d/00-canary\n",
        "security/pam_env.conf": "LD_PRELOAD DEFAULT=/etc/canary.so\n", "environment": "LD_PRELOAD=/etc/canary.so\n",
        "nologin": "hostile-nologin\n", "motd": "hostile-motd\n", "shadow": "", "localtime": "",
    }
    homes = (".bash_profile", ".ssh/rc", ".bash_logout", ".xsession")
    machine.root("cat >/home/carol/canary.sh; chmod 777 /home/carol/canary.sh; : >/home/carol/canary; "
                 "chmod 666 /home/carol/canary", stdin=script.encode())
    try:
        with host.open("umask 0; for file in " + " ".join(homes) + "; do cp canary.sh $file; done; "
                       "printf 'LD_PRELOAD DEFAULT=/etc/canary.so\\n' >.pam_environment; ln -s /home/carol/canary.sh "
                       "/run/motd.dynamic; mkdir -p /run/sshd /run/nscd /run/systemd/userdb; cp canary.sh /tmp/update-motd; "
                       "echo hostile-nologin >/run/nologin; " + SESSION):
            init = machine.container(UID)["pid"]
            inside = host.namespaces(init)["mnt"]
            machine.root(f"nsenter -t {init} -m sh -ec 'mount -o remount,bind,exec,suid /tmp; mkdir /tmp/etc; cp -a /etc/. "
                         "/tmp/etc/; mount --bind /tmp/etc /etc'")
            etc = f"/proc/{init}/root/etc"
            machine.root(f"cat >{etc}/canary.so; chmod 755 {etc}/canary.so; cd /proc/{init}/root/usr/lib/x86_64-linux-gnu; "
                         f"nsenter -t {init} -m sh -c 'mount --bind /etc/canary.so "
                         "/usr/lib/x86_64-linux-gnu/libnss_systemd.so.2'", stdin=canary)
            hostile["nsswitch.conf"] = hostile["nsswitch.conf"].replace("canary", "systemd")
            for name, text in hostile.items():
                machine.root(f"mkdir -p $(dirname {etc}/{name}); rm -f {etc}/{name}; cat >{etc}/{name}; "
                             f"chmod 755 {etc}/{name}", stdin=text.encode())
            with machine.terminal("carol", options=host.options()) as child:
                child.expect(r"(?s)(.*)\$ ")
                shown = child.match.group(1)
                child.sendline("cat /run/host/container-manager; exit")
                child.expect("container-shell\r\n")
                child.wait()
            assert host.ssh("echo in").lines[-1] == "in"
            assert "/home" in host.sftp(b"ls -1 /\n").stdout
            assert host.ssh("id -u", user="root").lines == ["0"]
            assert machine.root("container-shell --enter carol -- id -u").lines == [str(UID)]
            machine.root("container-shell --list; container-shell --status carol; container-shell --doctor; :")
        host.gone()
        assert host.ssh("id -u", user="root").lines == ["0"]
        lines = machine.root("cat /home/carol/canary").lines
    finally:
        machine.root("cd /home/carol && rm -f canary canary.sh .pam_environment " + " ".join(homes))
    assert "hostile" not in shown, shown
    # It does sing, each kind of it; to nobody but carol, and only inside.
    assert {line.split()[0] for line in lines} == {"library", "script"}, lines
    assert {tuple(line.split()[1:3]) for line in lines} == {(str(UID), inside)}, lines
    assert any("bash" in line for line in lines) and any("/etc/profile.d/" in line or "-bash" in line or
                                                         "bash_profile" in line for line in lines), lines


def test_sshds_process__is_out_of_reach(host):
    """From inside sshd's process cannot be seen or signalled; it has no descriptor more than without us."""
    with host.open(SESSION):
        child = host.sshd_child()
        result = host.ssh(f"ls -d /proc/{child}; kill -9 {child}; kill -0 {child}; pkill -9 sshd; echo $?")
        assert result.lines[-1] == "1" and f"/proc/{child}" not in result.lines, result
        assert str(child) in host.machine.root(host.children).lines
        host.sshd_child()
        contained = host.machine.root(f"ls /proc/{child}/fd | wc -l").stdout
    host.gone()
    host.lines(session="exempt-user=carol")
    with host.open(SESSION):
        plain = host.machine.root(f"ls /proc/$({host.children})/fd | wc -l").stdout
    assert contained == plain


# ---- what is broken -----------------------------------------------------------------------


def refused(host, word):
    """Nothing of sshd's runs for carol: no command, no file, no connection; she is told, and root gets in."""
    with host.machine.terminal("carol", "echo in; id", options=host.options()) as child:
        child.expect(word)
        child.wait()
        assert child.exitstatus == 254, child.exitstatus
    result = host.ssh("echo in; id")
    assert result.status == 254 and "in" not in result.lines and "uid=" not in result.stdout, result
    result = host.ssh(options=("-W", "127.0.0.1:22"))
    assert "SSH-2.0" not in result.stdout and result.status != 0, result
    result = host.sftp(INTERNAL)
    assert result.status != 0 and "/etc" not in result.stdout, result
    assert host.ssh("id -u", user="root").lines == ["0"]


def test_auth_line__missing_refuses(host):
    """Without the auth line nobody but root is let in."""
    host.lines(auth_line=False)
    refused(host, "has no auth line")


def test_session_line__missing_refuses(host):
    """Without the session line sshd's process for the user is killed; root gets in."""
    host.lines(session_line=False)
    result = host.ssh("echo in")
    assert result.status == 255 and result.stdout == "", result
    assert host.ssh("id -u", user="root").lines == ["0"]
    host.machine.wait("journalctl -q --no-pager -n 60 | grep -q 'user=carol .* has no session line'")


def test_config__broken_refuses(host, config):
    """A configuration that is broken refuses users, and neither root nor who is exempt."""
    config("[default]\nno-such-key = 1\n")
    refused(host, "container-shell: cannot")
    host.lines(session="exempt-group=audio")
    assert host.ssh("ls /home | wc -l").lines != ["1"]


def test_helper__missing_refuses(host):
    """Without the helper users are refused, root is not."""
    path = "/usr/libexec/container-shell/container-shell-helper"
    host.machine.root(f"mv {path} {path}.away")
    try:
        refused(host, "container-shell: cannot prepare the container")
    finally:
        host.machine.root(f"mv {path}.away {path}")


def test_exempt__is_outside(host):
    """exempt-user= and exempt-group= let a user through, and no other."""
    for word in ("exempt-user=carol", "exempt-group=team"):
        host.lines(session=word)
        assert host.ssh("test -e /run/host/container-manager; echo $?").lines == ["1"]
    host.lines(session="exempt-user=car exempt-group=root")
    assert host.ssh(WHERE).lines == INSIDE


def test_su__with_the_line_in_common_session_refuses(host):
    """Where the module cannot contain anybody it says so, and root's own su works."""
    host.lines("common-session", auth_line=False)
    result = host.machine.root("su - carol -c 'echo in'", check=False)
    assert result.status != 0 and "in\n" not in result.stdout, result
    assert "set container-shell as the login shell" in result.stdout + result.stderr
    assert host.machine.root("su - root -c 'echo in'").lines == ["in"]


# ---- cron -----------------------------------------------------------------------------------


def test_cron__job_is_inside(host):
    """A job of Debian's cron is inside: its shell too, which reaches nothing of the host's. root's and who is
    exempt are outside."""
    machine = host.machine
    host.lines("cron", session="exempt-user=bob", auth="exempt-user=bob")
    pid = machine.root("setpriv --reuid carol --regid carol --init-groups sleep 300 </dev/null >/dev/null 2>&1 & "
                       "echo $!").stdout.strip()
    job = (f"exec >/home/carol/out 2>&1; cat /run/host/container-manager; ls /home; echo $$; "
           f"kill -0 {pid} && echo reached; kill -9 -1; kill -9 {pid}; echo; touch /home/carol/done; read x </home/carol/go")
    host.write("/etc/cron.d/test", "SHELL=/bin/bash\n"
               f"@reboot carol {job}\n"
               "@reboot root id -u >/root/out; test -e /run/host || touch /root/done\n"
               "@reboot bob ls /home >/home/bob/out; touch /home/bob/done\n")
    try:
        machine.root("mkfifo -m 666 /home/carol/go; rm -f /run/crond.reboot; systemctl restart cron")
        machine.wait("test -e /home/carol/done -a -e /root/done -a -e /home/bob/done", timeout=30)
        seen = [process for process in machine.processes("bash", uid=UID)]
        assert len(seen) == 1, seen
        assert host.namespaces(seen[0]["pid"]) == host.namespaces(machine.container(UID)["pid"])
        machine.root("timeout 20 sh -c 'echo >/home/carol/go'")
        lines = machine.root("cat /home/carol/out").lines
        assert machine.root(f"kill -0 {pid}", check=False).status == 0, "a job has killed a process of the host"
        assert machine.root("cat /root/out").lines == ["0"]
        assert "alice" in machine.root("cat /home/bob/out").lines
    finally:
        machine.root(f"rm -f /root/done /root/out /home/*/done /home/*/out /home/carol/go; kill {pid}", check=False)
    assert lines[:2] == INSIDE and int(lines[2]) < 50 and "reached" not in lines, lines
    host.gone()


# ---- a step that fails --------------------------------------------------------------------


FAULT = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
/* In sshd: one function of the C library's fails, that which /run/fault names. */
static char wanted[32];

__attribute__((constructor)) static void look(void)
{
	int fd = open("/run/fault", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read(fd, wanted, sizeof(wanted) - 1) >= 0)
		close(fd);
}

static int fails(const char *name)
{
	errno = EIO;
	return strcmp(name, wanted) == 0;
}

int setns(int fd, int type)
{
	return fails("setns") ? -1 : ((int (*)(int, int))dlsym(RTLD_NEXT, "setns"))(fd, type);
}

pid_t getppid(void)
{
	return fails("getppid") ? 1 : ((pid_t (*)(void))dlsym(RTLD_NEXT, "getppid"))();
}

int prctl(int option, ...)
{
	long a[4];
	va_list list;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (option == PR_SET_PDEATHSIG && fails("prctl"))
		return -1;
	return ((int (*)(int, ...))dlsym(RTLD_NEXT, "prctl"))(option, a[0], a[1], a[2], a[3]);
}

long syscall(long number, ...)
{
	long a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if ((number == SYS_keyctl && fails("keyctl")) || (number == SYS_capset && fails("capset")) ||
	    (number == SYS_seccomp && fails("seccomp")))
		return -1;
	return ((long (*)(long, ...))dlsym(RTLD_NEXT, "syscall"))(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
"""

# The steps of pam/enter.c that sshd's process takes, and what each asks the C library for.
STEPS = {
    "": "nothing",
    "find the session's holder": "getppid",
    "enter the container": "setns",
    "make a session keyring": "keyctl",
    "become the user": "capset",
    "tie the session to its holder": "prctl",
    "install the system call filter": "seccomp",
}


@pytest.fixture(scope="module")
def faulty(pam_host):
    """A second sshd, for port "faulty", whose processes have functions that fail."""
    machine = pam_host.machine
    machine.root("cat >/root/fault.so", stdin=library(machine, FAULT))
    pid = machine.root(f"LD_PRELOAD=/root/fault.so setsid /usr/sbin/sshd -D -p {PORTS['faulty'][0]} -o PidFile=none "
                       "</dev/null >/dev/null 2>&1 & echo $!").stdout.strip()
    machine.wait(f"ss -ltn | grep -q :{PORTS['faulty'][0]}")
    yield machine
    machine.root(f"kill {pid}; rm -f /root/fault.so /run/fault")


@pytest.mark.parametrize("step", STEPS)
def test_step__fails_and_nothing_runs(faulty, host, journal, step):
    """A step into the container fails in sshd itself: its process is killed, and runs no program of the user's."""
    host.write("/home/carol/.ssh/rc", "echo rc >>/home/carol/ran\n")
    host.write("/run/fault", STEPS[step])
    try:
        result = host.ssh("echo command; echo command >>/home/carol/ran", port="faulty")
        ran = faulty.root("cat /home/carol/ran", check=False).lines
    finally:
        faulty.root("rm -f /home/carol/ran")
    if not step:  # so that the others say something
        assert result.lines == ["command"] and ran == ["rc", "command"], (result, ran)
    else:
        assert result.status == 255 and result.stdout == "" and ran == [], (result, ran)
        assert "user=carol" in journal("session ended: .*cannot " + step.replace("'", "."))[0]
    host.gone()
