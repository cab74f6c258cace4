/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report-test: what lib/enter/report.c carries, and that no wait is without an end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "report.h"
#include "tap.h"

#define UNTOUCHED 4711

static void pipe__is_closed_on_exec(void)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;

	CHECK(cs_report_pipe(&read_fd, &write_fd) == 0);
	CHECK(fcntl(read_fd, F_GETFD) == FD_CLOEXEC);
	CHECK(fcntl(write_fd, F_GETFD) == FD_CLOEXEC);
}

static void read__gets_ready(void)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	struct cs_report report;

	CHECK(cs_report_pipe(&read_fd, &write_fd) == 0);
	cs_report_ready(write_fd);
	CHECK(cs_report_read(read_fd, 0, &report) == 0);
	CHECK(report.kind == CS_REPORT_READY && report.error == 0);
}

static void read__gets_what_failed(void)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	struct cs_report report;

	CHECK(cs_report_pipe(&read_fd, &write_fd) == 0);
	cs_report_failed(write_fd, ENOSPC, 125, "mount %s", "/tmp");
	CHECK(cs_report_read(read_fd, 0, &report) == 0);
	CHECK(report.kind == CS_REPORT_FAILED && report.error == ENOSPC);
	CHECK(report.exit_status == 125 && strcmp(report.what, "mount /tmp") == 0);
}

static void read__takes_one_message_at_a_time(void)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	struct cs_report report;

	CHECK(cs_report_pipe(&read_fd, &write_fd) == 0);
	cs_report_failed(write_fd, EPERM, 126, "first");
	cs_report_failed(write_fd, EPERM, 126, "second");
	CHECK(cs_report_read(read_fd, 0, &report) == 0 && strcmp(report.what, "first") == 0);
	CHECK(cs_report_read(read_fd, 0, &report) == 0 && strcmp(report.what, "second") == 0);
}

static void read__writers_gone(void)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	struct cs_report report = { .error = UNTOUCHED };

	CHECK(cs_report_pipe(&read_fd, &write_fd) == 0);
	cs_fd_close(&write_fd);
	CHECK(cs_report_read(read_fd, -1, &report) == -EPIPE);
	CHECK(report.error == UNTOUCHED);
}

static void read__has_a_deadline(void)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	struct cs_report report = { .error = UNTOUCHED };

	CHECK(cs_report_pipe(&read_fd, &write_fd) == 0);
	CHECK(cs_report_read(read_fd, 0, &report) == -ETIMEDOUT);
	CHECK(cs_report_read(read_fd, 20, &report) == -ETIMEDOUT);
	CHECK(report.error == UNTOUCHED);
}

/* What comes out of the pipe when @size bytes of @message are written to it. */
static int read_back(const struct cs_report *message, size_t size)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	struct cs_report report = { .error = UNTOUCHED };
	int result;

	CHECK(cs_report_pipe(&read_fd, &write_fd) == 0);
	CHECK(cs_fd_write_all(write_fd, message, size) == 0);
	result = cs_report_read(read_fd, 0, &report);
	if (result < 0)
		CHECK(report.error == UNTOUCHED);
	return result;
}

static void read__refuses_what_is_no_report(void)
{
	struct cs_report message = { .kind = CS_REPORT_READY };

	CHECK(read_back(&message, sizeof(message)) == 0);
	CHECK(read_back(&message, sizeof(message) - 1) == -EBADMSG);
	CHECK(read_back(&message, 1) == -EBADMSG);
	message.kind = 0;
	CHECK(read_back(&message, sizeof(message)) == -EBADMSG);
	message.kind = CS_REPORT_STARTED + 1;
	CHECK(read_back(&message, sizeof(message)) == -EBADMSG);
	message.kind = CS_REPORT_FAILED;
	memset(message.what, 'x', sizeof(message.what));
	CHECK(read_back(&message, sizeof(message)) == -EBADMSG);
}

static void started__says_who(void)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	struct cs_report report;

	CHECK(cs_report_pipe(&read_fd, &write_fd) == 0);
	cs_report_started(write_fd, 7, 8, UINT64_C(1) << 40);
	CHECK(cs_report_read(read_fd, 0, &report) == 0 && report.kind == CS_REPORT_STARTED);
	CHECK(report.init_pid == 7 && report.init_start == 8);
	CHECK(report.init_namespace == UINT64_C(1) << 40);
}

static void failed__cuts_a_long_text(void)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	char text[2 * CS_REPORT_WHAT_MAX];
	struct cs_report report;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CHECK(cs_report_pipe(&read_fd, &write_fd) == 0);
	cs_report_failed(write_fd, EPERM, 125, "mount %s", text);
	CHECK(cs_report_read(read_fd, 0, &report) == 0);
	CHECK(strlen(report.what) == sizeof(report.what) - 1);
}

/* Torn or interleaved messages cannot be if one fits in PIPE_BUF, pipe(7). */
static void report__is_written_at_once(void)
{
	CHECK(sizeof(struct cs_report) <= 512);	/* _POSIX_PIPE_BUF */
}

static void failed__reader_gone(void)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);	/* as in the helper */

	CHECK(cs_report_pipe(&read_fd, &write_fd) == 0);
	cs_fd_close(&read_fd);
	cs_report_failed(write_fd, EPERM, 125, "be heard");
	cs_report_ready(write_fd);
	CHECK(signal(SIGPIPE, before) == SIG_IGN);
}

static const struct tap_test tests[] = {
	TAP_TEST(pipe__is_closed_on_exec),
	TAP_TEST(read__gets_ready),
	TAP_TEST(read__gets_what_failed),
	TAP_TEST(read__takes_one_message_at_a_time),
	TAP_TEST(read__writers_gone),
	TAP_TEST(read__has_a_deadline),
	TAP_TEST(read__refuses_what_is_no_report),
	TAP_TEST(started__says_who),
	TAP_TEST(failed__cuts_a_long_text),
	TAP_TEST(report__is_written_at_once),
	TAP_TEST(failed__reader_gone),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
