/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inventory: which containers run on this host, from the records.
 *
 * Floor 2. As root. Takes no lock: a record appears and goes as a whole, and
 * what it says of processes is checked against them.
 */
#ifndef CS_INVENTORY_H
#define CS_INVENTORY_H

#include "record.h"
#include "roster.h"

enum cs_inventory_state {
	CS_INVENTORY_RUNNING,	/* somebody is in */
	CS_INVENTORY_LINGERING,	/* nobody is in, and it goes on */
	CS_INVENTORY_DEAD,	/* its init is gone: the next login removes what is left */
};

struct cs_inventory_item {
	struct cs_record record;
	enum cs_inventory_state state;
	struct cs_roster_entry *sessions;	/* owned */
	size_t session_count;
};

struct cs_inventory {
	struct cs_inventory_item *items;	/* owned; by uid, then instance */
	size_t count;
};

/* All containers of @uid, or of everybody if it is (uid_t)-1. 0 or -errno. */
int cs_inventory_take(uid_t uid, struct cs_inventory *ret_inventory);
void cs_inventory_free(struct cs_inventory *inventory);

#endif
