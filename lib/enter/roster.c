/* SPDX-License-Identifier: GPL-3.0-or-later */
/* roster: see roster.h. Locks of open file descriptions, Linux 3.15. */
#include "roster.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "record.h"

#define SLOTS_MAX 100000

static int open_file(int user_fd, const char *instance, int flags)
{
	char path[CS_RECORD_INSTANCE_MAX + sizeof("/sessions")];
	int fd;

	/* Both parts are root's alone: @user_fd was checked. */
	snprintf(path, sizeof(path), "%s/sessions", instance);
	fd = openat(user_fd, path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static struct flock lock_of(size_t number, short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)number,
			       .l_len = 1 };
}

int cs_roster_join(int user_fd, const char *instance, const struct cs_roster_entry *entry,
		   int *ret_fd)
{
	cs_autoclose int fd = open_file(user_fd, instance, O_RDWR | O_CREAT);

	if (fd < 0)
		return cs_fd_steal(&fd);
	for (size_t number = 0; number < SLOTS_MAX; number++) {
		struct flock lock = lock_of(number, F_WRLCK);
		ssize_t put;

		if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
			if (errno != EAGAIN && errno != EACCES)
				return -errno;
			continue;	/* taken */
		}
		put = pwrite(fd, entry, sizeof(*entry), (off_t)(number * sizeof(*entry)));
		if (put < 0)
			return -errno;
		if ((size_t)put != sizeof(*entry))
			return -ENOSPC;
		*ret_fd = cs_fd_steal(&fd);
		return 0;
	}
	return -EUSERS;
}

int cs_roster_open(int user_fd, const char *instance)
{
	return open_file(user_fd, instance, O_RDONLY);
}

static bool is_terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

int cs_roster_read(int fd, size_t number, struct cs_roster_entry *ret_entry)
{
	struct flock lock = lock_of(number, F_RDLCK);
	struct cs_roster_entry entry;
	ssize_t got = pread(fd, &entry, sizeof(entry), (off_t)(number * sizeof(entry)));

	if (got < 0)
		return -errno;
	if ((size_t)got < sizeof(entry))
		return -ENOENT;
	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return -errno;
	if (lock.l_type == F_UNLCK)
		return 0;
	if (!is_terminated(entry.tty, sizeof(entry.tty)) ||
	    !is_terminated(entry.from, sizeof(entry.from)))
		return -EBADMSG;
	*ret_entry = entry;
	return 1;
}

int cs_roster_count(int user_fd, const char *instance)
{
	cs_autoclose int fd = cs_roster_open(user_fd, instance);
	struct cs_roster_entry entry;
	int count = 0, taken;

	if (fd < 0)
		return fd == -ENOENT ? 0 : cs_fd_steal(&fd);
	for (size_t number = 0; (taken = cs_roster_read(fd, number, &entry)) >= 0; number++)
		count += taken == 1 && !entry.by_admin;
	return taken == -ENOENT ? count : taken;
}
