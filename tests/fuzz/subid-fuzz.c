/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * subid-fuzz: the host's files, a NUL between each two: subuid, subgid, passwd, group and
 * nsswitch.conf. No id that one of these plainly gives to somebody else passes the check.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fd.h"
#include "fuzz.h"
#include "local.h"
#include "strict.h"
#include "subid.h"

#define FILES 5
#define FIRST 200000	/* of alice's ranges, */
#define COUNT 65536	/* and so many */

static char paths[FILES][64];

/* Files of these words, by the names in paths[]. */
static void make_files(const struct fuzz_words *words)
{
	static int fds[FILES];

	for (size_t i = 0; i < FILES; i++) {
		const char *text = i < words->count ? words->list[i] : "";

		if (paths[i][0] == '\0') {
			fds[i] = memfd_create("fuzz", MFD_CLOEXEC);
			REQUIRE(fds[i] >= 0);
			(void)snprintf(paths[i], sizeof(paths[i]), "/proc/self/fd/%d", fds[i]);
		}
		REQUIRE(ftruncate(fds[i], 0) == 0 && lseek(fds[i], 0, SEEK_SET) == 0);
		REQUIRE(cs_fd_write_all(fds[i], text, strlen(text)) == 0);
	}
}

/* The fields of a line, which they are cut out of: how many there are, at most @max. */
static size_t cut(char *line, char *fields[], size_t max)
{
	size_t count = 0;

	for (; line && count < max; count++) {
		fields[count] = line;
		line = strchr(line, ':');
		if (line)
			*line++ = '\0';
	}
	return count;
}

static bool overlaps(const char *start_text, const char *count_text)
{
	uint64_t start, count;

	return cs_strict_u64(start_text, UINT32_MAX, &start) == 0 &&
	       cs_strict_u64(count_text, UINT32_MAX, &count) == 0 && count > 0 &&
	       start < FIRST + COUNT && FIRST < start + count;
}

/* Does a line of file @number plainly give one of alice's ids to another? */
static bool gives(size_t number, char *line)
{
	char *fields[8];
	const size_t count = cut(line, fields, 8);
	uint64_t uid, gid;

	if (count == 0 || fields[0][0] == '\0' || strchr("#+-", fields[0][0]) ||
	    strpbrk(fields[0], " \t"))
		return false;
	if (number == 2)
		return count == 7 && cs_strict_u64(fields[3], UINT32_MAX, &gid) == 0 &&
		       overlaps(fields[2], "1");
	if (number == 3)
		return count == 4 && overlaps(fields[2], "1");
	if (strcmp(fields[0], "alice") == 0 ||
	    (cs_strict_u64(fields[0], UINT32_MAX, &uid) == 0 && uid == 1000))
		return false;
	return count == 3 && overlaps(fields[1], fields[2]);
}

static bool is_given(const struct fuzz_words *words)
{
	bool given = false;

	for (size_t i = 0; i < words->count && i < 4; i++) {
		char *text = strdup(words->list[i]), *rest, *line;

		REQUIRE(text);
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			given = gives(i, line) || given;
		free(text);
	}
	return given;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cs_subid_range none;
	static char home[] = "/home/alice";
	const struct cs_subid_files files = { paths[0], paths[1], paths[2], paths[3] };
	const struct cs_local_files local = { paths[4], paths[2], paths[3] };
	const struct cs_subid_ranges ranges = { 1, { { FIRST, COUNT } } };
	const struct cs_user user = { .uid = 1000, .gid = 1000, .name = "alice", .home = home,
				      .subids = { .uids = ranges, .gids = ranges } };
	static struct cs_conf *conf;
	struct fuzz_words words = fuzz_words_of(data, size, FILES);
	struct cs_conf_problems problems;
	char error[256] = "";
	int result;

	if (!conf)
		REQUIRE(cs_conf_load("no-such-file", "no-such-directory", false, &conf,
				     &problems) == 0);
	make_files(&words);
	result = cs_subid_check(&none, &files, &user, error, sizeof(error));
	REQUIRE(result == 0 || result == -EINVAL);
	REQUIRE((result == 0) == (error[0] == '\0'));
	REQUIRE(result < 0 || !is_given(&words));
	if (cs_local_decides(&local, &user, conf))
		REQUIRE(words.count == FILES && strstr(words.list[2], "alice:") &&
			strstr(words.list[4], "passwd") && strstr(words.list[4], "group"));
	fuzz_words_free(&words);
	return 0;
}
