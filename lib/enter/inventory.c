/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inventory: see inventory.h. */
#include "inventory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entries.h"
#include "fd.h"
#include "strict.h"

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)

void cs_inventory_free(struct cs_inventory *inventory)
{
	for (size_t i = 0; i < inventory->count; i++)
		free(inventory->items[i].sessions);
	free(inventory->items);
	memset(inventory, 0, sizeof(*inventory));
}

static int take_sessions(int user_fd, struct cs_inventory_item *item)
{
	cs_autoclose int fd = cs_roster_open(user_fd, item->record.instance);
	struct cs_roster_entry entry;
	int taken;

	if (fd < 0)
		return fd == -ENOENT ? 0 : cs_fd_steal(&fd);
	for (size_t number = 0; (taken = cs_roster_read(fd, number, &entry)) >= 0; number++) {
		struct cs_roster_entry *grown;

		if (taken == 0)
			continue;
		grown = reallocarray(item->sessions, item->session_count + 1, sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		item->sessions = grown;
		grown[item->session_count++] = entry;
	}
	return taken == -ENOENT ? 0 : taken;
}

static enum cs_inventory_state state_of(const struct cs_inventory_item *item)
{
	int pidfd = -1;

	if (cs_record_open_init(&item->record, &pidfd) < 0)
		return CS_INVENTORY_DEAD;
	cs_fd_close(&pidfd);
	return item->session_count > 0 ? CS_INVENTORY_RUNNING : CS_INVENTORY_LINGERING;
}

/* Room for one more at the end of @inventory, zeroed; NULL without memory. */
static struct cs_inventory_item *grow(struct cs_inventory *inventory)
{
	/* Doubling, at powers of two. */
	if ((inventory->count & (inventory->count - 1)) == 0) {
		size_t room = inventory->count == 0 ? 1 : 2 * inventory->count;
		struct cs_inventory_item *grown = reallocarray(inventory->items, room,
							       sizeof(*grown));

		if (grown == NULL)
			return NULL;
		inventory->items = grown;
	}
	memset(&inventory->items[inventory->count], 0, sizeof(inventory->items[0]));
	return &inventory->items[inventory->count];
}

static int take_instance(int user_fd, const char *instance, struct cs_inventory *inventory)
{
	struct cs_inventory_item *item = grow(inventory);
	int result;

	if (item == NULL)
		return -ENOMEM;
	result = cs_record_read(user_fd, instance, &item->record);
	/* It begins, or has just ended, or is of another version: not one that runs. */
	if (result == -ENOENT || result == -EBADMSG)
		return 0;
	if (result == 0)
		result = take_sessions(user_fd, item);
	if (result < 0) {
		free(item->sessions);
		return result;
	}
	item->state = state_of(item);
	inventory->count++;
	return 0;
}

/* Call @take for each entry of the directory @dir_fd that @accepts. */
static int for_each(int dir_fd, bool (*accepts)(const char *name),
		    int (*take)(int dir_fd, const char *name, struct cs_inventory *inventory),
		    struct cs_inventory *inventory)
{
	struct cs_entries entries;
	const char *name;
	int result = 0;

	cs_entries_begin(&entries, dir_fd);
	while (result == 0 && (name = cs_entries_next(&entries)) != NULL)
		if (accepts(name))
			result = take(dir_fd, name, inventory);
	return result < 0 ? result : entries.error;
}

static int take_user(int run_fd, const char *name, struct cs_inventory *inventory)
{
	cs_autoclose int user_fd = openat(run_fd, name, DIRECTORY);

	if (user_fd < 0)
		return errno == ENOENT ? 0 : -errno;	/* gone since it was listed */
	return for_each(user_fd, cs_record_is_instance, take_instance, inventory);
}

static bool is_uid(const char *name)
{
	uint64_t uid;

	return cs_strict_u64(name, UINT32_MAX, &uid) == 0;
}

static int compare(const void *left, const void *right)
{
	const struct cs_record *a = &((const struct cs_inventory_item *)left)->record;
	const struct cs_record *b = &((const struct cs_inventory_item *)right)->record;

	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	return strcmp(a->instance, b->instance);
}

int cs_inventory_take(uid_t uid, struct cs_inventory *ret_inventory)
{
	struct cs_inventory inventory = { 0 };
	cs_autoclose int run_fd = open(CS_RUNDIR, DIRECTORY);
	char name[16];
	int result;

	if (run_fd < 0) {
		if (errno != ENOENT)
			return -errno;
		*ret_inventory = inventory;	/* no login since the host was started */
		return 0;
	}
	if (uid == (uid_t)-1) {
		result = for_each(run_fd, is_uid, take_user, &inventory);
	} else {
		snprintf(name, sizeof(name), "%u", (unsigned int)uid);
		result = take_user(run_fd, name, &inventory);
	}
	if (result < 0) {
		cs_inventory_free(&inventory);
		return result;
	}
	if (inventory.count > 1)
		qsort(inventory.items, inventory.count, sizeof(inventory.items[0]), compare);
	*ret_inventory = inventory;
	return 0;
}
