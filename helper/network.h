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

#include <stddef.h>
#include <stdint.h>

#include "step.h"

#define CS_NETWORK_RESOLVER_MAX (CS_PLAN_NETNS_MAX + 64)

/* What a kind has not to do is NULL. */
struct cs_network_kind {
	const char *word;	/* the key's value, or its beginning */
	uint64_t namespaces;	/* for the builder's clone(2): CLONE_NEWNET, or 0 */
	/* BEFORE: on the host. Opens what the others need. */
	int (*find)(const struct cs_plan *plan, struct cs_run *run);
	/* BUILD: in the new namespace, if one was asked for; into one that was found, else. */
	int (*set_up)(const struct cs_plan *plan, struct cs_run *run);
};

extern const struct cs_network_kind cs_network_none, cs_network_netns;

/* What clone(2) has to make for the builder. */
uint64_t cs_network_namespaces(const struct cs_plan *plan);
/* For people, as the configuration says it. What snprintf(3) returns. */
size_t cs_network_print(const struct cs_plan *plan, char *ret_text, size_t size);
/* BEFORE. */
int cs_network_find(const struct cs_plan *plan, struct cs_run *run);
/* BUILD, before any mount. */
int cs_network_set_up(const struct cs_plan *plan, struct cs_run *run);
/* The path of the resolv.conf(5) for who lives in the net namespace @name, ip-netns(8). */
void cs_network_resolver(const char *name, char *ret_path, size_t size);
/* BUILD, when the mounts are there: @run->resolver_fd, if the kind has one, as /etc/resolv.conf. */
int cs_network_place_resolver(const struct cs_plan *plan, struct cs_run *run);

#endif
