/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record: see record.h. Everything is relative to a directory that was checked. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "strict.h"
#include "sys.h"

#define RECORD_MAGIC UINT64_C(0x63732d7265633037)	/* "cs-rec07" */
#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
#define MAKE_ATTEMPTS 64
#define STAT_BYTES 1024
#define LOCK_TICK_MS 20
#define GROUPS_MAX 65536	/* NGROUPS_MAX, limits.h */

static int check_private(int fd)
{
	struct stat info;

	if (fstat(fd, &info) < 0)
		return -errno;
	return info.st_uid == 0 && (info.st_mode & 0022) == 0 ? 0 : -EPERM;
}

/* Open @path below @dir_fd; root's alone. */
static int open_private(int dir_fd, const char *path, int *ret_fd)
{
	cs_autoclose int fd = openat(dir_fd, path, DIRECTORY);
	int result;

	if (fd < 0)
		return -errno;
	result = check_private(fd);
	if (result < 0)
		return result;
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

/* The same, making it first if it is not there. */
static int open_made(int dir_fd, const char *path, int *ret_fd)
{
	if (mkdirat(dir_fd, path, 0700) < 0 && errno != EEXIST)
		return -errno;
	return open_private(dir_fd, path, ret_fd);
}

static int open_user(uid_t uid, int (*open_directory)(int, const char *, int *), int *ret_user_fd)
{
	cs_autoclose int run_fd = -1;
	char name[16];
	int result;

	result = open_directory(AT_FDCWD, CS_RUNDIR, &run_fd);
	if (result < 0)
		return result;
	snprintf(name, sizeof(name), "%u", (unsigned int)uid);	/* ten digits at most */
	return open_directory(run_fd, name, ret_user_fd);
}

int cs_record_open_user(uid_t uid, int *ret_user_fd)
{
	return open_user(uid, open_made, ret_user_fd);
}

static void on_tick(int signal)
{
	(void)signal;	/* being interrupted is the point */
}

/*
 * flock(2) has no deadline: a timer interrupts it again and again, so that one
 * tick lost just before the call does no harm.
 */
int cs_record_relock(int user_fd, int timeout_ms)
{
	const struct itimerval tick = {
		.it_value.tv_usec = LOCK_TICK_MS * 1000, .it_interval.tv_usec = LOCK_TICK_MS * 1000,
	};
	const struct itimerval off = { 0 };
	const struct sigaction interrupt = { .sa_handler = on_tick };
	struct sigaction before;
	sigset_t alarm, mask;
	struct timespec start, now;
	long waited_ms = 0;
	int result = 0;

	if (flock(user_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK && errno != EINTR)
		return -errno;
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	if (sigaction(SIGALRM, &interrupt, &before) < 0 ||
	    sigprocmask(SIG_UNBLOCK, &alarm, &mask) < 0 || setitimer(ITIMER_REAL, &tick, NULL) < 0 ||
	    clock_gettime(CLOCK_MONOTONIC, &start) < 0)
		return -errno;
	while (flock(user_fd, LOCK_EX) < 0) {
		if (errno != EINTR) {
			result = -errno;
			break;
		}
		if (clock_gettime(CLOCK_MONOTONIC, &now) == 0)
			waited_ms = (now.tv_sec - start.tv_sec) * 1000 +
				    (now.tv_nsec - start.tv_nsec) / 1000000;
		if (waited_ms >= timeout_ms) {
			result = -ETIMEDOUT;
			break;
		}
	}
	if (setitimer(ITIMER_REAL, &off, NULL) < 0 || sigprocmask(SIG_SETMASK, &mask, NULL) < 0 ||
	    sigaction(SIGALRM, &before, NULL) < 0)
		return -errno;
	return result;
}

/* -ENOENT if it is not there, or goes while we wait: then we hold a lock on nothing. */
static int lock_directory(int user_fd, int timeout_ms)
{
	struct stat info;
	int result = cs_record_relock(user_fd, timeout_ms);

	if (result < 0)
		return result;
	if (fstat(user_fd, &info) < 0)
		return -errno;
	return info.st_nlink == 0 ? -ENOENT : 0;
}

int cs_record_lock_existing(uid_t uid, int timeout_ms, int *ret_user_fd)
{
	cs_autoclose int fd = -1;
	int result = open_user(uid, open_private, &fd);

	if (result == 0)
		result = lock_directory(fd, timeout_ms);
	if (result == 0)
		*ret_user_fd = cs_fd_steal(&fd);
	return result;
}

int cs_record_lock(uid_t uid, int timeout_ms, int *ret_user_fd)
{
	/* The last container's end removes the directory. */
	for (int attempt = 0; attempt < MAKE_ATTEMPTS; attempt++) {
		cs_autoclose int fd = -1;
		int result = cs_record_open_user(uid, &fd);

		if (result == 0)
			result = lock_directory(fd, timeout_ms);
		if (result == -ENOENT)
			continue;
		if (result == 0)
			*ret_user_fd = cs_fd_steal(&fd);
		return result;
	}
	return -EAGAIN;
}

void cs_record_unlock(int *user_fd)
{
	if (*user_fd >= 0)
		(void)flock(*user_fd, LOCK_UN);	/* cannot fail on a descriptor that is locked */
	cs_fd_close(user_fd);
}

uint64_t cs_record_hash_groups(gid_t gid, const gid_t *groups, size_t count)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);	/* FNV-1a: equality, not secrecy */

	hash = (hash ^ gid) * UINT64_C(0x100000001b3);
	for (size_t i = 0; i < count; i++)
		hash = (hash ^ groups[i]) * UINT64_C(0x100000001b3);
	return hash;
}

bool cs_record_is_instance(const char *name)
{
	char class_name[CS_RECORD_CLASS_MAX];
	size_t length = strcspn(name, ".");

	if (length >= sizeof(class_name) || strlen(name) >= CS_RECORD_INSTANCE_MAX)
		return false;
	memcpy(class_name, name, length);
	class_name[length] = '\0';
	if (name[length] == '.' &&
	    (name[length + 1] == '\0' || strspn(name + length + 1, "0123456789abcdef") != strlen(name + length + 1)))
		return false;
	return cs_strict_is_class_name(class_name);
}

static bool is_terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

int cs_record_read(int user_fd, const char *instance, struct cs_record *ret_record)
{
	char path[CS_RECORD_INSTANCE_MAX + sizeof("/record")];
	cs_autoclose int fd = -1;
	ssize_t got;
	int result;

	/* Both parts are root's alone: @user_fd was checked. */
	snprintf(path, sizeof(path), "%s/record", instance);
	fd = openat(user_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	result = check_private(fd);
	if (result < 0)
		return result;
	got = read(fd, ret_record, sizeof(*ret_record));
	if (got < 0)
		return -errno;
	if ((size_t)got != sizeof(*ret_record) || ret_record->magic != RECORD_MAGIC ||
	    ret_record->limit_count > CS_LIMIT_SESSION_MAX ||
	    !is_terminated(ret_record->instance, sizeof(ret_record->instance)) ||
	    !is_terminated(ret_record->class_name, sizeof(ret_record->class_name)) ||
	    !is_terminated(ret_record->maintenance, sizeof(ret_record->maintenance)) ||
	    !is_terminated(ret_record->fstab, sizeof(ret_record->fstab)) ||
	    !is_terminated(ret_record->image, sizeof(ret_record->image)) ||
	    !is_terminated(ret_record->layer, sizeof(ret_record->layer)) ||
	    !is_terminated(ret_record->cgroup, sizeof(ret_record->cgroup)) ||
	    !is_terminated(ret_record->seccomp_file, sizeof(ret_record->seccomp_file)) ||
	    !is_terminated(ret_record->network, sizeof(ret_record->network)) ||
	    !is_terminated(ret_record->user, sizeof(ret_record->user)) ||
	    !is_terminated(ret_record->home, sizeof(ret_record->home)) ||
	    !is_terminated(ret_record->shell, sizeof(ret_record->shell)) ||
	    !is_terminated(ret_record->pass_environment, sizeof(ret_record->pass_environment)) ||
	    strcmp(ret_record->instance, instance) != 0)
		return -EBADMSG;
	return 0;
}

/* A new file of root's alone. */
static int write_file(int class_fd, const char *name, const void *data, size_t size)
{
	cs_autoclose int fd = openat(class_fd, name,
				     O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? -errno : cs_fd_write_all(fd, data, size);
}

int cs_record_prepare(int user_fd, struct cs_record *record, const gid_t *groups,
		      size_t group_count)
{
	cs_autoclose int class_fd = openat(user_fd, record->instance, DIRECTORY);
	int result;

	if (class_fd < 0)
		return -errno;
	record->magic = RECORD_MAGIC;
	result = write_file(class_fd, "groups", groups, group_count * sizeof(groups[0]));
	return result < 0 ? result : write_file(class_fd, "record.new", record, sizeof(*record));
}

int cs_record_commit(int user_fd, const char *instance)
{
	cs_autoclose int class_fd = openat(user_fd, instance, DIRECTORY);

	if (class_fd < 0)
		return -errno;
	return renameat(class_fd, "record.new", class_fd, "record") < 0 ? -errno : 0;
}

int cs_record_read_groups(int user_fd, const char *instance, gid_t **ret_groups,
			  size_t *ret_count)
{
	cs_autoclose int class_fd = openat(user_fd, instance, DIRECTORY);
	cs_autoclose int fd = -1;
	char *data;
	size_t size;
	int result;

	if (class_fd < 0)
		return -errno;
	fd = openat(class_fd, "groups", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	result = cs_fd_read_all(fd, GROUPS_MAX * sizeof(gid_t), &data, &size);
	if (result < 0)
		return result;
	*ret_groups = (gid_t *)(void *)data;	/* malloc(3)'s, so aligned for anything */
	*ret_count = size / sizeof(gid_t);
	return 0;
}

int cs_record_watch_lease(int user_fd, const char *instance, int *ret_lease_read)
{
	cs_autoclose int class_fd = openat(user_fd, instance, DIRECTORY);
	int fd;

	if (class_fd < 0)
		return -errno;
	fd = openat(class_fd, "lease", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	*ret_lease_read = fd;
	return 0;
}

int cs_record_take_lease(int user_fd, const char *instance, int *ret_lease_write)
{
	cs_autoclose int class_fd = openat(user_fd, instance, DIRECTORY);
	int fd;

	if (class_fd < 0)
		return -errno;
	fd = openat(class_fd, "lease", O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	*ret_lease_write = fd;
	return 0;
}

int cs_record_make(int user_fd, const char *instance, int *ret_lease_read,
		   int *ret_lease_write)
{
	cs_autoclose int class_fd = -1;
	cs_autoclose int read_fd = -1;
	int result;

	result = open_made(user_fd, instance, &class_fd);
	if (result < 0)
		return result;
	if (mkfifoat(class_fd, "lease", 0600) < 0)
		return -errno;
	result = cs_record_watch_lease(user_fd, instance, &read_fd);
	if (result < 0)
		return result;
	result = cs_record_take_lease(user_fd, instance, ret_lease_write);
	if (result < 0)
		return result;
	*ret_lease_read = cs_fd_steal(&read_fd);
	return 0;
}

int cs_record_remove(int user_fd, const char *instance)
{
	static const char *const files[] = { "record", "record.new", "groups", "lease", "sessions" };
	cs_autoclose int class_fd = openat(user_fd, instance, DIRECTORY);
	int result = 0;

	if (class_fd < 0)
		return errno == ENOENT ? 0 : -errno;
	/* One that cannot be removed does not keep the others. */
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (unlinkat(class_fd, files[i], 0) < 0 && errno != ENOENT)
			result = -errno;
	if (unlinkat(user_fd, instance, AT_REMOVEDIR) < 0 && result == 0)
		result = -errno;
	return result;
}

void cs_record_remove_user(uid_t uid)
{
	char path[sizeof(CS_RUNDIR) + 16];

	snprintf(path, sizeof(path), CS_RUNDIR "/%u", (unsigned int)uid);
	(void)rmdir(path);	/* ENOTEMPTY: another class of the same user is running */
}

/* Field 22 of /proc/PID/stat; field 2 may hold anything, so count from its last ')'. */
static int parse_start(const char *text, uint64_t *ret_start)
{
	const char *cursor = strrchr(text, ')');

	if (cursor == NULL)
		return -EBADMSG;
	for (int field = 2; field < 22; field++) {
		cursor = strchr(cursor + 1, ' ');
		if (cursor == NULL)
			return -EBADMSG;
	}
	*ret_start = strtoull(cursor + 1, NULL, 10);
	return 0;
}

static int read_start(int proc_fd, uint64_t *ret_start)
{
	cs_autoclose int stat_fd = openat(proc_fd, "stat", O_RDONLY | O_CLOEXEC);
	char text[STAT_BYTES];
	ssize_t got;

	if (stat_fd < 0)
		return -errno;
	got = read(stat_fd, text, sizeof(text) - 1);
	if (got < 0)
		return -errno;
	text[got] = '\0';
	return parse_start(text, ret_start);
}

static int open_process(pid_t pid, int *ret_proc_fd)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	fd = open(path, DIRECTORY);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	*ret_proc_fd = fd;
	return 0;
}

int cs_record_identify(pid_t pid, struct cs_record *record)
{
	cs_autoclose int proc_fd = -1;
	struct stat info;
	int result = open_process(pid, &proc_fd);

	if (result < 0)
		return result;
	if (fstatat(proc_fd, "ns/pid", &info, 0) < 0)
		return -errno;
	record->init_pid = pid;
	record->init_namespace = info.st_ino;
	return read_start(proc_fd, &record->init_start);
}

int cs_record_identify_monitor(struct cs_record *record)
{
	cs_autoclose int proc_fd = -1;
	pid_t self = getpid();
	int result = open_process(self, &proc_fd);

	if (result < 0)
		return result;
	record->monitor_pid = self;
	return read_start(proc_fd, &record->monitor_start);
}

/*
 * SECURITY: what was read by pid belongs to the pidfd's process if that one is
 * still alive now: its pid cannot have been given away meanwhile.
 */
static bool is_alive(int pidfd)
{
	struct pollfd state = { .fd = pidfd, .events = POLLIN };

	return poll(&state, 1, 0) == 0;
}

/*
 * Of a process. A pid that has gone to a thread of another is nobody's here:
 * pidfd_open(2) says ENOENT to it, and EINVAL before Linux 6.15.
 */
static int open_pidfd(pid_t pid)
{
	int pidfd = cs_sys_pidfd_open(pid);

	return pidfd == -ENOENT || pidfd == -EINVAL ? -ESRCH : pidfd;
}

int cs_record_open_monitor(const struct cs_record *record, int *ret_pidfd)
{
	cs_autoclose int pidfd = -1;
	cs_autoclose int proc_fd = -1;
	uint64_t start = 0;
	int result;

	if (record->monitor_pid <= 1)
		return -EBADMSG;
	pidfd = open_pidfd(record->monitor_pid);
	if (pidfd < 0)
		return pidfd;
	result = open_process(record->monitor_pid, &proc_fd);
	if (result == 0)
		result = read_start(proc_fd, &start);
	if (result < 0)
		return result == -ENOENT ? -ESRCH : result;
	if (start != record->monitor_start || !is_alive(pidfd))
		return -ESRCH;
	*ret_pidfd = cs_fd_steal(&pidfd);
	return 0;
}

int cs_record_open_init(const struct cs_record *record, int *ret_pidfd)
{
	cs_autoclose int pidfd = -1;
	struct cs_record found = { 0 };
	int result;

	if (record->init_pid <= 1)
		return -EBADMSG;
	pidfd = open_pidfd(record->init_pid);
	if (pidfd < 0)
		return pidfd;
	result = cs_record_identify(record->init_pid, &found);
	if (result < 0)
		return result == -ENOENT ? -ESRCH : result;
	if (found.init_start != record->init_start ||
	    found.init_namespace != record->init_namespace)
		return -ESRCH;
	if (!is_alive(pidfd))
		return -ESRCH;
	*ret_pidfd = cs_fd_steal(&pidfd);
	return 0;
}
