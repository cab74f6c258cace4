/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor_sshd: what sshd does for a user by itself, on the host, according to
 * its own answer ("sshd -T"), for each contained user.
 *
 * The lines in /etc/pam.d/sshd put sshd's process for the user inside, and all
 * of this with it: then there is nothing to say.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "fd.h"
#include "strict.h"

#define CONFIG "/etc/ssh/sshd_config"
#define INCLUDE_DEPTH_MAX 16
#define VALUE_MAX 512

/* --- the answers ------------------------------------------------------------------ */

void cs_doctor_ask_sshd(struct cs_doctor *doctor)
{
	struct cs_doctor_sshd *sshd = &doctor->sshd;
	size_t next = 0;

	if (!doctor->host->privileged)
		return;
	do {
		const char *user = NULL;
		char *text = NULL;

		while (next < doctor->users.count &&
		       !cs_doctor_is_contained(&doctor->users.list[next]))
			next++;
		if (next < doctor->users.count)
			user = doctor->users.list[next++].name;
		else if (sshd->count > 0)
			return;
		sshd->err = doctor->host->ask_sshd(doctor->host, user, &text);
		if (sshd->err < 0) {
			sshd->said = text;
			return;
		}
		sshd->list[sshd->count++] = (struct cs_doctor_answer){ .user = user, .text = text };
	} while (sshd->count < CS_DOCTOR_ASKED_MAX);
	for (; next < doctor->users.count; next++)
		sshd->left_out += cs_doctor_is_contained(&doctor->users.list[next]);
}

/*
 * The next value of @keyword in an answer, from *@rest on, into @ret_value (of
 * VALUE_MAX bytes). A keyword may be there several times.
 */
static bool next_value(const char **rest, const char *keyword, char *ret_value)
{
	const size_t length = strlen(keyword);

	while (**rest != '\0') {
		const char *line = *rest;
		size_t size = strcspn(line, "\n");

		*rest = line + size + (line[size] == '\n');
		if (size <= length || strncasecmp(line, keyword, length) != 0 ||
		    line[length] != ' ')
			continue;
		(void)snprintf(ret_value, VALUE_MAX, "%.*s", (int)(size - length - 1),
			       line + length + 1);	/* cut: none that we look for is so long */
		return true;
	}
	return false;
}

static bool has_value(const struct cs_doctor_answer *answer, const char *keyword, const char *value)
{
	const char *rest = answer->text;
	char found[VALUE_MAX];

	return next_value(&rest, keyword, found) && strcasecmp(found, value) == 0;
}

bool cs_doctor_sshd_without_pam(const struct cs_doctor *doctor)
{
	for (size_t i = 0; i < doctor->sshd.count; i++) {
		if (has_value(&doctor->sshd.list[i], "usepam", "no"))
			return true;
	}
	return false;
}

/* --- where a setting is written ---------------------------------------------------- */

struct place {
	const char *keyword, *value;
	char exact[160];	/* FILE:LINE of the first line with keyword and value */
	char other[160];	/* of the first with the keyword */
};

static void look_in_file(const struct cs_doctor_host *host, const char *file, int depth,
			 struct place *place);

/* An Include's pattern: a relative one is below /etc/ssh. */
static void look_in_files(const struct cs_doctor_host *host, const char *pattern, int depth,
			  struct place *place)
{
	struct cs_doctor_entries entries;
	char directory[128] = "/etc/ssh", file[384];
	const char *slash = strrchr(pattern, '/');

	if (slash && snprintf(directory, sizeof(directory), "%s%.*s",
			      pattern[0] == '/' ? "" : "/etc/ssh/", (int)(slash - pattern),
			      pattern) >= (int)sizeof(directory))
		return;
	if (cs_doctor_list(host, directory, slash ? slash + 1 : pattern, &entries) == 0) {
		for (size_t i = 0; i < entries.count; i++) {
			if (snprintf(file, sizeof(file), "%s/%s", directory, entries.names[i]) <
			    (int)sizeof(file))
				look_in_file(host, file, depth + 1, place);
		}
	}
	cs_doctor_entries_free(&entries);
}

static void look_in_file(const struct cs_doctor_host *host, const char *file, int depth,
			 struct place *place)
{
	struct cs_doctor_lines lines = { 0 };
	cs_autofree char *text = NULL;
	char *line;

	if (depth > INCLUDE_DEPTH_MAX || cs_doctor_read(host, file, &text) < 0)
		return;
	lines.rest = text;
	while ((line = cs_doctor_line(&lines)) != NULL) {
		char *value = line + strcspn(line, " \t=");
		char *word;

		if (*value == '\0')
			continue;
		*value++ = '\0';
		value += strspn(value, " \t=");
		if (strcasecmp(line, "include") == 0) {
			while ((word = strsep(&value, " \t")) != NULL) {
				if (*word != '\0')
					look_in_files(host, word, depth, place);
			}
		} else if (strcasecmp(line, place->keyword) == 0) {
			if (place->other[0] == '\0')
				(void)snprintf(place->other, sizeof(place->other), "%s:%u", file,
					       lines.number);	/* cut: still a hint */
			if (place->exact[0] == '\0' && strcasestr(value, place->value))
				(void)snprintf(place->exact, sizeof(place->exact), "%s:%u", file,
					       lines.number);	/* as above */
		}
	}
}

static char *find_place(const struct cs_doctor_host *host, const char *keyword, const char *value)
{
	struct place place = { .keyword = keyword, .value = value };

	look_in_file(host, CONFIG, 0, &place);
	if (place.exact[0] != '\0')
		return cs_doctor_text("%s", place.exact);
	return cs_doctor_text("%s", place.other[0] != '\0' ? place.other : CONFIG);
}

/* --- the checks --------------------------------------------------------------------- */

/* A setting that lets sshd do on the host what should be done inside. */
struct setting {
	const char *keyword;		/* as sshd_config(5) writes it */
	bool (*is_bad)(const char *value);
	enum cs_doctor_level level;
	const char *why;
	const char *fix;
	bool forwarding;		/* DisableForwarding takes it away */
};

/* The first bad value in @answer into @ret_value. */
static bool is_bad(const struct setting *setting, const struct cs_doctor_answer *answer,
		   char *ret_value)
{
	const char *rest = answer->text;

	if (setting->forwarding && has_value(answer, "disableforwarding", "yes"))
		return false;
	while (next_value(&rest, setting->keyword, ret_value)) {
		if (setting->is_bad(ret_value))
			return true;
	}
	return false;
}

/* Add a finding for all users of @names, whose @setting has the @value. */
static void add_setting(struct cs_doctor *doctor, const struct setting *setting, const char *value,
			const struct cs_doctor_names *names)
{
	cs_autofree char *who = cs_doctor_names_text(names);

	cs_doctor_add(doctor, setting->level, find_place(doctor->host, setting->keyword, value),
		      who ? cs_doctor_text("%s is \"%s\"%s%s: %s", setting->keyword, value,
					   names->count ? " for " : "", who, setting->why) : NULL,
		      cs_doctor_text("%s", setting->fix));
}

static void judge(struct cs_doctor *doctor, const struct setting *setting)
{
	struct cs_doctor_names names = { .count = 0 };
	char value[VALUE_MAX], first[VALUE_MAX] = "";
	bool found = false;

	for (size_t i = 0; i < doctor->sshd.count; i++) {
		const struct cs_doctor_answer *answer = &doctor->sshd.list[i];

		if (!is_bad(setting, answer, value))
			continue;
		if (!found)
			memcpy(first, value, sizeof(first));
		found = true;
		if (answer->user)
			cs_doctor_names_add(&names, answer->user);
	}
	if (found)
		add_setting(doctor, setting, first, &names);
}

/* What does not matter once sshd's process is inside. */
static void judge_outside(struct cs_doctor *doctor, const struct setting *setting)
{
	if (!cs_doctor_pam_holds(doctor))
		judge(doctor, setting);
}

void cs_doctor_sshd_answer(struct cs_doctor *doctor)
{
	const struct cs_doctor_sshd *sshd = &doctor->sshd;

	if (!doctor->host->privileged)
		cs_doctor_add(
			doctor, CS_DOCTOR_NOTE, cs_doctor_text("%s", ""),
			cs_doctor_text("the settings of sshd were not looked at: that needs root"),
			cs_doctor_text("sudo container-shell --doctor"));
	else if (sshd->err < 0 && sshd->err != -ENOENT)
		cs_doctor_add(
			doctor, CS_DOCTOR_PROBLEM, cs_doctor_text(CONFIG),
			cs_doctor_text("sshd -T does not say its settings, nothing of sshd was "
				       "looked at: %s",
				       sshd->said ? sshd->said : strerror(-sshd->err)),
			cs_doctor_text("what sshd -t says; /run/sshd is there once sshd runs"));
	else if (sshd->left_out > 0)
		cs_doctor_add(
			doctor, CS_DOCTOR_NOTE, cs_doctor_text("%s", ""),
			cs_doctor_text("sshd was asked about %zu users, and not about %zu more",
				       sshd->count, sshd->left_out),
			cs_doctor_text("%s", ""));
}

void cs_doctor_sshd_use_pam(struct cs_doctor *doctor)
{
	static const char why[] = "without PAM the lines of pam_container_shell.so do nothing";

	if ((!doctor->pam.auth[0] && !doctor->pam.session[0]) ||
	    !cs_doctor_sshd_without_pam(doctor))
		return;
	cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, find_place(doctor->host, "UsePAM", "no"),
		      cs_doctor_text("UsePAM is \"no\": %s", why), cs_doctor_text("UsePAM yes"));
}

/* As a word of its own: it is no path. */
static bool names_internal_sftp(const char *value)
{
	static const char word[] = "internal-sftp";
	const char *found = strstr(value, word);

	return found && (found == value || found[-1] == ' ') &&
	       strchr(" \t", found[sizeof(word) - 1]);	/* the end, too */
}

/* The line for a real server, wherever this system has it. */
static const char *sftp_server(const struct cs_doctor_host *host)
{
	static const char *const lines[] = {
		"Subsystem sftp /usr/lib/openssh/sftp-server",
		"Subsystem sftp /usr/libexec/openssh/sftp-server",
		"Subsystem sftp /usr/lib/ssh/sftp-server",
	};
	const size_t count = sizeof(lines) / sizeof(lines[0]);

	for (size_t i = 0; i < count; i++) {
		if (cs_doctor_exists(host, strchr(lines[i], '/')))
			return lines[i];
	}
	return lines[0];
}

void cs_doctor_sshd_sftp(struct cs_doctor *doctor)
{
	judge_outside(doctor, &(struct setting){
		.keyword = "Subsystem", .is_bad = names_internal_sftp, .level = CS_DOCTOR_PROBLEM,
		.why = "sshd itself serves the host's files, no shell is asked",
		.fix = sftp_server(doctor->host),
	});
}

void cs_doctor_sshd_forced(struct cs_doctor *doctor)
{
	judge_outside(doctor,
		      &(struct setting){
			      .keyword = "ForceCommand",
			      .is_bad = names_internal_sftp,
			      .level = CS_DOCTOR_PROBLEM,
			      .why = "sshd itself serves the host's files, no shell is asked",
			      .fix = "ForceCommand none",
		      });
}

/* Does AuthorizedKeysFile @value name a file that a user of the name @user can write? */
static bool users_can_write(const struct cs_doctor *doctor, const char *user, const char *value)
{
	char words[VALUE_MAX], *rest = words, *word;

	(void)snprintf(words, sizeof(words), "%s", value);	/* of the same size */
	while ((word = strsep(&rest, " ")) != NULL) {
		char *mark = strstr(word, "%u");
		struct stat info;
		char path[VALUE_MAX * 2];

		if (word[0] == '\0' || strcmp(word, "none") == 0)
			continue;
		if (word[0] != '/' || !user)
			return word[0] != '/' || strstr(word, "%h");	/* in the home */
		if (strstr(word, "%h"))
			return true;
		(void)snprintf(path, sizeof(path), "%.*s%s%s",
			       mark ? (int)(mark - word) : (int)strlen(word), word,
			       mark ? user : "", mark ? mark + 2 : "");	/* cut: it is not there */
		if (cs_doctor_stat(doctor->host, path, &info) == 0 &&
		    info.st_uid != doctor->host->owner)
			return true;
	}
	return false;
}

/*
 * A key's own command="internal-sftp" makes an in-process server of any
 * subsystem request, whatever Subsystem names; a ForceCommand comes before it.
 */
static bool keys_choose(const struct cs_doctor *doctor, const struct cs_doctor_answer *answer,
			char *ret_value)
{
	const char *rest = answer->text, *subsystems = answer->text;
	char subsystem[VALUE_MAX];

	return next_value(&subsystems, "subsystem", subsystem) &&
	       has_value(answer, "forcecommand", "none") &&
	       !has_value(answer, "pubkeyauthentication", "no") &&
	       next_value(&rest, "authorizedkeysfile", ret_value) &&
	       users_can_write(doctor, answer->user, ret_value);
}

void cs_doctor_sshd_keys(struct cs_doctor *doctor)
{
	static const struct setting setting = {
		.keyword = "AuthorizedKeysFile", .level = CS_DOCTOR_PROBLEM,
		.why = "with command=\"internal-sftp\" before a key of theirs, sshd itself serves "
		       "the host's files",
		.fix = "AuthorizedKeysFile /etc/ssh/authorized_keys/%u",
	};
	struct cs_doctor_names names = { .count = 0 };
	char value[VALUE_MAX], first[VALUE_MAX] = "";
	bool found = false;

	for (size_t i = 0; i < doctor->sshd.count && !cs_doctor_pam_holds(doctor); i++) {
		const struct cs_doctor_answer *answer = &doctor->sshd.list[i];

		if (!keys_choose(doctor, answer, value))
			continue;
		if (!found)
			memcpy(first, value, sizeof(first));
		found = true;
		if (answer->user)
			cs_doctor_names_add(&names, answer->user);
	}
	if (found)
		add_setting(doctor, &setting, first, &names);
}

static bool is_not_no(const char *value)
{
	return strcasecmp(value, "no") != 0;
}

/* ssh -L: sshd connects to a socket of the host. */
static bool is_local(const char *value)
{
	return is_not_no(value) && strcasecmp(value, "remote") != 0;
}

static bool is_remote_only(const char *value)
{
	return strcasecmp(value, "remote") == 0;
}

void cs_doctor_sshd_stream(struct cs_doctor *doctor)
{
	struct setting setting = {
		.keyword = "AllowStreamLocalForwarding", .is_bad = is_local, .forwarding = true,
		.level = CS_DOCTOR_PROBLEM, .fix = "AllowStreamLocalForwarding no",
		.why = "sshd opens the host's sockets for them, those that start processes, too",
	};

	judge_outside(doctor, &setting);
	setting.is_bad = is_remote_only;
	setting.level = CS_DOCTOR_WARNING;
	setting.why = "sshd makes sockets in the host's directories for them";
	judge_outside(doctor, &setting);
}

void cs_doctor_sshd_tcp(struct cs_doctor *doctor)
{
	judge_outside(doctor, &(struct setting){
		.keyword = "AllowTcpForwarding", .is_bad = is_not_no, .forwarding = true,
		.level = CS_DOCTOR_WARNING, .fix = "AllowTcpForwarding no",
		.why = "sshd makes the connections, on the host",
	});
}

void cs_doctor_sshd_gateway(struct cs_doctor *doctor)
{
	judge_outside(doctor, &(struct setting){
		.keyword = "GatewayPorts", .is_bad = is_not_no, .forwarding = true,
		.level = CS_DOCTOR_WARNING, .fix = "GatewayPorts no",
		.why = "sshd listens on all addresses of the host for them",
	});
}

void cs_doctor_sshd_tunnel(struct cs_doctor *doctor)
{
	judge_outside(doctor, &(struct setting){
		.keyword = "PermitTunnel", .is_bad = is_not_no,
		.level = CS_DOCTOR_WARNING, .fix = "PermitTunnel no",
		.why = "sshd opens network devices of the host for them",
	});
}

/* Does a comma- or blank-separated list of patterns let a name through that a loader obeys? */
static bool lets_loader_names(const char *value)
{
	static const char *const names[] = { "LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH" };
	char words[VALUE_MAX], *rest = words, *word;

	(void)snprintf(words, sizeof(words), "%s", value);	/* of the same size */
	while ((word = strsep(&rest, ", ")) != NULL) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (fnmatch(word, names[i], 0) == 0)
				return true;
		}
	}
	return strcasecmp(value, "yes") == 0;
}

#define LOADED "the LD_PRELOAD of theirs is loaded by what sshd runs on the host for ~/.ssh/rc"

void cs_doctor_sshd_environment(struct cs_doctor *doctor)
{
	judge_outside(doctor, &(struct setting){
		.keyword = "PermitUserEnvironment", .is_bad = lets_loader_names,
		.level = CS_DOCTOR_PROBLEM, .fix = "PermitUserEnvironment no", .why = LOADED,
	});
}

void cs_doctor_sshd_accept_env(struct cs_doctor *doctor)
{
	judge_outside(doctor, &(struct setting){
		.keyword = "AcceptEnv", .is_bad = lets_loader_names,
		.level = CS_DOCTOR_PROBLEM, .fix = "AcceptEnv LANG LC_*", .why = LOADED,
	});
}

static bool is_not_none(const char *value)
{
	return strcasecmp(value, "none") != 0;
}

/* Not held by the PAM lines: it is what they cannot be used with. */
void cs_doctor_sshd_chroot(struct cs_doctor *doctor)
{
	judge(doctor, &(struct setting){
		.keyword = "ChrootDirectory", .is_bad = is_not_none,
		.level = CS_DOCTOR_WARNING, .fix = "ChrootDirectory none",
		.why = "neither container-shell nor its PAM module works in it",
	});
}

/*
 * ~/.ssh/rc needs no check: sshd has the login shell run it, inside. This one
 * it gives to /bin/sh.
 */
void cs_doctor_sshd_rc(struct cs_doctor *doctor)
{
	if (doctor->sshd.err == -ENOENT || cs_doctor_pam_holds(doctor) ||
	    !cs_doctor_exists(doctor->host, "/etc/ssh/sshrc"))
		return;
	cs_doctor_add(doctor, CS_DOCTOR_WARNING, cs_doctor_text("/etc/ssh/sshrc"),
		      cs_doctor_text("sshd has /bin/sh run it on the host as the user: all that it "
				     "runs or reads of the user's home is a way out"),
		      cs_doctor_text("rm /etc/ssh/sshrc"));
}
