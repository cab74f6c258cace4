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
#include "limit.h"
#include "mount.h"
#include "user.h"

#define CS_PLAN_MOUNTS_MAX (64 + CS_CONF_MOUNTS_MAX)	/* our own, and what a class may ask for */
#define CS_PLAN_LINKS_MAX 24
#define CS_PLAN_PATH_MAX 1024
#define CS_PLAN_ENVIRONMENT_MAX 4096
#define CS_PLAN_NETNS_MAX 65
#define CS_PLAN_VERITY_MAX 136			/* "sha512:", 128 digits, and the end */
#define CS_PLAN_GROUP_MAX 8192		/* of the lines for an image's group(5) */
#define CS_PLAN_TEXT_MAX 65536

struct cs_mount {
	enum cs_mount_kind kind;
	unsigned int flags;
	unsigned int mode;		/* of the directory or the tmpfs's root */
	const char *target;		/* absolute, inside */
	const char *source;		/* absolute, on the host; "" but for binds */
	uint64_t size;			/* tmpfs, bytes; 0: the kernel's default */
	/* of one that the configuration asks for, owned by it; NULL, and so in the helper */
	const struct cs_conf_origin *origin;
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
	/* Of a user namespace, as the kernel takes them (idmap.h); "" for identity = host. */
	const char *uid_map, *gid_map;
	const char *pass_environment;	/* names, a blank between */
	enum cs_identity identity;
	bool allow_root;
	bool nested;			/* sessions may make namespaces */
	enum cs_seccomp seccomp;
	const char *seccomp_file;	/* "" but for CS_SECCOMP_FILE */
	bool keep_groups;		/* for good: setgroups(2) is refused inside, see plan.c */
	enum cs_root root;
	const char *image;		/* "" with root = host */
	const char *root_verity;	/* digest of an image that is a file; "": whatever it has */
	enum cs_writable writable;
	uint64_t writable_size;
	const char *passwd, *group;	/* lines for the image's files of that name; or "" */
	enum cs_network network;
	const char *netns;		/* its name; "" but for CS_NETWORK_NETNS */
	enum cs_scope scope;
	enum cs_recycle recycle;
	uint64_t linger_ms;		/* these: as in struct cs_conf_class */
	uint64_t stop_timeout_ms;
	uint64_t max_sessions;
	uint64_t max_age_ms;
	uint64_t idle_timeout_ms;
	const char *maintenance;	/* "": none */
	bool maintenance_sftp;		/* sftp works all the same */
	unsigned int devices;		/* a bit for each of devices.h */
	const char *fstab;		/* of the configuration; "": none */
	const char *cpuset;		/* as the kernel says it; "": all */
	size_t mount_count;
	size_t link_count;
	size_t limit_count;
	size_t text_size;
	/* only as much of these is set as is counted: a plan is large, and most are short */
	struct cs_mount mounts[CS_PLAN_MOUNTS_MAX];	/* in the order of mounting: parents first */
	struct cs_link links[CS_PLAN_LINKS_MAX];
	struct cs_limit limits[CS_LIMIT_KINDS];		/* those that there are, in the order of kinds */
	char text[CS_PLAN_TEXT_MAX];
};

/*
 * Make the plan for @user in @class. 0, or -EINVAL for what cannot be planned
 * (a home that is too long, or a @class of NULL, which cs_conf_class_of()
 * could not find out), with a line in @ret_error (at least 256 bytes); -EBADMSG
 * if it is the configuration that asks for what cannot be, and then the line is
 * one of its problems, with file, line and key.
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
