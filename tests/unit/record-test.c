/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record-test: lib/enter/record.c, built with CS_RUNDIR "run" and so below the
 * directory that this test makes for itself.
 *
 * Most of it needs root: a record that is not root's is refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "record.h"
#include "roster.h"
#include "tap.h"

#define UID 64019
#define NOW_MS 20	/* a deadline that passes at once */

#define ROOT_ONLY()                                      \
	do {                                             \
		if (getuid() != 0)                       \
			SKIP("records belong to root");  \
	} while (0)

static struct cs_record example = {
	.stamp = { 1, 2 }, .groups = 3, .init_start = 4, .init_namespace = 5,
	.stop_timeout_ms = 6, .init_pid = 7, .monitor_pid = 8, .instance = "default",
	.class_name = "default",
	.cgroup = "container-shell/64019-default-1", .user = "alice", .home = "/home/alice", .shell = "/bin/bash",
	.pass_environment = "EDITOR",
};

static bool exists(const char *path)
{
	struct stat info;

	return lstat(path, &info) == 0;
}

static void lock__makes_what_only_root_can_see(void)
{
	struct stat info;
	int user_fd = -1;

	ROOT_ONLY();
	CHECK(cs_record_lock(UID, NOW_MS, &user_fd) == 0);
	CHECK(stat("run/64019", &info) == 0 && (info.st_mode & 07777) == 0700 && info.st_uid == 0);
	CHECK((fcntl(user_fd, F_GETFD) & FD_CLOEXEC) != 0);
	cs_record_remove_user(UID);
	CHECK(!exists("run/64019"));
	cs_record_unlock(&user_fd);
	CHECK(user_fd == -1);
}

static void lock__has_a_deadline(void)
{
	int first = -1, second = -1;

	ROOT_ONLY();
	CHECK(cs_record_lock(UID, NOW_MS, &first) == 0);
	CHECK(cs_record_lock(UID, NOW_MS, &second) == -ETIMEDOUT);
	CHECK(second == -1);
	CHECK(signal(SIGALRM, SIG_DFL) == SIG_DFL);	/* as it was before */
	cs_record_unlock(&first);
	CHECK(cs_record_lock(UID, NOW_MS, &second) == 0);
	cs_record_unlock(&second);
}

static void lock__is_the_users_own(void)
{
	int first = -1, second = -1;

	ROOT_ONLY();
	CHECK(cs_record_lock(UID, NOW_MS, &first) == 0);
	CHECK(cs_record_lock(UID + 1, NOW_MS, &second) == 0);
	cs_record_remove_user(UID + 1);
	cs_record_unlock(&first);
	cs_record_unlock(&second);
}

/* The holder removes the directory; who waited must not hold the lock of nothing. */
static void lock__outlives_the_directory(void)
{
	int user_fd = -1, status = -1;
	struct stat info;
	pid_t pid;

	ROOT_ONLY();
	CHECK(cs_record_lock(UID, NOW_MS, &user_fd) == 0);
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct stat path_info, fd_info;
		int fd = -1;

		cs_fd_close(&user_fd);
		if (cs_record_lock(UID, 10000, &fd) < 0 || fstat(fd, &fd_info) < 0 ||
		    stat("run/64019", &path_info) < 0)
			_exit(1);
		_exit(fd_info.st_ino == path_info.st_ino && fd_info.st_nlink > 0 ? 0 : 2);
	}
	cs_record_remove_user(UID);
	cs_record_unlock(&user_fd);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(stat("run/64019", &info) == 0);
}

static void lock__refuses_what_others_can_write(void)
{
	int user_fd = -1;

	ROOT_ONLY();
	CHECK(cs_record_lock(UID, NOW_MS, &user_fd) == 0);
	cs_record_unlock(&user_fd);
	CHECK(chmod("run/64019", 0770) == 0);
	CHECK(cs_record_lock(UID, NOW_MS, &user_fd) == -EPERM);
	CHECK(chmod("run/64019", 0702) == 0);
	CHECK(cs_record_lock(UID, NOW_MS, &user_fd) == -EPERM);
	CHECK(chmod("run/64019", 0700) == 0 && chown("run/64019", UID, 0) == 0);
	CHECK(cs_record_lock(UID, NOW_MS, &user_fd) == -EPERM);
	CHECK(rmdir("run/64019") == 0 && symlink("/tmp", "run/64019") == 0);
	CHECK(cs_record_lock(UID, NOW_MS, &user_fd) < 0);
	CHECK(unlink("run/64019") == 0);
	CHECK(chmod("run", 0777) == 0);
	CHECK(cs_record_lock(UID, NOW_MS, &user_fd) == -EPERM);
	CHECK(chmod("run", 0700) == 0 && user_fd == -1);
}

static const gid_t example_groups[] = { 4, 27, 100 };

static int store(int user_fd)
{
	int result = cs_record_prepare(user_fd, &example, example_groups, 3);

	return result < 0 ? result : cs_record_commit(user_fd, example.instance);
}

/* A user's locked directory with class "default" in it. */
static int make(int *ret_lease_read, int *ret_lease_write)
{
	int user_fd = -1;

	CHECK(cs_record_lock(UID, NOW_MS, &user_fd) == 0);
	CHECK(cs_record_make(user_fd, "default", ret_lease_read, ret_lease_write) == 0);
	return user_fd;
}

static void unmake(int *user_fd)
{
	CHECK(cs_record_remove(*user_fd, "default") == 0);
	cs_record_remove_user(UID);
	cs_record_unlock(user_fd);
	CHECK(!exists("run/64019"));
}

static void read__gets_what_was_written(void)
{
	cs_autoclose int lease_read = -1;
	cs_autoclose int lease_write = -1;
	struct cs_record record;
	int user_fd;

	ROOT_ONLY();
	user_fd = make(&lease_read, &lease_write);
	CHECK(cs_record_read(user_fd, "default", &record) == -ENOENT);
	CHECK(store(user_fd) == 0);
	CHECK(!exists("run/64019/default/record.new"));
	CHECK(cs_record_read(user_fd, "default", &record) == 0);
	CHECK(memcmp(&record, &example, sizeof(record)) == 0);
	CHECK(cs_record_read(user_fd, "other", &record) == -ENOENT);
	unmake(&user_fd);
}

static void read_groups__gets_what_was_written(void)
{
	cs_autoclose int lease_read = -1;
	cs_autoclose int lease_write = -1;
	gid_t *groups = NULL;
	size_t count = 0;
	int user_fd;

	ROOT_ONLY();
	user_fd = make(&lease_read, &lease_write);
	CHECK(store(user_fd) == 0);
	CHECK(cs_record_read_groups(user_fd, "default", &groups, &count) == 0);
	CHECK(count == 3 && memcmp(groups, example_groups, sizeof(example_groups)) == 0);
	free(groups);
	unmake(&user_fd);
}

static void is_instance__takes_a_class_or_a_class_and_a_number(void)
{
	static const char *const good[] = { "default", "a", "lab-2", "default.1f", "a.0" };
	static const char *const bad[] = { "", ".", "..", "default.", "default.x", ".1", "a.1.2",
					   "a/b", "default.1F", "Default", "a .1" };

	for (size_t i = 0; i < TAP_COUNT(good); i++)
		CHECK(cs_record_is_instance(good[i]));
	for (size_t i = 0; i < TAP_COUNT(bad); i++)
		CHECK(!cs_record_is_instance(bad[i]));
}

/* Nobody is counted who is gone, and a slot is used again. */
static void roster__has_those_who_are_there(void)
{
	const struct cs_roster_entry alice = { .pid = 11, .tty = "pts/1" };
	const struct cs_roster_entry bob = { .pid = 12, .tty = "pts/2", .from = "192.0.2.1" };
	cs_autoclose int lease_read = -1;
	cs_autoclose int lease_write = -1;
	struct cs_roster_entry entry;
	int user_fd, first = -1, second = -1, third = -1, roster;

	ROOT_ONLY();
	user_fd = make(&lease_read, &lease_write);
	CHECK(cs_roster_count(user_fd, "default") == 0);
	CHECK(cs_roster_join(user_fd, "default", &alice, &first) == 0);
	CHECK(cs_roster_join(user_fd, "default", &bob, &second) == 0);
	CHECK(cs_roster_count(user_fd, "default") == 2);
	roster = cs_roster_open(user_fd, "default");
	CHECK(roster >= 0);
	CHECK(cs_roster_read(roster, 1, &entry) == 1 && entry.pid == 12);
	CHECK(strcmp(entry.from, "192.0.2.1") == 0);
	CHECK(cs_roster_read(roster, 2, &entry) == -ENOENT);
	(void)close(first);
	CHECK(cs_roster_count(user_fd, "default") == 1);
	CHECK(cs_roster_read(roster, 0, &entry) == 0);
	CHECK(cs_roster_join(user_fd, "default", &bob, &third) == 0);
	CHECK(cs_roster_read(roster, 0, &entry) == 1 && entry.pid == 12);
	CHECK(cs_roster_count(user_fd, "default") == 2);
	(void)close(second);
	(void)close(third);
	(void)close(roster);
	unmake(&user_fd);
}

/* Write the example as it is stored, then spoil @size bytes at @offset. */
static int read_spoiled(int user_fd, size_t offset, size_t size)
{
	char filler[sizeof(struct cs_record)];
	struct cs_record record;
	int fd;

	memset(filler, 'x', sizeof(filler));
	CHECK(store(user_fd) == 0);
	fd = open("run/64019/default/record", O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0 && pwrite(fd, filler, size, (off_t)offset) == (ssize_t)size);
	(void)close(fd);
	return cs_record_read(user_fd, "default", &record);
}

#define SPOIL(field) \
	read_spoiled(user_fd, offsetof(struct cs_record, field), sizeof(example.field))

static void read__refuses_what_is_no_record(void)
{
	cs_autoclose int lease_read = -1;
	cs_autoclose int lease_write = -1;
	struct cs_record record;
	int user_fd;

	ROOT_ONLY();
	user_fd = make(&lease_read, &lease_write);
	CHECK(SPOIL(magic) == -EBADMSG);
	CHECK(SPOIL(instance) == -EBADMSG);
	CHECK(SPOIL(class_name) == -EBADMSG);
	CHECK(SPOIL(maintenance) == -EBADMSG);
	CHECK(SPOIL(fstab) == -EBADMSG);
	CHECK(SPOIL(cgroup) == -EBADMSG);
	CHECK(SPOIL(user) == -EBADMSG);
	CHECK(SPOIL(home) == -EBADMSG);
	CHECK(SPOIL(shell) == -EBADMSG);
	CHECK(SPOIL(pass_environment) == -EBADMSG);
	CHECK(SPOIL(seccomp_file) == -EBADMSG);
	CHECK(SPOIL(network) == -EBADMSG);
	CHECK(SPOIL(image) == -EBADMSG);
	CHECK(SPOIL(layer) == -EBADMSG);
	/* another class's record under this name */
	CHECK(read_spoiled(user_fd, offsetof(struct cs_record, instance), 1) == -EBADMSG);
	CHECK(store(user_fd) == 0);
	CHECK(truncate("run/64019/default/record", sizeof(record) - 1) == 0);
	CHECK(cs_record_read(user_fd, "default", &record) == -EBADMSG);
	CHECK(truncate("run/64019/default/record", 0) == 0);
	CHECK(cs_record_read(user_fd, "default", &record) == -EBADMSG);
	unmake(&user_fd);
}

static void read__refuses_what_is_not_roots(void)
{
	cs_autoclose int lease_read = -1;
	cs_autoclose int lease_write = -1;
	static const char path[] = "run/64019/default/record";
	struct cs_record record;
	int user_fd;

	ROOT_ONLY();
	user_fd = make(&lease_read, &lease_write);
	CHECK(store(user_fd) == 0);
	CHECK(chmod(path, 0620) == 0);
	CHECK(cs_record_read(user_fd, "default", &record) == -EPERM);
	CHECK(chmod(path, 0600) == 0 && chown(path, UID, 0) == 0);
	CHECK(cs_record_read(user_fd, "default", &record) == -EPERM);
	CHECK(unlink(path) == 0 && symlink("/etc/passwd", path) == 0);
	CHECK(cs_record_read(user_fd, "default", &record) == -ELOOP);
	/* A FIFO without a writer must not keep a login waiting. */
	CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
	CHECK(cs_record_read(user_fd, "default", &record) == -EBADMSG);
	unmake(&user_fd);
}

static bool has_hung_up(int fd)
{
	struct pollfd state = { .fd = fd };

	return poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0;
}

static void lease__ends_with_its_last_holder(void)
{
	cs_autoclose int lease_read = -1;
	cs_autoclose int first = -1;
	cs_autoclose int second = -1;
	int user_fd;

	ROOT_ONLY();
	user_fd = make(&lease_read, &first);
	CHECK((fcntl(first, F_GETFD) & FD_CLOEXEC) != 0);
	CHECK((fcntl(lease_read, F_GETFD) & FD_CLOEXEC) != 0);
	CHECK(cs_record_take_lease(user_fd, "default", &second) == 0);
	CHECK((fcntl(second, F_GETFD) & FD_CLOEXEC) != 0);
	CHECK(!has_hung_up(lease_read));
	cs_fd_close(&first);
	CHECK(!has_hung_up(lease_read));
	cs_fd_close(&second);
	CHECK(has_hung_up(lease_read));
	/* A login that comes just in time. */
	CHECK(cs_record_take_lease(user_fd, "default", &second) == 0);
	CHECK(!has_hung_up(lease_read));
	unmake(&user_fd);
}

/* What linger's clock rests on: doc/adr/0010. */
static void watch_lease__tells_that_somebody_has_come_and_gone(void)
{
	cs_autoclose int lease_read = -1;
	int user_fd, writer = -1, watch = -1, second = -1;

	ROOT_ONLY();
	user_fd = make(&lease_read, &writer);
	cs_fd_close(&writer);
	CHECK(cs_record_watch_lease(user_fd, "default", &watch) == 0);
	CHECK(has_hung_up(lease_read) && !has_hung_up(watch));
	CHECK(cs_record_take_lease(user_fd, "default", &writer) == 0);
	CHECK(!has_hung_up(watch));
	cs_fd_close(&writer);
	CHECK(has_hung_up(watch));
	CHECK(cs_record_watch_lease(user_fd, "default", &second) == 0);
	CHECK(!has_hung_up(second));
	cs_fd_close(&watch);
	cs_fd_close(&second);
	unmake(&user_fd);
}

static void take_lease__monitor_gone(void)
{
	cs_autoclose int lease_read = -1;
	cs_autoclose int first = -1;
	int second = -1, user_fd;

	ROOT_ONLY();
	user_fd = make(&lease_read, &first);
	cs_fd_close(&lease_read);
	CHECK(cs_record_take_lease(user_fd, "default", &second) == -ENXIO);
	CHECK(cs_record_take_lease(user_fd, "other", &second) == -ENOENT);
	CHECK(second == -1);
	unmake(&user_fd);
}

static void make__refuses_a_second_one(void)
{
	cs_autoclose int lease_read = -1;
	cs_autoclose int lease_write = -1;
	int user_fd, other_read = -1, other_write = -1;

	ROOT_ONLY();
	user_fd = make(&lease_read, &lease_write);
	CHECK(cs_record_make(user_fd, "default", &other_read, &other_write) == -EEXIST);
	CHECK(other_read == -1 && other_write == -1);
	unmake(&user_fd);
}

static void remove__takes_what_is_there(void)
{
	cs_autoclose int lease_read = -1;
	cs_autoclose int lease_write = -1;
	int user_fd;

	ROOT_ONLY();
	user_fd = make(&lease_read, &lease_write);
	CHECK(store(user_fd) == 0);
	/* of a write that was interrupted */
	CHECK(link("run/64019/default/record", "run/64019/default/record.new") == 0);
	CHECK(cs_record_remove(user_fd, "default") == 0);
	CHECK(cs_record_remove(user_fd, "default") == 0);
	CHECK(cs_record_remove(user_fd, "other") == 0);
	unmake(&user_fd);
}

static void remove_user__leaves_other_classes(void)
{
	cs_autoclose int lease_read = -1;
	cs_autoclose int lease_write = -1;
	int user_fd;

	ROOT_ONLY();
	user_fd = make(&lease_read, &lease_write);
	cs_record_remove_user(UID);
	CHECK(exists("run/64019/default/lease"));
	unmake(&user_fd);
}

static void hash_groups__tells_sets_apart(void)
{
	static const gid_t groups[] = { 1, 2, 3 };
	static const gid_t others[] = { 1, 2, 4 };
	const uint64_t hash = cs_record_hash_groups(100, groups, 3);

	CHECK(hash == cs_record_hash_groups(100, groups, 3));
	CHECK(hash != cs_record_hash_groups(100, groups, 2));
	CHECK(hash != cs_record_hash_groups(100, others, 3));
	CHECK(hash != cs_record_hash_groups(101, groups, 3));
	CHECK(cs_record_hash_groups(100, NULL, 0) != cs_record_hash_groups(100, groups, 1));
}

/* A child that ends when our end of its pipe closes. */
static pid_t start_child(int *ret_fd)
{
	int ends[2];
	pid_t pid;

	CHECK(pipe(ends) == 0);
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		char byte;

		(void)close(ends[1]);
		_exit(read(ends[0], &byte, 1) < 0);
	}
	(void)close(ends[0]);
	*ret_fd = ends[1];
	return pid;
}

static void open_init__is_the_recorded_process(void)
{
	struct cs_record record = { 0 };
	struct pollfd state = { .events = POLLIN };
	int hold, status, pidfd = -1;
	pid_t pid = start_child(&hold);

	CHECK(cs_record_identify(pid, &record) == 0);
	CHECK(record.init_pid == pid && record.init_start > 0 && record.init_namespace > 0);
	CHECK(cs_record_open_init(&record, &pidfd) == 0);
	CHECK((fcntl(pidfd, F_GETFD) & FD_CLOEXEC) != 0);
	(void)close(hold);
	state.fd = pidfd;
	CHECK(poll(&state, 1, 10000) == 1);
	(void)close(pidfd);
	/* Dead, and not yet reaped: the pid still answers. */
	CHECK(cs_record_open_init(&record, &pidfd) == -ESRCH);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(cs_record_open_init(&record, &pidfd) == -ESRCH);
	CHECK(cs_record_identify(pid, &record) == -ESRCH);
}

/* The pid was given to another process, or to one of another container. */
static void open_init__refuses_another_process(void)
{
	struct cs_record record = { 0 }, other;
	int hold, status, pidfd = -1;
	pid_t pid = start_child(&hold);

	CHECK(cs_record_identify(pid, &record) == 0);
	other = record;
	other.init_start++;
	CHECK(cs_record_open_init(&other, &pidfd) == -ESRCH);
	other = record;
	other.init_namespace++;
	CHECK(cs_record_open_init(&other, &pidfd) == -ESRCH);
	for (int32_t bad = -1; bad <= 1; bad++) {
		other = record;
		other.init_pid = bad;
		CHECK(cs_record_open_init(&other, &pidfd) == -EBADMSG);
	}
	CHECK(pidfd == -1);
	(void)close(hold);
	CHECK(waitpid(pid, &status, 0) == pid);
}

/* A process may call itself what it likes: ") R 1 2 3" (proc_pid_stat(5), field 2). */
static void *report_thread(void *data)
{
	const int *fds = data;
	const pid_t tid = gettid();
	char byte;

	if (write(fds[1], &tid, sizeof(tid)) != sizeof(tid) || read(fds[0], &byte, 1) != 0)
		abort();
	return NULL;
}

/* The pid of one that has died may be another's thread by now: dead all the same. */
static void open_init__refuses_a_thread(void)
{
	struct cs_record record = example;
	int told[2] = { -1, -1 }, hold[2] = { -1, -1 }, fds[2];
	pthread_t thread;
	int pidfd = -1;
	pid_t tid = 0;

	CHECK(pipe2(told, O_CLOEXEC) == 0 && pipe2(hold, O_CLOEXEC) == 0);
	fds[0] = hold[0];
	fds[1] = told[1];
	CHECK(pthread_create(&thread, NULL, report_thread, fds) == 0);
	CHECK(read(told[0], &tid, sizeof(tid)) == sizeof(tid) && tid > 1);
	record.init_pid = record.monitor_pid = tid;
	CHECK(cs_record_open_init(&record, &pidfd) == -ESRCH);
	CHECK(cs_record_open_monitor(&record, &pidfd) == -ESRCH);
	(void)close(hold[1]);
	CHECK(pthread_join(thread, NULL) == 0);
	for (int i = 0; i < 2; i++)
		(void)close(told[i]);
	(void)close(hold[0]);
}

static void identify__hostile_name(void)
{
	struct cs_record before = { 0 }, after = { 0 };
	int fd = open("/proc/self/comm", O_WRONLY | O_CLOEXEC);

	CHECK(cs_record_identify(getpid(), &before) == 0);
	CHECK(fd >= 0 && write(fd, "a) R 1 (9 9 9)", 14) == 14);
	CHECK(cs_record_identify(getpid(), &after) == 0);
	CHECK(before.init_start == after.init_start);
	(void)close(fd);
}

static const struct tap_test tests[] = {
	TAP_TEST(lock__makes_what_only_root_can_see),
	TAP_TEST(lock__has_a_deadline),
	TAP_TEST(lock__is_the_users_own),
	TAP_TEST(lock__outlives_the_directory),
	TAP_TEST(lock__refuses_what_others_can_write),
	TAP_TEST(read__gets_what_was_written),
	TAP_TEST(read_groups__gets_what_was_written),
	TAP_TEST(is_instance__takes_a_class_or_a_class_and_a_number),
	TAP_TEST(roster__has_those_who_are_there),
	TAP_TEST(read__refuses_what_is_no_record),
	TAP_TEST(read__refuses_what_is_not_roots),
	TAP_TEST(lease__ends_with_its_last_holder),
	TAP_TEST(watch_lease__tells_that_somebody_has_come_and_gone),
	TAP_TEST(take_lease__monitor_gone),
	TAP_TEST(make__refuses_a_second_one),
	TAP_TEST(remove__takes_what_is_there),
	TAP_TEST(remove_user__leaves_other_classes),
	TAP_TEST(hash_groups__tells_sets_apart),
	TAP_TEST(open_init__is_the_recorded_process),
	TAP_TEST(open_init__refuses_another_process),
	TAP_TEST(open_init__refuses_a_thread),
	TAP_TEST(identify__hostile_name),
};

int main(void)
{
	char directory[] = "/tmp/record-test.XXXXXX";
	int status;

	if (mkdtemp(directory) == NULL || chdir(directory) < 0) {
		printf("Bail out! no directory to work in\n");
		return 1;
	}
	status = tap_run(tests, TAP_COUNT(tests));
	(void)rmdir("run/64019");
	(void)rmdir("run");
	(void)rmdir(directory);
	return status;
}
