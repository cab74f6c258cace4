/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list: how a container is shown. Shared by --list and --status. */
#ifndef CS_LIST_H
#define CS_LIST_H

#include <stdio.h>

#include "inventory.h"
#include "usage.h"

const char *cs_list_state(enum cs_inventory_state state);
const char *cs_list_identity(const struct cs_record *record);
const char *cs_list_writable(const struct cs_record *record);
/* Milliseconds since 1970 as local time. */
void cs_list_time(uint64_t ms, char *ret_text, size_t size);
/* One object. */
void cs_list_print_json(const struct cs_inventory_item *item, const struct cs_usage *usage,
			FILE *out);

#endif
