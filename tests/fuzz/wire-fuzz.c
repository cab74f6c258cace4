/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire-fuzz: what the helper takes from the planner, of any bytes. What is taken for a plan is
 * one, and stays the same when it is sent on.
 *
 * Not that it is sent as the same bytes at once: texts may lie in any order, and two rows may
 * have one. What it is sent as then is the one form, which fuzz_check_round_trip() holds it to.
 */
#include "../../lib/policy/plan_wire.c"	/* the layout is known to no other file */

#include "fuzz.h"

#define TIMEOUT_MS 1000

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

/* So many rows: of those that are missing, each is as the first. Returns the new size. */
static size_t set_count(uint8_t *data, size_t size, size_t max, size_t start, size_t row_size,
			uint32_t wanted, uint32_t *count)
{
	const size_t old_end = start + *count * row_size, end = start + wanted * row_size;

	if (*count == 0 || old_end > size || size - old_end + end > max)
		return size;
	memmove(data + end, data + old_end, size - old_end);
	for (size_t at = old_end; at < end; at += row_size)
		memcpy(data + at, data + start, row_size);
	*count = wanted;
	return size - old_end + end;
}

static bool has_counts(const struct message *head)
{
	return head->mount_count <= CS_PLAN_MOUNTS_MAX && head->link_count <= CS_PLAN_LINKS_MAX &&
	       head->limit_count <= CS_LIMIT_KINDS;
}

/*
 * libFuzzer's own changes, of which most are refused for their size alone; so, mostly, what the
 * head says of that is made right, and now and then a count is another, and may be too much.
 */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	static struct message head;
	const size_t head_size = offsetof(struct message, mounts);
	const uint32_t number = seed / 16;
	struct parts parts;

	size = LLVMFuzzerMutate(data, size, max);
	if (seed % 4 == 0 || size <= head_size)
		return size;
	memcpy(&head, data, head_size);
	if (!has_counts(&head))
		return size;
	head.magic = MAGIC;
	parts = parts_of(&head);
	if (seed % 16 == 1)
		size = set_count(data, size, max, head_size, sizeof(head.mounts[0]),
				 number % (CS_PLAN_MOUNTS_MAX + 4), &head.mount_count);
	else if (seed % 16 == 2)
		size = set_count(data, size, max, parts.links, sizeof(head.links[0]),
				 number % (CS_PLAN_LINKS_MAX + 4), &head.link_count);
	else if (seed % 16 == 3)
		size = set_count(data, size, max, parts.limits, sizeof(head.limits[0]),
				 number % (CS_LIMIT_KINDS + 4), &head.limit_count);
	parts = parts_of(&head);
	if (parts.text >= size)
		return size;
	head.text_size = (uint32_t)(size - parts.text);
	memcpy(data, &head, head_size);
	data[parts.text] = data[size - 1] = '\0';
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cs_plan plan;
	struct cs_plan_refusal refusal;
	struct cs_conf_stamp stamp;
	const int fd = fuzz_file(data, size);
	const int result = cs_plan_receive(fd, TIMEOUT_MS, &plan, &stamp, &refusal);

	REQUIRE(result == 0 || result == -EBADMSG || result == -ECANCELED ||
		(result == -EPIPE && size == 0));
	if (result == -ECANCELED) {
		REQUIRE(memchr(refusal.what, '\0', sizeof(refusal.what)));
		REQUIRE(memchr(refusal.why, '\0', sizeof(refusal.why)));
	}
	if (result < 0)
		return 0;
	fuzz_check_plan(&plan);
	fuzz_check_round_trip(&plan, true);
	return 0;
}
