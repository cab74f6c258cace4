# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with pam_container_shell in sshd's PAM, carol's clients, and what the host sees of her.

carol's login shell is a plain one. Connections of hers that were there before the module
do not count.
"""

import contextlib
import pathlib
import re
import socket
import subprocess
import tempfile

UID = 1003
WHERE = "cat /run/host/container-manager; ls /home"
INSIDE = ["container-shell", "carol"]
SHARED = ("mnt", "ipc", "uts", "cgroup")
NAMESPACES = (*SHARED, "pid", "pid_for_children", "net", "user")
AUTH = {
    "pubkey": (),
    "password": ("-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=password"),
    "keyboard": ("-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=keyboard-interactive"),
}
# Ports of sshd's with settings of their own, so that it need not start anew for each test.
PORTS = {
    "forced": (2201, f"ForceCommand {WHERE}"),
    "sftp": (2202, "ForceCommand internal-sftp"),
    "chroot": (2203, "ChrootDirectory /srv/chroot\nForceCommand internal-sftp"),
    "noforward": (2204, "AllowTcpForwarding no"),
    "alive": (2205, "ClientAliveInterval 1\nClientAliveCountMax 1"),
    "faulty": (2210, None),  # another sshd's
}
SSHD = ("KbdInteractiveAuthentication yes\nX11Forwarding yes\nSubsystem sftp internal-sftp\n"
        "Subsystem sftp-external /usr/lib/openssh/sftp-server\nPort 22\n"
        + "".join(f"Port {port}\n" for port, settings in PORTS.values() if settings)
        + "".join(f"Match LocalPort {port}\n{settings}\n" for port, settings in PORTS.values()
                  if settings) + "Match all\n")


def free_port():
    """A port of this side."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Host:
    """The host, and clients of carol's that do not share the machine's connections."""

    def __init__(self, machine, askpass):
        self.machine, self.askpass = machine, askpass
        self.saved = []
        # A shell command that names sshd's processes for carol.
        before = machine.root("pgrep -u carol -x 'sshd|sshd-session'", check=False).lines
        self.children = ("pgrep -u carol -x 'sshd|sshd-session' | grep -vxF "
                         + " ".join(f"-e {pid}" for pid in ["none", *before]))

    @classmethod
    @contextlib.contextmanager
    def installed(cls, machine, directory: pathlib.Path):
        """A host with the module's two lines in sshd's file, as pam_container_shell(8) has them."""
        ask = directory / "ask"
        ask.write_text("#!/bin/sh\necho carol-password\n")
        ask.chmod(0o700)
        host = cls(machine, str(ask))
        with host.undone():
            host.lines()
            host.write("/etc/ssh/sshd_config", re.sub(r"(?m)^Subsystem.*$", "", host.read("/etc/ssh/sshd_config")))
            host.write("/etc/ssh/sshd_config.d/10-test.conf", SSHD)
            machine.root("mkdir -p /srv/chroot; sshd -t && systemctl restart ssh")
            yield host
        machine.root("rmdir /srv/chroot; systemctl restart ssh")

    # --- files ---------------------------------------------------------------------

    def read(self, path):
        """A file's content, or None."""
        return self.machine.root(f"cat {path}").stdout \
            if self.machine.root(f"test -e {path}", check=False).status == 0 else None

    def write(self, path, text, mode=None):
        """A file's new content, until the end of undone(); its owner and mode stay."""
        self.saved[-1].setdefault(path, self.read(path))
        self.machine.root(f"cat >{path}" + (f" && chmod {mode} {path}" if mode else ""), stdin=text.encode())

    @contextlib.contextmanager
    def undone(self):
        """At the end every file is as it is now."""
        self.saved.append({})
        try:
            yield self
        finally:
            for path, text in self.saved.pop().items():
                if text is None:
                    self.machine.root(f"rm -f {path}")
                else:
                    self.machine.root(f"cat >{path}", stdin=text.encode())

    def lines(self, service="sshd", auth="", session="", auth_line=True, session_line=True, early=False):
        """The module's lines in a service; the session line before all others, where it should not be, if early."""
        path = f"/etc/pam.d/{service}"
        text = re.sub(r"(?m)^.*pam_container_shell.*\n", "", self.read(path))
        first = f"auth optional pam_container_shell.so {auth}\n" if auth_line else ""
        last = f"session required pam_container_shell.so {session}\n" if session_line else ""
        self.write(path, first + (last + text if early else text + last))

    # --- clients -------------------------------------------------------------------

    def env(self, auth="pubkey", **more):
        """What a client needs to answer for a password."""
        env = {} if auth == "pubkey" else {"SSH_ASKPASS": self.askpass, "SSH_ASKPASS_REQUIRE": "force"}
        return {**env, **more}

    def options(self, auth="pubkey", port=None):
        """Options of a connection of its own, by this way to log in, at this port."""
        through = () if port is None else (
            "-o", f"ProxyCommand=ssh -F {self.machine.config} -W 127.0.0.1:{PORTS[port][0]} root@vm")
        return ("-o", "ControlPath=none", *AUTH[auth], *through)

    def ssh(self, *command, auth="pubkey", port=None, options=(), user="carol", env=None, **how):
        """A connection of its own."""
        return self.machine.ssh(user, *command, options=(*self.options(auth, port), *options),
                                env=self.env(auth, **(env or {})), **how)

    def sftp(self, batch, port=None, options=()):
        """sftp over a connection of its own."""
        return self.machine.client("sftp", *self.options(port=port), *options, "carol@vm", stdin=batch)

    @contextlib.contextmanager
    def open(self, *command, port=None, options=(), user="carol", env=None):
        """A connection that lasts as long as the with block; -N if there is no command."""
        client = self.machine.popen(user, *command, env=self.env(**(env or {})),
                                    options=(*self.options(port=port), *(() if command else ("-N",)), *options))
        try:
            if command:
                assert client.stdout.readline() == b"begun\n", client.stderr.read()
            elif user == "carol":
                self.machine.wait(self.children, timeout=30)
            yield client
        finally:
            client.kill()
            client.communicate()

    # --- what the host sees ----------------------------------------------------------

    def namespaces(self, pid):
        """The names of a process's namespaces."""
        return dict(zip(NAMESPACES, self.machine.root(
            "readlink " + " ".join(f"/proc/{pid}/ns/{name}" for name in NAMESPACES)).lines))

    def sshd_child(self):
        """The pid of sshd's one process that is carol's: inside, and nobody to the container."""
        pids = self.machine.wait(f"test $({self.children} | wc -l) = 1 && {self.children}", timeout=30).split()
        found, inside, host = (self.namespaces(pid) for pid in
                               (pids[0], self.machine.container(UID)["pid"], 1))
        for name in (*SHARED, "pid_for_children"):
            assert found[name] == inside[name] != host[name], (name, found, inside, host)
        assert found["pid"] == host["pid"] != inside["pid"], (found, inside)
        status = self.machine.root(f"cat /proc/{pids[0]}/status").stdout
        for what in (rf"Uid:\t{UID}\t{UID}\t{UID}\t{UID}", "CapEff:\t0{16}", "CapPrm:\t0{16}", "CapBnd:\t0{16}",
                     "CapInh:\t0{16}", "CapAmb:\t0{16}", "NoNewPrivs:\t1", "Seccomp:\t2"):
            assert re.search(what, status), (what, status)
        assert self.machine.root(f"stat -c %u /proc/{pids[0]}/fd").stdout == "0\n", "dumpable"
        return int(pids[0])

    def all_inside(self):
        """Every process of carol's that is no sshd, as the host sees it: in every namespace of the container."""
        inside = self.namespaces(self.machine.container(UID)["pid"])
        sshd = self.machine.root("pgrep -u carol -x 'sshd|sshd-session'").lines
        others = [process for process in self.machine.processes(uid=UID) if str(process["pid"]) not in sshd
                  and "user@" not in process["cgroup"]]
        for process in others:
            assert self.namespaces(process["pid"]) == inside, (process, inside)
        return others

    def holder(self, pid, *filter_words):
        """The process with this pid has a TCP socket that ss(8) finds by these words."""
        lines = self.machine.wait(f"ss -Htnap {' '.join(filter_words)} | grep 'pid={pid},'")
        return lines.splitlines()

    def gone(self, uid=UID):
        """No container and no process of sshd's."""
        self.machine.wait(f"! ls -d /run/container-shell/{uid} 2>/dev/null")
        if uid == UID:
            self.machine.wait(f"! ({self.children})")


class Connection:
    """One connection of carol's, shared by what goes through it."""

    def __init__(self, host, auth, **env):
        self.host, self.machine = host, host.machine
        self.directory = tempfile.TemporaryDirectory(dir="/tmp", prefix="mux-")
        self.path = f"{self.directory.name}/mux"
        self.options = ("-o", f"ControlPath={self.path}", "-o", "ProxyCommand=false")
        subprocess.run(["ssh", "-F", self.machine.config, *AUTH[auth], "-o", f"ControlPath={self.path}",
                        "-o", "ControlPersist=yes", "-fNMAY", "carol@vm"], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60,
                       env=self.machine.environment(**host.env(auth, **env)))
        try:
            self.child = host.sshd_child()
            self.init = self.machine.container(UID)
        except BaseException:
            self.close()
            raise

    def ssh(self, *command, options=(), **how):
        """A session of it."""
        return self.machine.ssh("carol", *command, options=(*self.options, *options), **how)

    @contextlib.contextmanager
    def session(self, command, options=()):
        """A session of it that has begun."""
        client = self.machine.popen("carol", command, options=(*self.options, *options))
        try:
            assert client.stdout.readline() == b"begun\n", client.stderr.read()
            yield client
        finally:
            self.machine.end(client)

    def control(self, word, *arguments):
        """ssh -O; what it printed."""
        return subprocess.run(["ssh", "-F", self.machine.config, "-S", self.path, "-O", word, *arguments, "carol@vm"],
                              check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              env=self.machine.environment()).stdout

    @contextlib.contextmanager
    def forward(self, *arguments):
        """A forwarded port or socket."""
        said = self.control("forward", *arguments)
        try:
            yield said.strip()
        finally:
            self.control("cancel", *arguments)

    def close(self):
        """The end of it."""
        try:
            self.control("exit")
        finally:
            self.directory.cleanup()
