/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan: all that will be done for one user, decided before anything is done.
 *
 * Floor 1. A pure function of (class, user): it touches no file, asks no
 * database and keeps no state. The plan owns its text and is never changed
 * afterwards; the planner makes it and sends it (plan_wire.h), the helper
 * carries it out, and --explain prints it.
 */
#ifndef CS_PLAN_H
#define CS_PLAN_H

#include <limits.h>
#include <stdio.h>

#include "conf.h"
#include "user.h"

#define CS_PLAN_MOUNTS_MAX 48
#define CS_PLAN_LINKS_MAX 24
#define CS_PLAN_PATH_MAX 1024
#define CS_PLAN_ENVIRONMENT_MAX 4096
#define CS_PLAN_TEXT_MAX 16384

enum cs_mount_kind {
	CS_MOUNT_BIND,		/* of the host's @source, with everything mounted below it */
	CS_MOUNT_BIND_OR_LINK,	/* /bin and its like: where the host has a link, the same link */
	CS_MOUNT_TMPFS,
	CS_MOUNT_PROC,
	CS_MOUNT_SYSFS,
	CS_MOUNT_CGROUP2,
	CS_MOUNT_MQUEUE,
	CS_MOUNT_DEV,		/* a tmpfs, filled by helper/dev.c */
	CS_MOUNT_DIR,		/* no mount: a directory in what is already there */
};

enum cs_mount_flag {
	CS_MOUNT_RO = 1 << 0,
	CS_MOUNT_NOSUID = 1 << 1,
	CS_MOUNT_NODEV = 1 << 2,
	CS_MOUNT_NOEXEC = 1 << 3,
	CS_MOUNT_OPTIONAL = 1 << 4,	/* a source that is not there is left out */
	CS_MOUNT_AS_USER = 1 << 5,	/* the source is opened with the user's credentials */
	CS_MOUNT_FILE = 1 << 6,		/* the source is a file or socket, not a directory */
	CS_MOUNT_USER_OWNS = 1 << 7,	/* a DIR that belongs to the user */
	CS_MOUNT_FLAGS_ALL = (1 << 8) - 1,
};

struct cs_mount {
	enum cs_mount_kind kind;
	unsigned int flags;
	unsigned int mode;		/* of the directory or the tmpfs's root */
	const char *target;		/* absolute, inside */
	const char *source;		/* absolute, on the host; "" but for binds */
	uint64_t size;			/* tmpfs, bytes; 0: the kernel's default */
};

struct cs_link {
	const char *path;		/* absolute, inside */
	const char *target;
};

/* Every text is in .text, or constant: nothing to free, but not to be copied by "=" either. */
struct cs_plan {
	uid_t uid;
	gid_t gid;
	const char *user;		/* login name */
	const char *home;
	const char *class_name;
	const char *shell;
	const char *pass_environment;	/* names, a blank between */
	enum cs_identity identity;
	enum cs_root root;
	enum cs_scope scope;
	enum cs_recycle recycle;
	uint64_t linger_ms;		/* these: as in struct cs_conf_class */
	uint64_t stop_timeout_ms;
	uint64_t max_sessions;
	uint64_t max_age_ms;
	uint64_t idle_timeout_ms;
	const char *maintenance;	/* "": none */
	bool maintenance_sftp;		/* sftp works all the same */
	size_t mount_count;
	struct cs_mount mounts[CS_PLAN_MOUNTS_MAX];	/* in the order of mounting: parents first */
	size_t link_count;
	struct cs_link links[CS_PLAN_LINKS_MAX];
	size_t text_size;
	char text[CS_PLAN_TEXT_MAX];
};

/*
 * Make the plan for @user in @class. 0, or -EINVAL for what cannot be planned
 * (a home that is too long, or a @class of NULL, which cs_conf_class_of()
 * could not find out), with a line in @ret_error (at least 256 bytes).
 */
int cs_plan_make(const struct cs_conf_class *class, const struct cs_user *user,
		 struct cs_plan *ret_plan, char *ret_error, size_t error_size);

/*
 * Why the home is not shown: the target that it would lie over, or the tree of
 * the kernel's or of sockets that it lies in. NULL when it is shown.
 */
const char *cs_plan_home_obstacle(const struct cs_plan *plan);

/*
 * Print @plan as --explain shows it: one "name: value" line per setting with
 * where it came from, then the mounts, one per line in fstab(5)'s order of
 * fields, then the links. @class is what the plan was made from. -errno of @out.
 * In plan_print.c.
 */
int cs_plan_print(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out);

#endif
