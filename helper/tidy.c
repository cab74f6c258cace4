/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tidy: see tidy.h. */
#include "tidy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "create.h"
#include "fd.h"
#include "join.h"
#include "record.h"
#include "strict.h"

#define LOCK_TIMEOUT_MS 10000

int cs_tidy_instance(int user_fd, const char *instance, uid_t uid)
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
		return cs_create_forget(user_fd, NULL, instance, uid);
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
	return cs_create_forget(user_fd, &record, instance, uid);
}

int cs_tidy_all(int user_fd, uid_t uid)
{
	DIR *directory = fdopendir(fcntl(user_fd, F_DUPFD_CLOEXEC, 0));
	struct dirent *entry;
	int result = 0, first = 0;

	/* A duplicate shares its place with all that were read before. */
	if (directory != NULL)
		rewinddir(directory);
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (!cs_record_is_instance(entry->d_name))
			continue;
		result = cs_tidy_instance(user_fd, entry->d_name, uid);
		if (result < 0 && result != -EBUSY && first == 0)
			first = result;	/* one that cannot be removed does not keep the others */
	}
	if (directory != NULL)
		closedir(directory);
	return first;
}

int cs_tidy(uid_t uid)
{
	int user_fd = -1;
	int result = cs_record_lock(uid, LOCK_TIMEOUT_MS, &user_fd);

	if (result < 0)
		return result;
	result = cs_tidy_all(user_fd, uid);
	cs_record_remove_user(uid);
	cs_record_unlock(&user_fd);
	return result;
}
