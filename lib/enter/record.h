/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record: what is known of a running container, kept where only root writes.
 *
 * Floor 2. CS_RUNDIR/UID/INSTANCE/ holds "record" (struct cs_record), "groups",
 * "lease", a FIFO, and "sessions" (roster.h). INSTANCE is the class's name, and
 * with scope = session a dot and a number behind it. CS_RUNDIR/UID is also the
 * lock (flock(2)) under which containers of that user begin, are joined, and end.
 *
 * A session holds the lease's write end; the monitor has the read end and sees
 * POLLHUP when the last holder is gone, however it went. Nothing counts, so
 * nothing can be counted wrong.
 */
#ifndef CS_RECORD_H
#define CS_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroup.h"
#include "limit.h"

#define CS_RECORD_CLASS_MAX 33
#define CS_RECORD_INSTANCE_MAX 64
#define CS_RECORD_ENVIRONMENT_MAX 4096
#define CS_RECORD_MESSAGE_MAX 512
#define CS_RECORD_NETWORK_MAX 80
#define CS_RECORD_LAYER_MAX 20		/* 16 digits, and no padding behind */
#define CS_RECORD_FOREVER UINT64_MAX
#define CS_RECORD_RLIMITS 16		/* RLIM_NLIMITS, on every architecture */
#define CS_RECORD_SECCOMP_DEFAULT 0	/* CS_SECCOMP_*, conf.h */
#define CS_RECORD_SECCOMP_NONE 1
#define CS_RECORD_SECCOMP_FILE 2
#define CS_RECORD_IDENTITY_HOST 0	/* CS_IDENTITY_HOST, conf.h: there is no user namespace */

/* As struct rlimit. */
struct cs_record_rlimit {
	uint64_t soft, hard;
};

struct cs_record {
	uint64_t magic;				/* of this layout */
	uint64_t stamp[2];			/* of the config files it was made from */
	uint64_t groups;			/* hash of the session's groups, see below */
	uint64_t since_ms;			/* CLOCK_REALTIME */
	uint64_t init_start;			/* field 22 of /proc/PID/stat: ticks since boot */
	uint64_t init_namespace;		/* inode of its pid namespace */
	uint64_t monitor_start;
	uint64_t linger_ms, stop_timeout_ms;	/* policy, kept until the container's end */
	uint64_t max_sessions, max_age_ms, idle_timeout_ms;
	int32_t init_pid;			/* as the host sees it */
	int32_t monitor_pid;
	uint32_t uid, gid;
	uint32_t per_session;			/* scope = session: nobody joins it */
	uint32_t maintenance_sftp;
	uint32_t identity;			/* enum cs_identity */
	uint32_t allow_root;
	uint32_t nested;			/* sessions may make namespaces */
	uint32_t seccomp;			/* CS_RECORD_SECCOMP_* */
	uint32_t inside_uid, inside_gid;	/* the user, as called inside */
	uint32_t root_uid, root_gid;		/* root inside, as called outside; 0: there is none */
	int32_t login_nice;			/* what the login that made it had, for who enters as root */
	uint32_t limit_count;			/* of each session, by the configuration: */
	struct cs_limit limits[CS_LIMIT_SESSION_MAX];
	struct cs_record_rlimit login_limits[CS_RECORD_RLIMITS];
	char instance[CS_RECORD_INSTANCE_MAX];
	char class_name[CS_RECORD_CLASS_MAX];
	char cgroup[CS_CGROUP_PATH_MAX];	/* "" on a host without cgroup v2 */
	char network[CS_RECORD_NETWORK_MAX];	/* as the configuration says it */
	char user[256];
	char home[1024];
	char shell[1024];
	char pass_environment[CS_RECORD_ENVIRONMENT_MAX];	/* names, a blank between */
	char maintenance[CS_RECORD_MESSAGE_MAX];
	char fstab[1024];			/* the file that the stamp is made of, too; or "" */
	char seccomp_file[1024];		/* the class's own filter; or "" */
	char image[1024];			/* its root, and part of the stamp; "": the host's */
	char layer[CS_RECORD_LAYER_MAX];	/* which, below CS_LAYERSDIR/UID/CLASS; or "" */
	uint32_t writable;			/* enum cs_writable */
};

/* Can this be the name of an instance's directory? */
bool cs_record_is_instance(const char *name);

/*
 * Open CS_RUNDIR/@uid, made if it is not there, and take its lock, waiting for
 * @timeout_ms at most. The lock ends with cs_record_unlock() or the process.
 * 0, -ETIMEDOUT, -EPERM (not root's alone) or -errno.
 */
int cs_record_lock(uid_t uid, int timeout_ms, int *ret_user_fd);
/* The same, but -ENOENT if the directory is not there: nothing of the user's runs. */
int cs_record_lock_existing(uid_t uid, int timeout_ms, int *ret_user_fd);
/* Release the lock, whoever else has the descriptor, and close it. */
void cs_record_unlock(int *user_fd);
/* Take the lock again on a descriptor from cs_record_open_user(). */
int cs_record_relock(int user_fd, int timeout_ms);
/* Open CS_RUNDIR/@uid without a lock. */
int cs_record_open_user(uid_t uid, int *ret_user_fd);

/* Hash of a process's primary and supplementary groups, in the kernel's order. */
uint64_t cs_record_hash_groups(gid_t gid, const gid_t *groups, size_t count);

/*
 * The record of @instance below @user_fd. -ENOENT, -EBADMSG (not ours) or -errno,
 * and then *@ret_record holds nothing to rely on: it is large, so it is read in place.
 */
int cs_record_read(int user_fd, const char *instance, struct cs_record *ret_record);
/* The supplementary groups of the one who made it; *@ret_groups is the caller's to free. */
int cs_record_read_groups(int user_fd, const char *instance, gid_t **ret_groups,
			  size_t *ret_count);

/*
 * Write the record, whole or not at all: first to a new file, which nobody
 * takes for a record, then, when all that it says has come true, rename(2). Sets
 * the magic number.
 */
int cs_record_prepare(int user_fd, struct cs_record *record, const gid_t *groups,
		      size_t group_count);
int cs_record_commit(int user_fd, const char *instance);

/* Make @instance's directory and lease; both ends, O_CLOEXEC. The caller has the lock. */
int cs_record_make(int user_fd, const char *instance, int *ret_lease_read,
		   int *ret_lease_write);
/* Take a lease on a running container. -ENXIO: its monitor is gone. */
int cs_record_take_lease(int user_fd, const char *instance, int *ret_lease_write);

/* The lease's read end once more: it hangs up when a writer has come and gone since. */
int cs_record_watch_lease(int user_fd, const char *instance, int *ret_lease_read);

/* Remove all that is recorded of @instance; what is not there is removed. */
int cs_record_remove(int user_fd, const char *instance);
/* Remove CS_RUNDIR/@uid if nothing is in it. The caller has its lock. */
void cs_record_remove_user(uid_t uid);

/*
 * A pidfd of the recorded init, proven to be it: the process of that pid has
 * the recorded start time and pid namespace, and is still there after both
 * were read. -ESRCH if it is gone.
 */
int cs_record_open_init(const struct cs_record *record, int *ret_pidfd);
/* Fill in start time and namespace of process @pid, a child of the caller. */
int cs_record_identify(pid_t pid, struct cs_record *record);
/* The same for the caller, as the monitor that it is or will be. */
int cs_record_identify_monitor(struct cs_record *record);
/* A pidfd of the recorded monitor, proven like init's. -ESRCH if it is gone. */
int cs_record_open_monitor(const struct cs_record *record, int *ret_pidfd);

#endif
