/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * user: who is asking, as the system's databases know them.
 *
 * Floor 1. The only place that calls NSS (getpwuid, getgrnam), which loads
 * libraries: for the planner and the admin part, never in the set-uid helper.
 */
#ifndef CS_USER_H
#define CS_USER_H

#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "subid.h"

#define CS_USER_NAME_MAX 256
#define CS_USER_GROUPS_MAX 65536	/* NGROUPS_MAX, limits.h */

struct cs_user {
	uid_t uid;
	gid_t gid;
	char name[CS_USER_NAME_MAX];
	char *home;		/* owned; an absolute path, as passwd(5) has it */
	gid_t *groups;		/* owned; supplementary, of the process or of the database */
	size_t group_count;
	char **group_names;	/* owned; of gid and then of each of groups, NULL: has none */
	struct cs_subids subids;	/* by cs_subid_find(); none before */
};

/*
 * Look @uid up in the passwd database; @gid and @groups (copied) are the
 * caller's own, so that no group enumeration is needed. 0, -ENOENT for a uid
 * without a name, -EINVAL for a name or home that we refuse, or -errno.
 */
int cs_user_of_process(uid_t uid, gid_t gid, const gid_t *groups, size_t group_count,
		       struct cs_user *ret_user);

/* Is @entry, of whatever source, what @user was made from? */
bool cs_user_has_entry(const struct cs_user *user, const struct passwd *entry);

/* For --explain: by login name, groups from getgrouplist(3). */
int cs_user_by_name(const char *name, struct cs_user *ret_user);

void cs_user_free(struct cs_user *user);

/*
 * Is @user in the group called @group_name? 1, 0 (there is no such group, too),
 * or -errno when the database could not say. One getgrnam_r(3) per call.
 */
int cs_user_in_group(const struct cs_user *user, const char *group_name);

/*
 * Find the names of all groups of @user, for an image that does not know them: the
 * last that are not named are known by their numbers alone, and so is one without a
 * name. One getgrgid_r(3) for each. 0, or -errno when the database could not say.
 */
int cs_user_name_groups(struct cs_user *user);
#define CS_USER_GROUP_NAMES_MAX 256	/* of them */

/* The number of a group. 0, -ENOENT, or -errno. One getgrnam_r(3) per call. */
int cs_user_find_group(const char *group_name, gid_t *ret_gid);

#endif
