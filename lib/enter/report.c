/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: see report.h. */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"

int cs_report_pipe(int *ret_read, int *ret_write)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*ret_read = ends[0];
	*ret_write = ends[1];
	return 0;
}

void cs_report_ready(int fd)
{
	const struct cs_report report = { .kind = CS_REPORT_READY };

	(void)cs_fd_write_all(fd, &report, sizeof(report));	/* the reader may be gone */
}

void cs_report_started(int fd, pid_t init, uint64_t init_start, uint64_t init_namespace)
{
	const struct cs_report report = { .kind = CS_REPORT_STARTED, .init_pid = init,
					  .init_start = init_start,
					  .init_namespace = init_namespace };

	(void)cs_fd_write_all(fd, &report, sizeof(report));	/* the reader may be gone */
}

void cs_report_failed(int fd, int error, int exit_status, const char *format, ...)
{
	struct cs_report report = { .kind = CS_REPORT_FAILED, .error = error,
				    .exit_status = exit_status };
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(report.what, sizeof(report.what), format, arguments);
	va_end(arguments);
	if (length < 0)
		report.what[0] = '\0';
	(void)cs_fd_write_all(fd, &report, sizeof(report));	/* the reader may be gone */
}

void cs_report_failed_plain(int fd, int error, int exit_status, const char *what)
{
	struct cs_report report = { .kind = CS_REPORT_FAILED, .error = error,
				    .exit_status = exit_status };

	strncpy(report.what, what, sizeof(report.what) - 1);	/* the last is 0 already */
	(void)cs_fd_write_all(fd, &report, sizeof(report));	/* the reader may be gone */
}

const char *cs_report_why(const struct cs_report *report)
{
	return report->why[0] != '\0' ? report->why : strerror(report->error);
}

int cs_report_read(int fd, int timeout_ms, struct cs_report *ret_report)
{
	struct cs_report report;
	ssize_t got;
	int result;

	result = cs_fd_wait_readable(fd, timeout_ms);
	if (result < 0)
		return result;
	got = read(fd, &report, sizeof(report));
	if (got < 0)
		return -errno;
	if (got == 0)
		return -EPIPE;
	if ((size_t)got != sizeof(report) || report.what[sizeof(report.what) - 1] != '\0' ||
	    report.why[sizeof(report.why) - 1] != '\0' ||
	    report.kind < CS_REPORT_READY || report.kind > CS_REPORT_STARTED)
		return -EBADMSG;
	*ret_report = report;
	return 0;
}
