/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity: see identity.h. Read it from the bottom. */
#include "identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Ids that are given, ascending by @inside and without a double; the rest is filled in. */
struct given {
	size_t count;
	struct pair {
		uint32_t inside, outside;
	} list[1 + CS_IDENTITY_GROUPS_MAX];
};

static int compare(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;

	return a->inside < b->inside ? -1 : a->inside > b->inside;
}

/*
 * Ids from @inside on, but not @end, as far as there are some: @first is the first
 * subordinate id, the next is the second, and so on, whatever is given in between.
 * Files keep their owners when the user's groups change.
 */
static int fill(struct cs_idmap *map, const struct cs_subid_ranges *ranges, uint32_t first,
		uint32_t inside, uint32_t end)
{
	uint64_t start = first;	/* of the range, inside */
	int err = 0;

	for (size_t i = 0; err == 0 && i < ranges->count; i++) {
		const struct cs_subid_range *range = &ranges->list[i];
		const uint64_t from = inside > start ? inside : start;
		const uint64_t to = end < start + range->count ? end : start + range->count;

		if (from < to)
			err = cs_idmap_add(map, (uint32_t)from, range->start + (uint32_t)(from - start),
					   (uint32_t)(to - from));
		start += range->count;
	}
	return err;
}

static int make_map(struct given *given, const struct cs_subid_ranges *ranges, uint32_t first,
		    struct cs_idmap *ret_map)
{
	uint32_t next = first;
	int err = 0;

	qsort(given->list, given->count, sizeof(given->list[0]), compare);
	ret_map->count = 0;
	for (size_t i = 0; err == 0 && i < given->count; i++) {
		const struct pair *pair = &given->list[i];

		err = fill(ret_map, ranges, first, next, pair->inside);
		if (err == 0)
			err = cs_idmap_add(ret_map, pair->inside, pair->outside, 1);
		next = pair->inside + 1;
	}
	return err < 0 ? err : fill(ret_map, ranges, first, next, CS_IDMAP_LAST);
}
_Static_assert(2 * (1 + CS_IDENTITY_GROUPS_MAX) + CS_SUBID_RANGES_MAX <= CS_IDMAP_MAX,
	       "a line for each, one before each, and one more where a range ends");

static bool is_given(const struct given *given, gid_t outside)
{
	for (size_t i = 0; i < given->count; i++) {
		if (given->list[i].outside == outside || given->list[i].inside == outside)
			return true;
	}
	return false;
}

/* SECURITY: root's group is not in the map: the files of the host's root are nobody's inside. */
static void give_groups(struct given *given, const struct cs_user *user)
{
	for (size_t i = 0; i < user->group_count; i++) {
		gid_t gid = user->groups[i];

		if (given->count == 1 + CS_IDENTITY_GROUPS_MAX)
			return;
		if (gid != 0 && gid != (gid_t)-1 && !is_given(given, gid))
			given->list[given->count++] = (struct pair){ gid, gid };
	}
}

int cs_identity_map(enum cs_identity identity, const struct cs_user *user,
		    struct cs_idmap *ret_uids, struct cs_idmap *ret_gids, char *ret_error,
		    size_t error_size)
{
	const bool is_root = identity == CS_IDENTITY_ROOT;
	struct given uids = { 1, { { is_root ? 0 : user->uid, user->uid } } };
	struct given gids = { 1, { { is_root ? 0 : user->gid, user->gid } } };
	int err;

	if (user->uid == 0 || user->gid == 0) {
		(void)snprintf(ret_error, error_size, "the primary %s of %s is root's",
			       user->uid == 0 ? "uid" : "group", user->name);
		return -EINVAL;
	}
	if (!is_root && user->subids.uids.count == 0) {
		(void)snprintf(ret_error, error_size,
			       "%s has no subordinate ids, and the class no id-range", user->name);
		return -EINVAL;
	}
	give_groups(&gids, user);
	err = make_map(&uids, &user->subids.uids, is_root, ret_uids);
	if (err == 0)
		err = make_map(&gids, &user->subids.gids, is_root, ret_gids);
	if (err < 0)
		(void)snprintf(ret_error, error_size, "the map of ids is too long");
	return err < 0 ? -EINVAL : 0;
}
