/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fd: owning file descriptors and heap strings, and small whole-file reads.
 *
 * Floor 0. Runs anywhere, as anyone. Must not print, exit, or keep state.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"

void cs_fd_close(int *fd)
{
	int saved = errno;	/* cleanup runs between an error and its report */

	if (*fd >= 0)
		(void)close(*fd);	/* on Linux the descriptor is gone whatever close says */
	*fd = -1;
	errno = saved;
}

void cs_fd_free(void *pointer)
{
	void *held;

	/* copied, as the owner may be a pointer to any type */
	memcpy(&held, pointer, sizeof(held));
	free(held);
}

int cs_fd_steal(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* Up to @size bytes from @offset; fewer only at the end of the file. */
static ssize_t read_block(int fd, char *data, size_t size, size_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(fd, data + done, size - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

int cs_fd_read_all(int fd, size_t max, char **ret_data, size_t *ret_size)
{
	cs_autofree char *data = NULL;
	size_t size = 0;

	/* A file's size is not believed: /proc says 0, and others may be growing. */
	for (size_t block = 4096;; block *= 2) {
		char *grown = realloc(data, size + block + 1);
		ssize_t got;

		if (!grown)
			return -ENOMEM;
		data = grown;
		got = read_block(fd, data + size, block, size);
		if (got < 0)
			return (int)got;
		size += (size_t)got;
		if (size > max)
			return -EFBIG;
		if ((size_t)got < block)
			break;
	}
	data[size] = '\0';
	*ret_data = data;
	*ret_size = size;
	data = NULL;
	return 0;
}

int cs_fd_write_all(int fd, const void *data, size_t size)
{
	const char *rest = data;

	while (size > 0) {
		ssize_t put = write(fd, rest, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		rest += put;
		size -= (size_t)put;
	}
	return 0;
}

static long long now_ms(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);	/* cannot fail for this clock */
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int cs_fd_wait_readable(int fd, int timeout_ms)
{
	long long deadline = now_ms() + timeout_ms;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN, .revents = 0 };
		long long left = deadline - now_ms();
		int ready = poll(&wait, 1, timeout_ms < 0 ? -1 : left > 0 ? (int)left : 0);

		if (ready > 0)
			return wait.revents & POLLNVAL ? -EBADF : 0;
		if (ready < 0 && errno != EINTR)
			return -errno;
		/* SECURITY: a stream of signals must not keep us here past the deadline. */
		if (timeout_ms >= 0 && now_ms() >= deadline)
			return -ETIMEDOUT;
	}
}
