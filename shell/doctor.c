/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor: the option --doctor: this host, looked at by the checks.
 *
 * The only file of the doctor that runs another program (sshd, for its
 * settings), asks the databases, or knows that this is a host and not a test.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin.h"
#include "doctor.h"
#include "fd.h"
#include "identity.h"
#include "subid.h"
#include "log.h"
#include "places.h"
#include "sys.h"
#include "trust.h"

#define SSHD_DEADLINE_MS 10000
#define DEADLINE_S 120		/* of all: NSS may ask a server that does not answer */

/* --- this host ---------------------------------------------------------------------- */

/*
 * All arguments are wrong: a descriptor of -1 or no address, and no size. Each of
 * the calls that is there says so before it does anything.
 */
static bool lacks_call(long number)
{
	return syscall(number, -1L, 0L, 0L, 0L, 0L, 0L) < 0 && errno == ENOSYS;
}

static unsigned long mount_flags(int fd)
{
	struct statvfs info;

	return fstatvfs(fd, &info) < 0 ? 0 : info.f_flag;
}

static int each_user(const struct cs_doctor_host *host,
		     int (*visit)(const struct passwd *entry, void *data), void *data)
{
	struct passwd *entry;
	int status = 0;

	(void)host;	/* the databases are this process's own */
	setpwent();
	while (status == 0 && (entry = getpwent()) != NULL)
		status = visit(entry, data);
	endpwent();
	return status;
}

static int user_named(const struct cs_doctor_host *host, const char *name,
		      int (*visit)(const struct passwd *entry, void *data), void *data)
{
	struct passwd *entry = getpwnam(name);

	(void)host;	/* as above */
	return entry ? visit(entry, data) : 0;
}

static int find_ids(const struct cs_doctor_host *host, const struct cs_conf *conf,
		    const struct cs_conf_class *class, const char *name, char *ret_error,
		    size_t error_size)
{
	const struct cs_subid_range reserved = cs_conf_id_range(conf);
	struct cs_idmap uids, gids;
	struct cs_user user = { 0 };
	int err = cs_user_by_name(name, &user);

	(void)host;	/* as above */
	if (err == 0)
		err = cs_subid_find(&class->id_range, &reserved, &cs_subid_files_of_host, &user,
				    ret_error, error_size);
	if (err == 0)
		err = cs_identity_map(class->identity, &user, &uids, &gids, ret_error, error_size);
	cs_user_free(&user);
	return err;
}

/* --- sshd ---------------------------------------------------------------------------- */

/* A call of sshd, with the files that its words go to. */
struct child {
	int program;
	char path[32];
	int out, err;
};

/* SECURITY: we may be root: what is run is root's, and is what was looked at. */
static int find_sshd(struct child *child)
{
	static const char *const places[] = {
		"/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd",
	};
	const char *why;
	int err = -ENOENT;

	for (size_t i = 0; err == -ENOENT && i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(child->path, sizeof(child->path), "%s", places[i]);	/* fits */
		err = cs_trust_open_file(places[i], &child->program, &why);
	}
	return err;
}

static _Noreturn void become_sshd(const struct child *child, const char *user, pid_t parent)
{
	static char option[] = "-T", for_whom[] = "-C";
	static char spec[512], path[sizeof(child->path)];
	static char *arguments[] = { path, option, NULL, NULL, NULL }, *environment[] = { NULL };
	const struct rlimit limit = { .rlim_cur = 1 << 20, .rlim_max = 1 << 20 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	memcpy(path, child->path, sizeof(path));
	if (user) {
		/* the name is a plain word, without a comma: doctor_facts.c */
		(void)snprintf(spec, sizeof(spec), "user=%s,host=localhost,addr=127.0.0.1", user);
		arguments[2] = for_whom;
		arguments[3] = spec;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);	/* cannot fail */
	if (getppid() != parent || null < 0 || dup2(null, 0) < 0 || dup2(child->out, 1) < 0 ||
	    dup2(child->err, 2) < 0 || setsid() < 0 || chdir("/") < 0 ||
	    setrlimit(RLIMIT_FSIZE, &limit) < 0)
		_exit(127);
	(void)alarm(0);	/* ours is not sshd's */
	(void)cs_sys_execveat(child->program, arguments, environment);	/* returns if it failed */
	_exit(127);
}

/* Wait for @pid, and kill it and its group when it takes too long. 0, -ETIMEDOUT, or -EPROTO. */
static int wait_for(pid_t pid)
{
	cs_autoclose int pidfd = cs_sys_pidfd_open(pid);
	int err = pidfd < 0 ? pidfd : cs_fd_wait_readable(pidfd, SSHD_DEADLINE_MS);
	int status;

	if (err < 0) {
		(void)kill(-pid, SIGKILL);	/* it leads no group yet: then only the next */
		(void)kill(pid, SIGKILL);	/* not waited for: the pid is still its own */
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (err < 0)
		return err;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPROTO;
}

static int run_sshd(const struct child *child, const char *user)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		become_sshd(child, user, parent);
	return wait_for(pid);
}

/* Into files without a name: no end of a pipe has to be watched. */
static int ask_child(struct child *child, const char *user, char **ret_text)
{
	cs_autoclose int out = memfd_create("sshd", MFD_CLOEXEC);
	cs_autoclose int err_file = memfd_create("sshd", MFD_CLOEXEC);
	size_t size;
	int err, err2;

	if (out < 0 || err_file < 0)
		return -errno;
	child->out = out;
	child->err = err_file;
	err = run_sshd(child, user);
	err2 = cs_fd_read_all(err < 0 ? err_file : out, CS_DOCTOR_FILE_MAX, ret_text, &size);
	if (err2 < 0)
		return err < 0 ? err : err2;
	if (err < 0)
		(*ret_text)[strcspn(*ret_text, "\r\n")] = '\0';
	if (err < 0 && (*ret_text)[0] == '\0') {
		free(*ret_text);
		*ret_text = NULL;
	}
	return err;
}

static int ask_sshd(const struct cs_doctor_host *host, const char *user, char **ret_text)
{
	struct child child = { .program = -1 };
	int err = find_sshd(&child);

	(void)host;	/* sshd is this system's own */
	if (err == 0)
		err = ask_child(&child, user, ret_text);
	cs_fd_close(&child.program);
	return err;
}

/* --- the option ------------------------------------------------------------------------ */

static void end_late(int number)
{
	static const char late[] = "container-shell: cannot look at the host: it takes too long\n";

	(void)number;	/* the only one */
	if (write(STDERR_FILENO, late, sizeof(late) - 1) < 0)
		_exit(CS_DOCTOR_FOUND_PROBLEM);
	_exit(CS_DOCTOR_FOUND_PROBLEM);
}

/* Inside a container of ours the answers would be about the container. */
static bool is_inside(void)
{
	struct stat info;

	return lstat("/run/host/login-shell", &info) == 0;	/* as shell/main.c knows it */
}

/* What we open must not take the place of a standard descriptor that is closed. */
static void fill_standard(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	cs_fd_close(&fd);
}

static int look(bool json)
{
	struct utsname kernel = { .release = "" };
	struct cs_doctor_host host = {
		.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
		.owner = 0,
		.privileged = geteuid() == 0,
		.trusted = true,
		.main_file = CS_MAIN_FILE,
		.dropin_dir = CS_DROPIN_DIR,
		.lacks_call = lacks_call,
		.mount_flags = mount_flags,
		.each_user = each_user,
		.user_named = user_named,
		.find_ids = find_ids,
		.ask_sshd = ask_sshd,
	};
	struct cs_doctor doctor;
	int status;

	(void)uname(&kernel);	/* cannot fail */
	host.release = kernel.release;
	cs_doctor_run(&host, &doctor);
	if (doctor.failed)
		cs_log_user("cannot say all: out of memory");
	if (json)
		cs_doctor_print_json(&doctor, stdout);
	else
		cs_doctor_print_text(&doctor, stdout);
	status = cs_doctor_status(&doctor);
	cs_doctor_free(&doctor);
	cs_fd_close(&host.root);
	return status;
}

int cs_doctor(char *const operands[])
{
	const bool json = operands[0] && strcmp(operands[0], "--json") == 0;

	if (operands[0] && (!json || operands[1]))
		return cs_admin_usage("--doctor takes nothing but --json");
	if (is_inside()) {
		cs_log_user("cannot look at the host: this is inside a container");
		return CS_DOCTOR_FOUND_PROBLEM;
	}
	fill_standard();
	(void)signal(SIGALRM, end_late);	/* cannot fail */
	(void)alarm(DEADLINE_S);		/* none was set */
	return look(json);
}
