/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf_stamp: which configuration files there are, and whether they are still
 * the ones that were read.
 *
 * Floor 1. Works on names and inodes; no file is read.
 */
#ifndef CS_CONF_STAMP_H
#define CS_CONF_STAMP_H

#include <stddef.h>
#include <stdint.h>

/*
 * What the files were when they were read: equal stamps mean that nothing has
 * to be read again. Made of device, inode, size, mtime and ctime of the main
 * file, of the drop-in directory and of each drop-in.
 */
struct cs_conf_stamp {
	uint64_t hash[2];
};

/* The stamp of the files as they are now. 0 or -errno. */
int cs_conf_stamp_now(const char *main_file, const char *dropin_dir,
		      struct cs_conf_stamp *ret_stamp);

/*
 * For a stamp of more than the configuration: a number more, or a file, which
 * need not be there, below @dir_fd.
 */
void cs_conf_stamp_mix(struct cs_conf_stamp *stamp, uint64_t word);
void cs_conf_stamp_mix_file(struct cs_conf_stamp *stamp, int dir_fd, const char *path);

/*
 * The stamp with one more file in it, the fstab that a class names; "" is none.
 * So each class has a stamp of its own.
 */
void cs_conf_stamp_add(struct cs_conf_stamp *stamp, const char *file);

/* The names of the drop-ins, in strcmp(3) order. */
struct cs_conf_names {
	char **list;		/* owned */
	size_t count;
};

/*
 * The drop-ins in @dir_fd. 0 or -errno; @ret_names is the caller's to free in
 * any case.
 */
int cs_conf_list_dropins(int dir_fd, struct cs_conf_names *ret_names);
void cs_conf_names_free(struct cs_conf_names *names);

#endif
