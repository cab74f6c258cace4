/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor_run: the one table of checks, and the loop over it.
 *
 * A check is a row here, a function in the file of its subject, an item in
 * container-shell(1), and two tests in tests/unit/doctor-test.c.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "fd.h"

static const struct check {
	const char *id;			/* stable: programs look for it */
	cs_doctor_check_fn *run;
} checks[] = {
	{ "configuration", cs_doctor_configuration },
	{ "class-shell", cs_doctor_class_shell },
	{ "no-users", cs_doctor_nobody },
	{ "root-shell", cs_doctor_root_shell },
	{ "etc-shells", cs_doctor_shells },
	{ "sshd-pam", cs_doctor_pam },
	{ "sshd-pam-env", cs_doctor_pam_env },
	{ "sshd-settings", cs_doctor_sshd_answer },
	{ "sshd-use-pam", cs_doctor_sshd_use_pam },
	{ "sshd-internal-sftp", cs_doctor_sshd_sftp },
	{ "sshd-force-command", cs_doctor_sshd_forced },
	{ "sshd-user-keys", cs_doctor_sshd_keys },
	{ "sshd-stream-forwarding", cs_doctor_sshd_stream },
	{ "sshd-tcp-forwarding", cs_doctor_sshd_tcp },
	{ "sshd-gateway-ports", cs_doctor_sshd_gateway },
	{ "sshd-tunnel", cs_doctor_sshd_tunnel },
	{ "sshd-user-environment", cs_doctor_sshd_environment },
	{ "sshd-accept-env", cs_doctor_sshd_accept_env },
	{ "sshd-chroot", cs_doctor_sshd_chroot },
	{ "sshd-rc", cs_doctor_sshd_rc },
	{ "user-manager", cs_doctor_user_manager },
	{ "linger", cs_doctor_linger },
	{ "cron-pam", cs_doctor_cron_pam },
	{ "cron-allow", cs_doctor_cron_allow },
	{ "cron-spool", cs_doctor_cron_spool },
	{ "at-allow", cs_doctor_at_allow },
	{ "at-spool", cs_doctor_at_spool },
	{ "mail-forward", cs_doctor_mail },
	{ "ftp-server", cs_doctor_ftp },
	{ "display-manager", cs_doctor_display },
	{ "process-outside", cs_doctor_processes },
	{ "subordinate-ids", cs_doctor_subordinate_ids },
	{ "helper", cs_doctor_helper },
	{ "programs", cs_doctor_programs },
	{ "kernel-version", cs_doctor_kernel },
	{ "kernel-calls", cs_doctor_calls },
	{ "kernel-cgroup", cs_doctor_cgroup },
	{ "kernel-tiocsti", cs_doctor_tiocsti },
	{ "kernel-dumpable", cs_doctor_dumpable },
};

#define CHECKS (sizeof(checks) / sizeof(checks[0]))

const char *cs_doctor_id_at(size_t index)
{
	return index < CHECKS ? checks[index].id : NULL;
}

static void load_configuration(struct cs_doctor *doctor)
{
	const struct cs_doctor_host *host = doctor->host;
	int err = cs_conf_load(host->main_file, host->dropin_dir, host->trusted, &doctor->conf,
			       &doctor->conf_problems);

	if (err < 0 && doctor->conf_problems.count == 0)
		doctor->failed = true;
}

void cs_doctor_run(const struct cs_doctor_host *host, struct cs_doctor *ret_doctor)
{
	struct cs_doctor *doctor = ret_doctor;

	memset(doctor, 0, sizeof(*doctor));
	doctor->host = host;
	load_configuration(doctor);
	cs_doctor_find_users(doctor);
	cs_doctor_read_pam(host, "sshd", &doctor->pam);
	cs_doctor_read_pam(host, "cron", &doctor->cron_pam);
	cs_doctor_ask_sshd(doctor);
	for (size_t i = 0; i < CHECKS; i++) {
		doctor->id = checks[i].id;
		checks[i].run(doctor);
	}
}

int cs_doctor_status(const struct cs_doctor *doctor)
{
	int status = doctor->failed ? CS_DOCTOR_FOUND_PROBLEM : 0;

	for (size_t i = 0; i < doctor->count; i++) {
		if (doctor->findings[i].level == CS_DOCTOR_PROBLEM)
			status = CS_DOCTOR_FOUND_PROBLEM;
		else if (doctor->findings[i].level == CS_DOCTOR_WARNING && status == 0)
			status = CS_DOCTOR_FOUND_WARNING;
	}
	return status;
}

void cs_doctor_free(struct cs_doctor *doctor)
{
	for (size_t i = 0; i < doctor->count; i++) {
		free(doctor->findings[i].where);
		free(doctor->findings[i].what);
		free(doctor->findings[i].fix);
	}
	free(doctor->findings);
	for (size_t i = 0; i < doctor->users.count; i++)
		free(doctor->users.list[i].name);
	free(doctor->users.list);
	for (size_t i = 0; i < doctor->sshd.count; i++)
		free(doctor->sshd.list[i].text);
	free(doctor->sshd.said);
	cs_conf_problems_free(&doctor->conf_problems);
	cs_conf_free(doctor->conf);
	memset(doctor, 0, sizeof(*doctor));
}

char *cs_doctor_text(const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	return length < 0 ? NULL : text;
}

/* Room for one finding more. */
static bool grow(struct cs_doctor *doctor)
{
	size_t room = doctor->room ? doctor->room * 2 : 32;
	struct cs_doctor_finding *findings;

	if (doctor->count < doctor->room)
		return true;
	findings = reallocarray(doctor->findings, room, sizeof(*findings));
	if (!findings)
		return false;
	doctor->findings = findings;
	doctor->room = room;
	return true;
}

void cs_doctor_add(struct cs_doctor *doctor, enum cs_doctor_level level, char *where, char *what,
		   char *fix)
{
	if (!where || !what || !fix || !grow(doctor)) {
		free(where);
		free(what);
		free(fix);
		doctor->failed = true;
		return;
	}
	doctor->findings[doctor->count++] = (struct cs_doctor_finding){
		.id = doctor->id, .level = level, .where = where, .what = what, .fix = fix,
	};
}

void cs_doctor_add_unseen(struct cs_doctor *doctor, const char *what)
{
	cs_doctor_add(doctor, CS_DOCTOR_NOTE, cs_doctor_text("%s", what),
		      cs_doctor_text("was not looked at: that needs root"),
		      cs_doctor_text("sudo container-shell --doctor"));
}

void cs_doctor_names_add(struct cs_doctor_names *names, const char *name)
{
	if (names->count < CS_DOCTOR_NAMES_MAX)
		names->list[names->count] = name;
	names->count++;
}

char *cs_doctor_names_text(const struct cs_doctor_names *names)
{
	size_t shown = names->count < CS_DOCTOR_NAMES_MAX ? names->count : CS_DOCTOR_NAMES_MAX;
	char *text = cs_doctor_text("%s", "");

	for (size_t i = 0; text && i < shown; i++) {
		bool last = i + 1 == names->count;
		char *longer = cs_doctor_text("%s%s%s", text, i == 0 ? "" : last ? " and " : ", ",
					      names->list[i]);

		free(text);
		text = longer;
	}
	if (text && shown < names->count) {
		char *longer = cs_doctor_text("%s and %zu more", text, names->count - shown);

		free(text);
		text = longer;
	}
	return text;
}
