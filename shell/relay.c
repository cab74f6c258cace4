/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay: see relay.h. */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define CHUNK 4096
/* More than a terminal can hold of what was written to it, 64 KiB (the kernel's tty_buffer.c). */
#define LEFT_MAX (128U << 10)

/* One direction: what was read and not yet written. */
struct flow {
	int from, to;
	char data[CHUNK];
	size_t start, end;
	bool closed;		/* nothing more comes */
};

struct relay {
	int outer;		/* the outer terminal: 0, 1 or 2 */
	int master, signals;
	pid_t child;
	struct termios before;	/* of the outer terminal */
	bool shared;		/* with a pipeline, which writes there too: it ends lines itself */
	struct flow in, out;
};

bool cs_relay_is_needed(void)
{
	pid_t session = getsid(0);
	bool is_its_own = false;

	for (int fd = 0; fd <= 2; fd++)
		is_its_own |= tcgetsid(fd) == session;
	return session != getpid() && is_its_own;
}

bool cs_relay_is_possible(void)
{
	return isatty(STDIN_FILENO) == 1 || isatty(STDOUT_FILENO) == 1 || isatty(STDERR_FILENO) == 1;
}

static int find_terminal(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (isatty(fd) == 1)
			return fd;
	return -ENOTTY;
}

/* ---- modes ------------------------------------------------------------------- */

/* Only if keys are to be carried: else the outer terminal stays as its shell has it. */
static void go_raw(const struct relay *relay)
{
	struct termios raw = relay->before;

	if (relay->outer != STDIN_FILENO)
		return;

	cfmakeraw(&raw);
	if (relay->shared)
		raw.c_oflag = relay->before.c_oflag;
	(void)tcsetattr(relay->outer, TCSADRAIN, &raw);	/* EIO: hung up, the loop sees it */
}

static void restore(const struct relay *relay)
{
	if (relay->outer != STDIN_FILENO)
		return;
	(void)tcsetattr(relay->outer, TCSADRAIN, &relay->before);
}

static void copy_size(const struct relay *relay)
{
	struct winsize size;

	if (ioctl(relay->outer, TIOCGWINSZ, &size) == 0)
		(void)ioctl(relay->master, TIOCSWINSZ, &size);
}

/* ---- signals ------------------------------------------------------------------ */

static const int caught[] = {
	SIGCHLD, SIGWINCH, SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGTSTP, SIGCONT,
};

static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigaddset(&set, caught[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Stopped from outside, by kill(1): the outer shell gets its terminal back meanwhile. */
static void stop(const struct relay *relay)
{
	restore(relay);
	(void)raise(SIGSTOP);
	go_raw(relay);
	copy_size(relay);
}

static void handle_signals(const struct relay *relay)
{
	struct signalfd_siginfo info;

	while (read(relay->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		switch ((int)info.ssi_signo) {
		case SIGCHLD:
		case SIGCONT:
			break;
		case SIGWINCH:
			copy_size(relay);
			break;
		case SIGTSTP:
			stop(relay);
			break;
		default:
			(void)kill(relay->child, (int)info.ssi_signo);
		}
	}
}

/* ---- bytes -------------------------------------------------------------------- */

static bool wants_read(const struct flow *flow)
{
	return !flow->closed && flow->end == 0;
}

static void fill(struct flow *flow)
{
	ssize_t got = read(flow->from, flow->data, sizeof(flow->data));

	if (got > 0)
		flow->end = (size_t)got;
	else if (got == 0 || (errno != EINTR && errno != EAGAIN))
		flow->closed = true;	/* EIO: the other side of the terminal is gone */
}

static void drain(struct flow *flow)
{
	ssize_t put = write(flow->to, flow->data + flow->start, flow->end - flow->start);

	if (put < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (put < 0) {
		flow->closed = true;
		flow->start = flow->end = 0;
		return;
	}
	flow->start += (size_t)put;
	if (flow->start == flow->end)
		flow->start = flow->end = 0;
}

static void carry_once(struct relay *relay)
{
	struct pollfd waited[] = {
		{ .fd = wants_read(&relay->in) ? relay->in.from : -1, .events = POLLIN },
		{ .fd = relay->in.end > 0 ? relay->in.to : -1, .events = POLLOUT },
		{ .fd = wants_read(&relay->out) ? relay->out.from : -1, .events = POLLIN },
		{ .fd = relay->out.end > 0 ? relay->out.to : -1, .events = POLLOUT },
		{ .fd = relay->signals, .events = POLLIN },
	};

	if (poll(waited, sizeof(waited) / sizeof(waited[0]), -1) < 0)
		return;
	if (waited[0].revents != 0)
		fill(&relay->in);
	if (waited[1].revents != 0)
		drain(&relay->in);
	if (waited[2].revents != 0)
		fill(&relay->out);
	if (waited[3].revents != 0)
		drain(&relay->out);
	if (waited[4].revents != 0)
		handle_signals(relay);
}

/*
 * Until the session has ended and all it wrote has been passed on. A program
 * that it left behind keeps the terminal open, but nobody waits for that one.
 */
static int carry(struct relay *relay)
{
	bool hung_up = relay->in.closed;	/* nobody types, so nobody hangs up */
	size_t left = 0;
	int status;

	for (;;) {
		if (waitpid(relay->child, &status, WNOHANG) == relay->child)
			break;
		if (relay->in.closed && !hung_up) {
			hung_up = true;		/* the outer terminal went: so does ours */
			(void)kill(relay->child, SIGHUP);
		}
		carry_once(relay);
	}
	while (!relay->out.closed) {
		struct pollfd ready = { .fd = relay->master, .events = POLLIN };

		if (relay->out.end > 0) {
			drain(&relay->out);
			continue;
		}
		/* SECURITY: what goes on writing may not keep the outer terminal, where no key ends us. */
		if (left >= LEFT_MAX || poll(&ready, 1, 0) != 1 || (ready.revents & POLLIN) == 0)
			break;
		fill(&relay->out);
		left += relay->out.end;
	}
	return status;
}

static _Noreturn void end_as(int status)
{
	sigset_t none;

	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	(void)signal(WTERMSIG(status), SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)raise(WTERMSIG(status));
	_exit(128 + WTERMSIG(status));
}

/* ---- start -------------------------------------------------------------------- */

static int open_slave(int master)
{
	char name[64];

	if (grantpt(master) < 0 || unlockpt(master) < 0)
		return -errno;
	if (ptsname_r(master, name, sizeof(name)) != 0)
		return -errno;
	int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return slave < 0 ? -errno : slave;
}

static int lead(int slave, int master, int signals, const sigset_t *mask)
{
	bool outer[3];

	for (int fd = 0; fd <= 2; fd++)
		outer[fd] = isatty(fd) == 1;
	if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
		return -errno;
	for (int fd = 0; fd <= 2; fd++)
		if (outer[fd] && dup2(slave, fd) < 0)
			return -errno;
	(void)close(slave);
	(void)close(master);
	(void)close(signals);
	return sigprocmask(SIG_SETMASK, mask, NULL) < 0 ? -errno : 0;
}

int cs_relay_start(void)
{
	static struct relay relay;
	struct termios inner;
	struct winsize size;
	sigset_t mask;
	int slave, status;

	relay.outer = find_terminal();
	if (relay.outer < 0)
		return relay.outer;
	if (sigprocmask(SIG_SETMASK, NULL, &mask) < 0 || tcgetattr(relay.outer, &relay.before) < 0)
		return -errno;
	relay.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (relay.master < 0)
		return -errno;
	/*
	 * A program that waits for us to take its output takes no input meanwhile:
	 * were we to wait for it in turn, both would wait for ever.
	 */
	if (fcntl(relay.master, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	slave = open_slave(relay.master);
	if (slave < 0)
		return slave;
	inner = relay.before;
	relay.shared = relay.outer != STDIN_FILENO || isatty(STDOUT_FILENO) != 1;
	if (relay.shared)
		inner.c_oflag &= ~(tcflag_t)OPOST;
	(void)tcsetattr(slave, TCSANOW, &inner);	/* a new terminal's defaults do as well */
	if (ioctl(relay.outer, TIOCGWINSZ, &size) == 0)
		(void)ioctl(slave, TIOCSWINSZ, &size);
	/* Blocked before the fork: the end of a quick child is not missed. */
	relay.signals = catch_signals();
	if (relay.signals < 0)
		return relay.signals;
	relay.child = fork();
	if (relay.child < 0)
		return -errno;
	if (relay.child == 0)
		return lead(slave, relay.master, relay.signals, &mask);
	(void)close(slave);
	relay.in = (struct flow){ .from = STDIN_FILENO, .to = relay.master,
				  .closed = relay.outer != STDIN_FILENO };
	relay.out = (struct flow){ .from = relay.master,
				   .to = isatty(STDOUT_FILENO) == 1 ? STDOUT_FILENO : relay.outer };
	go_raw(&relay);
	status = carry(&relay);
	restore(&relay);
	end_as(status);
}
