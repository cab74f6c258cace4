/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ids: every change of user, group or capability that the project makes.
 *
 * Floor 2. Changes are unconditional, in the order groups, gid, uid, and each
 * is read back. A caller that gets an error must end its process.
 */
#ifndef CS_IDS_H
#define CS_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cs_ids {
	uid_t uid;
	gid_t gid;
	const gid_t *groups;	/* borrowed */
	size_t group_count;
};

#define CS_IDS_CAP(capability) (UINT64_C(1) << (capability))

/*
 * Become real root in every id. The user who started us can from then on
 * neither signal nor trace this process: kill(2) and ptrace(2) look at the
 * real and saved ids too.
 */
int cs_ids_be_root(void);

/*
 * Files, directories and file systems that are made from here on belong to @uid
 * and @gid. All capabilities stay. 0 and 0: to root again.
 */
int cs_ids_make_as(uid_t uid, gid_t gid);

/* Open files as @ids until cs_ids_regain_root(): effective ids and groups only. */
int cs_ids_assume(const struct cs_ids *ids);
int cs_ids_regain_root(void);

/*
 * Be @ids for good, as the process that waits for a session: all ids and
 * groups, no capability. A set-uid program can still be run by it.
 */
int cs_ids_drop(const struct cs_ids *ids);

/*
 * Be @ids for good, as the session itself: all ids and groups, all five
 * capability sets empty, no_new_privs. -EPERM if root could be had again.
 */
int cs_ids_become(const struct cs_ids *ids);

/* The groups of @ids and no others, before a user namespace is entered; the ids are still root's. */
int cs_ids_take_groups(const struct cs_ids *ids);

/*
 * Be @uid and @gid for good, in a user namespace that was just entered as the
 * host's root, by the names they have there; the groups stay. As cs_ids_become(),
 * but for @has_rights: then no_new_privs is not set and the bounding set stays
 * whole, so that to be root there gives what it gives.
 */
int cs_ids_become_inside(uid_t uid, gid_t gid, bool has_rights);

/*
 * No program that this process or a child starts gets more than @keep: the
 * bounding set, which what is held now does not depend on. Not read back: that
 * is left to cs_ids_become(), which finds less to do after this.
 */
int cs_ids_limit(uint64_t keep);

/* Stay uid 0 with the capabilities of @keep alone, in all but the ambient set. */
int cs_ids_keep_only(uint64_t keep);

#endif
