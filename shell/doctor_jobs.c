/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor_jobs: cron and at, which start processes for users later, with a shell
 * of their own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "fd.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A command that takes jobs of users, and the files that say of which. */
struct jobs {
	const char *command, *allow, *deny;
	bool all_by_default;		/* with neither file */
};

/*
 * May @name use it? 1, with the line of the allow file in @ret_number, or 0 for
 * it in none; 0; or -errno of a file that there is.
 */
static int may_use(const struct cs_doctor_host *host, const struct jobs *jobs, const char *name,
		   unsigned int *ret_number)
{
	unsigned int ignored;
	int found = cs_doctor_find_line(host, jobs->allow, name, ret_number);

	if (found != -ENOENT)
		return found;
	*ret_number = 0;
	found = cs_doctor_find_line(host, jobs->deny, name, &ignored);
	if (found == -ENOENT)
		return jobs->all_by_default;
	return found < 0 ? found : !found;
}

static void add_jobs(struct cs_doctor *doctor, const struct jobs *jobs, unsigned int number,
		     const struct cs_doctor_names *names)
{
	cs_autofree char *who = cs_doctor_names_text(names);

	if (!who)
		doctor->failed = true;
	else if (number > 0)
		cs_doctor_add(
			doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s:%u", jobs->allow, number),
			cs_doctor_text("%s may be used by %s: its jobs run in /bin/sh, on the "
				       "host",
				       jobs->command, who),
			cs_doctor_text("delete from %s: %s", jobs->allow, who));
	else
		cs_doctor_add(
			doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", jobs->deny),
			cs_doctor_text("%s may be used by %s: its jobs run in /bin/sh, on the "
				       "host",
				       jobs->command, who),
			cs_doctor_text("add to %s, a line each: %s", jobs->deny, who));
}

static void judge_jobs(struct cs_doctor *doctor, const struct jobs *jobs)
{
	struct cs_doctor_names names = { .count = 0 };
	unsigned int number = 0, first = 0;
	struct stat info;

	/* Without the bit the command can put nothing into the spool. */
	if (cs_doctor_stat(doctor->host, jobs->command, &info) < 0 ||
	    !(info.st_mode & (S_ISUID | S_ISGID)))
		return;
	EACH_CONTAINED(doctor, user) {
		int may = may_use(doctor->host, jobs, user->name, &number);

		if (may < 0) {
			cs_doctor_add_unseen(doctor, jobs->allow);
			return;
		}
		if (may == 0)
			continue;
		if (names.count == 0)
			first = number;
		cs_doctor_names_add(&names, user->name);
	}
	if (names.count > 0)
		add_jobs(doctor, jobs, first, &names);
}

void cs_doctor_cron_allow(struct cs_doctor *doctor)
{
	if (cs_doctor_cron_pam_holds(doctor))
		return;
	judge_jobs(doctor, &(struct jobs){
		.command = "/usr/bin/crontab", .allow = "/etc/cron.allow",
		.deny = "/etc/cron.deny",
		/* crontab(1): depends on the site; Debian's is for all, cronie's for root */
		.all_by_default = cs_doctor_exists(doctor->host, "/etc/debian_version"),
	});
}

void cs_doctor_at_allow(struct cs_doctor *doctor)
{
	/* at.allow(5): with neither file, only root */
	judge_jobs(doctor, &(struct jobs){
		.command = "/usr/bin/at", .allow = "/etc/at.allow", .deny = "/etc/at.deny",
	});
}

/* Does this line of a crontab set SHELL? Then whether to ours, in @ret_ours. */
static bool sets_shell(const struct cs_doctor_host *host, char *line, bool *ret_ours)
{
	char *value = line + strspn(line, "\"'");

	if (strncmp(value, "SHELL", 5) != 0)
		return false;
	value += 5;
	value += strspn(value, "\"' \t");
	if (*value++ != '=')
		return false;
	value += strspn(value, "\"' \t");
	value[strcspn(value, "\"' \t")] = '\0';
	*ret_ours = cs_doctor_is_shell(host, value);
	return true;
}

/* NAME = VALUE, as cron tells it from a job. */
static bool is_assignment(const char *line)
{
	size_t length = line[0] == '"' || line[0] == '\'' ? 1 + strcspn(line + 1, "\"'") + 1
							   : strcspn(line, " \t=");

	if (length > strlen(line))
		return false;
	return line[length + strspn(line + length, " \t")] == '=';
}

/* The number of the first job in a crontab that another shell than ours runs, or 0. */
static unsigned int find_job(const struct cs_doctor_host *host, char *text)
{
	struct cs_doctor_lines lines = { .rest = text };
	bool ours = false;
	char *line;

	while ((line = cs_doctor_line(&lines)) != NULL) {
		if (line[0] == '\0' || line[0] == '#' || sets_shell(host, line, &ours))
			continue;
		if (!ours && !is_assignment(line))
			return lines.number;
	}
	return 0;
}

/* 0, or -errno of the spool. */
static int look_at_crontab(struct cs_doctor *doctor, const char *spool, const char *name)
{
	cs_autofree char *text = NULL;
	unsigned int number;
	char path[512];
	int err;

	if (snprintf(path, sizeof(path), "%s/%s", spool, name) >= (int)sizeof(path))
		return 0;	/* there is no such name */
	err = cs_doctor_read(doctor->host, path, &text);
	/* -EINVAL: a directory, as /var/spool/cron/crontabs would be of a user of that name */
	if (err < 0)
		return err == -ENOENT || err == -ENOTDIR || err == -EINVAL ? 0 : err;
	number = find_job(doctor->host, text);
	if (number > 0)
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s:%u", path, number),
			      cs_doctor_text("cron runs jobs of %s on the host", name),
			      cs_doctor_text("SHELL=" CS_DOCTOR_SHELL));
	return 0;
}

void cs_doctor_cron_spool(struct cs_doctor *doctor)
{
	static const char *const spools[] = {
		"/var/spool/cron/crontabs",	/* Debian */
		"/var/spool/cron/tabs",		/* SUSE */
		"/var/spool/cron",		/* Red Hat */
	};

	if (cs_doctor_cron_pam_holds(doctor))
		return;
	EACH_CONTAINED(doctor, user) {
		for (size_t i = 0; i < COUNT(spools); i++) {
			if (look_at_crontab(doctor, spools[i], user->name) < 0) {
				cs_doctor_add_unseen(doctor, spools[i]);
				return;
			}
		}
	}
}

static void look_at_jobs(struct cs_doctor *doctor, const char *spool,
			 const struct cs_doctor_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		const struct cs_doctor_user *user;
		struct stat info;
		char path[512];

		if (snprintf(path, sizeof(path), "%s/%s", spool, entries->names[i]) >=
		    (int)sizeof(path))
			continue;	/* no job of at has such a name */
		if (cs_doctor_stat(doctor->host, path, &info) < 0 || !S_ISREG(info.st_mode))
			continue;
		user = cs_doctor_find_user(doctor, info.st_uid);
		if (user)
			cs_doctor_add(
				doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", path),
				cs_doctor_text("at will run a job of %s on the host", user->name),
				cs_doctor_text("rm %s", path));
	}
}

void cs_doctor_at_spool(struct cs_doctor *doctor)
{
	static const char *const spools[] = {
		"/var/spool/cron/atjobs", "/var/spool/at", "/var/spool/atjobs",
	};

	for (size_t i = 0; i < COUNT(spools); i++) {
		struct cs_doctor_entries entries;
		int err = cs_doctor_list(doctor->host, spools[i], "[a=]*", &entries);

		if (err == -EACCES)
			cs_doctor_add_unseen(doctor, spools[i]);
		else
			look_at_jobs(doctor, spools[i], &entries);
		cs_doctor_entries_free(&entries);
	}
}
