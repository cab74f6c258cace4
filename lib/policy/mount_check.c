/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mount_check: would the mounts that a class asks for work on this host?
 *
 * Floor 1. Runs as anyone. Must not open anything but with O_PATH: it may be a
 * FIFO, a device, or somebody's.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "conf_keys.h"
#include "conf_scan.h"
#include "fd.h"
#include "mount_check.h"
#include "plan.h"
#include "strict.h"
#include "sys.h"
#include "trust.h"

#define RESOLVE (RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)

static int refuse(const struct cs_conf_class *class, const struct cs_conf_mount *mount,
		  const char *path, const char *what, struct cs_conf_problems *problems)
{
	char shown[256], text[512];

	cs_strict_escape(path, strlen(path), shown, sizeof(shown));
	(void)snprintf(text, sizeof(text), "%s %s", shown, what);	/* may be cut */
	return cs_conf_scan_problem(problems, mount->where.file, mount->where.line, class->name,
				    cs_conf_keys_at(mount->key)->name, text);
}

/* May others than root exchange what is in @directory? With the sticky bit, only their own. */
static bool is_exchangeable(const struct stat *directory)
{
	return directory->st_uid != 0 || ((directory->st_mode & (S_IWGRP | S_IWOTH)) &&
					  !(directory->st_mode & S_ISVTX));
}

/* Take one component of @path, from *@at on, into *@fd. What is wrong with it, or NULL. */
static const char *step(const char *path, size_t *at, int *fd, struct stat *info, bool *ret_ended)
{
	const size_t length = strcspn(path + *at + 1, "/");
	const bool is_sure = !is_exchangeable(info);
	char name[256];		/* NAME_MAX and its end */
	int next;

	*ret_ended = true;
	if (length >= sizeof(name))
		return "has a name that is too long";
	memcpy(name, path + *at + 1, length);
	name[length] = '\0';
	if (strchr(name, '%'))
		return NULL;	/* from here on it is another for each user */
	next = cs_sys_openat2(*fd, name, O_PATH | O_NOFOLLOW, RESOLVE);
	if (next == -ENOENT)
		return "is not there";
	if (next == -ENOTDIR)
		return "lies below what is not a directory";
	if (next < 0)
		return NULL;	/* not for this caller to see */
	cs_fd_close(fd);
	*fd = next;
	*at += length + 1;
	if (!is_sure)
		return "can be exchanged by others than root";
	if (fstat(*fd, info) < 0)
		return NULL;
	if (S_ISLNK(info->st_mode))
		return "is a symbolic link: name what it leads to";
	*ret_ended = path[*at] == '\0';
	return NULL;
}

static const char *type_fault(const struct stat *info)
{
	if (S_ISDIR(info->st_mode) || S_ISREG(info->st_mode) || S_ISSOCK(info->st_mode))
		return NULL;
	return "is no directory, file or socket";
}

static const char *image_fault(const struct stat *info)
{
	if (!S_ISREG(info->st_mode))
		return "is no regular file";
	if (info->st_uid != 0 || info->st_mode & (S_IWGRP | S_IWOTH))
		return "can be written by others than root";
	return NULL;
}

/* What is wrong with the image at @path, as root.c of the helper would find it, or NULL. */
static const char *root_fault(const char *path, const char **ret_where)
{
	const bool is_directory = cs_conf_keys_root(path) == CS_ROOT_DIRECTORY;
	cs_autoclose int fd = -1;
	struct statvfs info;
	const char *why;
	int err = is_directory ? cs_trust_open_dir(path, &fd, &why) :
				 cs_trust_open_file(path, &fd, &why);

	switch (err) {
	case 0:
		break;
	case -EPERM:
		*ret_where = ", or a directory above it,";
		return why;
	case -ENOENT:
		return "is not there";
	case -ENOTDIR:
		return "is not a directory";
	default:
		return NULL;	/* not for this caller to see */
	}
	if (is_directory && fstatvfs(fd, &info) == 0 && info.f_flag & ST_NOEXEC)
		return "is mounted noexec: no program in it could be run";
	return NULL;
}

static int check_root(const struct cs_conf_class *class, struct cs_conf_problems *problems)
{
	const struct cs_conf_origin *origin = &class->origin[CS_KEY_ROOT];
	const char *fault = NULL, *where = "";
	char shown[256], text[512];

	if (cs_conf_keys_root(class->root) != CS_ROOT_HOST)
		fault = root_fault(class->root, &where);
	if (!fault)
		return 0;
	cs_strict_escape(class->root, strlen(class->root), shown, sizeof(shown));
	(void)snprintf(text, sizeof(text), "%s%s %s", shown, where, fault);	/* may be cut */
	return cs_conf_scan_problem(problems, origin->file, origin->line, class->name, "root", text);
}

static int check_filter(const struct cs_conf_class *class, struct cs_conf_problems *problems)
{
	const struct cs_conf_origin *origin = &class->origin[CS_KEY_SECCOMP];
	const char *fault = NULL, *why = NULL;
	cs_autoclose int fd = -1;
	char shown[256], text[512];
	struct stat info;
	int err;

	if (cs_conf_keys_seccomp(class->seccomp) != CS_SECCOMP_FILE)
		return 0;
	err = cs_trust_open_file(class->seccomp, &fd, &why);
	if (err == -EPERM)
		fault = why;
	else if (err == -ENOENT)
		fault = "is not there";
	else if (err == 0 && fstat(fd, &info) == 0 &&
		 (info.st_size == 0 || info.st_size % 8 != 0 || info.st_size > 4096 * 8))
		fault = "is no compiled filter: not 1 to 4096 instructions of 8 bytes";
	if (!fault)
		return 0;
	cs_strict_escape(class->seccomp, strlen(class->seccomp), shown, sizeof(shown));
	(void)snprintf(text, sizeof(text), "%s%s %s", shown,
		       err == -EPERM ? ", or a directory above it," : "", fault);	/* may be cut */
	return cs_conf_scan_problem(problems, origin->file, origin->line, class->name, "seccomp", text);
}

/* What lies below /dev is looked at in devices alone, which are character devices. */
static int check_devices(const struct cs_conf_class *class, struct cs_conf_problems *problems)
{
	const struct cs_conf_origin *origin = &class->origin[CS_KEY_DEVICES];
	char path[80], text[160];
	struct stat info;
	int err = 0;

	for (size_t i = 0; err == 0 && origin->file && i < class->devices.count; i++) {
		const char *fault = NULL;

		(void)snprintf(path, sizeof(path), "/dev/%s", class->devices.names[i]);	/* fits */
		if (lstat(path, &info) < 0)
			fault = errno == ENOENT || errno == ENOTDIR ? "is not there" : NULL;
		else if (!S_ISCHR(info.st_mode))
			fault = "is no character device";
		if (!fault)
			continue;
		(void)snprintf(text, sizeof(text), "%s %s", path, fault);	/* fits */
		err = cs_conf_scan_problem(problems, origin->file, origin->line, class->name,
					   "devices", text);
	}
	return err;
}

static int check_source(const struct cs_conf_class *class, const struct cs_conf_mount *mount,
			struct cs_conf_problems *problems)
{
	cs_autoclose int fd = cs_sys_openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	char path[1024];
	struct stat info;
	const char *fault = NULL;
	bool ended = false;
	size_t at = 0;

	/* %h: the user's own, which is opened with the user's rights */
	if (fd < 0 || fstat(fd, &info) < 0 || mount->source[0] != '/' ||
	    strlen(mount->source) >= sizeof(path))
		return 0;
	while (!fault && !ended)
		fault = step(mount->source, &at, &fd, &info, &ended);
	if (!fault && mount->source[at] == '\0')
		fault = cs_mount_is_image(mount->kind) ? image_fault(&info) : type_fault(&info);
	if (!fault || (mount->flags & CS_MOUNT_OPTIONAL && strcmp(fault, "is not there") == 0))
		return 0;
	if (strcmp(fault, "is not there") == 0)
		at = strlen(mount->source);
	(void)snprintf(path, sizeof(path), "%.*s", (int)at, mount->source);
	return refuse(class, mount, path, fault, problems);
}

/* What is found out only when the mounts come together. */
static int check_plan(const struct cs_conf_class *class, struct cs_conf_problems *problems)
{
	static struct cs_plan plan;	/* too large for the stack */
	char home[] = "/home/user", error[256];
	const struct cs_user example = { .uid = 1000, .gid = 1000, .name = "user", .home = home };

	if (cs_plan_make(class, &example, &plan, error, sizeof(error)) != -EBADMSG)
		return 0;
	return cs_conf_scan_add(problems, error);
}

int cs_mount_check(const struct cs_conf_class *class, struct cs_conf_problems *problems)
{
	int err = check_devices(class, problems);

	if (err == 0)
		err = check_root(class, problems);
	if (err == 0)
		err = check_filter(class, problems);
	for (size_t i = 0; err == 0 && i < class->mount_count; i++) {
		if (cs_mount_has_source(class->mounts[i].kind))
			err = check_source(class, &class->mounts[i], problems);
	}
	return err < 0 ? err : check_plan(class, problems);
}
