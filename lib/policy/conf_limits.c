/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conf_limits: see conf_limits.h. */
#include "conf_limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpus.h"
#include "limit.h"
#include "strict.h"

#define PART_MAX 32		/* bytes of one value: more are no number */

static int store(const struct cs_conf_row *row, enum cs_limit_form form, uint64_t soft,
		 uint64_t hard, void *member)
{
	const struct cs_limit limit = { .kind = row->limit, .form = form, .soft = soft,
					.hard = hard };

	if (form != CS_LIMIT_NONE && !cs_limit_is_sound(&limit))
		return -EINVAL;
	memcpy(member, &limit, sizeof(limit));
	return 0;
}

static bool is_default(const struct cs_conf_row *row, const char *text)
{
	return strcmp(text, row->default_text) == 0;
}

static int store_none(const struct cs_conf_row *row, void *member)
{
	return store(row, CS_LIMIT_NONE, 0, 0, member);
}

/* "50%": 50. */
static int take_percent(const char *text, uint64_t *ret_percent)
{
	size_t length = strlen(text);
	char digits[PART_MAX];

	if (length < 2 || length >= sizeof(digits) || text[length - 1] != '%')
		return -EINVAL;
	memcpy(digits, text, length - 1);
	digits[length - 1] = '\0';
	return cs_strict_u64(digits, UINT32_MAX, ret_percent);
}

int cs_conf_limits_size(const struct cs_conf_row *row, const char *text, void *member)
{
	uint64_t value = 0;

	if (is_default(row, text))
		return store_none(row, member);
	if (take_percent(text, &value) == 0)
		return store(row, CS_LIMIT_PERCENT, value, value, member);
	if (cs_strict_size(text, &value) < 0)
		return -EINVAL;
	return store(row, CS_LIMIT_NUMBER, value, value, member);
}

int cs_conf_limits_count(const struct cs_conf_row *row, const char *text, void *member)
{
	uint64_t value = 0;

	if (is_default(row, text))
		return store_none(row, member);
	if (cs_strict_u64(text, UINT64_MAX, &value) < 0)
		return -EINVAL;
	return store(row, CS_LIMIT_NUMBER, value, value, member);
}

int cs_conf_limits_quota(const struct cs_conf_row *row, const char *text, void *member)
{
	uint64_t value = 0;

	if (is_default(row, text))
		return store_none(row, member);
	if (take_percent(text, &value) < 0)
		return -EINVAL;
	return store(row, CS_LIMIT_NUMBER, value, value, member);
}

int cs_conf_limits_weight(const struct cs_conf_row *row, const char *text, void *member)
{
	uint64_t value = 0;

	if (is_default(row, text))
		return store_none(row, member);
	if (row->words && strcmp(text, row->words[0]) == 0)
		return store(row, CS_LIMIT_NUMBER, 0, 0, member);
	if (cs_strict_u64(text, UINT64_MAX, &value) < 0 || value == 0)
		return -EINVAL;
	return store(row, CS_LIMIT_NUMBER, value, value, member);
}

int cs_conf_limits_word(const struct cs_conf_row *row, const char *text, void *member)
{
	if (strcmp(text, row->words[0]) == 0)
		return store_none(row, member);
	if (strcmp(text, row->words[1]) != 0)
		return -EINVAL;
	return store(row, CS_LIMIT_NUMBER, 1, 1, member);
}

/* A number with or without a sign, @offset more. */
static int store_signed(const struct cs_conf_row *row, const char *text, uint64_t offset,
			void *member)
{
	const bool negative = text[0] == '-';
	uint64_t value = 0;

	if (is_default(row, text))
		return store_none(row, member);
	if (cs_strict_u64(text + (negative ? 1 : 0), negative ? offset : UINT32_MAX, &value) < 0)
		return -EINVAL;
	value = negative ? offset - value : offset + value;
	return store(row, CS_LIMIT_NUMBER, value, value, member);
}

int cs_conf_limits_nice(const struct cs_conf_row *row, const char *text, void *member)
{
	return store_signed(row, text, CS_LIMIT_NICE_OFFSET, member);
}

int cs_conf_limits_oom_score(const struct cs_conf_row *row, const char *text, void *member)
{
	return store_signed(row, text, CS_LIMIT_OOM_SCORE_OFFSET, member);
}

/* ---- of processes ------------------------------------------------------------------ */

static int take_size(const char *text, uint64_t *ret_value)
{
	return cs_strict_size(text, ret_value);
}

static int take_count(const char *text, uint64_t *ret_value)
{
	return cs_strict_u64(text, UINT64_MAX, ret_value);
}

/* The kernel counts whole seconds. */
static int take_seconds(const char *text, uint64_t *ret_value)
{
	uint64_t ms = 0;

	if (cs_strict_time(text, &ms) < 0 || ms % 1000 != 0)
		return -EINVAL;
	*ret_value = ms / 1000;
	return 0;
}

static int take_part(const char *text, size_t length, int (*take)(const char *, uint64_t *),
		     uint64_t *ret_value)
{
	char part[PART_MAX];

	if (length >= sizeof(part))
		return -EINVAL;
	memcpy(part, text, length);
	part[length] = '\0';
	if (strcmp(part, "infinity") != 0)
		return take(part, ret_value);
	*ret_value = CS_LIMIT_INFINITY;
	return 0;
}

static int store_pair(const struct cs_conf_row *row, const char *text,
		      int (*take)(const char *, uint64_t *), void *member)
{
	const size_t length = strcspn(text, ":");
	const char *rest = text[length] == ':' ? text + length + 1 : text;
	uint64_t soft = 0, hard = 0;

	if (is_default(row, text))
		return store_none(row, member);
	if (take_part(text, length, take, &soft) < 0 ||
	    take_part(rest, strlen(rest), take, &hard) < 0)
		return -EINVAL;
	return store(row, CS_LIMIT_NUMBER, soft, hard, member);
}

int cs_conf_limits_process_size(const struct cs_conf_row *row, const char *text, void *member)
{
	return store_pair(row, text, take_size, member);
}

int cs_conf_limits_process_count(const struct cs_conf_row *row, const char *text, void *member)
{
	return store_pair(row, text, take_count, member);
}

int cs_conf_limits_process_time(const struct cs_conf_row *row, const char *text, void *member)
{
	return store_pair(row, text, take_seconds, member);
}

/* ---- processors -------------------------------------------------------------------- */

/* Kept as the kernel says it, so that what it says can be compared. */
int cs_conf_limits_cpus(const struct cs_conf_row *row, const char *text, void *member)
{
	char **kept = member, *copy, plain[CS_CPUS_TEXT_MAX] = "";
	struct cs_cpus cpus;

	if (!is_default(row, text) && (cs_cpus_parse(text, &cpus) < 0 ||
				       cs_cpus_print(&cpus, plain, sizeof(plain)) < 0))
		return -EINVAL;
	copy = strdup(plain);
	if (!copy)
		return -ENOMEM;
	free(*kept);
	*kept = copy;
	return 0;
}
