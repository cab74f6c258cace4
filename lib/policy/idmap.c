/* SPDX-License-Identifier: GPL-3.0-or-later */
/* idmap: see idmap.h. */
#include "idmap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cs_idmap_add(struct cs_idmap *map, uint32_t inside, uint32_t outside, uint32_t count)
{
	struct cs_idmap_extent *last = map->count > 0 ? &map->extents[map->count - 1] : NULL;

	if (last != NULL && last->inside + last->count == inside &&
	    last->outside + last->count == outside) {
		last->count += count;
		return 0;
	}
	if (map->count == CS_IDMAP_MAX)
		return -E2BIG;
	map->extents[map->count++] = (struct cs_idmap_extent){ inside, outside, count };
	return 0;
}

int cs_idmap_print(const struct cs_idmap *map, char *ret_text, size_t size)
{
	size_t used = 0;

	if (size == 0)
		return -E2BIG;
	ret_text[0] = '\0';
	for (size_t i = 0; i < map->count; i++) {
		const struct cs_idmap_extent *extent = &map->extents[i];

		used += (size_t)snprintf(ret_text + used, size - used, "%u %u %u\n", extent->inside,
					 extent->outside, extent->count);
		if (used >= size)
			return -E2BIG;
	}
	return 0;
}

/* Digits, without a zero in front, then @end. The cursor goes behind it. */
static int parse_number(const char **cursor, char end, uint32_t *ret_number)
{
	const char *text = *cursor;
	uint64_t number = 0;
	size_t length = strspn(text, "0123456789");

	if (length == 0 || length > 10 || text[length] != end || (text[0] == '0' && length > 1))
		return -EBADMSG;
	for (size_t i = 0; i < length; i++)
		number = number * 10 + (uint64_t)(text[i] - '0');
	if (number > CS_IDMAP_LAST)
		return -EBADMSG;
	*ret_number = (uint32_t)number;
	*cursor = text + length + 1;
	return 0;
}

static bool is_within(uint32_t start, uint32_t count)
{
	return count > 0 && count - 1 <= CS_IDMAP_LAST - start;
}

static bool overlap(uint32_t one, uint32_t one_count, uint32_t other, uint32_t other_count)
{
	return one <= other + (other_count - 1) && other <= one + (one_count - 1);
}

/* May @extent stand behind those that are there? */
static bool is_sound(const struct cs_idmap *map, const struct cs_idmap_extent *extent)
{
	if (!is_within(extent->inside, extent->count) || !is_within(extent->outside, extent->count))
		return false;
	/* SECURITY: root of the host is nobody inside. */
	if (extent->outside == 0)
		return false;
	for (size_t i = 0; i < map->count; i++) {
		const struct cs_idmap_extent *before = &map->extents[i];

		if (before->inside + (before->count - 1) >= extent->inside ||
		    overlap(before->outside, before->count, extent->outside, extent->count))
			return false;
	}
	return true;
}

int cs_idmap_parse(const char *text, struct cs_idmap *ret_map)
{
	const char *cursor = text;

	ret_map->count = 0;
	if (strlen(text) >= CS_IDMAP_TEXT_MAX)
		return -EBADMSG;
	while (*cursor != '\0') {
		struct cs_idmap_extent extent = { 0 };

		if (ret_map->count == CS_IDMAP_MAX || parse_number(&cursor, ' ', &extent.inside) < 0 ||
		    parse_number(&cursor, ' ', &extent.outside) < 0 ||
		    parse_number(&cursor, '\n', &extent.count) < 0 || !is_sound(ret_map, &extent))
			return -EBADMSG;
		ret_map->extents[ret_map->count++] = extent;
	}
	return ret_map->count > 0 ? 0 : -EBADMSG;
}

bool cs_idmap_outside(const struct cs_idmap *map, uint32_t inside, uint32_t *ret_outside)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct cs_idmap_extent *extent = &map->extents[i];

		if (inside < extent->inside || inside - extent->inside >= extent->count)
			continue;
		*ret_outside = extent->outside + (inside - extent->inside);
		return true;
	}
	return false;
}
