/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf_stamp: which configuration files there are, and whether they are still
 * the ones that were read.
 *
 * Floor 1. Runs as root in the planner and in the set-uid helper, which links
 * this and nothing else of the configuration's. Reads directories and inodes,
 * never a file.
 */
#include "conf_stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "entries.h"
#include "fd.h"
#include "sys.h"

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

void cs_conf_names_free(struct cs_conf_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	memset(names, 0, sizeof(*names));
}

static bool is_dropin(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length > 5 && strcmp(name + length - 5, ".conf") == 0;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static int add_name(struct cs_conf_names *names, const char *name)
{
	char **grown = reallocarray(names->list, names->count + 1, sizeof(*grown));
	char *copy;

	if (!grown)
		return -ENOMEM;
	names->list = grown;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	grown[names->count++] = copy;
	return 0;
}

int cs_conf_list_dropins(int dir_fd, struct cs_conf_names *ret_names)
{
	struct cs_entries entries;
	const char *name;
	int err = 0;

	memset(ret_names, 0, sizeof(*ret_names));
	cs_entries_begin(&entries, dir_fd);
	while (err == 0 && (name = cs_entries_next(&entries)) != NULL)
		if (is_dropin(name))
			err = add_name(ret_names, name);
	if (ret_names->count > 1)
		qsort(ret_names->list, ret_names->count, sizeof(*ret_names->list),
		      compare_names);
	return err < 0 ? err : entries.error;
}

/* ---- the stamp ---- */

/* Not against an attacker, who would have to be root: against chance. */
void cs_conf_stamp_mix(struct cs_conf_stamp *stamp, uint64_t word)
{
	static const uint64_t factors[] = { 0xff51afd7ed558ccdULL, 0xc4ceb9fe1a85ec53ULL };

	for (size_t i = 0; i < 2; i++) {
		uint64_t hash = (stamp->hash[i] ^ word) * factors[i];

		stamp->hash[i] = (hash ^ hash >> 32) * factors[i] + 1;
	}
}

void cs_conf_stamp_mix_file(struct cs_conf_stamp *stamp, int dir_fd, const char *path)
{
	struct stat info;

	if (fstatat(dir_fd, path, &info, 0) < 0) {
		cs_conf_stamp_mix(stamp, (uint64_t)errno);	/* that it is not there counts, too */
		return;
	}
	cs_conf_stamp_mix(stamp, info.st_dev);
	cs_conf_stamp_mix(stamp, info.st_ino);
	cs_conf_stamp_mix(stamp, (uint64_t)info.st_size);
	cs_conf_stamp_mix(stamp, (uint64_t)info.st_mtim.tv_sec);
	cs_conf_stamp_mix(stamp, (uint64_t)info.st_mtim.tv_nsec);
	cs_conf_stamp_mix(stamp, (uint64_t)info.st_ctim.tv_sec);
	cs_conf_stamp_mix(stamp, (uint64_t)info.st_ctim.tv_nsec);
}

/* In any order: a sum of what each is. Its name is not in it; a rename is a change of the directory. */
static int add_dropins(struct cs_conf_stamp *stamp, int dir_fd)
{
	struct cs_entries entries;
	const char *name;

	cs_entries_begin(&entries, dir_fd);
	while ((name = cs_entries_next(&entries)) != NULL) {
		struct cs_conf_stamp one = { { 0, 0 } };

		if (!is_dropin(name))
			continue;
		cs_conf_stamp_mix_file(&one, dir_fd, name);
		stamp->hash[0] += one.hash[0];
		stamp->hash[1] += one.hash[1];
	}
	return entries.error;
}

void cs_conf_stamp_add(struct cs_conf_stamp *stamp, const char *file)
{
	if (file[0] != '\0')
		cs_conf_stamp_mix_file(stamp, AT_FDCWD, file);
}

int cs_conf_stamp_now(const char *main_file, const char *dropin_dir,
		      struct cs_conf_stamp *ret_stamp)
{
	struct cs_conf_stamp stamp = { { 0, 0 } };
	cs_autoclose int fd = cs_sys_openat2(AT_FDCWD, dropin_dir, DIRECTORY, 0);
	int err = 0;

	cs_conf_stamp_mix_file(&stamp, AT_FDCWD, main_file);
	cs_conf_stamp_mix_file(&stamp, AT_FDCWD, dropin_dir);
	if (fd >= 0)	/* if not, loading says why, or there are none */
		err = add_dropins(&stamp, fd);
	if (err == 0)
		*ret_stamp = stamp;
	return err;
}
