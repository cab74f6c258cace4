/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fd: owning file descriptors and heap strings, and small whole-file reads.
 *
 * Floor 0. Runs anywhere, as anyone. Prints nothing, exits never.
 */
#ifndef CS_FD_H
#define CS_FD_H

#include <stddef.h>
#include <sys/types.h>

void cs_fd_close(int *fd);
void cs_fd_free(void *pointer);

/* The variable owns its descriptor or string; it is released at end of scope. */
#define cs_autoclose __attribute__((cleanup(cs_fd_close)))
#define cs_autofree __attribute__((cleanup(cs_fd_free)))

/* Hand over what an owning variable holds: returns the fd and leaves -1. */
int cs_fd_steal(int *fd);

/*
 * Read the whole of @fd from its start into a new buffer, which the caller
 * frees. A NUL follows the data but is not counted. Fails with -EFBIG when
 * there are more than @max bytes, -errno of read(2), or -ENOMEM.
 */
int cs_fd_read_all(int fd, size_t max, char **ret_data, size_t *ret_size);

/* Write all of @size bytes. 0 or -errno; a short write is continued. */
int cs_fd_write_all(int fd, const void *data, size_t size);

/*
 * Wait until @fd is readable (or hung up), for @timeout_ms milliseconds at
 * the most; for ever if it is negative. 0, -ETIMEDOUT, or -errno of poll(2). Signals do not end the wait.
 */
int cs_fd_wait_readable(int fd, int timeout_ms);

#endif
