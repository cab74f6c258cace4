/* SPDX-License-Identifier: GPL-3.0-or-later */
/* create: see create.h. Read it from the bottom: cs_create, monitor_to_be, builder. */
#include "create.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bare.h"
#include "cgroup.h"
#include "confine.h"
#include "etc.h"
#include "fd.h"
#include "gate.h"
#include "handover.h"
#include "ids.h"
#include "layer.h"
#include "limits.h"
#include "mounts.h"
#include "network.h"
#include "root.h"
#include "step.h"
#include "sys.h"
#include "userns.h"

#define INIT_CAPABILITIES CS_IDS_CAP(CAP_KILL)
_Static_assert((int)CS_IDENTITY_HOST == CS_RECORD_IDENTITY_HOST, "one word");
_Static_assert((int)CS_SECCOMP_NONE == CS_RECORD_SECCOMP_NONE &&
	       (int)CS_SECCOMP_FILE == CS_RECORD_SECCOMP_FILE, "the same words");
#define NAMESPACES (CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS)

/* ---- the steps ------------------------------------------------------------ */

static int leave_login(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	(void)run;
	return setsid() < 0 ? -errno : 0;
}

static int open_init(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	run->init_fd = open(CS_LIBEXECDIR "/container-shell-init", O_PATH | O_CLOEXEC | O_NOFOLLOW);
	return run->init_fd < 0 ? -errno : 0;
}

static int separate_mounts(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	(void)run;
	cs_bare_enter();
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	(void)umask(0);	/* modes below are what they say */
	return cs_sys_make_private();
}

static int separate_cgroups(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	(void)run;
	return unshare(CLONE_NEWCGROUP) < 0 ? -errno : 0;
}

static int leave_host_first(const struct cs_plan *plan, struct cs_run *run)
{
	return plan->identity == CS_IDENTITY_HOST ? 0 : cs_root_leave_host(plan, run);
}

static int leave_host(const struct cs_plan *plan, struct cs_run *run)
{
	return plan->identity == CS_IDENTITY_HOST ? cs_root_leave_host(plan, run) : 0;
}

static int drop(const struct cs_plan *plan, struct cs_run *run)
{
	(void)plan;
	(void)run;
	/* init stays uid 0, out of the user's reach, and may signal what is inside. */
	return cs_ids_keep_only(INIT_CAPABILITIES);
}

/* After the change of credentials, which clears it (prctl(2)). */
static int die_with_monitor(const struct cs_plan *plan, struct cs_run *run)
{
	struct pollfd reader = { .fd = run->report_fd };

	(void)plan;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	/* Our parent is outside, so getppid(2) says 0: its end of the pipe tells. */
	return poll(&reader, 1, 0) == 1 ? -ESRCH : 0;
}

static const struct cs_step steps[] = {
	/* Out of the login's session: its hang-up is not the container's. */
	{ CS_PHASE_BEFORE, leave_login, "leave the login's session" },
	/* Outside the container's pid namespace, whose /proc is still to come. */
	{ CS_PHASE_BEFORE, cs_userns_make, "make the user namespace" },
	/* Before clone: trees can be copied only from the mount namespace one is in. */
	{ CS_PHASE_BEFORE, cs_root_open_image, "open the image" },
	/* The file that is open, and before the kernel reads a file system in it. */
	{ CS_PHASE_BEFORE, cs_root_verify_image, "verify the image" },
	{ CS_PHASE_BEFORE, cs_root_attach_image, "attach the image" },
	{ CS_PHASE_BEFORE, cs_root_map_owners, "map the owners of the image's files" },
	{ CS_PHASE_BEFORE, cs_layer_open, "open the layer of what is written to it" },
	{ CS_PHASE_BEFORE, cs_etc_hold, "read" },
	{ CS_PHASE_BEFORE, cs_mounts_find_sources, "show" },
	/* Before the network's change: what is opened here is the host's. */
	{ CS_PHASE_BEFORE, cs_network_find, "find the network" },
	{ CS_PHASE_BEFORE, open_init, "open container-shell-init" },

	/*
	 * First, or every mount below would appear on the host. From here on the host's
	 * files may be out of reach: what is needed of them is held.
	 */
	{ CS_PHASE_BUILD, separate_mounts, "separate the mounts from the host's" },
	/* Before the mounts: a sysfs shows the network of who mounts it. */
	{ CS_PHASE_BUILD, cs_network_set_up, "set up the network" },
	/* Not by clone: the namespace's root is where its maker is, and that was the monitor. */
	{ CS_PHASE_BUILD, separate_cgroups, "separate the control groups from the host's" },
	{ CS_PHASE_BUILD, cs_userns_own_files, "make files as the container's root" },
	{ CS_PHASE_BUILD, cs_root_make, "make the root directory" },
	/* Before anything is mounted that a link of the image's could lead to. */
	{ CS_PHASE_BUILD, cs_etc_write, "write" },
	{ CS_PHASE_BUILD, cs_mounts_place, "mount" },
	{ CS_PHASE_BUILD, cs_mounts_place_links, "link" },
	{ CS_PHASE_BUILD, cs_network_place_resolver, "set up the name servers" },
	{ CS_PHASE_BUILD, cs_mounts_place_marks, "mark the container" },
	/* After all that is written to it. */
	{ CS_PHASE_BUILD, cs_root_seal, "make the root directory read-only" },
	{ CS_PHASE_BUILD, cs_root_enter, "enter the root directory" },
	/* With a user namespace: what is mounted when the mounts are locked stays for good. */
	{ CS_PHASE_BUILD, leave_host_first, "let go of the host's mounts" },
	/* Before anybody is let in: who joins goes where init is, and that changes here. */
	{ CS_PHASE_BUILD, cs_userns_lock_mounts, "lock the mounts" },
	/* What follows costs as much as a session's way in: let that go on meanwhile. */
	{ CS_PHASE_BUILD, cs_gate_let_join, "let the session in" },

	{ CS_PHASE_INSIDE, leave_host, "let go of the host's root directory" },
	{ CS_PHASE_INSIDE, cs_confine_keyring, "make a session keyring" },
	{ CS_PHASE_INSIDE, drop, "give up privileges" },
	{ CS_PHASE_INSIDE, die_with_monitor, "tie init to its monitor" },
	/* init installs its own system call filter, which exec(2) would not pass. */
};

static int run_phase(enum cs_phase phase, const struct cs_plan *plan, struct cs_run *run)
{
	return cs_step_run(steps, sizeof(steps) / sizeof(steps[0]), phase, plan, run);
}

/* ---- the builder ----------------------------------------------------------- */

static _Noreturn void builder(const struct cs_plan *plan, struct cs_run *run)
{
	char *const arguments[] = { (char[]){ "container-shell-init" }, NULL };
	char *const environment[] = { (char[]){ "container=container-shell" }, NULL };
	const int keep[] = { run->report_fd, run->gate_fd };
	int result;

	if (run_phase(CS_PHASE_BUILD, plan, run) < 0 || run_phase(CS_PHASE_INSIDE, plan, run) < 0)
		_exit(125);
	result = cs_handover_exec(run->init_fd, arguments, environment, keep, 2);
	cs_report_failed(run->report_fd, -result, 125, "run container-shell-init");
	_exit(125);
}

/* ---- the monitor to be ------------------------------------------------------ */

struct monitor {
	int report_fd;		/* to the helper */
	int lease_read;
	int lock_fd;		/* the helper's, with its lock */
	int layer_lock;		/* as long as the container's root may be written to; or -1 */
	int cgroup_fd;		/* the container's; -1 without cgroup v2 */
	struct cs_record *record;
};

static uint64_t now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);	/* cannot fail: for people to read, anyway */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void record_identity(struct cs_record *record, const struct cs_plan *plan)
{
	const bool is_root = plan->identity == CS_IDENTITY_ROOT;

	record->identity = (uint32_t)plan->identity;
	record->allow_root = plan->allow_root;
	record->nested = plan->nested;
	record->seccomp = (uint32_t)plan->seccomp;
	record->inside_uid = is_root ? 0 : plan->uid;
	record->inside_gid = is_root ? 0 : plan->gid;
	cs_userns_find_root(plan, &record->root_uid, &record->root_gid);
}

_Static_assert(RLIM_NLIMITS == CS_RECORD_RLIMITS, "all of them have room");

/* Of sessions: what the configuration says, and what the one that makes the container has. */
static void record_limits(struct cs_record *record, const struct cs_plan *plan,
			  const struct cs_caller *caller)
{
	for (size_t i = 0; i < plan->limit_count; i++)
		if (plan->limits[i].kind >= CS_LIMIT_OF_SESSION)
			record->limits[record->limit_count++] = plan->limits[i];
	for (size_t i = 0; i < CS_RECORD_RLIMITS; i++)
		record->login_limits[i] = (struct cs_record_rlimit){
			.soft = caller->limits[i].rlim_cur, .hard = caller->limits[i].rlim_max,
		};
	record->login_nice = getpriority(PRIO_PROCESS, 0);	/* of oneself: cannot fail */
}

static void record_fill(struct cs_record *record, const struct cs_plan *plan)
{
	record->since_ms = now_ms();
	record->linger_ms = plan->linger_ms;
	record->stop_timeout_ms = plan->stop_timeout_ms;
	record->max_sessions = plan->max_sessions;
	record->max_age_ms = plan->max_age_ms;
	record->idle_timeout_ms = plan->idle_timeout_ms;
	record->per_session = plan->scope == CS_SCOPE_SESSION;
	record->maintenance_sftp = plan->maintenance_sftp;
	record->uid = plan->uid;
	record->gid = plan->gid;
	/* Sizes are checked in cs_create(), before anything is made. */
	snprintf(record->class_name, sizeof(record->class_name), "%s", plan->class_name);
	(void)cs_network_print(plan, record->network, sizeof(record->network));
	snprintf(record->user, sizeof(record->user), "%s", plan->user);
	snprintf(record->home, sizeof(record->home), "%s", plan->home);
	snprintf(record->shell, sizeof(record->shell), "%s", plan->shell);
	snprintf(record->maintenance, sizeof(record->maintenance), "%s", plan->maintenance);
	snprintf(record->fstab, sizeof(record->fstab), "%s", plan->fstab);
	snprintf(record->seccomp_file, sizeof(record->seccomp_file), "%s", plan->seccomp_file);
	snprintf(record->image, sizeof(record->image), "%s", plan->image);
	record->writable = (uint32_t)plan->writable;
	snprintf(record->pass_environment, sizeof(record->pass_environment), "%s",
		 plan->pass_environment);
}

/* *@ret_ready_fd: where the new init says that it is ready, or what it could not do. */
static int start_init(const struct cs_plan *plan, struct cs_run *run, struct monitor *monitor,
		      pid_t *ret_pid, int *ret_ready_fd)
{
	cs_autoclose int read_fd = -1;
	cs_autoclose int write_fd = -1;
	int result;

	result = cs_report_pipe(&read_fd, &write_fd);
	if (result < 0)
		return result;
	result = cs_sys_clone(NAMESPACES | cs_network_namespaces(plan), monitor->cgroup_fd);
	if (result < 0)
		return result;
	if (result == 0) {
		/* Ours must be the only write end, and none of ours a read end. */
		cs_fd_close(&read_fd);
		cs_fd_close(&monitor->report_fd);
		cs_fd_close(&monitor->lease_read);
		run->report_fd = write_fd;
		builder(plan, run);
	}
	*ret_pid = result;
	*ret_ready_fd = cs_fd_steal(&read_fd);
	return 0;
}

/*
 * While the builder builds: all that the monitor is to know is known, and the
 * record is in force only when the monitor, told that init is ready, says so.
 */
static int become_monitor(struct monitor *monitor, const struct cs_caller *caller, pid_t init,
			  int ready_fd)
{
	cs_autoclose int user_fd = -1;
	cs_autoclose int program = -1;
	cs_autoclose int pidfd = cs_sys_pidfd_open(init);
	char uid[16], instance[CS_RECORD_INSTANCE_MAX];
	char *const arguments[] = { (char[]){ "container-shell-monitor" }, uid, instance, NULL };
	char *const environment[] = { NULL };
	/* The last is held, and no more: it ends with the monitor. */
	int keep[] = { monitor->report_fd, monitor->lease_read, pidfd, -1, ready_fd,
		       monitor->lock_fd, monitor->layer_lock };
	const size_t count = sizeof(keep) / sizeof(keep[0]) - (monitor->layer_lock < 0);
	int result;

	if (pidfd < 0)
		return pidfd;
	/* Alive or a zombie, it is our child: its pid is its own, and its start time as well. */
	result = cs_record_identify(init, monitor->record);
	if (result < 0)
		return result;
	cs_report_started(monitor->report_fd, init, monitor->record->init_start,
			  monitor->record->init_namespace);
	result = cs_record_identify_monitor(monitor->record);
	if (result < 0)
		return result;
	snprintf(uid, sizeof(uid), "%u", (unsigned int)caller->uid);
	snprintf(instance, sizeof(instance), "%s", monitor->record->instance);
	program = open(CS_LIBEXECDIR "/container-shell-monitor", O_PATH | O_CLOEXEC | O_NOFOLLOW);
	if (program < 0)
		return -errno;
	/* Its own descriptor, for locks of its own. */
	result = cs_record_open_user(caller->uid, &user_fd);
	if (result < 0)
		return result;
	result = cs_record_prepare(user_fd, monitor->record, caller->groups, caller->group_count);
	if (result < 0)
		return result;
	/* With an idle-timeout it may hang up on sessions, which are the user's. */
	result = cs_ids_keep_only(monitor->record->idle_timeout_ms != CS_RECORD_FOREVER ?
				  CS_IDS_CAP(CAP_KILL) : 0);
	if (result < 0)
		return result;
	keep[3] = user_fd;
	return cs_handover_exec(program, arguments, environment, keep, count);
}

/* Removes what it made if it cannot go on: the helper holds the lock meanwhile. */
static _Noreturn void monitor_to_be(const struct cs_plan *plan, struct cs_run *run,
				    struct monitor *monitor)
{
	int ready_fd = -1;
	pid_t init = -1;
	int result;

	result = cs_handover_let_go();
	if (result == 0)
		result = cs_handover_lift(run->report_fd);
	if (result < 0) {
		cs_report_failed(run->report_fd, -result, 125, "let go of the login's files");
		_exit(125);
	}
	monitor->report_fd = run->report_fd = result;
	if (run_phase(CS_PHASE_BEFORE, plan, run) < 0)
		_exit(125);
	monitor->layer_lock = run->layer_lock;
	snprintf(monitor->record->layer, sizeof(monitor->record->layer), "%s", run->layer_name);
	result = start_init(plan, run, monitor, &init, &ready_fd);
	if (result < 0) {
		cs_report_failed(run->report_fd, -result, 125, "start container-shell-init");
		_exit(125);
	}
	result = become_monitor(monitor, run->caller, init, ready_fd);
	(void)kill(init, SIGKILL);	/* may have ended by itself */
	cs_report_failed(run->report_fd, -result, 125, "start container-shell-monitor");
	/* Last: it ends when the helper, which has been told, has reaped the session in it. */
	(void)waitpid(init, NULL, 0);
	_exit(125);
}

/* ---- the helper -------------------------------------------------------------- */

/* @result, and if it is an error *@ret_report for it. */
static int explain(struct cs_report *ret_report, int result, const char *what)
{
	if (result == 0)
		return 0;
	*ret_report = (struct cs_report){ .kind = CS_REPORT_FAILED, .error = -result,
					  .exit_status = 125 };
	snprintf(ret_report->what, sizeof(ret_report->what), "%s", what);
	return result;
}

/* The monitor's next word, which is to be @kind; if it is not, *@ret_report says why. */
static int await(int report_fd, enum cs_report_kind kind, struct cs_report *ret_report)
{
	int result = cs_report_read(report_fd, CS_REPORT_BUILD_TIMEOUT_MS + 1000, ret_report);

	if (result == 0 && ret_report->kind == kind)
		return 0;
	if (result == 0 && ret_report->kind == CS_REPORT_FAILED)
		return ret_report->error > 0 ? -ret_report->error : -EPROTO;
	return explain(ret_report, result < 0 ? result : -EPROTO, "make the container");
}

/* Its limits, before anybody is in it. A group without them is no group. */
static int limit_cgroup(const struct cs_plan *plan, const char *path, int group_fd,
			struct cs_report *ret_report)
{
	cs_autoclose int root_fd = -1;
	int result;

	if (cs_limits_wanted(plan) == NULL)
		return 0;
	root_fd = cs_cgroup_open_root();
	result = root_fd < 0 ? root_fd : cs_limits_set(plan, root_fd, path, group_fd, ret_report);
	if (result < 0)
		(void)cs_cgroup_remove(path);	/* nobody is in it */
	return result;
}

/*
 * Its own group, by a name that no other container of this boot has: the group
 * of one that is still ending may be there beside it.
 */
static int make_cgroup(const struct cs_plan *plan, struct cs_record *record, uid_t uid,
		       const char *instance, int *ret_container_fd, int *ret_monitor_fd,
		       struct cs_report *ret_report)
{
	const char *limited = cs_limits_wanted(plan);
	struct timespec now;
	int result;

	if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
		return -errno;
	snprintf(record->cgroup, sizeof(record->cgroup), CS_CGROUP_PARENT "/%u-%s-%llx%08lx",
		 (unsigned int)uid, instance, (unsigned long long)now.tv_sec, (unsigned long)now.tv_nsec);
	result = cs_cgroup_make(record->cgroup, ret_container_fd, ret_monitor_fd);
	if (result == 0)
		return limit_cgroup(plan, record->cgroup, *ret_container_fd, ret_report);
	record->cgroup[0] = '\0';
	if (result != -ENOENT)
		return result;
	/* No cgroup v2 on this host. */
	if (limited == NULL)
		return 0;
	snprintf(ret_report->what, sizeof(ret_report->what), "%s", limited);
	snprintf(ret_report->why, sizeof(ret_report->why), "no cgroup v2 on this host");
	return result;
}

/* Its death takes the builder along: wait for that, so that nothing is left when we report. */
static void end_monitor(pid_t pid, const char *cgroup)
{
	(void)kill(pid, SIGKILL);	/* may have ended by itself */
	(void)waitpid(pid, NULL, 0);
	if (cgroup[0] != '\0')
		(void)cs_cgroup_remove(cgroup);
}

int cs_create_forget(int user_fd, const struct cs_record *record, const char *instance)
{
	if (record != NULL && record->cgroup[0] != '\0')
		(void)cs_cgroup_remove(record->cgroup);
	return cs_record_remove(user_fd, instance);
}

void cs_create_sweep(uid_t uid, const char *instance)
{
	char prefix[CS_RECORD_INSTANCE_MAX + 16];

	snprintf(prefix, sizeof(prefix), "%u-%s%s", (unsigned int)uid, instance,
		 instance[0] != '\0' ? "-" : "");
	cs_cgroup_sweep(CS_CGROUP_PARENT, prefix);
}

static int fits(const struct cs_plan *plan)
{
	const struct cs_record *record = NULL;	/* for the sizes alone */
	char network[sizeof(record->network)];

	return cs_network_print(plan, network, sizeof(network)) < sizeof(network) &&
	       strlen(plan->class_name) < sizeof(record->class_name) &&
	       strlen(plan->user) < sizeof(record->user) &&
	       strlen(plan->home) < sizeof(record->home) &&
	       strlen(plan->shell) < sizeof(record->shell) &&
	       strlen(plan->maintenance) < sizeof(record->maintenance) &&
	       strlen(plan->fstab) < sizeof(record->fstab) &&
	       strlen(plan->image) < sizeof(record->image) &&
	       strlen(plan->seccomp_file) < sizeof(record->seccomp_file) &&
	       strlen(plan->pass_environment) < sizeof(record->pass_environment) ? 0 : -ENAMETOOLONG;
}

/* Hold what the monitor says that it has started: it is init, or has died since. */
static int hold_init(const struct cs_report *report, struct cs_record *record,
		     struct cs_join *ret_join)
{
	record->init_pid = report->init_pid;
	record->init_start = report->init_start;
	record->init_namespace = report->init_namespace;
	return cs_join_open(record, ret_join);
}

int cs_create(const struct cs_plan *plan, const struct cs_caller *caller,
	      const struct cs_conf_stamp *stamp, const char *instance, int user_fd,
	      struct cs_record *ret_record, int *ret_lease_write,
	      struct cs_creation *ret_creation, struct cs_report *ret_report)
{
	struct cs_run run = { .caller = caller, .init_fd = -1, .root_fd = -1, .report_fd = -1,
			      .userns_fd = -1, .gate_fd = -1, .image_fd = -1,
			      .layer_fd = -1, .layer_lock = -1, .network_fd = -1, .resolver_fd = -1,
			      .etc_fds = { -1, -1 } };
	struct monitor monitor = {
		.report_fd = -1, .lease_read = -1, .lock_fd = -1,
		.cgroup_fd = -1, .layer_lock = -1, .record = ret_record,
	};
	cs_autoclose int report_read = -1;
	cs_autoclose int report_write = -1;
	cs_autoclose int gate_read = -1;
	cs_autoclose int gate_write = -1;
	cs_autoclose int lease_read = -1;
	cs_autoclose int lease_write = -1;
	cs_autoclose int container_group = -1;
	cs_autoclose int monitor_group = -1;
	pid_t pid;
	int result;

	memset(ret_record, 0, sizeof(*ret_record));
	snprintf(ret_report->what, sizeof(ret_report->what), "record the container");
	ret_report->exit_status = 125;
	result = fits(plan);
	if (result == 0)
		result = cs_record_make(user_fd, instance, &lease_read, &lease_write);
	if (result == 0)
		result = cs_report_pipe(&report_read, &report_write);
	if (result == 0)
		result = cs_report_pipe(&gate_read, &gate_write);
	if (result == 0)
		result = make_cgroup(plan, ret_record, caller->uid, instance,
				     &container_group, &monitor_group, ret_report);
	ret_report->error = -result;
	if (result < 0)
		return result;
	monitor.cgroup_fd = container_group;
	snprintf(ret_record->instance, sizeof(ret_record->instance), "%s", instance);
	ret_record->stamp[0] = stamp->hash[0];
	ret_record->stamp[1] = stamp->hash[1];
	ret_record->groups = cs_record_hash_groups(caller->gid, caller->groups,
						      caller->group_count);
	record_fill(ret_record, plan);
	record_limits(ret_record, plan, caller);
	record_identity(ret_record, plan);
	pid = cs_sys_clone(0, monitor_group);
	if (pid < 0) {
		ret_report->error = -pid;
		if (ret_record->cgroup[0] != '\0')
			(void)cs_cgroup_remove(ret_record->cgroup);	/* nobody is in it */
		return pid;
	}
	if (pid == 0) {
		cs_fd_close(&report_read);
		cs_fd_close(&gate_read);
		cs_fd_close(&lease_write);	/* a monitor with a lease would wait for itself */
		/*
		 * The lock stays with this process too, over its exec, until init is
		 * ready: if the helper dies, the next login waits for the record and
		 * does not make another.
		 */
		monitor.lock_fd = user_fd;
		monitor.report_fd = run.report_fd = report_write;
		monitor.lease_read = lease_read;
		run.gate_fd = gate_write;
		monitor_to_be(plan, &run, &monitor);
	}
	cs_fd_close(&report_write);
	cs_fd_close(&gate_write);
	*ret_creation = (struct cs_creation){ .monitor = pid, .report_fd = cs_fd_steal(&report_read),
					      .gate_fd = cs_fd_steal(&gate_read),
					      .session = -1 };
	*ret_lease_write = cs_fd_steal(&lease_write);
	return 0;
}

int cs_create_hold(struct cs_creation *creation, struct cs_record *record,
		   struct cs_join *ret_join, struct cs_report *ret_report)
{
	int result = await(creation->report_fd, CS_REPORT_STARTED, ret_report);

	if (result == 0) {
		result = hold_init(ret_report, record, ret_join);
		/* One that is gone already: what is said of it tells more than that it is. */
		if (result < 0 && await(creation->report_fd, CS_REPORT_READY, ret_report) == 0)
			(void)explain(ret_report, result, "find the new container");
	}
	if (result < 0) {
		end_monitor(creation->monitor, record->cgroup);
		cs_create_let_go(creation);
	}
	return result;
}

/* First of all: init cannot end before all of its namespace are reaped, and this one is ours. */
static void end_session(pid_t pid)
{
	if (pid <= 0)
		return;
	(void)kill(pid, SIGKILL);	/* may have ended by itself */
	(void)waitpid(pid, NULL, 0);
}

int cs_create_await(struct cs_creation *creation, int user_fd, struct cs_record *record,
		    struct cs_report *ret_report)
{
	int result = await(creation->report_fd, CS_REPORT_READY, ret_report);
	char instance[CS_RECORD_INSTANCE_MAX], cgroup[CS_CGROUP_PATH_MAX];

	/* One that cannot be read leaves nothing to rely on. */
	memcpy(instance, record->instance, sizeof(instance));
	memcpy(cgroup, record->cgroup, sizeof(cgroup));
	if (result == 0)
		result = explain(ret_report, cs_record_read(user_fd, instance, record),
				 "find the new container");
	if (result < 0) {
		end_session(creation->session);
		end_monitor(creation->monitor, cgroup);
	}
	cs_create_let_go(creation);
	return result;
}

void cs_create_let_go(struct cs_creation *creation)
{
	cs_fd_close(&creation->report_fd);
	cs_fd_close(&creation->gate_fd);
}
