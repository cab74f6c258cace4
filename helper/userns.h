/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * userns: the user namespace of a container with identity = keep or root.
 *
 * Set-uid, real root. The namespaces of the container but this one and the last
 * of the mounts belong to the host's user namespace: root inside has nothing to
 * say about processes' ids, host names and message queues of others. Each does
 * nothing with identity = host.
 *
 * Who comes in finds the namespace by the mounts that it owns (lib/enter/join.h).
 */
#ifndef CS_USERNS_H
#define CS_USERNS_H

#include "step.h"

/* Who is root inside, by the ids outside; 0 with identity = host: nobody. */
void cs_userns_find_root(const struct cs_plan *plan, uid_t *ret_uid, gid_t *ret_gid);

/* BEFORE: the namespace, with its maps, as run->userns_fd. */
int cs_userns_make(const struct cs_plan *plan, struct cs_run *run);
/* BUILD: what is made from here on belongs to the container's root. */
int cs_userns_own_files(const struct cs_plan *plan, struct cs_run *run);
/* BUILD: into a copy of the mounts that the user namespace owns, which locks them. */
int cs_userns_lock_mounts(const struct cs_plan *plan, struct cs_run *run);
/* SESSION: into the user namespace, with the session's groups. */
int cs_userns_enter(const struct cs_plan *plan, struct cs_run *run);

#endif
