# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual machine that is a login host, and the clients that log in to it.

Machine.boot() starts one from a cached image that it never changes; everything
listens on 127.0.0.1 and ends with the process that started it.
"""

import contextlib
import json
import os
import pathlib
import select
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pexpect
import pexpect.fdpexpect

HERE = pathlib.Path(__file__).resolve().parent
BOOT_DEADLINE = 180
COMMAND_DEADLINE = 60
USERS = ("alice", "bob", "carol")


class MachineError(Exception):
    """The machine itself is broken, not what runs on it."""


class Result:
    """What a command said and how it ended; status is negative for a signal."""

    def __init__(self, status: int, stdout: bytes, stderr: bytes):
        self.status, self.bytes = status, stdout
        self.stdout = stdout.decode("utf-8", "replace")
        self.stderr = stderr.decode("utf-8", "replace")

    def __repr__(self) -> str:
        return f"<status {self.status}, stdout {self.stdout!r}, stderr {self.stderr!r}>"

    @property
    def lines(self) -> list:
        return self.stdout.splitlines()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def die_with_parent() -> None:
    """Run in the child: a killed pytest must not leave a virtual machine behind."""
    import ctypes  # pylint: disable=import-outside-toplevel
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Machine:
    """One booted virtual machine."""

    def __init__(self, distribution: str, directory: pathlib.Path, memory: int):
        self.distribution = distribution
        self.directory = directory
        self.memory = memory
        self.serial_log = directory / "serial.log"
        self.config = directory / "ssh_config"
        self.qemu = None
        self.agent = None
        self.port = 0
        self.boot_seconds = 0.0
        self._clients = contextlib.ExitStack()

    # --- life ------------------------------------------------------------------

    @classmethod
    def boot(cls, distribution: str, memory: int = 1024) -> "Machine":
        """A machine that accepts logins, with @memory MiB."""
        image, userland = (pathlib.Path(subprocess.run([HERE / "image", kind, of], check=True,
                                                       stdout=subprocess.PIPE, text=True).stdout.strip())
                           for kind, of in (("guest", distribution), ("userland", "trixie")))
        # In /tmp for its short name: it holds sockets.
        self = cls(distribution, pathlib.Path(tempfile.mkdtemp(prefix=f"vm-{distribution}-", dir="/tmp")),
                   memory)
        try:
            self._start(image, userland / "userland.ext4")
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self, image: pathlib.Path, userland: pathlib.Path) -> None:
        began = time.monotonic()
        accel = subprocess.run([HERE / "accel", image / "vmlinuz"], check=True,
                               stdout=subprocess.PIPE, text=True).stdout.strip()
        cpu = {"kvm": ["-accel", "kvm", "-cpu", "host"],
               "tcg": ["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max"]}[accel]
        self.port = free_port()
        console, ready = self.directory / "console", self.directory / "ready"
        self.qemu = subprocess.Popen(
            ["qemu-system-x86_64", *cpu, "-smp", "2", "-m", str(self.memory), "-nodefaults", "-no-user-config",
             "-display", "none", "-no-reboot", "-snapshot",
             "-kernel", image / "vmlinuz", "-initrd", image / "initrd.img",
             "-append", "root=/dev/vda rw console=ttyS0 quiet loglevel=1 net.ifnames=0 panic=-1 "
                        "fsck.mode=skip mitigations=off random.trust_cpu=on "
                        "systemd.show_status=0 systemd.firstboot=off",
             "-drive", f"file={image / 'root.ext4'},format=raw,if=virtio,cache=unsafe,"
                       "discard=unmap,aio=threads",
             "-drive", f"file={userland},format=raw,if=virtio,cache=unsafe,aio=threads",
             "-device", "virtio-rng-pci",
             "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:22",
             "-device", "virtio-net-pci,netdev=net,romfile=",
             "-chardev", f"socket,id=console,path={console},server=on,wait=off,logfile={self.serial_log}",
             "-serial", "chardev:console",
             "-chardev", f"socket,id=ready,path={ready},server=on,wait=off",
             "-serial", "chardev:ready"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(self.directory / "qemu.log", "wb"), preexec_fn=die_with_parent)
        self._await_ready(ready, began + BOOT_DEADLINE)
        self._write_config(image / "key")
        self.boot_seconds = time.monotonic() - began
        self._start_agent()

    def _await_ready(self, path: pathlib.Path, end: float) -> None:
        with socket.socket(socket.AF_UNIX) as sock:
            while sock.connect_ex(str(path)) != 0:  # qemu has not come to listening there
                if self.qemu.poll() is not None or time.monotonic() > end:
                    raise MachineError("qemu did not start: " + (self.directory / "qemu.log").read_text())
                select.select([], [], [], 0.01)
            said = b""
            while b"ready" not in said:
                sock.settimeout(max(0.001, end - time.monotonic()))
                try:
                    data = sock.recv(4096)
                except TimeoutError:
                    data = b""
                if not data:
                    raise MachineError(f"no login within {BOOT_DEADLINE} s; the serial line said: "
                                       + self.serial_log.read_text(errors="replace")[-2000:])
                said += data

    def _write_config(self, key: pathlib.Path) -> None:
        self.config.write_text(
            "Host vm\n"
            "HostName 127.0.0.1\n"
            f"Port {self.port}\n"
            f"IdentityFile {key}\n"
            "IdentitiesOnly yes\n"
            "UserKnownHostsFile /dev/null\n"
            "StrictHostKeyChecking no\n"
            "LogLevel ERROR\n"
            "ConnectTimeout 60\n"
            "SendEnv LANG LC_*\n"
            f"ControlPath {self.directory}/mux-%r\n"
            "ControlMaster no\n")

    def _start_agent(self) -> None:
        self.agent = subprocess.Popen(
            self._ssh_argv("root", fresh=True) + [shlex.join(["python3", "-uc", (HERE / "agent.py").read_text()])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(self.directory / "agent.log", "wb"),
            env=self.environment())

    def connect(self, *users: str) -> None:
        """Open the connections that ssh(user) shares from now on, where they are not open."""
        for user in users:
            self._connect(user)

    def _connect(self, user: str) -> None:
        if not (self.directory / f"mux-{user}").exists():
            subprocess.run(["ssh", "-F", self.config, "-o", "ControlMaster=yes", "-o", "ControlPersist=yes",
                            "-fN", f"{user}@vm"],
                           check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=COMMAND_DEADLINE, env=self.environment())

    def disconnect(self, user: str) -> None:
        """Close the shared connection of a user."""
        subprocess.run(["ssh", "-F", self.config, "-O", "exit", f"{user}@vm"], check=False,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       timeout=COMMAND_DEADLINE, env=self.environment())

    def stop(self) -> None:
        """End the machine and all that serves it."""
        self._clients.close()
        if self.port:
            for socket_file in self.directory.glob("mux-*"):
                self.disconnect(socket_file.name.removeprefix("mux-"))
        for process in (self.agent, self.qemu):
            if process is not None:
                process.kill()
                process.wait()
        keep = os.environ.get("VM_LOGS")
        if keep:
            pathlib.Path(keep).mkdir(parents=True, exist_ok=True)
            for log in self.directory.glob("*.log"):
                shutil.copy(log, pathlib.Path(keep, f"{self.distribution}-{log.name}"))
        shutil.rmtree(self.directory, ignore_errors=True)

    # --- as root, over the agent -------------------------------------------------

    def ask(self, deadline: float = COMMAND_DEADLINE, **request):
        """One question to the agent."""
        self.agent.stdin.write(json.dumps(request).encode() + b"\n")
        self.agent.stdin.flush()
        if not select.select([self.agent.stdout], [], [], deadline + 30)[0]:
            raise MachineError(f"no answer from the machine to {request}")
        line = self.agent.stdout.readline()
        if not line:
            raise MachineError("the machine's agent died: " + (self.directory / "agent.log").read_text())
        return json.loads(line)

    def root(self, command, check: bool = True, stdin: bytes = b"", timeout: float = COMMAND_DEADLINE) -> Result:
        """Run a shell command (or an argument vector) as root, without a terminal."""
        argv = ["bash", "-c", command] if isinstance(command, str) else list(command)
        answer = self.ask(timeout, what="run", argv=argv, stdin=stdin.decode("latin-1"), timeout=timeout)
        result = Result(answer["status"], answer["stdout"].encode("latin-1"), answer["stderr"].encode("latin-1"))
        assert not answer["late"], f"still running after {timeout} s: {command}: {result}"
        if check:
            assert result.status == 0, f"{command}: {result}"
        return result

    def wait(self, command: str, timeout: float = 15) -> str:
        """Wait until a shell command of root's succeeds; what it printed."""
        answer = self.ask(timeout, what="wait", command=command, timeout=timeout)
        assert answer["ok"], f"not so after {timeout} s: {command}: {answer['stdout']}{answer['stderr']}"
        return answer["stdout"]

    def as_user(self, user: str, *argv: str, before: str = "true", env: dict = None, **how) -> Result:
        """Exec a program as a user by the switch of ids alone: no PAM, no sshd, no process in
        between, so that the status is the program's own. Root's shell runs before first."""
        more = shlex.join(f"{name}={value}" for name, value in (env or {}).items())
        return self.root(f"cd ~{user}; {before}; exec setpriv --reuid {user} --regid {user} --init-groups "
                         f"env -i PATH=/usr/local/bin:/usr/bin:/bin {more} {shlex.join(argv)}",
                         check=False, **how)

    def processes(self, name: str = "", uid: int = None) -> list:
        """The host's processes, as dicts: those whose program is called name, of a real uid."""
        return [process for process in self.ask(what="processes")
                if name in ("", process["exe"].rpartition("/")[2]) and uid in (None, process["uid"])]

    def container(self, uid: int) -> dict:
        """The init process of a user's container as the host sees it, or None."""
        for process in self.processes("container-shell-init"):
            if f"/{uid}-" in process["cgroup"]:
                return process
        return None

    def write(self, path: str, content: str, mode: str = "644") -> None:
        """Make a file of root's."""
        self.root(f"mkdir -p $(dirname {path}) && cat >{path} && chmod {mode} {path}", stdin=content.encode())

    def install(self, tarball: pathlib.Path) -> None:
        """Unpack what make install made, as a package manager would."""
        with open(tarball, "rb") as data:
            subprocess.run(self._ssh_argv("root", fresh=True) + [
                "tar -xpf - -C / --same-owner --no-overwrite-dir && "
                "if ls /usr/lib/tmpfiles.d/container-shell*.conf >/dev/null 2>&1; then"
                " systemd-tmpfiles --create $(ls /usr/lib/tmpfiles.d/container-shell*.conf); fi"],
                stdin=data, check=True, timeout=COMMAND_DEADLINE, env=self.environment())

    # --- as a user, with the real clients ------------------------------------------

    def environment(self, **more: str) -> dict:
        """The environment of a client: this process's, without what clients take from it."""
        env = {name: value for name, value in os.environ.items()
               if not name.startswith(("SSH_", "LC_", "LANG", "GIT_"))}
        env["TERM"] = "xterm"
        env.update(more)
        return env

    def _ssh_argv(self, user: str, *options: str, fresh: bool = False) -> list:
        return ["ssh", "-F", str(self.config), *(["-o", "ControlPath=none"] if fresh else []), *options, f"{user}@vm"]

    def ssh(self, user: str, *args: str, options=(), stdin: bytes = b"", fresh: bool = False,
            env: dict = None, timeout: float = COMMAND_DEADLINE) -> Result:
        """The ssh client, over the user's shared connection unless a fresh one is wanted."""
        done = subprocess.run(self._ssh_argv(user, *options, fresh=fresh) + list(args), input=stdin,
                              capture_output=True, timeout=timeout, check=False,
                              env=self.environment(**(env or {})))
        return Result(done.returncode, done.stdout, done.stderr)

    def popen(self, user: str, *args: str, options=(), fresh: bool = False, env: dict = None) -> subprocess.Popen:
        """An ssh client that goes on running, with pipes; end it with communicate()."""
        return subprocess.Popen(self._ssh_argv(user, *options, fresh=fresh) + list(args), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.environment(**(env or {})))

    @contextlib.contextmanager
    def session(self, user: str, fresh: bool = False, command: str = "echo begun; exec cat"):
        """A session that has begun and lasts as long as the with block."""
        client = self.popen(user, command, fresh=fresh)
        try:
            assert client.stdout.readline() == b"begun\n", client.stderr.read()
            yield client
        finally:
            self.end(client)

    @staticmethod
    def end(client: subprocess.Popen) -> int:
        """Let a client of popen() come to the end of its input, and wait for it; its status."""
        if client.stdin.closed:
            client.stdin = None
        try:
            client.communicate(timeout=20)
        finally:
            client.kill()
            client.wait()
        return client.returncode

    @contextlib.contextmanager
    def terminal(self, user: str, *args: str, options=(), fresh: bool = False, size=(24, 80)):
        """The ssh client on a terminal, as a pexpect child."""
        argv = self._ssh_argv(user, "-tt", *options, fresh=fresh) + list(args)
        child = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8", codec_errors="replace",
                              dimensions=size, env=self.environment())
        child.delaybeforesend = None
        try:
            yield child
        finally:
            child.close(force=True)

    @contextlib.contextmanager
    def console(self):
        """The serial console, as a pexpect child."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(self.directory / "console"))
            child = pexpect.fdpexpect.fdspawn(sock.fileno(), timeout=60, encoding="utf-8",
                                              codec_errors="replace")
            child.delaybeforesend = None
            try:
                yield child
            except BaseException:
                self.root("systemctl restart serial-getty@ttyS0")
                raise

    def client(self, *argv: str, stdin: bytes = b"", cwd=None, timeout: float = COMMAND_DEADLINE,
               **env: str) -> Result:
        """Any program that goes through ssh: scp, sftp, rsync, git. The host is called vm."""
        how = {"scp": ["scp", "-F", str(self.config)], "sftp": ["sftp", "-F", str(self.config)],
               "rsync": ["rsync", "-e", f"ssh -F {self.config}"], "git": ["git"]}[argv[0]]
        done = subprocess.run(how + list(argv[1:]), input=stdin, capture_output=True, cwd=cwd, check=False,
                              timeout=timeout,
                              env=self.environment(GIT_SSH_COMMAND=f"ssh -F {self.config}",
                                                   GIT_CONFIG_GLOBAL="/dev/null", **env))
        return Result(done.returncode, done.stdout, done.stderr)
