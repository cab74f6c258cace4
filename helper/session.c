/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session: see session.h. The child's steps first, then the process that waits. */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "agent.h"
#include "confine.h"
#include "environment.h"
#include "fd.h"
#include "gate.h"
#include "handover.h"
#include "ids.h"
#include "log.h"
#include "report.h"
#include "rlimits.h"
#include "sftp.h"
#include "step.h"
#include "strict.h"
#include "sys.h"
#include "userns.h"

#define END_TIMEOUT_MS 3000
#define HEAD_START_MS 5

/* ---- the session's own process -------------------------------------------- */

static int enter(const struct cs_plan *plan, struct cs_run *run)
{
	int result = cs_join_find_userns(run->record, run->join, &run->userns_fd);

	(void)plan;
	return result < 0 ? result : cs_join_enter(run->join);
}

/* Here already: it takes a while, and there may be time (gate.h). */
static int limit_capabilities(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	(void)run;
	return cs_ids_limit(0);
}

static int lead_session(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	(void)run;
	return setsid() < 0 ? -errno : 0;
}

/*
 * Inside, the terminal's session has to be one that can be seen there, or job
 * control and /dev/tty do not work. 1: take it from the outer leader, which
 * is this helper and needs it no more (TIOCSCTTY, ioctl_tty(2)).
 */
static int take_terminal(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	if (run->caller->terminal_fd < 0)
		return 0;
	return ioctl(run->caller->terminal_fd, TIOCSCTTY, 1) < 0 ? -errno : 0;
}

static int restore_caller(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	return cs_caller_restore(run->caller);
}

/* By the host's /proc, as nothing is read or written by a path inside. */
static int adjust_oom(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	return cs_rlimits_adjust_oom(run->record->limits, run->record->limit_count);
}

static int set_limits(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	return cs_rlimits_set(run->record->limits, run->record->limit_count, &run->detail);
}

static int become_user(const struct cs_plan *plan, struct cs_run *run)
{
	const struct cs_ids ids = cs_caller_ids(run->caller);

	(void)plan;
	if (run->record->identity != CS_RECORD_IDENTITY_HOST)
		return cs_ids_become_inside(run->inside_uid, run->inside_gid,
					    run->has_rights);
	return cs_ids_become(&ids);
}

/*
 * Who has root's rights inside has no no_new_privs, and so needs a capability to
 * install the filter (seccomp(2)): it comes before the capabilities go.
 */
static int confine_root(const struct cs_plan *plan, struct cs_run *run)
{
	return run->has_rights ? cs_confine_calls(plan, run) : 0;
}

static int confine_user(const struct cs_plan *plan, struct cs_run *run)
{
	return run->has_rights ? 0 : cs_confine_calls(plan, run);
}

/* A shell whose helper is gone holds no lease: it gets the hang-up of a lost line. */
static int die_with_helper(const struct cs_plan *plan, struct cs_run *run)
{
	struct pollfd reader = { .fd = run->report_fd };

	(void)plan;
	if (prctl(PR_SET_PDEATHSIG, SIGHUP, 0, 0, 0) < 0)
		return -errno;
	return poll(&reader, 1, 0) == 1 ? -ESRCH : 0;
}

/*
 * A home that is not there is no reason to refuse. sshd, login and su have said
 * so already, as they were in front of it too; cron does not say it either.
 */
static int go_home(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	if (chdir(cs_environment_home(run->record, run->inside_uid)) < 0 && chdir("/") < 0)
		return -errno;
	return 0;
}

static int make_environment(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	run->environment = cs_environment_make(run->caller->environment, run->record,
					       run->inside_uid, run->agent_slot);
	return run->environment != NULL ? 0 : -ENOMEM;
}

static const struct cs_step steps[] = {
	{ CS_PHASE_SESSION, limit_capabilities, "limit the capabilities" },
	/* By the host's /proc, which is out of reach inside. */
	{ CS_PHASE_SESSION, adjust_oom, "set oom-score-adjust" },
	{ CS_PHASE_SESSION, cs_confine_read, "read the system call filter" },
	{ CS_PHASE_SESSION, cs_gate_await_join, "wait for the container" },
	{ CS_PHASE_SESSION, enter, "enter the container" },
	/* Before the ids change: the place belongs to root. */
	{ CS_PHASE_SESSION, cs_agent_place, "bind the agent's socket" },
	{ CS_PHASE_SESSION, lead_session, "start a session" },
	/* Taking it from another session needs CAP_SYS_ADMIN. */
	{ CS_PHASE_SESSION, take_terminal, "take over the terminal" },
	{ CS_PHASE_SESSION, cs_confine_keyring, "make a session keyring" },
	/* Raising a hard limit needs root. */
	{ CS_PHASE_SESSION, restore_caller, "restore the session's limits" },
	/* After those of the login, in whose place they are. */
	{ CS_PHASE_SESSION, set_limits, "set" },
	/* After all that needs root of the host. */
	{ CS_PHASE_SESSION, cs_userns_enter, "enter the user namespace" },
	{ CS_PHASE_SESSION, confine_root, "install root's system call filter" },
	{ CS_PHASE_SESSION, become_user, "become the user" },
	/* After the change of ids, which clears it. */
	{ CS_PHASE_SESSION, die_with_helper, "tie the session to its helper" },
	/* As the user: the directory is the user's. */
	{ CS_PHASE_SESSION, go_home, "go home" },
	{ CS_PHASE_SESSION, make_environment, "make the environment" },
	/* The filter refuses what the steps above do. */
	{ CS_PHASE_SESSION, confine_user, "install the system call filter" },
	/* SECURITY: last: from here on it is the user's program. */
	{ CS_PHASE_SESSION, cs_gate_await_run, "wait for container-shell-init" },
};

/* caller.c made every signal's action the default, but for this one. */
static void default_signals(void)
{
	sigset_t none;

	(void)signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A program that is named without a path is looked for where the session's PATH says. */
static void execute(const char *program, char *const arguments[], char *const environment[])
{
	static const char path[] = CS_ENVIRONMENT_PATH;
	int error = ENOENT;

	if (strchr(program, '/') != NULL) {
		(void)execve(program, arguments, environment);
		return;
	}
	for (const char *part = path; *part != '\0'; part += part[0] == ':') {
		char file[PATH_MAX];
		size_t length = strcspn(part, ":");

		snprintf(file, sizeof(file), "%.*s/%s", (int)length, part, program);
		(void)execve(file, arguments, environment);
		if (errno != ENOENT && errno != ENOTDIR)
			error = errno;
		part += length;
	}
	errno = error;
}

static _Noreturn void run_program(const struct cs_run *run, const char *program,
				  char *const arguments[])
{
	int error;

	default_signals();
	execute(program, arguments, run->environment);
	error = errno;
	/* POSIX: 127 for a command that is not found, 126 for one that cannot be run. */
	cs_report_failed(run->report_fd, error, error == ENOENT ? 127 : 126, "run %s", program);
	_exit(error == ENOENT ? 127 : 126);
}

/*
 * An image without sftp-server: the shell's own words would name a file that is there,
 * on the host. Looked for as the user, to whom all inside belongs.
 */
static void look_for_sftp(const struct cs_run *run)
{
	const char *command = run->request->command;
	char server[PATH_MAX];

	if (run->record->image[0] == '\0' || !cs_sftp_is_asked(run->request))
		return;
	snprintf(server, sizeof(server), "%.*s", (int)strcspn(command, " "), command);
	if (faccessat(AT_FDCWD, server, F_OK, AT_EACCESS) == 0 || errno != ENOENT)
		return;
	cs_report_failed(run->report_fd, ENOENT, 127, "run %s, which has to be in the image", server);
	_exit(127);
}

static _Noreturn void run_shell(const struct cs_run *run)
{
	const struct cs_request *request = run->request;
	const char *shell = request->shell != NULL ? request->shell : run->record->shell;
	const char *base = strrchr(shell, '/');
	char name[PATH_MAX + 1];
	char dash_c[] = "-c";
	char *arguments[4] = { name };

	look_for_sftp(run);
	base = base != NULL ? base + 1 : shell;
	/* A login shell is told so by the dash, login(1); with -c sshd starts a plain one. */
	snprintf(name, sizeof(name), "%s%s", request->login ? "-" : "", base);
	if (request->command != NULL) {
		arguments[1] = dash_c;
		arguments[2] = request->command;
	}
	run_program(run, shell, arguments);
}

static _Noreturn void session(struct cs_run *run)
{
	if (cs_step_run(steps, sizeof(steps) / sizeof(steps[0]), CS_PHASE_SESSION, NULL, run) < 0)
		_exit(125);
	if (run->request->argv != NULL)
		run_program(run, run->request->argv[0], run->request->argv);
	run_shell(run);
}

/* ---- the process that waits ------------------------------------------------ */

struct words {
	char user[256], tty[80], from[256], by[32];
};

/* For the log alone, and escaped: tty and address come from the caller. */
static struct words words_of(const struct cs_caller *caller, const struct cs_request *request,
			     const struct cs_record *record)
{
	char tty[64], from[128], shown[64];
	struct words words = { .by = "" };

	cs_environment_where(caller, tty, sizeof(tty), from, sizeof(from));
	cs_strict_escape(record->user, strlen(record->user), words.user, sizeof(words.user));
	cs_strict_escape(tty, strlen(tty), shown, sizeof(shown));
	snprintf(words.tty, sizeof(words.tty), "%s%s", tty[0] != '\0' ? "/dev/" : "",
		 tty[0] != '\0' ? shown : "none");
	cs_strict_escape(from, strlen(from), words.from, sizeof(words.from));
	if (from[0] == '\0')
		snprintf(words.from, sizeof(words.from), "local");
	if (request->verb == CS_VERB_ENTER)
		snprintf(words.by, sizeof(words.by), " by=%s", caller->login_uid);
	return words;
}

/* The signals that someone outside may send to "the session", meaning this process. */
static const int relayed[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT, SIGWINCH,
};

static void block_signals(sigset_t *ret_set)
{
	sigemptyset(ret_set);
	for (size_t i = 0; i < sizeof(relayed) / sizeof(relayed[0]); i++)
		sigaddset(ret_set, relayed[i]);
	sigaddset(ret_set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, ret_set, NULL);	/* cannot fail with SIG_BLOCK */
}

/*
 * Wait for the session. The signals were blocked before it was forked, so none
 * is lost between looking and waiting. Other children (the
 * planner, the monitor) are reaped in passing.
 */
static int wait_for(pid_t child, const sigset_t *set)
{
	for (;;) {
		int number, status;
		pid_t ended;

		while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
			if (ended == child)
				return status;
		if (ended < 0)	/* ECHILD, someone else reaped it: cannot be, and must end */
			return 125 << 8;
		number = sigwaitinfo(set, NULL);
		if (number > 0 && number != SIGCHLD)
			(void)kill(-child, number);	/* ESRCH: it has just ended */
	}
}

/* End as the session ended, so that whoever waits for us sees no difference. */
static _Noreturn void end_as(int status)
{
	sigset_t all;

	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	(void)signal(WTERMSIG(status), SIG_DFL);
	sigemptyset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)raise(WTERMSIG(status));
	_exit(128 + WTERMSIG(status));
}

static void log_end(const struct words *words, const struct cs_record *record, int status)
{
	if (WIFEXITED(status))
		cs_log(LOG_INFO, "session closed: user=%s class=%s tty=%s from=%s%s exit=%d",
		       words->user, record->class_name, words->tty, words->from, words->by,
		       WEXITSTATUS(status));
	else
		cs_log(LOG_INFO, "session closed: user=%s class=%s tty=%s from=%s%s signal=%d",
		       words->user, record->class_name, words->tty, words->from, words->by,
		       WTERMSIG(status));
}

static _Noreturn void refuse(const struct words *words, const struct cs_record *record,
			     const struct cs_report *report)
{
	cs_log(LOG_ERR, "session refused: user=%s class=%s tty=%s from=%s%s cannot %s: %s",
	       words->user, record->class_name, words->tty, words->from, words->by, report->what,
	       cs_report_why(report));
	cs_log_user("cannot %s: %s", report->what, cs_report_why(report));
	_exit(report->exit_status);
}

/* The container may have died with the session: remove what that left. */
static void tidy(void)
{
	char *const arguments[] = { (char[]){ "container-shell-helper" }, (char[]){ "tidy" }, NULL };
	char *const environment[] = { NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execve(CS_LIBEXECDIR "/container-shell-helper", arguments, environment);
		_exit(127);
	}
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
}

/* The report pipe closes at the session's exec, which is when it is truly in. */
static void await_entry(int report_fd, pid_t child, const struct words *words,
			const struct cs_record *record)
{
	struct cs_report report;
	int result = cs_report_read(report_fd, -1, &report);

	if (result == -EPIPE)
		return;
	(void)waitpid(child, NULL, 0);
	tidy();
	if (result < 0)
		report = (struct cs_report){ .error = -result, .exit_status = 125,
					     .what = "enter the container" };
	refuse(words, record, &report);
}

static _Noreturn void fail_early(const struct words *words, const struct cs_record *record,
				 int result, const char *what)
{
	struct cs_report report = { .error = -result, .exit_status = 125 };

	snprintf(report.what, sizeof(report.what), "%s", what);
	refuse(words, record, &report);
}

/*
 * Why a child could not be forked into the container: has init died? Its pid
 * namespace says ESRCH or ENOMEM from the first moment of that; it is over, and
 * seen to be by others, when the pidfd says so.
 */
static bool has_ended(const struct cs_join *join, int result)
{
	return (result == -ESRCH || result == -ENOMEM) &&
	       cs_fd_wait_readable(join->pidfd, END_TIMEOUT_MS) == 0;
}

/* Not with the lock held: the line goes to the caller, who may take it never. */
static _Noreturn void fail_made(const struct words *words, const struct cs_record *record,
				int *user_fd, const struct cs_report *report)
{
	cs_record_unlock(user_fd);
	refuse(words, record, report);
}

/* A new container is made now, or its session ends with it. */
static void settle(const struct cs_caller *caller, struct cs_container *container, int *user_fd,
		   pid_t child, const struct words *words)
{
	struct cs_report report = { 0 };

	container->creation.session = child;
	if (cs_container_settle(caller, container, *user_fd, &report) == 0) {
		cs_record_unlock(user_fd);	/* the lease keeps the container now */
		return;
	}
	fail_made(words, &container->record, user_fd, &report);
}

/* The container's root, who is not its user: has the rights without allow-root, too. */
static bool is_another(const struct cs_request *request, const struct cs_record *record)
{
	return request->as_root && record->inside_uid != 0;
}

void cs_session_run(const struct cs_caller *caller, const struct cs_request *request,
		    struct cs_container *container, int *user_fd)
{
	const struct cs_record *record = &container->record;
	const struct words words = words_of(caller, request, record);
	const struct cs_ids ids = cs_caller_ids(caller);
	const bool is_new = container->creation.report_fd >= 0;
	struct cs_run run = {
		.caller = caller, .record = record, .join = &container->join, .request = request,
		.gate_fd = container->creation.gate_fd,
		.agent_slot = -1, .agent_tree = cs_agent_copy(caller), .userns_fd = -1,
		.inside_uid = request->as_root ? 0 : record->inside_uid,
		.inside_gid = request->as_root ? 0 : record->inside_gid,
		.has_rights = record->allow_root != 0 || is_another(request, record),
	};
	int report_fd = -1, status, result;
	sigset_t set;
	pid_t child;

	if (!is_new)
		cs_record_unlock(user_fd);	/* the lease keeps the container now */
	result = cs_report_pipe(&report_fd, &run.report_fd);
	if (result < 0)
		cs_record_unlock(user_fd);
	if (result < 0)
		fail_early(&words, record, result, "make a pipe");
	block_signals(&set);
	cs_container_wait_for_init(caller, container, *user_fd);
	child = cs_join_fork(&container->join);
	if (child < 0 && is_new)	/* has it died? Then it has been said why. */
		settle(caller, container, user_fd, child, &words);
	if (has_ended(&container->join, child)) {
		cs_fd_close(&report_fd);
		cs_fd_close(&run.report_fd);
		cs_fd_close(&run.agent_tree);
		cs_container_release(container);
		return;
	}
	if (child < 0)
		fail_early(&words, record, child, "enter the container");
	if (child == 0) {
		(void)close(report_fd);
		/* Held outside, where the user's code cannot reach them. */
		cs_fd_close(&container->lease);
		cs_fd_close(&container->slot);
		cs_fd_close(&container->creation.report_fd);
		cs_fd_close(user_fd);	/* not unlocked: the lock is the helper's */
		session(&run);
	}
	(void)close(run.report_fd);
	if (is_new)
		settle(caller, container, user_fd, child, &words);
	/*
	 * From here on nothing needs root. On one processor the session runs only
	 * when we wait: let it go first, for a moment.
	 */
	(void)cs_fd_wait_readable(report_fd, HEAD_START_MS);	/* whatever it says, we go on */
	cs_join_close(&container->join);
	result = cs_ids_drop(&ids);
	if (result < 0) {
		(void)kill(child, SIGKILL);
		fail_early(&words, record, result, "become the user");
	}
	await_entry(report_fd, child, &words, record);
	cs_log(LOG_INFO, "session opened: user=%s class=%s tty=%s from=%s%s container=%d",
	       words.user, record->class_name, words.tty, words.from, words.by, record->init_pid);
	/* An end of the session's pipes that we held would keep its peers waiting. */
	result = cs_handover_let_go();
	status = wait_for(child, &set);
	if (result < 0)
		cs_log(LOG_WARNING, "cannot let go of the session's files: %s", strerror(-result));
	log_end(&words, record, status);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		tidy();
	end_as(status);
}
