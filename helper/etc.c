/* SPDX-License-Identifier: GPL-3.0-or-later */
/* etc: see etc.h. Read it from the bottom: cs_etc_write. */
#include "etc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "fd.h"
#include "network.h"
#include "sys.h"

#define FILE_MAX ((size_t)256 * 1024)
#define NEW ".container-shell.new"
#define READ (O_RDONLY | O_NONBLOCK | O_NOCTTY)
#define RESOLVE_PLAIN (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

enum held { HOSTS, RESOLV_CONF };
_Static_assert(RESOLV_CONF + 1 == CS_ETC_HELD, "each has its place");

struct text {
	char *bytes;		/* owned */
	size_t size;
};

/* ---- of the host -------------------------------------------------------------------- */

static int hold(const char *path, int *ret_fd)
{
	cs_autoclose int fd = cs_sys_openat2(AT_FDCWD, path, READ, RESOLVE_NO_MAGICLINKS);
	struct stat info;

	if (fd == -ENOENT)
		return 0;	/* a host without one */
	if (fd < 0)
		return cs_fd_steal(&fd);
	if (fstat(fd, &info) < 0)
		return -errno;
	if (!S_ISREG(info.st_mode))
		return -ENODEV;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

int cs_etc_hold(const struct cs_plan *plan, struct cs_run *run)
{
	char path[CS_NETWORK_RESOLVER_MAX];
	int result;

	if (plan->root == CS_ROOT_HOST || plan->network == CS_NETWORK_NONE)
		return 0;
	run->detail = "/etc/hosts";
	result = hold("/etc/hosts", &run->etc_fds[HOSTS]);
	if (result < 0)
		return result;
	run->detail = "/etc/resolv.conf";
	if (plan->network == CS_NETWORK_NETNS) {
		cs_network_resolver(plan->netns, path, sizeof(path));
		result = hold(path, &run->etc_fds[RESOLV_CONF]);
		if (result < 0 || run->etc_fds[RESOLV_CONF] >= 0)
			return result;
	}
	return hold("/etc/resolv.conf", &run->etc_fds[RESOLV_CONF]);
}

/* ---- in the image's ------------------------------------------------------------------ */

/* The image's file, by links inside it; one that is not there is empty. */
static int read_own(int root_fd, const char *path, struct text *ret_text)
{
	cs_autoclose int fd = cs_sys_openat2(root_fd, path, READ,
					     RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	struct stat info;

	if (fd == -ENOENT || fd == -ELOOP) {
		ret_text->bytes = calloc(1, 1);
		return ret_text->bytes == NULL ? -ENOMEM : 0;
	}
	if (fd < 0)
		return cs_fd_steal(&fd);
	if (fstat(fd, &info) < 0)
		return -errno;
	if (!S_ISREG(info.st_mode))
		return -ENODEV;
	return cs_fd_read_all(fd, FILE_MAX, &ret_text->bytes, &ret_text->size);
}

/*
 * SECURITY: in the place of what is there, not through it: a link in an image may
 * lead anywhere. Tools inside that exchange such a file by rename(2) can do so, which
 * they could not with one that is mounted there.
 */
static int replace(int etc_fd, const char *name, const char *bytes, size_t size)
{
	cs_autoclose int fd = -1;
	int result;

	if (unlinkat(etc_fd, NEW, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(etc_fd, NEW, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	result = cs_fd_write_all(fd, bytes, size);
	if (result < 0)
		return result;
	return renameat(etc_fd, NEW, etc_fd, name) < 0 ? -errno : 0;
}

/* Has a line of @lines the name that @line begins with, up to the colon? */
static bool is_named(const char *lines, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	const size_t size = colon != NULL ? (size_t)(colon - line) + 1 : 0;

	for (; size > 0 && *lines != '\0'; lines += strcspn(lines, "\n") + 1)
		if (strncmp(lines, line, size) == 0)
			return true;
	return false;
}

/*
 * @ours and then the image's own lines, but those of the same names. Who asks for
 * a number gets the first that has it, and so ours.
 */
static int merge(const char *ours, const struct text *own, struct text *ret_text)
{
	size_t used = strlen(ours);
	char *bytes = malloc(used + own->size + 1);

	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, ours, used);
	for (size_t at = 0; at < own->size;) {
		const char *line = own->bytes + at;
		const char *end = memchr(line, '\n', own->size - at);
		const size_t length = end != NULL ? (size_t)(end - line) : own->size - at;

		at += length + 1;
		if (is_named(ours, line, length))
			continue;
		memcpy(bytes + used, line, length);
		used += length;
		bytes[used++] = '\n';
	}
	*ret_text = (struct text){ bytes, used };
	return 0;
}

static int write_names(int root_fd, int etc_fd, const char *name, const char *ours)
{
	struct text own = { NULL, 0 }, all = { NULL, 0 };
	char path[16];
	int result;

	snprintf(path, sizeof(path), "etc/%s", name);	/* passwd or group */
	result = read_own(root_fd, path, &own);
	if (result == 0)
		result = merge(ours, &own, &all);
	if (result == 0)
		result = replace(etc_fd, name, all.bytes, all.size);
	free(own.bytes);
	free(all.bytes);
	return result;
}

/* What the host has, or @otherwise, or nothing. */
static int write_held(int etc_fd, const char *name, int fd, const char *otherwise)
{
	cs_autofree char *bytes = NULL;
	size_t size;
	int result;

	if (fd < 0)
		return otherwise != NULL ? replace(etc_fd, name, otherwise, strlen(otherwise)) : 0;
	result = cs_fd_read_all(fd, FILE_MAX, &bytes, &size);
	return result < 0 ? result : replace(etc_fd, name, bytes, size);
}

static int write_hostname(int etc_fd)
{
	struct utsname host;
	char line[sizeof(host.nodename) + 1];

	if (uname(&host) < 0)
		return -errno;
	snprintf(line, sizeof(line), "%s\n", host.nodename);	/* fits */
	return replace(etc_fd, "hostname", line, strlen(line));
}

static int open_etc(int root_fd, int *ret_fd)
{
	int fd;

	if (mkdirat(root_fd, "etc", 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = cs_sys_openat2(root_fd, "etc", O_PATH | O_DIRECTORY, RESOLVE_PLAIN);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

int cs_etc_write(const struct cs_plan *plan, struct cs_run *run)
{
	cs_autoclose int etc_fd = -1;
	int result;

	if (plan->root == CS_ROOT_HOST)
		return 0;
	run->detail = "/etc";
	result = open_etc(run->root_fd, &etc_fd);
	if (result < 0)
		return result;
	run->detail = "/etc/passwd";
	result = write_names(run->root_fd, etc_fd, "passwd", plan->passwd);
	if (result < 0)
		return result;
	run->detail = "/etc/group";
	result = write_names(run->root_fd, etc_fd, "group", plan->group);
	if (result < 0)
		return result;
	run->detail = "/etc/hosts";
	result = write_held(etc_fd, "hosts", run->etc_fds[HOSTS],
			    "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
	if (result < 0)
		return result;
	run->detail = "/etc/resolv.conf";
	result = write_held(etc_fd, "resolv.conf", run->etc_fds[RESOLV_CONF], NULL);
	if (result < 0)
		return result;
	run->detail = "/etc/hostname";
	return write_hostname(etc_fd);
}
