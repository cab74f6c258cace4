/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idmap: which id inside is which outside, as user_namespaces(7) has it.
 *
 * Floor 1. Made for a plan (identity.h), sent as the text that the kernel takes,
 * and checked again by who gives it to the kernel.
 */
#ifndef CS_IDMAP_H
#define CS_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One write(2) takes less than a page, and a line has 33 bytes at the most. */
#define CS_IDMAP_MAX 120
#define CS_IDMAP_TEXT_MAX 4096
#define CS_IDMAP_LAST (UINT32_MAX - 1)	/* (uid_t)-1 is nobody's */

struct cs_idmap_extent {
	uint32_t inside, outside, count;
};

struct cs_idmap {
	size_t count;
	struct cs_idmap_extent extents[CS_IDMAP_MAX];	/* by @inside, ascending */
};

/* Put one behind the last. 0, or -E2BIG. */
int cs_idmap_add(struct cs_idmap *map, uint32_t inside, uint32_t outside, uint32_t count);

/* The text of uid_map and gid_map: "INSIDE OUTSIDE COUNT\n" for each. 0 or -E2BIG. */
int cs_idmap_print(const struct cs_idmap *map, char *ret_text, size_t size);

/*
 * The reverse, and nothing that is not sound: ascending, without overlap on
 * either side, within 32 bits, and with the host's id 0 nowhere. 0 or -EBADMSG.
 */
int cs_idmap_parse(const char *text, struct cs_idmap *ret_map);

/* Who @inside is outside. false: nobody. */
bool cs_idmap_outside(const struct cs_idmap *map, uint32_t inside, uint32_t *ret_outside);

#endif
