/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tidy: see tidy.h. */
#include "tidy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "create.h"
#include "entries.h"
#include "fd.h"
#include "join.h"
#include "record.h"
#include "strict.h"

#define LOCK_TIMEOUT_MS 10000

int cs_tidy_instance(int user_fd, const char *instance)
{
	struct cs_record record;
	struct cs_join join = CS_JOIN_NONE;
	int lease = -1;
	int result;

	/*
	 * SECURITY: dead is what has no record (or one of another layout), no init
	 * (ESRCH) or no monitor (ENXIO). What merely cannot be opened now, for want
	 * of descriptors, may well run.
	 */
	result = cs_record_read(user_fd, instance, &record);
	if (result == -ENOENT || result == -EBADMSG)
		return cs_create_forget(user_fd, NULL, instance);
	if (result < 0)
		return result;
	result = cs_join_open(&record, &join);
	if (result == 0) {
		result = cs_record_take_lease(user_fd, instance, &lease);
		cs_join_close(&join);
	}
	if (result == 0) {
		cs_fd_close(&lease);
		return -EBUSY;
	}
	if (result != -ESRCH && result != -ENXIO)
		return result;
	return cs_create_forget(user_fd, &record, instance);
}

int cs_tidy_all(int user_fd)
{
	struct cs_entries entries;
	const char *name;
	int first = 0;

	cs_entries_begin(&entries, user_fd);
	while ((name = cs_entries_next(&entries)) != NULL) {
		char instance[CS_RECORD_INSTANCE_MAX];
		int result;

		if (!cs_record_is_instance(name))
			continue;
		snprintf(instance, sizeof(instance), "%s", name);
		result = cs_tidy_instance(user_fd, instance);
		if (result < 0 && result != -EBUSY && first == 0)
			first = result;	/* one that cannot be removed does not keep the others */
	}
	return first;
}

int cs_tidy(uid_t uid)
{
	int user_fd = -1;
	int result = cs_record_lock(uid, LOCK_TIMEOUT_MS, &user_fd);

	if (result < 0)
		return result;
	result = cs_tidy_all(user_fd);
	cs_create_sweep(uid, "");
	cs_record_remove_user(uid);
	cs_record_unlock(&user_fd);
	return result;
}
