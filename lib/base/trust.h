/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trust: opening files that only root can have written.
 *
 * Floor 0. Each directory from / down, and the file, must belong to root and
 * be writable by nobody else; no component may be a symbolic link. The check
 * is made on the descriptors that are then used, never on a path again.
 */
#ifndef CS_TRUST_H
#define CS_TRUST_H

/*
 * Open @path (absolute) for reading. @ret_why gets a constant text that names
 * what is wrong, without the path, when the result is -EPERM (not trusted).
 * Never blocks: a FIFO or device is -EPERM, "is not a regular file". Other
 * errors are -errno of openat2(2), with @ret_why NULL.
 */
int cs_trust_open_file(const char *path, int *ret_fd, const char **ret_why);

/* The same for a directory; the descriptor can be read with fdopendir(3). */
int cs_trust_open_dir(const char *path, int *ret_fd, const char **ret_why);

/* The same for a regular file @name (no slash) in a directory that was checked. */
int cs_trust_open_at(int dir_fd, const char *name, int *ret_fd, const char **ret_why);

#endif
