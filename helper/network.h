/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * network: where a container's network comes from. Each kind is a file of its
 * own, network_KIND.c, with one constant of this structure; network.c has the
 * table of them.
 *
 * Set-uid, real root. Whatever the kind, the network is init's net namespace
 * from before the first mount on, and lib/enter/join.c takes everybody there.
 */
#ifndef CS_NETWORK_H
#define CS_NETWORK_H

#include <stdint.h>

#include "step.h"

struct cs_network_kind {
	const char *word;	/* the key's value */
	uint64_t namespaces;	/* for the builder's clone(2): CLONE_NEWNET, or 0 */
	/* BUILD: in the new namespace, if one was asked for. NULL: there is nothing to do. */
	int (*set_up)(const struct cs_plan *plan, struct cs_run *run);
};

extern const struct cs_network_kind cs_network_none;

/* What clone(2) has to make for the builder. */
uint64_t cs_network_namespaces(const struct cs_plan *plan);
/* For people, as the configuration says it. */
const char *cs_network_text(const struct cs_plan *plan);
/* BUILD, before any mount. */
int cs_network_set_up(const struct cs_plan *plan, struct cs_run *run);

#endif
