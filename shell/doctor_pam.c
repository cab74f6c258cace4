/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor_pam: whether PAM's configuration has the module's lines, as pam.d(5)
 * is read by libpam: @include, include and substack are followed.
 */
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "fd.h"

#define OURS "pam_container_shell.so"
#define DEPTH_MAX 8

/* A line, cut into its words: the type without its dash, the control, the module. */
struct line {
	char *type, *control, *module, *arguments;
};

/* The next word of *@rest, [a b] being one; "" at the end. */
static char *take_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");
	size_t length = word[0] == '[' ? strcspn(word, "]") + 1 : strcspn(word, " \t");

	if (length > strlen(word))
		length = strlen(word);
	*rest = word + length;
	if (**rest != '\0')
		*(*rest)++ = '\0';
	return word;
}

static struct line split(char *text)
{
	struct line line;

	text[strcspn(text, "#")] = '\0';
	line.type = take_word(&text);
	line.type += line.type[0] == '-';
	line.control = take_word(&text);
	if (strcasecmp(line.type, "@include") == 0) {
		line.module = line.control;
	} else {
		line.module = take_word(&text);
	}
	line.arguments = text;
	return line;
}

static bool is_module(const struct line *line, const char *name)
{
	const char *slash = strrchr(line->module, '/');

	return strcmp(slash ? slash + 1 : line->module, name) == 0;
}

/* Does a failure of a line with this control fail the whole? */
static bool is_strict(const char *control)
{
	if (control[0] == '[')
		return strstr(control, "default=die") || strstr(control, "default=bad");
	return strcasecmp(control, "required") == 0 || strcasecmp(control, "requisite") == 0;
}

/* Write FILE:LINE to @ret_place, of the size that all of struct cs_doctor_pam have. */
static void place(const char *file, unsigned int number, char ret_place[160])
{
	(void)snprintf(ret_place, 160, "%s:%u", file, number);	/* cut: still a hint */
}

/*
 * May a line with this control end its group, or jump over what follows? In a
 * substack it may not: that ends alone.
 */
static bool may_pass_by(const struct line *line, bool session)
{
	const char *control = line->control;

	if (control[0] != '[')
		return strcasecmp(control, "sufficient") == 0 ||
		       (!session && strcasecmp(control, "requisite") == 0);
	if (strstr(control, "=done"))
		return true;
	/* A session that dies is refused; a credential that does is ignored by sshd. */
	return !session && (strstr(control, "=die") || strpbrk(control, "123456789"));
}

static void take_line(const struct line *line, const char *file, unsigned int number, bool substack,
		      struct cs_doctor_pam *pam)
{
	bool session = strcasecmp(line->type, "session") == 0;
	bool auth = strcasecmp(line->type, "auth") == 0;

	if (is_module(line, "pam_env.so") && strstr(line->arguments, "user_readenv=1"))
		place(file, number, pam->user_env);
	if (session && is_module(line, "pam_systemd.so") && pam->session[0] != '\0')
		place(file, number, pam->too_late);
	if (!is_module(line, OURS)) {
		if (auth && !substack && !pam->auth[0] && may_pass_by(line, false))
			place(file, number, pam->ends_auth);
		if (session && !substack && !pam->session[0] && may_pass_by(line, true))
			place(file, number, pam->ends_session);
		return;
	}
	if (session)
		place(file, number, pam->session);
	else if (auth)
		place(file, number, pam->auth);
	else
		return;
	/* What the auth line returns decides nothing: it is never more than PAM_IGNORE. */
	if (session && !is_strict(line->control))
		place(file, number, pam->weak);
}

/* A line ends with a backslash: the next belongs to it. */
static char *whole_line(struct cs_doctor_lines *lines)
{
	char *line = cs_doctor_line(lines);
	size_t length = line ? strlen(line) : 0;

	while (length > 0 && line[length - 1] == '\\') {
		char *next = cs_doctor_line(lines);

		line[length - 1] = ' ';
		if (!next)
			break;
		memmove(line + length, next, strlen(next) + 1);
		length += strlen(next);
	}
	return line;
}

static int open_service(const struct cs_doctor_host *host, const char *name, char ret_file[128],
			char **ret_text)
{
	static const char *const places[] = { "/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d" };
	int err = -1;

	for (size_t i = 0; err < 0 && i < sizeof(places) / sizeof(places[0]); i++) {
		int length = name[0] == '/' ? snprintf(ret_file, 128, "%s", name)
					    : snprintf(ret_file, 128, "%s/%s", places[i], name);

		if (length < 0 || length >= 128)
			return -1;
		err = cs_doctor_read(host, ret_file, ret_text);
	}
	return err;
}

/* Read the lines of @name; only those of @type, unless it is NULL. */
static void read_service(const struct cs_doctor_host *host, const char *name, const char *type,
			 bool substack, int depth, struct cs_doctor_pam *pam)
{
	struct cs_doctor_lines lines = { 0 };
	cs_autofree char *text = NULL;
	char file[128];
	char *raw;

	if (depth > DEPTH_MAX || open_service(host, name, file, &text) < 0)
		return;
	lines.rest = text;
	while ((raw = whole_line(&lines)) != NULL) {
		unsigned int number = lines.number;
		struct line line = split(raw);

		if (strcasecmp(line.type, "@include") == 0)
			read_service(host, line.module, type, substack, depth + 1, pam);
		else if (type && strcasecmp(type, line.type) != 0)
			continue;
		else if (strcasecmp(line.control, "include") == 0)
			read_service(host, line.module, line.type, substack, depth + 1, pam);
		else if (strcasecmp(line.control, "substack") == 0)
			read_service(host, line.module, line.type, true, depth + 1, pam);
		else
			take_line(&line, file, number, substack, pam);
	}
}

void cs_doctor_read_pam(const struct cs_doctor_host *host, const char *service,
			struct cs_doctor_pam *ret_pam)
{
	memset(ret_pam, 0, sizeof(*ret_pam));
	read_service(host, service, NULL, false, 0, ret_pam);
	/* Without a line of ours there is nothing to be passed by. */
	if (!ret_pam->auth[0])
		ret_pam->ends_auth[0] = '\0';
	if (!ret_pam->session[0])
		ret_pam->ends_session[0] = '\0';
}

static bool holds(const struct cs_doctor_pam *pam)
{
	return pam->auth[0] && pam->session[0] && !pam->too_late[0] && !pam->weak[0] &&
	       !pam->ends_auth[0];
}

bool cs_doctor_pam_holds(const struct cs_doctor *doctor)
{
	return holds(&doctor->pam) && !cs_doctor_sshd_without_pam(doctor);
}

bool cs_doctor_cron_pam_holds(const struct cs_doctor *doctor)
{
	return holds(&doctor->cron_pam);
}

static char *first_line(const char *service)
{
	return cs_doctor_text("/etc/pam.d/%s, as the first line: auth optional " OURS, service);
}

static char *last_line(const char *service)
{
	return cs_doctor_text("/etc/pam.d/%s, as the last line: session required " OURS, service);
}

static void judge(struct cs_doctor *doctor, const char *service, const struct cs_doctor_pam *pam)
{
	if (pam->auth[0] && !pam->session[0])
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", pam->auth),
			      cs_doctor_text("the auth line of " OURS " is there, its session line "
					     "is not: nobody gets in"),
			      last_line(service));
	if (pam->session[0] && !pam->auth[0])
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", pam->session),
			      cs_doctor_text("the session line of " OURS " is there, its auth line "
					     "is not: nobody gets in"),
			      first_line(service));
	if (pam->ends_auth[0])
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", pam->ends_auth),
			      cs_doctor_text("may end the auth group before the line of " OURS
					     ", %s: when that is not asked a session goes on "
					     "outside", pam->auth),
			      first_line(service));
	if (pam->ends_session[0])
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", pam->ends_session),
			      cs_doctor_text("may end the session group before the line of " OURS
					     ", %s: when that is not reached the session is "
					     "killed", pam->session),
			      cs_doctor_text("a control that does not end the group: required, or "
					     "optional"));
	if (pam->too_late[0])
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", pam->too_late),
			      cs_doctor_text("pam_systemd.so comes after the session line of " OURS
					     ", %s", pam->session),
			      last_line(service));
	if (pam->weak[0])
		cs_doctor_add(doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", pam->weak),
			      cs_doctor_text("PAM goes on when " OURS " fails: its control is "
					     "neither required nor requisite"),
			      cs_doctor_text("session required " OURS));
}

void cs_doctor_pam(struct cs_doctor *doctor)
{
	judge(doctor, "sshd", &doctor->pam);
}

void cs_doctor_cron_pam(struct cs_doctor *doctor)
{
	judge(doctor, "cron", &doctor->cron_pam);
}

void cs_doctor_pam_env(struct cs_doctor *doctor)
{
	const struct cs_doctor_pam *pam = &doctor->pam;

	if (!pam->user_env[0] || cs_doctor_pam_holds(doctor) ||
	    cs_doctor_sshd_without_pam(doctor))
		return;
	cs_doctor_add(
		doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("%s", pam->user_env),
		cs_doctor_text("pam_env reads ~/.pam_environment: the LD_PRELOAD of it is "
			       "loaded by what sshd runs on the host for ~/.ssh/rc and xauth"),
		cs_doctor_text("the same line without user_readenv=1"));
}
