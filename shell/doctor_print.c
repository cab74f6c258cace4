/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor_print: findings as text for people and as JSON for programs.
 *
 * Findings quote files, users and other programs: nothing of that may reach a
 * terminal as it is, or end a string of the JSON.
 */
#include <string.h>

#include "doctor.h"
#include "json.h"
#include "strict.h"

static const char *const levels[] = { "note", "warning", "problem" };

static void print_escaped(const char *text, FILE *out)
{
	char shown[4096];

	cs_strict_escape(text, strlen(text), shown, sizeof(shown));
	(void)fputs(shown, out);	/* admin.c asks ferror(3) at the end */
}

static size_t count_level(const struct cs_doctor *doctor, enum cs_doctor_level level)
{
	size_t count = 0;

	for (size_t i = 0; i < doctor->count; i++)
		count += doctor->findings[i].level == level;
	return count;
}

/* The worst first. */
static void print_level(const struct cs_doctor *doctor, enum cs_doctor_level level, FILE *out)
{
	for (size_t i = 0; i < doctor->count; i++) {
		const struct cs_doctor_finding *finding = &doctor->findings[i];

		if (finding->level != level)
			continue;
		fprintf(out, "%s: %s: ", levels[level], finding->id);
		print_escaped(finding->where, out);
		if (finding->where[0] != '\0')
			(void)fputs(": ", out);	/* admin.c asks ferror(3) */
		print_escaped(finding->what, out);
		if (finding->fix[0] != '\0') {
			(void)fputs("\n  fix: ", out);	/* and here */
			print_escaped(finding->fix, out);
		}
		(void)fputc('\n', out);	/* and here */
	}
}

void cs_doctor_print_text(const struct cs_doctor *doctor, FILE *out)
{
	size_t problems = count_level(doctor, CS_DOCTOR_PROBLEM);
	size_t warnings = count_level(doctor, CS_DOCTOR_WARNING);

	for (int level = CS_DOCTOR_PROBLEM; level >= CS_DOCTOR_NOTE; level--)
		print_level(doctor, (enum cs_doctor_level)level, out);
	if (problems + warnings == 0)
		fprintf(out, "nothing found\n");
	else
		fprintf(out, "%zu %s, %zu %s\n", problems, problems == 1 ? "problem" : "problems",
			warnings, warnings == 1 ? "warning" : "warnings");
}

void cs_doctor_print_json(const struct cs_doctor *doctor, FILE *out)
{
	(void)fputc('[', out);	/* admin.c asks ferror(3) */
	for (size_t i = 0; i < doctor->count; i++) {
		const struct cs_doctor_finding *finding = &doctor->findings[i];
		int first = true;

		fprintf(out, "%s\n  {", i == 0 ? "" : ",");
		cs_json_member(out, "id", finding->id, &first);
		cs_json_member(out, "level", levels[finding->level], &first);
		cs_json_member(out, "what", finding->what, &first);
		cs_json_member(out, "where", finding->where, &first);
		cs_json_member(out, "fix", finding->fix, &first);
		(void)fputc('}', out);	/* and here */
	}
	(void)fputs(doctor->count ? "\n]\n" : "]\n", out);	/* and here */
}
