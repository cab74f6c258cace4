/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trust-test: lib/base/trust.c opens what is root's alone, and nothing else. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fd.h"
#include "sys.h"
#include "tap.h"
#include "trust.h"

/* A directory of the test's own, which is left again. */
struct place {
	char path[64];
	int fd;
};

static struct place enter(void)
{
	struct place place = { .path = "/tmp/trust-test.XXXXXX", .fd = -1 };

	CHECK(mkdtemp(place.path));
	place.fd = open(place.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(place.fd >= 0);
	return place;
}

static void leave(struct place *place, const char *name)
{
	CHECK(unlinkat(place->fd, name, 0) == 0);
	cs_fd_close(&place->fd);
	CHECK(rmdir(place->path) == 0);
}

static void make_file(const struct place *place, const char *name, mode_t mode)
{
	int fd = openat(place->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && fchmod(fd, mode) == 0);
	cs_fd_close(&fd);
}

/* cs_trust_open_at() refuses @name with @reason. */
static void refused_at(const struct place *place, const char *name, const char *reason)
{
	const char *why = NULL;
	int fd = -4711;

	CHECK(cs_trust_open_at(place->fd, name, &fd, &why) == -EPERM);
	CHECK(fd == -4711);
	CHECK(why && strcmp(why, reason) == 0);
}

static bool system_is_roots(void)
{
	struct stat root, etc;

	return stat("/", &root) == 0 && stat("/etc", &etc) == 0 && root.st_uid == 0 &&
	       etc.st_uid == 0 && !((root.st_mode | etc.st_mode) & 022);
}

static void open_file__takes_roots_file(void)
{
	const char *why = "";
	int fd = -1;

	if (!system_is_roots())
		SKIP("/etc is not root's alone");
	CHECK(cs_trust_open_file("/etc/passwd", &fd, &why) == 0);
	CHECK(fd >= 0 && !why);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	cs_fd_close(&fd);
	CHECK(cs_trust_open_file("/etc//passwd", &fd, &why) == 0);
	cs_fd_close(&fd);
}

static void open_dir__takes_roots_directory(void)
{
	const char *why;
	int fd = -1;

	if (!system_is_roots())
		SKIP("/etc is not root's alone");
	CHECK(cs_trust_open_dir("/etc", &fd, &why) == 0);
	cs_fd_close(&fd);
	CHECK(cs_trust_open_dir("/etc/passwd", &fd, &why) == -ENOTDIR);
	CHECK(cs_trust_open_file("/etc", &fd, &why) == -EPERM);
	CHECK(why && strcmp(why, "is not a regular file") == 0);
}

static void open_file__tells_what_is_not_there(void)
{
	const char *why = "";
	int fd = -1;

	CHECK(cs_trust_open_file("/etc/no-such-file", &fd, &why) == -ENOENT && !why);
	CHECK(cs_trust_open_file("/no-such-directory/file", &fd, &why) == -ENOENT && !why);
}

static void open_file__refuses_paths_that_wander(void)
{
	const char *why;
	int fd = -1;

	CHECK(cs_trust_open_file("etc/passwd", &fd, &why) == -EINVAL);
	CHECK(cs_trust_open_file("", &fd, &why) == -EINVAL);
	CHECK(cs_trust_open_file("/", &fd, &why) == -EINVAL);
	CHECK(cs_trust_open_file("/etc/../etc/passwd", &fd, &why) == -EXDEV);
}

static void open_file__refuses_below_a_directory_all_can_write(void)
{
	struct place place = enter();
	const char *why = NULL;
	char path[128];
	int fd = -1;

	make_file(&place, "file", 0644);
	(void)snprintf(path, sizeof(path), "%s/file", place.path);
	CHECK(cs_trust_open_file(path, &fd, &why) == -EPERM);
	CHECK(why && strcmp(why, "can be written by others than root") == 0);
	leave(&place, "file");
}

static void open_at__refuses_a_link(void)
{
	struct place place = enter();
	const char *why = NULL;
	int fd = -1;

	CHECK(symlinkat("/etc/passwd", place.fd, "link") == 0);
	refused_at(&place, "link", "is a symbolic link");
	leave(&place, "link");
	CHECK(cs_trust_open_file("/proc/self/maps", &fd, &why) == -EPERM);
	CHECK(why && strcmp(why, "is a symbolic link") == 0);
}

static void open_at__does_not_wait_for_a_fifo(void)
{
	struct place place = enter();

	CHECK(mkfifoat(place.fd, "fifo", 0600) == 0);
	refused_at(&place, "fifo", "is not a regular file");
	leave(&place, "fifo");
}

static void open_at__refuses_a_socket(void)
{
	struct place place = enter();
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", place.path);
	CHECK(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	refused_at(&place, "socket", "is not a regular file");
	cs_fd_close(&fd);
	leave(&place, "socket");
}

static void open_at__refuses_what_is_not_roots(void)
{
	struct place place = enter();

	make_file(&place, "file", 0644);
	if (geteuid() == 0)
		CHECK(fchownat(place.fd, "file", 1, 0, 0) == 0);
	refused_at(&place, "file", "does not belong to root");
	leave(&place, "file");
}

static void open_at__refuses_what_a_group_can_write(void)
{
	struct place place = { .fd = -1 };

	if (geteuid() != 0)
		SKIP("only root can make a file of root's");
	place = enter();
	make_file(&place, "file", 0664);
	refused_at(&place, "file", "can be written by others than root");
	leave(&place, "file");
}

static void open_at__refuses_more_than_a_name(void)
{
	const char *why;
	int fd = -1, dir = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(cs_trust_open_at(dir, "a/b", &fd, &why) == -EINVAL);
	CHECK(cs_trust_open_at(dir, "/etc/passwd", &fd, &why) == -EINVAL);
	CHECK(cs_trust_open_at(dir, "", &fd, &why) == -EINVAL);
	CHECK(cs_trust_open_at(dir, "..", &fd, &why) == -EXDEV);
	cs_fd_close(&dir);
}

static const struct tap_test tests[] = {
	TAP_TEST(open_file__takes_roots_file),
	TAP_TEST(open_dir__takes_roots_directory),
	TAP_TEST(open_file__tells_what_is_not_there),
	TAP_TEST(open_file__refuses_paths_that_wander),
	TAP_TEST(open_file__refuses_below_a_directory_all_can_write),
	TAP_TEST(open_at__refuses_a_link),
	TAP_TEST(open_at__does_not_wait_for_a_fifo),
	TAP_TEST(open_at__refuses_a_socket),
	TAP_TEST(open_at__refuses_what_is_not_roots),
	TAP_TEST(open_at__refuses_what_a_group_can_write),
	TAP_TEST(open_at__refuses_more_than_a_name),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
