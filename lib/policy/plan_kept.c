/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan_kept: see plan_kept.h. A file is the basis and, behind it, plan_wire's message. */
#include "plan_kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "places.h"
#include "plan_wire.h"

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
#define NEW "new"		/* no uid, so nobody's plan */
#define SETTLED_SECONDS 2	/* FAT's tick, the coarsest: all others are below */

/* What NSS reads for a user and a group of this host alone. */
static const char *const databases[] = { "/etc/passwd", "/etc/group", CS_NSSWITCH_FILE };
#define DATABASES (sizeof(databases) / sizeof(databases[0]))

int cs_plan_kept_basis(uid_t uid, gid_t gid, const gid_t *groups, size_t group_count,
		       struct cs_conf_stamp *ret_basis)
{
	int result = cs_conf_stamp_now(CS_MAIN_FILE, CS_DROPIN_DIR, ret_basis);

	if (result < 0)
		return result;
	for (size_t i = 0; i < DATABASES; i++)
		cs_conf_stamp_mix_file(ret_basis, AT_FDCWD, databases[i]);
	/* Another version of this package may plan otherwise. */
	cs_conf_stamp_mix_file(ret_basis, AT_FDCWD, CS_PLANNER);
	cs_conf_stamp_mix(ret_basis, uid);
	cs_conf_stamp_mix(ret_basis, gid);
	for (size_t i = 0; i < group_count; i++)
		cs_conf_stamp_mix(ret_basis, groups[i]);
	return 0;
}

bool cs_plan_kept_is_settled(void)
{
	const time_t now = time(NULL);

	for (size_t i = 0; i < DATABASES; i++) {
		struct stat info;

		if (stat(databases[i], &info) < 0 || info.st_ctim.tv_sec > now - SETTLED_SECONDS)
			return false;
	}
	return true;
}

static int check_private(int fd, mode_t type)
{
	struct stat info;

	if (fstat(fd, &info) < 0)
		return -errno;
	return info.st_uid == 0 && (info.st_mode & 0022) == 0 && (info.st_mode & S_IFMT) == type ?
		       0 : -EPERM;
}

static int open_directory(int *ret_fd)
{
	cs_autoclose int fd = open(CS_PLANS_DIR, DIRECTORY);
	int result;

	if (fd < 0)
		return -errno;
	result = check_private(fd, S_IFDIR);
	if (result < 0)
		return result;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

static void name_of(uid_t uid, char *ret_name, size_t size)
{
	snprintf(ret_name, size, "%u", (unsigned int)uid);
}

int cs_plan_kept_write(const struct cs_conf_stamp *basis, const struct cs_plan *plan,
		       const struct cs_conf_stamp *conf)
{
	cs_autoclose int dir_fd = -1;
	cs_autoclose int fd = -1;
	char name[16];
	int result;

	if (mkdir(CS_PLANS_DIR, 0700) < 0 && errno != EEXIST)
		return -errno;
	result = open_directory(&dir_fd);
	if (result < 0)
		return result;
	/* One at a time, as all write to one name first; whoever finds it taken does without. */
	if (flock(dir_fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	fd = openat(dir_fd, NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	result = cs_fd_write_all(fd, basis, sizeof(*basis));
	if (result == 0)
		result = cs_plan_send(fd, plan, conf);
	name_of(plan->uid, name, sizeof(name));
	if (result == 0 && renameat(dir_fd, NEW, dir_fd, name) < 0)
		result = -errno;
	if (result < 0)
		(void)unlinkat(dir_fd, NEW, 0);	/* the next one would write over it, too */
	return result;
}

/*
 * The basis does not have the fstab: only the plan says which there is. Its stamp is
 * that of all that was read.
 */
static bool is_of_its_fstab(const struct cs_plan *plan, const struct cs_conf_stamp *conf)
{
	struct cs_conf_stamp now;

	if (plan->fstab[0] == '\0')
		return true;
	if (cs_conf_stamp_now(CS_MAIN_FILE, CS_DROPIN_DIR, &now) < 0)
		return false;
	cs_conf_stamp_add(&now, plan->fstab);
	return memcmp(&now, conf, sizeof(now)) == 0;
}

int cs_plan_kept_read(const struct cs_conf_stamp *basis, uid_t uid, gid_t gid,
		      struct cs_plan *ret_plan, struct cs_conf_stamp *ret_conf)
{
	cs_autoclose int dir_fd = -1;
	cs_autoclose int fd = -1;
	struct cs_plan_refusal refusal;
	struct cs_conf_stamp found;
	char name[16];
	int result = open_directory(&dir_fd);

	if (result < 0)
		return result;
	name_of(uid, name, sizeof(name));
	fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	result = check_private(fd, S_IFREG);
	if (result < 0)
		return result;
	if (read(fd, &found, sizeof(found)) != (ssize_t)sizeof(found))
		return -EBADMSG;
	if (memcmp(&found, basis, sizeof(found)) != 0)
		return -ESTALE;
	result = cs_plan_receive(fd, 0, ret_plan, ret_conf, &refusal);
	if (result == 0 && (ret_plan->uid != uid || ret_plan->gid != gid))
		result = -EBADMSG;
	if (result == 0 && !is_of_its_fstab(ret_plan, ret_conf))
		result = -ESTALE;
	return result;
}
