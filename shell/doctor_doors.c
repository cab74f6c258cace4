/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor_doors: all but sshd, cron and at that start processes for users on the
 * host, and the processes that were started already.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "fd.h"
#include "strict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- /etc/shells ------------------------------------------------------------------- */

void cs_doctor_shells(struct cs_doctor *doctor)
{
	struct cs_doctor_lines lines = { 0 };
	cs_autofree char *text = NULL;
	char *line;

	if (cs_doctor_read(doctor->host, "/etc/shells", &text) < 0)
		return;
	lines.rest = text;
	while ((line = cs_doctor_line(&lines)) != NULL) {
		line[strcspn(line, "# \t")] = '\0';
		if (line[0] == '\0' || !cs_doctor_is_shell(doctor->host, line))
			continue;
		cs_doctor_add(
			doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("/etc/shells:%u", lines.number),
			cs_doctor_text("%s is listed: su -s then starts any shell for its users, "
				       "and chsh lets them take another",
				       line),
			cs_doctor_text("delete the line %s from /etc/shells", line));
	}
}

/* --- systemd ---------------------------------------------------------------------------- */

/* Where a link of the host leads, as it is written; "" for none. */
static void read_link(const struct cs_doctor_host *host, const char *path, char ret_target[256])
{
	cs_autoclose int fd = cs_doctor_open(host, path, O_PATH | O_NOFOLLOW);
	ssize_t length = fd < 0 ? -1 : readlinkat(fd, "", ret_target, 255);

	ret_target[length < 0 ? 0 : length] = '\0';
}

static bool is_unit_masked(const struct cs_doctor_host *host, const char *unit)
{
	static const char *const places[] = { "/etc/systemd/system", "/run/systemd/system" };

	for (size_t i = 0; i < COUNT(places); i++) {
		char path[128], target[256];

		(void)snprintf(path, sizeof(path), "%s/%s", places[i], unit);	/* fits: ours */
		read_link(host, path, target);
		if (strcmp(target, "/dev/null") == 0)
			return true;
	}
	return false;
}

/* Is there a manager for users, and none of them is kept from having it? */
static bool has_managers(const struct cs_doctor_host *host)
{
	return (cs_doctor_exists(host, "/usr/lib/systemd/system/user@.service") ||
		cs_doctor_exists(host, "/lib/systemd/system/user@.service") ||
		cs_doctor_exists(host, "/etc/systemd/system/user@.service")) &&
	       !is_unit_masked(host, "user@.service");
}

static bool is_masked(const struct cs_doctor_host *host, const struct cs_doctor_user *user)
{
	char unit[64];

	(void)snprintf(unit, sizeof(unit), "user@%lu.service", (unsigned long)user->uid); /* fits */
	return is_unit_masked(host, unit);
}

static bool is_running(const struct cs_doctor_host *host, const struct cs_doctor_user *user)
{
	unsigned long uid = user->uid;
	char path[160];

	(void)snprintf(path, sizeof(path),
		       "/sys/fs/cgroup/user.slice/user-%lu.slice/user@%lu.service", uid,
		       uid); /* fits */
	return cs_doctor_exists(host, path);
}

static void add_running_manager(struct cs_doctor *doctor, const struct cs_doctor_user *user)
{
	cs_doctor_add(doctor, CS_DOCTOR_PROBLEM,
		      cs_doctor_text("user@%lu.service", (unsigned long)user->uid),
		      cs_doctor_text("the manager of %s is masked, and still runs on the host",
				     user->name),
		      cs_doctor_text("systemctl stop user@%lu.service", (unsigned long)user->uid));
}

void cs_doctor_user_manager(struct cs_doctor *doctor)
{
	const bool any = has_managers(doctor->host);
	struct cs_doctor_names names = { .count = 0 };
	cs_autofree char *who = NULL;

	EACH_CONTAINED(doctor, user) {
		if (any && !is_masked(doctor->host, user))
			cs_doctor_names_add(&names, user->name);
		else if (is_running(doctor->host, user))
			add_running_manager(doctor, user);
	}
	if (names.count == 0)
		return;
	who = cs_doctor_names_text(&names);
	cs_doctor_add(
		doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("user@.service"),
		who ? cs_doctor_text("a login starts a manager on the host for %s, and it runs "
				     "what is in ~/.config/systemd/user",
				     who)
		    : NULL,
		cs_doctor_text("systemctl mask --now user@$(id -u %s).service, or mask "
			       "user@.service for all",
			       names.list[0]));
}

void cs_doctor_linger(struct cs_doctor *doctor)
{
	if (!has_managers(doctor->host))
		return;
	EACH_CONTAINED(doctor, user) {
		char path[512];

		if (snprintf(path, sizeof(path), "/var/lib/systemd/linger/%s", user->name) >=
		    (int)sizeof(path))
			continue;	/* there is no such name */
		if (is_masked(doctor->host, user) || !cs_doctor_exists(doctor->host, path))
			continue;
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", path),
			      cs_doctor_text("the manager of %s is started with the host, and runs "
					     "without a login", user->name),
			      cs_doctor_text("loginctl disable-linger %s", user->name));
	}
}

void cs_doctor_display(struct cs_doctor *doctor)
{
	static const char unit[] = "/etc/systemd/system/display-manager.service";
	char target[256];
	const char *base;

	read_link(doctor->host, unit, target);
	base = strrchr(target, '/');
	if (!base || strcmp(target, "/dev/null") == 0)
		return;
	cs_doctor_add(doctor, CS_DOCTOR_WARNING, cs_doctor_text("%s", unit),
		      cs_doctor_text("graphical sessions run on the host: %s is enabled", base + 1),
		      cs_doctor_text("systemctl disable --now %s", base + 1));
}

/* --- mail and files ----------------------------------------------------------------------- */

/* The value of "@key = value" that holds, the last one, and its line; "" and 0 for none. */
static void find_parameter(char *text, const char *key, char ret_value[256],
			   unsigned int *ret_number)
{
	struct cs_doctor_lines lines = { .rest = text };
	const size_t length = strlen(key);
	char *line;

	ret_value[0] = '\0';
	*ret_number = 0;
	while ((line = cs_doctor_line(&lines)) != NULL) {
		const char *value = line + length;

		if (strncmp(line, key, length) != 0)
			continue;
		value += strspn(value, " \t");
		if (*value++ != '=')
			continue;
		(void)snprintf(ret_value, 256, "%s",
			       value + strspn(value, " \t")); /* cut: a start */
		*ret_number = lines.number;
	}
}

static void judge_postfix(struct cs_doctor *doctor, const char *file, const char *text)
{
	static const struct {
		const char *key, *bad, *why, *fix;
		bool by_default;
	} parameters[] = {
		{"allow_mail_to_commands", "forward",
		 "postfix runs the commands of ~/.forward on "
		 "the host",
		 "allow_mail_to_commands = alias", true},
		{"mailbox_command", "procmail",
		 "procmail runs the commands of ~/.procmailrc on the "
		 "host",
		 "mailbox_command =", false},
		{"mailbox_command", "maildrop",
		 "maildrop runs the commands of ~/.mailfilter on the "
		 "host",
		 "mailbox_command =", false},
	};

	for (size_t i = 0; i < COUNT(parameters); i++) {
		cs_autofree char *copy = strdup(text);
		unsigned int number;
		char value[256];

		if (!copy) {
			doctor->failed = true;
			return;
		}
		find_parameter(copy, parameters[i].key, value, &number);
		if (number == 0 ? !parameters[i].by_default : !strstr(value, parameters[i].bad))
			continue;
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM,
			      number ? cs_doctor_text("%s:%u", file, number)
				     : cs_doctor_text("%s", file),
			      cs_doctor_text("%s", parameters[i].why),
			      cs_doctor_text("%s", parameters[i].fix));
	}
}

/* Debian's exim4 has one of these files; the router is called userforward in both. */
static void judge_exim(struct cs_doctor *doctor, const char *file, char *text)
{
	struct cs_doctor_lines lines = { .rest = text };
	bool forbids = false, filters = false;
	unsigned int number = 0;
	char *line;

	while ((line = cs_doctor_line(&lines)) != NULL) {
		if (strcmp(line, "userforward:") == 0)
			number = lines.number;
		else if (number > 0 && line[0] != '#' &&
			 strchr(line, ':') == line + strlen(line) - 1)
			break;	/* the next router */
		forbids |=
			strcmp(line, "forbid_pipe") == 0 || strcmp(line, "forbid_pipe = true") == 0;
		filters |= strcmp(line, "allow_filter") == 0 ||
			   strcmp(line, "allow_filter = true") == 0;
	}
	if (number == 0 || (forbids && !filters))
		return;
	cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s:%u", file, number),
		      cs_doctor_text("exim runs the commands of ~/.forward on the host"),
		      cs_doctor_text("below userforward: forbid_pipe instead of allow_filter"));
}

void cs_doctor_mail(struct cs_doctor *doctor)
{
	static const char *const exim[] = {
		"/etc/exim4/exim4.conf",
		"/etc/exim4/exim4.conf.template",
		"/etc/exim4/conf.d/router/600_exim4-config_userforward",
	};
	static const char postfix[] = "/etc/postfix/main.cf";
	char *text;

	if (doctor->users.count == 0)
		return;
	if (cs_doctor_exists(doctor->host, "/usr/sbin/postfix") &&
	    cs_doctor_read(doctor->host, postfix, &text) == 0) {
		judge_postfix(doctor, postfix, text);
		free(text);
	}
	for (size_t i = 0; i < COUNT(exim); i++) {
		if (cs_doctor_exists(doctor->host, "/usr/sbin/exim4") &&
		    cs_doctor_read(doctor->host, exim[i], &text) == 0) {
			judge_exim(doctor, exim[i], text);
			free(text);
		}
	}
}

void cs_doctor_ftp(struct cs_doctor *doctor)
{
	static const char *const servers[] = {
		"/usr/sbin/vsftpd", "/usr/sbin/proftpd", "/usr/sbin/pure-ftpd", "/usr/sbin/in.ftpd",
	};
	struct cs_doctor_names names = { .count = 0 };
	cs_autofree char *who = NULL;
	unsigned int number;

	EACH_CONTAINED(doctor, user) {
		if (cs_doctor_find_line(doctor->host, "/etc/ftpusers", user->name, &number) != 1)
			cs_doctor_names_add(&names, user->name);
	}
	if (names.count == 0)
		return;
	who = cs_doctor_names_text(&names);
	doctor->failed |= !who;
	for (size_t i = 0; who && i < COUNT(servers); i++) {
		if (cs_doctor_exists(doctor->host, servers[i]))
			cs_doctor_add(
				doctor, CS_DOCTOR_WARNING, cs_doctor_text("%s", servers[i]),
				cs_doctor_text("it serves the host's files to those whom it lets "
					       "in, and /etc/ftpusers does not keep out %s",
					       who),
				cs_doctor_text("add to /etc/ftpusers, a line each: %s", who));
	}
}

/* --- what runs already ---------------------------------------------------------------------- */

/* What has to run outside for a contained login, and the manager, which has its own check. */
static bool is_expected(const char *exe)
{
	static const char *const names[] = { "sshd", "sshd-session", "sshd-auth", "systemd",
					     "systemd-executor" };
	const char *base = strrchr(exe, '/');

	if (strcmp(exe, CS_DOCTOR_SHELL) == 0 ||
	    strcmp(exe, CS_LIBEXECDIR "/container-shell-helper") == 0)
		return true;
	for (size_t i = 0; base && i < COUNT(names); i++) {
		/* SECURITY: only where root alone can put a program of that name. */
		if (strncmp(exe, "/usr/", 5) == 0 && strncmp(exe, "/usr/local/", 11) != 0 &&
		    strcmp(base + 1, names[i]) == 0)
			return true;
	}
	return false;
}

/* The real uid in a process's status, or (uid_t)-1. */
static uid_t read_uid(const struct cs_doctor_host *host, const char *pid)
{
	cs_autofree char *text = NULL;
	char path[64], *line, *end;
	unsigned long uid;

	(void)snprintf(path, sizeof(path), "/proc/%.16s/status", pid);	/* fits */
	if (cs_doctor_read(host, path, &text) < 0)
		return (uid_t)-1;
	line = strstr(text, "\nUid:");
	if (!line)
		return (uid_t)-1;
	uid = strtoul(line + strlen("\nUid:"), &end, 10);
	return *end == '\t' ? (uid_t)uid : (uid_t)-1;
}

/* A link of a process; "" for none, or of one that is gone. */
static void read_process_link(const struct cs_doctor_host *host, const char *pid, const char *name,
			      char ret_target[256])
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%.16s/%s", pid, name);	/* fits */
	read_link(host, path, ret_target);
}

static void look_at_process(struct cs_doctor *doctor, const char *pid, const char *namespace)
{
	char theirs[256], exe[256];
	const struct cs_doctor_user *user =
		cs_doctor_find_user(doctor, read_uid(doctor->host, pid));

	if (!user)
		return;
	read_process_link(doctor->host, pid, "ns/pid", theirs);
	read_process_link(doctor->host, pid, "exe", exe);
	/* no exe: it has just ended */
	if (exe[0] == '\0' || strcmp(theirs, namespace) != 0 || is_expected(exe))
		return;
	cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("/proc/%s", pid),
		      cs_doctor_text("a process of %s runs on the host: %s", user->name, exe),
		      cs_doctor_text("kill %s", pid));
}

void cs_doctor_processes(struct cs_doctor *doctor)
{
	struct cs_doctor_entries entries;
	char namespace[256];

	if (!doctor->host->privileged) {
		cs_doctor_add_unseen(doctor, "/proc");
		return;
	}
	read_process_link(doctor->host, "self", "ns/pid", namespace);
	if (namespace[0] != '\0' &&
	    cs_doctor_list(doctor->host, "/proc", "[1-9]*", &entries) == 0) {
		for (size_t i = 0; i < entries.count; i++)
			look_at_process(doctor, entries.names[i], namespace);
		cs_doctor_entries_free(&entries);
	}
}
