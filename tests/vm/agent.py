# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs as root in the virtual machine for as long as it is up, and does what the
tests ask for, one line of JSON per request and per answer.

It exists for speed: a new ssh session costs a tenth of a second in an emulated
machine, a question over this connection a hundredth. It is sent over as the
argument of python3 -c and leaves no file behind.
"""

import collections
import json
import os
import re
import signal
import subprocess
import sys
import time

# Below /run: what sshd, logind and the rest of systemd change at every login.
VOLATILE_RUN = re.compile(
    r"/run/(user|udev|log|credentials|host|systemd/(sessions|users|units|transient|netif|"
    r"journal|inhibit|resolve|propagate|dynamic-uid|machines|seats|shutdown|timesync|"
    r"incoming|unit-root|userdb|ask-password.*|generator.*|nsresource|mount-rootfs|"
    r"io\.systemd.*))(/|$)"
    r"|/run/(motd.*|sshd\.pid|lock/.*|initctl|mount(/.*)?|utmp)$"
    r"|/run/systemd/[^/]*$|.*~$")
# Mounts that come and go with a login or with a service of the host.
VOLATILE_MOUNT = re.compile(r" (/run/user/|/run/credentials/|/proc/sys/fs/binfmt_misc|/dev/mqueue)")
# Services that are started on demand and stay for a while.
VOLATILE_UNIT = re.compile(
    r"/user@\d+\.service(/|$)|/user-runtime-dir@|"
    r"/system\.slice/systemd-(hostnamed|timedated|localed|userdbd|tmpfiles.*|logind|udevd|"
    r"journald|networkd|resolved|nsresourced|ask-password.*)\.service|"
    r"/(init\.scope)$|serial-getty@|/system\.slice/ready\.service")


def read(path):
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""


def processes():
    """What runs, but for the kernel's own threads, by what it is and not by pid."""
    found = collections.Counter()
    example = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        stat = read(f"/proc/{pid}/stat")
        if not stat:
            continue
        name, rest = stat[stat.index("(") + 1:stat.rindex(")")], stat[stat.rindex(")") + 2:].split()
        if int(rest[6]) & 0x00200000 or int(pid) == os.getpid():  # PF_KTHREAD
            continue
        unit = read(f"/proc/{pid}/cgroup").strip().rpartition(":")[2]
        if VOLATILE_UNIT.search(unit):
            continue
        uid = os.stat(f"/proc/{pid}").st_uid if os.path.exists(f"/proc/{pid}") else "?"
        status = read(f"/proc/{pid}/status")
        real = re.search(r"^Uid:\t(\d+)", status, re.M)
        uid = real.group(1) if real else uid
        what = f"process {name} uid {uid} in {re.sub(r'session-c?[0-9]+', 'session', unit)}"
        if rest[0] in "ZX":
            what += " (zombie)"
        found[what] += 1
        example[what] = f"pid {pid} ppid {rest[1]} " + read(f"/proc/{pid}/cmdline").replace("\0", " ").strip()
    return {f"{what} #{i + 1}": example[what] for what, count in found.items() for i in range(count)}


def describe():
    """What runs, one dict per process, for a test to look at."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            exe = os.readlink(f"/proc/{pid}/exe")
        except OSError:
            continue  # a kernel thread, a zombie, or gone
        status = read(f"/proc/{pid}/status")
        try:
            found.append({
                "pid": int(pid), "exe": exe, "uid": int(re.search(r"^Uid:\t(\d+)", status, re.M).group(1)),
                "ppid": int(re.search(r"^PPid:\t(\d+)", status, re.M).group(1)),
                "pids": [int(n) for n in re.search(r"^NSpid:\t(.*)", status, re.M).group(1).split()],
                "argv": read(f"/proc/{pid}/cmdline").split("\0")[:-1],
                "cgroup": read(f"/proc/{pid}/cgroup").strip().rpartition(":")[2]})
        except AttributeError:
            continue
    return found


def tree(top, skip=None):
    for directory, subdirs, files in os.walk(top):
        if skip:
            subdirs[:] = [d for d in subdirs if not skip.match(f"{directory}/{d}")]
        for name in subdirs + files:
            path = f"{directory}/{name}"
            if not (skip and skip.match(path)):
                yield path


def snapshot():
    """Everything of the host that a session may leave behind, as {what: detail}."""
    seen = processes()
    for line in read("/proc/1/mountinfo").splitlines():
        if not VOLATILE_MOUNT.search(line):
            # without the ids and the peer groups, which are only numbers
            fields = re.sub(r"(shared|master|propagate_from):\d+", r"\1", line).split()
            seen[f"mount {' '.join(fields[2:])}"] = line
    for top in os.listdir("/sys/fs/cgroup"):
        if top.startswith("container-shell"):
            for path in tree(f"/sys/fs/cgroup/{top}"):
                # the monitors' own group stays until the next boot, like its parent
                if os.path.isdir(path) and path != f"/sys/fs/cgroup/{top}/monitor":
                    seen[f"cgroup {path}"] = ""
    for path in tree("/run", VOLATILE_RUN):
        # made by the first login, kept for the next; not what a session leaves
        if path != "/run/container-shell" and not path.startswith("/run/container-shell-plans"):
            seen[f"file {path}"] = ""
    for directory in ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"):
        for name in os.listdir(directory):
            # a service's private directory has a new name each time it starts
            seen["file " + re.sub(r"(\.service-)\w+$", r"\1", f"{directory}/{name}")] = ""
    for name in os.listdir("/dev/pts"):
        seen[f"pty {name}"] = ""
    for kind in ("shm", "msg", "sem"):
        for line in read(f"/proc/sysvipc/{kind}").splitlines()[1:]:
            seen[f"sysvipc {kind} {line.split()[1]}"] = line
    for line in read("/proc/key-users").splitlines():
        uid, _, counts = line.split()[:3]
        number = int(counts.partition("/")[0])
        if number and uid != "0:":  # root's are those of services that restart
            for i in range(number):
                seen[f"key of uid {uid} #{i + 1}"] = line
    return seen


def difference(before, after):
    lines = [f"left behind: {what}  {after[what]}".rstrip() for what in sorted(after.keys() - before.keys())]
    lines += [f"gone: {what}  {before[what]}".rstrip() for what in sorted(before.keys() - after.keys())]
    return lines


def run(argv, stdin, timeout):
    child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             start_new_session=True)
    late = False
    try:
        out, err = child.communicate(stdin.encode("latin-1"), timeout)
    except subprocess.TimeoutExpired:
        late = True
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
    return {"status": child.returncode, "late": late,
            "stdout": out.decode("latin-1"), "stderr": err.decode("latin-1")}


def settle(before, timeout):
    """The difference to an earlier snapshot, once there is none or time is up."""
    end = time.monotonic() + timeout
    while True:
        lines = difference(before, snapshot())
        if not lines or time.monotonic() > end:
            return lines
        time.sleep(0.05)


def wait(command, timeout):
    """Whether the shell command came to succeed in time, and its last output."""
    end = time.monotonic() + timeout
    while True:
        done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
        if done.returncode == 0 or time.monotonic() > end:
            return {"ok": done.returncode == 0, "stdout": done.stdout.decode("latin-1"),
                    "stderr": done.stderr.decode("latin-1")}
        time.sleep(0.02)


def main():
    kept = {}
    for line in sys.stdin:
        request = json.loads(line)
        what = request["what"]
        if what == "run":
            answer = run(request["argv"], request["stdin"], request["timeout"])
        elif what == "wait":
            answer = wait(request["command"], request["timeout"])
        elif what == "processes":
            answer = describe()
        elif what == "snapshot":
            kept = snapshot()
            answer = len(kept)
        elif what == "settle":
            answer = settle(kept, request["timeout"])
        else:
            answer = None
        print(json.dumps(answer), flush=True)


main()
