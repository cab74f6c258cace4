/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limit: the cheapest container of the shape that container-shell makes by
 * default, for bench/run to compare with. It reads no config, asks no NSS,
 * checks and logs nothing: what it costs is what the kernel takes, and nobody
 * who makes the same namespaces and mounts can be much faster.
 *
 *	limit cold UID GID HOME [+PATH...] COMMAND [ARG...]
 *		make one, with each PATH of the host read-only, and run COMMAND as its PID 1
 *	limit join PID UID GID HOME COMMAND [ARG...]
 *		enter the one whose PID 1 is PID
 *
 * Started by root, on the host. Exits with COMMAND's status, 128+n for signal n,
 * 125 when a step failed. Never install it, and never make it set-uid.
 *
 * No kernel headers: musl-gcc does not see them. The values are the kernel's ABI.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_open_tree	/* Linux 5.2 to 5.12: the same number on every architecture but alpha */
#define SYS_open_tree 428
#define SYS_move_mount 429
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

#define LIMIT_TREE_CLONE 1		/* OPEN_TREE_CLONE */
#define LIMIT_FROM_EMPTY_PATH 0x4	/* MOVE_MOUNT_F_EMPTY_PATH */
#define LIMIT_AT_RECURSIVE 0x8000
#define LIMIT_AT_EMPTY_PATH 0x1000
#define LIMIT_SET_STRING 1		/* FSCONFIG_SET_STRING */
#define LIMIT_CREATE 6			/* FSCONFIG_CMD_CREATE */
#define LIMIT_RO 1			/* MOUNT_ATTR_RDONLY and so on */
#define LIMIT_NOSUID 2
#define LIMIT_NODEV 4
#define LIMIT_NOEXEC 8

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

struct limit_attr {	/* struct mount_attr */
	uint64_t set, clear, propagation, userns_fd;
};

struct who {
	uid_t uid;
	gid_t gid;
	const char *home;
};

static int must(long result, const char *what)
{
	if (result < 0) {
		fprintf(stderr, "limit: cannot %s: %s\n", what, strerror(errno));
		_exit(125);
	}
	return (int)result;
}

/* A detached mount of a new file system. */
static int make_fs(const char *type, const char *mode, unsigned int attributes)
{
	int context = must(syscall(SYS_fsopen, type, 1), type);
	int fd;

	if (mode)
		must(syscall(SYS_fsconfig, context, LIMIT_SET_STRING, "mode", mode, 0), "set mode");
	must(syscall(SYS_fsconfig, context, LIMIT_CREATE, NULL, NULL, 0), "create file system");
	fd = must(syscall(SYS_fsmount, context, 1, attributes), "mount file system");
	close(context);
	return fd;
}

static void attach(int fd, int dir, const char *path)
{
	must(syscall(SYS_move_mount, fd, "", dir, path, LIMIT_FROM_EMPTY_PATH), path);
}

/* Every directory of @path, below @root, where it is missing. */
static void make_dirs(int root, const char *path)
{
	char part[PATH_MAX];
	size_t length;

	for (length = 1; length < sizeof(part) && path[length - 1]; length++) {
		if (length == 1 || (path[length] && path[length] != '/'))
			continue;
		memcpy(part, path + 1, length - 1);
		part[length - 1] = '\0';
		if (mkdirat(root, part, 0755) < 0 && errno != EEXIST)
			must(-1, part);
		if (!path[length])
			return;
	}
}

/* The host's @path with all that is mounted below it, at the same place. */
static void bind(int root, const char *path, unsigned int attributes)
{
	struct limit_attr attr = { .set = attributes };
	int tree = must(syscall(SYS_open_tree, AT_FDCWD, path,
				LIMIT_TREE_CLONE | O_CLOEXEC | LIMIT_AT_RECURSIVE), path);

	must(syscall(SYS_mount_setattr, tree, "", LIMIT_AT_EMPTY_PATH | LIMIT_AT_RECURSIVE, &attr,
		     sizeof(attr)), "set mount attributes");
	make_dirs(root, path);
	attach(tree, root, path + 1);
	close(tree);
}

static void put_fs(int root, const char *type, const char *path, const char *mode,
		   unsigned int attributes)
{
	int fd = make_fs(type, mode, attributes);

	if (mkdirat(root, path, 0755) < 0 && errno != EEXIST)
		must(-1, path);
	attach(fd, root, path);
	close(fd);
}

static void fill_dev(int root)
{
	static const struct {
		const char *name;
		unsigned int major, minor;
	} nodes[] = {
		{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 },
		{ "urandom", 1, 9 }, { "tty", 5, 0 }, { "ptmx", 5, 2 }, { "fuse", 10, 229 },
	};
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" }, { "fd/0", "stdin" },
		{ "fd/1", "stdout" }, { "fd/2", "stderr" },
	};
	int dev = make_fs("tmpfs", "0755", LIMIT_NOSUID | LIMIT_NOEXEC);
	size_t i;

	must(mkdirat(root, "dev", 0755), "make /dev");
	attach(dev, root, "dev");
	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		must(mknodat(dev, nodes[i].name, S_IFCHR | 0666,
			     makedev(nodes[i].major, nodes[i].minor)), "make device node");
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		must(symlinkat(links[i][0], dev, links[i][1]), "make link in /dev");
	close(dev);
	bind(root, "/dev/pts", LIMIT_NOSUID | LIMIT_NOEXEC);
	put_fs(root, "tmpfs", "dev/shm", "1777", LIMIT_NOSUID | LIMIT_NODEV);
	put_fs(root, "mqueue", "dev/mqueue", NULL, LIMIT_NOSUID | LIMIT_NODEV | LIMIT_NOEXEC);
}

/* Where the host has a link into /usr, the same link; else the directory itself. */
static void link_or_bind(int root, const char *path)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	if (length >= 0) {
		target[length] = '\0';
		must(symlinkat(target, root, path + 1), path);
	} else if (errno == EINVAL) {
		bind(root, path, LIMIT_RO | LIMIT_NODEV);
	}
}

static void build(const struct who *who, char *const *extra)
{
	static const char *const system_dirs[] = { "/usr", "/etc", "/opt" };
	static const char *const usr_links[] = {
		"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
	};
	char run_user[64];
	size_t i;
	int root;

	umask(0);
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
	root = make_fs("tmpfs", "0755", LIMIT_NOSUID | LIMIT_NODEV);
	attach(root, AT_FDCWD, "/");	/* over the host's root, which our own / still is */
	for (i = 0; i < sizeof(system_dirs) / sizeof(system_dirs[0]); i++)
		if (access(system_dirs[i], F_OK) == 0)
			bind(root, system_dirs[i], LIMIT_RO | LIMIT_NODEV);
	for (i = 0; i < sizeof(usr_links) / sizeof(usr_links[0]); i++)
		link_or_bind(root, usr_links[i]);
	put_fs(root, "proc", "proc", NULL, LIMIT_NOSUID | LIMIT_NODEV | LIMIT_NOEXEC);
	put_fs(root, "sysfs", "sys", NULL, LIMIT_RO | LIMIT_NOSUID | LIMIT_NODEV | LIMIT_NOEXEC);
	fill_dev(root);
	put_fs(root, "tmpfs", "tmp", "1777", LIMIT_NOSUID | LIMIT_NODEV);
	put_fs(root, "tmpfs", "var", "0755", LIMIT_NOSUID | LIMIT_NODEV);
	must(mkdirat(root, "var/tmp", 01777), "make /var/tmp");
	put_fs(root, "tmpfs", "run", "0755", LIMIT_NOSUID | LIMIT_NODEV);
	must(snprintf(run_user, sizeof(run_user), "/run/user/%u", (unsigned int)who->uid),
	     "name /run/user");
	make_dirs(root, run_user);
	must(fchownat(root, run_user + 1, who->uid, who->gid, 0), "give away /run/user");
	must(fchmodat(root, run_user + 1, 0700, 0), "close /run/user");
	bind(root, who->home, LIMIT_NOSUID | LIMIT_NODEV);
	for (; **extra == '+'; extra++)
		bind(root, *extra + 1, LIMIT_RO | LIMIT_NOSUID | LIMIT_NODEV);

	must(fchdir(root), "enter the new root");
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "detach the old root");
	must(chdir("/"), "chdir");
	close(root);
	umask(022);
}

/* Become the user for good, and run the command. */
static void run(const struct who *who, char **argv)
{
	must(setgroups(1, &who->gid), "setgroups");
	must(setresgid(who->gid, who->gid, who->gid), "setresgid");
	must(setresuid(who->uid, who->uid, who->uid), "setresuid");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no_new_privs");
	must(chdir(who->home), "enter the home");
	execv(argv[0], argv);
	must(-1, argv[0]);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int cold(const struct who *who, char **argv)
{
	/* Without CLONE_VM, and with no stack given, clone returns twice, like fork. */
	pid_t pid = must(syscall(SYS_clone, NAMESPACES | SIGCHLD, NULL, NULL, NULL, NULL), "clone");

	if (pid == 0) {
		build(who, argv);
		while (**argv == '+')
			argv++;
		run(who, argv);
	}
	return wait_for(pid);
}

static int join(pid_t init, const struct who *who, char **argv)
{
	int pidfd = must(syscall(SYS_pidfd_open, init, 0), "open the container's pidfd");
	pid_t pid;

	must(setns(pidfd, NAMESPACES), "join");
	close(pidfd);
	pid = must(fork(), "fork");
	if (pid == 0)
		run(who, argv);
	return wait_for(pid);
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value == 0 || value > INT_MAX) {
		fprintf(stderr, "limit: not a number above 0: %s\n", text);
		exit(2);
	}
	return (unsigned int)value;
}

int main(int argc, char **argv)
{
	bool joins = argc > 1 && strcmp(argv[1], "join") == 0;
	int skip = joins ? 3 : 2;
	struct who who;
	bool usage;

	usage = argc < skip + 4 || (!joins && strcmp(argv[1], "cold") != 0) ||
		argv[skip + 2][0] != '/' || argv[argc - 1][0] == '+';
	if (usage) {
		fputs("usage: limit cold UID GID HOME [+PATH...] COMMAND [ARG...]\n"
		      "       limit join PID UID GID HOME COMMAND [ARG...]\n", stderr);
		return 2;
	}
	who.uid = number(argv[skip]);
	who.gid = number(argv[skip + 1]);
	who.home = argv[skip + 2];
	if (joins)
		return join((pid_t)number(argv[2]), &who, argv + skip + 3);
	return cold(&who, argv + skip + 3);
}
