/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fd-test: whole reads and writes, and waits that end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "entries.h"
#include "fd.h"
#include "tap.h"

static void read_all__reads_up_to_max(void)
{
	cs_autoclose int fd = memfd_create("fd-test", MFD_CLOEXEC);
	size_t size = 0, length = 10000;	/* more than one block */
	char *data = NULL, *text = malloc(length);

	CHECK(text);
	memset(text, 'x', length);
	CHECK(cs_fd_read_all(fd, 0, &data, &size) == 0 && size == 0 && data[0] == '\0');
	cs_fd_free(&data);
	CHECK(cs_fd_write_all(fd, text, length) == 0);
	CHECK(cs_fd_read_all(fd, length, &data, &size) == 0);
	CHECK(size == length && memcmp(data, text, length) == 0 && data[length] == '\0');
	cs_fd_free(&data);
	data = text;
	CHECK(cs_fd_read_all(fd, length - 1, &data, &size) == -EFBIG && data == text);
	free(text);
}

static void read_all__reads_what_has_no_size(void)
{
	cs_autoclose int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	cs_autofree char *data = NULL;
	size_t size = 0;

	CHECK(cs_fd_read_all(fd, 1 << 20, &data, &size) == 0 && size > 0);
}

static void read_all__passes_an_error_on(void)
{
	cs_autoclose int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cs_autofree char *data = NULL;
	size_t size;

	CHECK(cs_fd_read_all(fd, 10, &data, &size) == -EISDIR && !data);
	CHECK(cs_fd_read_all(-1, 10, &data, &size) == -EBADF);
}

static void write_all__passes_an_error_on(void)
{
	cs_autoclose int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	CHECK(cs_fd_write_all(fd, "x", 1) == -ENOSPC);
	CHECK(cs_fd_write_all(fd, "", 0) == 0);
}

static void ignore(int number)
{
	(void)number;	/* only has to interrupt */
}

static void wait_readable__signals_do_not_prolong_it(void)
{
	const struct itimerval every = { { 0, 5000 }, { 0, 5000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = ignore };
	int ends[2];

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
	CHECK(cs_fd_wait_readable(ends[0], 40) == -ETIMEDOUT);
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	CHECK(cs_fd_write_all(ends[1], "x", 1) == 0);
	CHECK(cs_fd_wait_readable(ends[0], 0) == 0);
	cs_fd_close(&ends[0]);
	cs_fd_close(&ends[1]);
}

static void wait_readable__ends_when_the_other_end_is_gone(void)
{
	int ends[2];

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	cs_fd_close(&ends[1]);
	CHECK(cs_fd_wait_readable(ends[0], 10000) == 0);
	cs_fd_close(&ends[0]);
	CHECK(cs_fd_wait_readable(99999, 10000) == -EBADF);
}

static void steal__leaves_nothing_to_close(void)
{
	int kept;

	{
		cs_autoclose int fd = open("/", O_PATH | O_CLOEXEC);

		kept = cs_fd_steal(&fd);
		CHECK(fd == -1);
	}
	CHECK(fcntl(kept, F_GETFD) == FD_CLOEXEC);
	errno = ENOENT;
	cs_fd_close(&kept);
	CHECK(kept == -1 && errno == ENOENT);
}

#define MANY 300	/* more than one buffer of them */

static void entries__gives_each_once_and_again(void)
{
	char path[] = "/tmp/fd-test.XXXXXX", name[32];
	bool seen[MANY] = { false };
	struct cs_entries entries;
	const char *found;
	cs_autoclose int fd = -1;

	CHECK(mkdtemp(path) != NULL);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%d-with-a-longer-name", i);
		CHECK(mkdirat(fd, name, 0700) == 0);
	}
	for (int round = 0; round < 2; round++) {
		int count = 0;

		cs_entries_begin(&entries, fd);
		while ((found = cs_entries_next(&entries)) != NULL) {
			int number = atoi(found);

			CHECK(found[0] != '.' && seen[number] == (round == 1));
			seen[number] = round == 0;
			count++;
		}
		CHECK(count == MANY && entries.error == 0);
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%d-with-a-longer-name", i);
		CHECK(unlinkat(fd, name, AT_REMOVEDIR) == 0);
	}
	CHECK(rmdir(path) == 0);
}

static void entries__of_what_is_removed(void)
{
	char path[] = "/tmp/fd-test.XXXXXX";
	struct cs_entries entries;
	cs_autoclose int fd = -1;

	CHECK(mkdtemp(path) != NULL);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0 && rmdir(path) == 0);
	cs_entries_begin(&entries, fd);
	CHECK(cs_entries_next(&entries) == NULL && entries.error == 0);
}

static void entries__passes_an_error_on(void)
{
	cs_autoclose int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct cs_entries entries;

	cs_entries_begin(&entries, fd);
	CHECK(cs_entries_next(&entries) == NULL && entries.error == -ENOTDIR);
	cs_entries_begin(&entries, -1);
	CHECK(cs_entries_next(&entries) == NULL && entries.error == -EBADF);
}

static const struct tap_test tests[] = {
	TAP_TEST(read_all__reads_up_to_max),
	TAP_TEST(read_all__reads_what_has_no_size),
	TAP_TEST(read_all__passes_an_error_on),
	TAP_TEST(write_all__passes_an_error_on),
	TAP_TEST(wait_readable__signals_do_not_prolong_it),
	TAP_TEST(wait_readable__ends_when_the_other_end_is_gone),
	TAP_TEST(entries__gives_each_once_and_again),
	TAP_TEST(entries__of_what_is_removed),
	TAP_TEST(entries__passes_an_error_on),
	TAP_TEST(steal__leaves_nothing_to_close),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
