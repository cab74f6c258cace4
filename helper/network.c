/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network: see network.h. */
#include "network.h"

/* The host's: what is there stays as it is. */
static const struct cs_network_kind host = { .word = "host" };

static const struct cs_network_kind *const kinds[] = {
	[CS_NETWORK_HOST] = &host,
	[CS_NETWORK_NONE] = &cs_network_none,
};

uint64_t cs_network_namespaces(const struct cs_plan *plan)
{
	return kinds[plan->network]->namespaces;
}

const char *cs_network_text(const struct cs_plan *plan)
{
	return kinds[plan->network]->word;
}

int cs_network_set_up(const struct cs_plan *plan, struct cs_run *run)
{
	const struct cs_network_kind *kind = kinds[plan->network];

	return kind->set_up != NULL ? kind->set_up(plan, run) : 0;
}
