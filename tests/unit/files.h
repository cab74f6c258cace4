/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * files: what the drivers of file-based tests share. For tests only.
 *
 * A driver goes through a folder's *.conf, each with what is expected of it
 * beside it. With CS_REGENERATE set in the environment the expectation is
 * written anew instead: look at the difference before you commit it.
 */
#ifndef CS_FILES_H
#define CS_FILES_H

#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "tap.h"

/* Go to @folder of the sources: names in messages are then the same everywhere. */
static inline void files_enter(const char *folder)
{
	const char *source = getenv("srcdir");
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", source ? source : ".", folder);
	if (chdir(path) < 0) {
		printf("Bail out! cannot go to %s\n", path);
		exit(1);
	}
}

/* The text of @path, which the caller frees, or NULL. */
static inline char *files_read(const char *path)
{
	cs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	size_t size;

	if (fd < 0 || cs_fd_read_all(fd, 1 << 20, &text, &size) < 0)
		return NULL;
	return text;
}

static inline void files_write(const char *path, const char *text)
{
	cs_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0 && cs_fd_write_all(fd, text, strlen(text)) == 0);
}

/* Is @text what @conf's neighbour with @suffix for ".conf" holds? */
static inline void files_expect(const char *conf, const char *suffix, const char *text)
{
	cs_autofree char *expected = NULL;
	char path[512];

	(void)snprintf(path, sizeof(path), "%.*s%s", (int)(strlen(conf) - strlen(".conf")), conf,
		       suffix);
	if (getenv("CS_REGENERATE"))
		files_write(path, text);
	expected = files_read(path);
	CHECK(expected && strcmp(expected, text) == 0);
	if (tap_failed)
		printf("# expected:\n%s# got:\n%s", expected ? expected : "(nothing)\n", text);
}

/* Run @check for each file that @pattern names, as one test each. */
static inline int files_run(const char *pattern, void (*check)(const char *conf), size_t *number)
{
	glob_t found;
	int status = 0;

	if (glob(pattern, 0, NULL, &found) != 0) {
		printf("not ok %zu - %s names no file\n", ++*number, pattern);
		return 1;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		tap_failed = false;
		check(found.gl_pathv[i]);
		printf("%s %zu - %s\n", tap_failed ? "not ok" : "ok", ++*number,
		       found.gl_pathv[i]);
		status |= tap_failed;
	}
	globfree(&found);
	return status;
}

#endif
