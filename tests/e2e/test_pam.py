# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole ssh sessions in the container, by pam_container_shell: what users do.

All of it goes through one connection for each way to log in. Each cell is judged from inside,
and by the namespaces that the host sees the processes in.
"""

import re
import socket
import struct
import tempfile
import threading

import pytest

from pamhost import AUTH, INSIDE, NAMESPACES, UID, WHERE, Connection, free_port
from xserver import VENDOR, XServer


@pytest.fixture(scope="module")
def display():
    """An X server on this side."""
    server = XServer()
    yield server
    server.close()


@pytest.fixture(scope="module", params=AUTH)
def connection(request, pam_host, agent, display):
    """A connection of carol's, who said who she is in this way; with the agent and X11."""
    found = Connection(pam_host, request.param, SSH_AUTH_SOCK=agent, DISPLAY=display.display)
    yield found
    found.close()
    pam_host.gone()


def banner(sock):
    """What a server says first."""
    sock.settimeout(30)
    with sock:
        return sock.recv(64)


def connect(path):
    """What the other end of a Unix socket says."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    return banner(sock)


def serve(make, says="of the container"):
    """A command that listens inside, at what this Python makes, says so, and answers once."""
    return f"python3 -uc \"import socket; s = {make}; print('begun'); c = s.accept()[0]; c.sendall(b'{says}'); " \
           "input()\""


# ---- shells and commands ----------------------------------------------------------------


def test_exec__is_inside(connection):
    """A command is in every namespace of the container's, with its own status, pid, and groups."""
    names = " ".join(f"/proc/self/ns/{name}" for name in NAMESPACES)
    result = connection.ssh(f"{WHERE}; echo $$; id -Gn; readlink {names}; exit 42")
    assert result.lines[:2] == INSIDE and 1 < int(result.lines[2]) < 1000, result
    assert set(result.lines[3].split()) == {"carol", "audio", "team"} and result.status == 42
    assert dict(zip(NAMESPACES, result.lines[4:])) == connection.host.namespaces(connection.init["pid"])
    with connection.session("sleep 1000 & echo begun; cat; kill $!"):
        seen = connection.host.all_inside()
        assert {process["exe"] for process in seen} >= {"/usr/bin/cat", "/usr/bin/sleep"}, seen
        assert all(process["cgroup"] == connection.init["cgroup"] for process in seen), seen


def test_pty__is_inside(connection):
    """A shell on a terminal is inside, on one that the host names alike, with job control."""
    machine = connection.machine
    with machine.terminal("carol", options=connection.options) as child:
        child.expect(r"\$ ")
        child.sendline("cat /run/host/container-manager; tty; set -o | grep monitor; ps -e | grep -c sshd")
        child.expect("container-shell\r\n")
        child.expect(r"(/dev/pts/\d+)\r\n")
        tty = child.match.group(1)
        child.expect(r"monitor\s+on")
        child.expect("\r\n0\r\n")
        assert machine.root(f"stat -c %U {tty}").stdout == "carol\n"
        if machine.distribution == "bookworm":  # in trixie sshd writes no utmp
            machine.wait(f"who | grep -q 'carol *{tty[5:]}'")
        assert any(process["argv"] == ["-bash"] for process in connection.host.all_inside())
        child.sendline("exit 9")
        child.expect("logout")
        child.wait()
    assert child.exitstatus == 9
    machine.wait(f"! who | grep -q 'carol *{tty[5:]}' && ! test -e {tty}")


def test_ten_sessions__are_inside(connection):
    """Ten sessions at once of one connection are in one container, and are one session to it."""
    clients = [connection.machine.popen("carol", "readlink /proc/self/ns/mnt; exec cat", options=connection.options)
               for _ in range(10)]
    try:
        places = {client.stdout.readline().decode().strip() for client in clients}
        assert places == {connection.host.namespaces(connection.init["pid"])["mnt"]}
        assert len([process for process in connection.host.all_inside() if process["argv"] == ["cat"]]) == 10
        listed = connection.machine.root("container-shell --list").stdout
        assert re.search(r"(?m)^carol .* running +1 ", listed), listed
    finally:
        for client in clients:
            connection.machine.end(client)


# ---- files ------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ((), ("-O",)), ids=("sftp", "rcp"))
def test_scp__copies_files_inside(connection, tmp_path, how):
    """scp in both of its protocols reads what is inside, and writes there."""
    here = tmp_path / "container-manager"
    result = connection.machine.client("scp", *how, *connection.options, "carol@vm:/run/host/container-manager",
                                       str(here))
    assert result.status == 0 and here.read_text().strip() == "container-shell", result
    result = connection.machine.client("scp", *how, *connection.options, str(here), "carol@vm:/tmp/copied")
    assert result.status == 0, result
    assert connection.ssh("cat /tmp/copied; rm /tmp/copied").lines == ["container-shell"]
    connection.machine.root("test ! -e /tmp/copied")


@pytest.mark.parametrize("server", ("sftp", "sftp-external", "/usr/lib/openssh/sftp-server"))
def test_sftp__sees_the_containers_root(connection, tmp_path, server):
    """sftp lists the container's / with internal-sftp, with sshd's external one, and by path."""
    result = connection.machine.client("sftp", "-s", server, *connection.options, "carol@vm", cwd=tmp_path,
                                       stdin=b"get /run/host/container-manager\nls -1 /home\nls -1 /\n"
                                             b"put container-manager /tmp/put\n")
    assert result.status == 0, result
    assert tmp_path.joinpath("container-manager").read_text().strip() == "container-shell"
    assert "/home/carol" in result.lines and "/home/alice" not in result.lines, result
    seen = {line.strip("/") for line in result.lines if re.fullmatch(r"/[^/ ]+/?", line)}
    result = connection.ssh("rm /tmp/put && ls /")
    assert seen == set(result.lines) and "usr" in seen and "lost+found" not in seen, (seen, result)
    connection.machine.root("test ! -e /tmp/put")


# ---- what is forwarded --------------------------------------------------------------------


def test_local_forward__is_made_inside(connection):
    """-L: it is sshd's process inside that connects; to a Unix socket, only to one inside."""
    port = free_port()
    with connection.session(serve("socket.create_server(('127.0.0.1', 7777))")), \
            connection.forward("-L", f"{port}:127.0.0.1:7777"):
        sock = socket.create_connection(("127.0.0.1", port))
        assert connection.host.holder(connection.child, "dport", "=", ":7777")
        assert banner(sock) == b"of the container"


def test_local_socket_forward__is_made_inside(connection):
    """-L to a Unix socket: one inside is reached, the host's are not there."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        one, two = f"{directory}/one", f"{directory}/two"
        make = "socket.socket(socket.AF_UNIX); s.bind('/tmp/in'); s.listen()"
        with connection.session(serve(make)), connection.forward("-L", f"{one}:/tmp/in"), \
                connection.forward("-L", f"{two}:/run/dbus/system_bus_socket"):
            assert connect(one) == b"of the container"
            assert connect(two) == b""
        connection.machine.root("test ! -e /tmp/in -a -S /run/dbus/system_bus_socket")
    assert connection.ssh("rm /tmp/in && echo there").lines == ["there"]


def test_remote_forward__listens_inside(connection):
    """-R: it is sshd's process inside that listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = server.getsockname()[1]
        with connection.forward("-R", f"7778:127.0.0.1:{here}"):
            assert connection.host.holder(connection.child, "sport", "=", ":7778")
            threading.Thread(target=lambda: server.accept()[0].sendall(b"from here"), daemon=True).start()
            assert connection.ssh("timeout 20 head -c 9 </dev/tcp/127.0.0.1/7778").stdout == "from here"


def test_remote_socket_forward__listens_inside(connection):
    """-R of a Unix socket: it is made inside, and not on the host."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{directory}/back")
        server.listen()
        with connection.forward("-R", f"/tmp/out:{directory}/back"):
            connection.machine.root(f"test -S /proc/{connection.init['pid']}/root/tmp/out -a ! -e /tmp/out")
            threading.Thread(target=lambda: server.accept()[0].sendall(b"from here"), daemon=True).start()
            result = connection.ssh("python3 -c \"import socket; s = socket.socket(socket.AF_UNIX); "
                                    "s.settimeout(20); s.connect('/tmp/out'); print(s.recv(9).decode())\"; rm -f /tmp/out")
            assert result.lines == ["from here"], result


def test_dynamic_forward__is_made_inside(connection):
    """-D: SOCKS by sshd's process inside."""
    port = free_port()
    with connection.session(serve("socket.create_server(('127.0.0.1', 7779))")), \
            connection.forward("-D", str(port)):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.sendall(b"\5\1\0")
        assert sock.recv(2) == b"\5\0"
        sock.sendall(b"\5\1\0\1" + socket.inet_aton("127.0.0.1") + struct.pack(">H", 7779))
        assert sock.recv(10)[:2] == b"\5\0"
        assert connection.host.holder(connection.child, "dport", "=", ":7779")
        assert banner(sock) == b"of the container"


def test_stdio_forward__is_made_inside(connection):
    """-W: sshd's process inside connects."""
    with connection.session(serve("socket.create_server(('127.0.0.1', 7780))")):
        client = connection.machine.popen("carol", options=(*connection.options, "-W", "127.0.0.1:7780"))
        try:
            assert client.stdout.read(16) == b"of the container"
            assert connection.host.holder(connection.child, "dport", "=", ":7780")
        finally:
            client.kill()
            client.communicate()


def test_agent__is_inside(connection):
    """-A: the agent's socket is made inside, and works; so does one in the home, where newer versions make it."""
    result = connection.ssh("echo $SSH_AUTH_SOCK; ls -d $SSH_AUTH_SOCK; ssh-add -l; umask 77; mkdir -p .ssh/agent; "
                            "ssh-agent -a ~/.ssh/agent/s.test.sshd.1 sh -c 'echo $SSH_AUTH_SOCK; ssh-add -l; kill "
                            "$SSH_AGENT_PID'; rm -r .ssh/agent", options=("-A",))
    where = result.lines[0]
    assert re.match(r"/tmp/ssh-\w+/|/home/carol/.ssh/agent/", where) and result.lines[1] == where, result
    assert "forwarded-key" in result.lines[2], result
    assert result.lines[3:] == ["/home/carol/.ssh/agent/s.test.sshd.1", "The agent has no identities."], result
    if where.startswith("/tmp"):
        with connection.session("echo begun; exec cat", options=("-A",)):
            assert connection.machine.root(f"ls -d /proc/{connection.init['pid']}/root/tmp/ssh-*").lines
            connection.machine.root("! ls -d /tmp/ssh-* 2>/dev/null")


def test_x11__is_inside(connection, display):
    """-Y: a client inside talks to our X server, with what xauth wrote inside; sshd's process inside listens."""
    machine = connection.machine
    try:
        with connection.session("echo begun; cat; xdpyinfo -display $DISPLAY; xauth list | wc -l", options=("-Y",)) \
                as client:
            assert connection.host.holder(connection.child, "sport", "=", ":6010")
            said = client.communicate(b"", timeout=30)[0].decode()
        assert VENDOR.decode() in said and "name of display:    localhost:10.0" in said, said
        assert display.cookies[-1] == "MIT-MAGIC-COOKIE-1", display.cookies
    finally:
        machine.root("rm -f /home/carol/.Xauthority*")
    assert machine.root("ls -A /tmp/.X11-unix 2>/dev/null", check=False).stdout == ""


def test_connection__leaves_the_rest_on_the_host(connection):
    """sshd's monitor, its listener, and PID 1 of the host are where they were, as root."""
    parent = connection.machine.root(f"ps -o ppid= -p {connection.child}").stdout.strip()
    host = connection.host.namespaces(1)
    assert connection.host.namespaces(parent) == host
    status = connection.machine.root(f"cat /proc/{parent}/status").stdout
    assert re.search(r"Uid:\t0\t0\t0\t0", status) and "NoNewPrivs:\t0" in status, status
    assert len([process for process in connection.machine.processes("container-shell-init")
                if f"/{UID}-" in process["cgroup"]]) == 1
    assert not connection.machine.processes("container-shell-helper", uid=UID)
