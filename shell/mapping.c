/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mapping: see mapping.h. With a user namespace of a child's, and mounts that nobody sees. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "mapping.h"
#include "report.h"
#include "sys.h"

static int write_map(pid_t pid, const char *name)
{
	char path[48];
	cs_autoclose int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : cs_fd_write_all(fd, "0 1 1\n", 6);
}

/* The user namespace of @pid, which has said that it is in one. */
static int open_namespace(pid_t pid)
{
	char path[48];
	int err = write_map(pid, "uid_map");

	if (err == 0)
		err = write_map(pid, "gid_map");
	if (err < 0)
		return err;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	err = open(path, O_RDONLY | O_CLOEXEC);
	return err < 0 ? -errno : err;
}

/* A user namespace of another map than the host's, or the host could not be mapped with it. */
static int make_namespace(void)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	int fd, err = cs_report_pipe(&read_fd, &write_fd);
	pid_t child;
	char byte;

	if (err < 0)
		return err;
	child = cs_sys_clone(CLONE_NEWUSER, -1);
	if (child < 0)
		return child;
	if (child == 0) {
		cs_fd_close(&write_fd);
		_exit(read(read_fd, &byte, 1) != 0);	/* until we are done */
	}
	fd = open_namespace(child);
	cs_fd_close(&write_fd);
	(void)waitpid(child, NULL, 0);
	return fd;
}

static int try_to_map(const char *path, int userns_fd)
{
	const struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (__u64)userns_fd,
	};
	cs_autoclose int tree = cs_sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return tree < 0 ? tree : cs_sys_mount_setattr(tree, AT_EMPTY_PATH, &attr);
}

static void print_one(const struct cs_mount *mount, int userns_fd)
{
	struct stat info;
	int err;

	if (lstat(mount->source, &info) < 0 || !S_ISDIR(info.st_mode))
		return;		/* not there, or a link, which is shown as one */
	err = try_to_map(mount->source, userns_fd);
	if (err == -EINVAL || err == -EPERM)
		printf("note: %s cannot be mapped, as its file system is: its owners are shown as "
		       "user and group 65534\n", mount->target);
	else if (err < 0)
		printf("note: whether %s can be mapped could not be tried: %s\n", mount->target,
		       strerror(-err));
}

void cs_mapping_print(const struct cs_plan *plan)
{
	cs_autoclose int userns_fd = -1;

	for (size_t i = 0; geteuid() == 0 && i < plan->mount_count; i++) {
		if (!(plan->mounts[i].flags & CS_MOUNT_IDMAP))
			continue;
		if (userns_fd < 0)
			userns_fd = make_namespace();
		print_one(&plan->mounts[i], userns_fd);
	}
}
