/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cpus: see cpus.h. */
#include "cpus.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The number at *@text, which is moved behind it. */
static int take_number(const char **text, unsigned int *ret_number)
{
	unsigned int number = 0;
	size_t digits = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++, digits++) {
		number = number * 10 + (unsigned int)(**text - '0');
		if (number >= CS_CPUS_MAX)
			return -EINVAL;
	}
	*ret_number = number;
	return digits > 0 ? 0 : -EINVAL;
}

static bool has(const struct cs_cpus *cpus, unsigned int number)
{
	return number < CS_CPUS_MAX && (cpus->set[number / 64] >> number % 64 & 1) != 0;
}

int cs_cpus_parse(const char *text, struct cs_cpus *ret_cpus)
{
	struct cs_cpus cpus = { { 0 } };

	for (;;) {
		unsigned int first, last;

		if (take_number(&text, &first) < 0)
			return -EINVAL;
		last = first;
		if (*text == '-') {
			text++;
			if (take_number(&text, &last) < 0 || last < first)
				return -EINVAL;
		}
		for (unsigned int number = first; number <= last; number++)
			cpus.set[number / 64] |= UINT64_C(1) << number % 64;
		if (*text != ',' && *text != ' ')
			break;
		text++;
	}
	if (strcmp(text, "") != 0 && strcmp(text, "\n") != 0)
		return -EINVAL;
	*ret_cpus = cpus;
	return 0;
}

int cs_cpus_print(const struct cs_cpus *cpus, char *ret_text, size_t size)
{
	size_t used = 0;

	for (unsigned int first = 0; first < CS_CPUS_MAX; first++) {
		unsigned int last = first;
		const char *comma = used > 0 ? "," : "";

		if (!has(cpus, first))
			continue;
		while (has(cpus, last + 1))
			last++;
		if (last > first)
			used += (size_t)snprintf(ret_text + used, size - used, "%s%u-%u", comma, first,
						 last);
		else
			used += (size_t)snprintf(ret_text + used, size - used, "%s%u", comma, first);
		if (used >= size)
			return -E2BIG;
		first = last;
	}
	return used > 0 ? 0 : -EINVAL;
}

bool cs_cpus_within(const struct cs_cpus *some, const struct cs_cpus *all)
{
	uint64_t any = 0;

	for (size_t i = 0; i < sizeof(some->set) / sizeof(some->set[0]); i++) {
		if ((some->set[i] & ~all->set[i]) != 0)
			return false;
		any |= some->set[i];
	}
	return any != 0;
}
