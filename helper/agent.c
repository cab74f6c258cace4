/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent: see agent.h. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "ids.h"
#include "sys.h"

#define SLOTS 64
#define DIRECTORY "/run/host/agent"

int cs_agent_copy(const struct cs_caller *caller)
{
	if (caller->agent_fd < 0)
		return -1;
	/* A socket that cannot be copied costs the session its agent, not the login. */
	return cs_sys_open_tree(caller->agent_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE |
				OPEN_TREE_CLOEXEC);
}

/* A socket that sshd has unlinked has no user any more: its slot is free again, once it is unlinked. */
static bool uncover_stale(int directory, const char *name)
{
	char path[sizeof(DIRECTORY) + 16];
	struct stat info;

	if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISSOCK(info.st_mode) || info.st_nlink > 0)
		return false;
	snprintf(path, sizeof(path), DIRECTORY "/%s", name);
	return cs_sys_umount(path, MNT_DETACH) == 0;
}

/*
 * SECURITY: with a user namespace the directory is its root's, who may have put
 * another in its place: files are opened, made and removed with no more rights
 * than that root has.
 */
static int assume_owner(const struct cs_run *run)
{
	const struct cs_ids ids = { .uid = run->record->root_uid, .gid = run->record->root_gid };

	return run->userns_fd < 0 ? 0 : cs_ids_assume(&ids);
}

static int regain(const struct cs_run *run)
{
	return run->userns_fd < 0 ? 0 : cs_ids_regain_root();
}

static int open_directory(const struct cs_run *run)
{
	cs_autoclose int fd = -1;
	int result = assume_owner(run);

	if (result < 0)
		return result;
	fd = cs_sys_openat2(AT_FDCWD, DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC,
			    RESOLVE_NO_SYMLINKS);
	result = regain(run);
	return result < 0 ? result : cs_fd_steal(&fd);
}

/* O_EXCL: two sessions on their way in at once get two slots. */
static int make_place(const struct cs_run *run, int directory, const char *name, bool is_stale)
{
	cs_autoclose int fd = -1;
	int result = assume_owner(run);

	if (result < 0)
		return result;
	if (is_stale)
		(void)unlinkat(directory, name, 0);	/* the next line sees whether it worked */
	fd = openat(directory, name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		fd = -errno;
	result = regain(run);
	return result < 0 ? result : cs_fd_steal(&fd);
}

int cs_agent_place(const struct cs_plan *plan, struct cs_run *run)
{
	cs_autoclose int directory = -1;

	(void)plan;
	if (run->agent_tree < 0)
		return 0;
	directory = open_directory(run);
	if (directory < 0)
		return directory;
	for (int slot = 0; slot < SLOTS; slot++) {
		cs_autoclose int place = -1;
		char name[16];
		int result;

		snprintf(name, sizeof(name), "%d", slot);
		place = make_place(run, directory, name, uncover_stale(directory, name));
		if (place == -EEXIST)
			continue;
		if (place < 0)
			return place;
		result = cs_sys_move_mount(run->agent_tree, place, "");
		if (result < 0)
			return result;
		run->agent_slot = slot;
		return 0;
	}
	return 0;	/* 64 live agents: this session goes without */
}
