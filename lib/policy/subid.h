/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * subid: a user's subordinate ids: those that libsubid names, which asks
 * /etc/subuid and /etc/subgid or what nsswitch.conf(5) says, or else a part of the
 * configured id-range.
 *
 * Floor 1. In the planner and the admin part; never in the set-uid helper. What
 * could give a container ids of somebody else is refused, with the names.
 */
#ifndef CS_SUBID_H
#define CS_SUBID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CS_SUBID_RANGES_MAX 8
#define CS_SUBID_COUNT_MIN 65536	/* the ids that a system of its own has, nobody included */
#define CS_SUBID_FIRST 65536		/* below are accounts: of 16 bits, as they once all were */

struct cs_subid_range {
	uint32_t start, count;
};

struct cs_subid_ranges {
	size_t count;
	struct cs_subid_range list[CS_SUBID_RANGES_MAX];
};

struct cs_subids {
	struct cs_subid_ranges uids, gids;	/* none: both empty */
	bool configured;			/* of the id-range */
};

struct cs_user;

/* Where other users' ids are written down. */
struct cs_subid_files {
	const char *subuid, *subgid, *passwd, *group;
};

extern const struct cs_subid_files cs_subid_files_of_host;

/*
 * The subordinate ids of @user into @user->subids. @range: of the class, count
 * 0 for none; @reserved: the one id-range that any class has, count 0 for none.
 * 0, with none if there are none; -EINVAL with a line in @ret_error (at least 256
 * bytes) for what must not be used, or -errno.
 */
int cs_subid_find(const struct cs_subid_range *range, const struct cs_subid_range *reserved,
		  const struct cs_subid_files *files, struct cs_user *user, char *ret_error,
		  size_t error_size);

/* The same of @user->subids as they are: the checks alone. */
int cs_subid_check(const struct cs_subid_range *reserved, const struct cs_subid_files *files,
		   const struct cs_user *user, char *ret_error, size_t error_size);

#endif
