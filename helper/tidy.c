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
#define CLASSES_MAX 64

int cs_tidy_class(int user_fd, const char *class_name)
{
	struct cs_record record;
	struct cs_join join = CS_JOIN_NONE;
	int lease = -1;
	int result;

	result = cs_record_read(user_fd, class_name, &record);
	if (result == 0 && cs_join_open(&record, &join) == 0 &&
	    cs_record_take_lease(user_fd, class_name, &lease) == 0) {
		cs_join_close(&join);
		cs_fd_close(&lease);
		return -EBUSY;
	}
	cs_join_close(&join);
	return cs_create_forget(user_fd, result == 0 ? &record : NULL, class_name);
}

int cs_tidy(uid_t uid)
{
	int user_fd = -1;
	DIR *directory;
	struct dirent *entry;
	int result;

	result = cs_record_lock(uid, LOCK_TIMEOUT_MS, &user_fd);
	if (result < 0)
		return result;
	directory = fdopendir(dup(user_fd));
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (!cs_strict_is_class_name(entry->d_name))
			continue;
		result = cs_tidy_class(user_fd, entry->d_name);
		if (result < 0 && result != -EBUSY)
			break;
		result = 0;
	}
	if (directory != NULL)
		closedir(directory);
	cs_record_remove_user(uid);
	cs_record_unlock(&user_fd);
	return result;
}
