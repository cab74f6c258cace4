/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: how a process tells the one that made it that it is ready, or what it
 * could not do. Messages of one fixed size, smaller than PIPE_BUF and so never torn
 * (pipe(7)), and a deadline on every wait.
 *
 * Floor 2. Used on the host and inside.
 */
#ifndef CS_REPORT_H
#define CS_REPORT_H

#include <stdint.h>
#include <sys/types.h>

#define CS_REPORT_WHAT_MAX 400
#define CS_REPORT_WHY_MAX 80
#define CS_REPORT_BUILD_TIMEOUT_MS 10000	/* for a whole container; an NFS server may be slow */

enum cs_report_kind { CS_REPORT_READY = 1, CS_REPORT_FAILED = 2, CS_REPORT_STARTED = 3 };

struct cs_report {
	uint32_t kind;
	int32_t error;				/* errno, positive; 0 when ready */
	int32_t exit_status;			/* what the program should end with */
	int32_t init_pid;			/* STARTED: these three, as in struct cs_record */
	uint64_t init_start, init_namespace;
	char what[CS_REPORT_WHAT_MAX];		/* completes "cannot …" */
	char why[CS_REPORT_WHY_MAX];		/* where error does not say it; or "" */
};

/* A pipe, both ends O_CLOEXEC. 0 or -errno. */
int cs_report_pipe(int *ret_read, int *ret_write);

/* Tell the reader. A reader that is gone is no error: nobody wants to know. */
void cs_report_ready(int fd);
void cs_report_started(int fd, pid_t init, uint64_t init_start, uint64_t init_namespace);
void cs_report_failed(int fd, int error, int exit_status, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same of a text as it is, for init, which would be half as large again with printf(3) in it. */
void cs_report_failed_plain(int fd, int error, int exit_status, const char *what);

/* Why not, in words. */
const char *cs_report_why(const struct cs_report *report);

/*
 * The next message, waiting at most @timeout_ms (-1: for ever). 0; -EPIPE when
 * the writers are gone without a word; -ETIMEDOUT; -EBADMSG; or -errno.
 */
int cs_report_read(int fd, int timeout_ms, struct cs_report *ret_report);

#endif
