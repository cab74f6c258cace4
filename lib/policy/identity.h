/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * identity: who is who in a container with a user namespace.
 *
 * Floor 1. Pure: of the user's ids and subordinate ids.
 */
#ifndef CS_IDENTITY_H
#define CS_IDENTITY_H

#include "conf.h"
#include "idmap.h"
#include "user.h"

#define CS_IDENTITY_GROUPS_MAX 48	/* as many lines as that may need have room in a map */

/*
 * The two maps of @user for @identity, keep or root. keep: the uid and the groups
 * are as outside, and each other id N is the subordinate one at place N. root: 0 is
 * the user and the primary group, the other groups are as outside, and N is the
 * subordinate id at place N - 1, as it is with podman(1) and its like. Groups
 * past the first 48 are not in the map: the user has them, without a name. 0, or
 * -EINVAL with a line in @ret_error.
 */
int cs_identity_map(enum cs_identity identity, const struct cs_user *user,
		    struct cs_idmap *ret_uids, struct cs_idmap *ret_gids, char *ret_error,
		    size_t error_size);

#endif
