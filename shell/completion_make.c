/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * completion_make: the shells' completion of container-shell's options.
 *
 * Runs when the project is built, and is not installed:
 *   completion_make bash|zsh|fish
 * prints what the shell reads; "options" and "keys" print the tables of options
 * and of configuration keys, for tests/unit/documents-test. Must not know an
 * option: what there is, it takes from admin_table.h.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conf_keys.h"

#define WORD_MAX 32
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SEPARATORS " |[]"
#define MADE "Made by shell/completion_make from shell/admin_table.h.\n"

static const struct row {
	const char *name;
	const char *operands;
	const char *help;
} rows[] = {
#define ROW(name, operands, run, help) { name, operands, help },
#include "admin_table.h"
#undef ROW
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* One word of a row's operands; an option's value goes with it. */
struct word {
	char text[WORD_MAX];
	char value[WORD_MAX];	/* "": none */
};

static bool is_option(const struct word *word)
{
	return word->text[0] == '-' && strcmp(word->text, "--") != 0;
}

static bool is_user(const char *word)
{
	return strcmp(word, "USER") == 0 || strcmp(word, "NAME") == 0;
}

static size_t take(const char *text, char *ret_word)
{
	size_t length = strcspn(text, SEPARATORS);

	(void)snprintf(ret_word, WORD_MAX, "%.*s", (int)length, text);	/* the table's words are short */
	return length;
}

/* The next word of *@text, which moves on; false if there is none. */
static bool next_word(const char **text, struct word *ret_word)
{
	*text += strspn(*text, SEPARATORS);
	if (**text == '\0')
		return false;
	ret_word->value[0] = '\0';
	*text += take(*text, ret_word->text);
	if (is_option(ret_word) && (*text)[0] == ' ' && strspn(*text + 1, CAPITALS) > 0)
		*text += 1 + take(*text + 1, ret_word->value);
	return true;
}

/* Does the row take a login name of its own, not an option's? */
static bool takes_user(const struct row *row)
{
	const char *text = row->operands;
	struct word word;

	while (next_word(&text, &word))
		if (is_user(word.text))
			return true;
	return false;
}

static bool takes_command(const struct row *row)
{
	return strstr(row->operands, "-- COMMAND") != NULL;
}

/* As one word, for each of the three shells; fish takes this form for what has no backslash. */
static void print_quoted(const char *text)
{
	printf("'");
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			printf("'\\''");
		else
			printf("%c", *text);
	}
	printf("'");
}

/* ---- bash ----------------------------------------------------------------------- */

static void print_bash_values(const struct row *row)
{
	const char *text = row->operands;
	struct word word;

	while (next_word(&text, &word)) {
		if (word.value[0] == '\0')
			continue;
		printf("\t--%s%s) ", row->name, word.text);
		if (is_user(word.value))
			printf("mapfile -t COMPREPLY < <(compgen -u -- \"$current\"); return ;;\n");
		else if (strcmp(word.value, "PATH") == 0)
			printf("compopt -o filenames; "
			       "mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n");
		else
			printf("return ;;\n");
	}
}

static void print_bash_row(const struct row *row)
{
	const char *text = row->operands, *blank = "";
	struct word word;

	printf("\t--%s) words='", row->name);
	while (next_word(&text, &word)) {
		if (word.text[0] != '-')
			continue;
		printf("%s%s", blank, word.text);
		blank = " ";
	}
	printf("'%s ;;\n", takes_user(row) ? " users=-u" : "");
}

static void print_bash(void)
{
	printf("# bash completion for container-shell(1). " MADE
	       "\n_container_shell()\n{\n"
	       "\tlocal current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[1]} words='' users='' i\n"
	       "\n\tCOMPREPLY=()\n"
	       "\tif ((COMP_CWORD == 1)); then\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -W '");
	for (size_t i = 0; i < ROWS; i++)
		printf("%s--%s", i > 0 ? " " : "", rows[i].name);
	printf("' -- \"$current\")\n"
	       "\t\treturn\n"
	       "\tfi\n"
	       "\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	       "\t\t[[ ${COMP_WORDS[i]} == -- ]] || continue\n"
	       "\t\tcase $option in\n");
	for (size_t i = 0; i < ROWS; i++)
		if (takes_command(&rows[i]))
			printf("\t\t--%s)\n"
			       "\t\t\tcompopt -o filenames\n"
			       "\t\t\tif ((i == COMP_CWORD - 1)); then\n"
			       "\t\t\t\tmapfile -t COMPREPLY < <(compgen -c -- \"$current\")\n"
			       "\t\t\telse\n"
			       "\t\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
			       "\t\t\tfi ;;\n", rows[i].name);
	printf("\t\tesac\n"
	       "\t\treturn\n"
	       "\tdone\n"
	       "\tcase $option${COMP_WORDS[COMP_CWORD - 1]} in\n");
	for (size_t i = 0; i < ROWS; i++)
		print_bash_values(&rows[i]);
	printf("\tesac\n"
	       "\tcase $option in\n");
	for (size_t i = 0; i < ROWS; i++)
		print_bash_row(&rows[i]);
	printf("\tesac\n"
	       "\tmapfile -t COMPREPLY < <(compgen $users -W \"$words\" -- \"$current\")\n"
	       "}\n"
	       "complete -F _container_shell container-shell\n");
}

/* ---- zsh ------------------------------------------------------------------------ */

static const char *zsh_action(const char *value)
{
	if (is_user(value))
		return "_users";
	return strcmp(value, "PATH") == 0 ? "_files" : " ";
}

static void print_zsh_row(const struct row *row)
{
	const char *text = row->operands;
	struct word word;

	if (text[0] == '\0')
		return;
	printf("--%s)\n", row->name);
	if (takes_command(row))
		printf("\tif ((dashes < CURRENT)); then\n"
		       "\t\tshift $dashes words\n"
		       "\t\t((CURRENT -= dashes))\n"
		       "\t\t_normal\n"
		       "\t\treturn\n"
		       "\tfi\n");
	printf("\t_arguments");
	while (next_word(&text, &word)) {
		if (is_option(&word) && word.value[0] != '\0')
			printf(" '%s:%s:%s'", word.text, word.value, zsh_action(word.value));
		else if (is_option(&word))
			printf(" '%s'", word.text);
	}
	if (takes_user(row))
		printf(" '1:USER:_users'");
	if (takes_command(row))
		printf(" '*: :(--)'");	/* "--" itself would mean something to _arguments */
	printf(" ;;\n");
}

static void print_zsh(void)
{
	printf("#compdef container-shell\n"
	       "# zsh completion for container-shell(1). " MADE
	       "\nlocal -a options\n"
	       "local -i dashes=0\n"
	       "local curcontext=$curcontext\n"
	       "\noptions=(\n");
	for (size_t i = 0; i < ROWS; i++) {
		char both[256];

		(void)snprintf(both, sizeof(both), "--%s:%s", rows[i].name, rows[i].help);	/* fits */
		printf("\t");
		print_quoted(both);
		printf("\n");
	}
	printf(")\n"
	       "if ((CURRENT == 2)); then\n"
	       "\t_describe option options\n"
	       "\treturn\n"
	       "fi\n"
	       "# The option takes the place of the command: what follows is its own.\n"
	       "shift words\n"
	       "((CURRENT--))\n"
	       "dashes=${words[(ie)--]}\n"
	       "case $words[1] in\n");
	for (size_t i = 0; i < ROWS; i++)
		print_zsh_row(&rows[i]);
	printf("esac\n");
}

/* ---- fish ------------------------------------------------------------------------ */

static void print_fish_row(const struct row *row)
{
	const char *text = row->operands;
	struct word word;

	printf("complete -c container-shell -n __container_shell_is_first -l %s -d ", row->name);
	print_quoted(row->help);
	printf("\n");
	while (next_word(&text, &word)) {
		if (!is_option(&word))
			continue;
		printf("complete -c container-shell -n '__container_shell_is_after --%s' -l %s", row->name,
		       word.text + 2);
		if (is_user(word.value))
			printf(" -x -a '(__fish_complete_users)'");
		else if (strcmp(word.value, "PATH") == 0)
			printf(" -r -F");
		else if (word.value[0] != '\0')
			printf(" -x");
		printf("\n");
	}
	if (takes_user(row))
		printf("complete -c container-shell -n '__container_shell_is_after --%s' "
		       "-a '(__fish_complete_users)'\n", row->name);
	if (takes_command(row))
		printf("complete -c container-shell -n '__container_shell_is_command --%s' "
		       "-a '(__container_shell_complete_command)'\n", row->name);
}

static void print_fish(void)
{
	printf("# fish completion for container-shell(1). " MADE
	       "\nfunction __container_shell_is_first\n"
	       "\ttest (count (commandline -opc)) -eq 1\n"
	       "end\n"
	       "function __container_shell_is_after --argument-names option\n"
	       "\tset -l words (commandline -opc)\n"
	       "\ttest (count $words) -ge 2; and contains -- $option $words[2]; and not contains -- -- $words\n"
	       "end\n"
	       "function __container_shell_is_command --argument-names option\n"
	       "\tset -l words (commandline -opc)\n"
	       "\ttest (count $words) -ge 2; and contains -- $option $words[2]; and contains -- -- $words\n"
	       "end\n"
	       "function __container_shell_complete_command\n"
	       "\tset -l words (commandline -opc)\n"
	       "\tset -l dashes (contains -i -- -- $words)\n"
	       "\tset -e words[1..$dashes]\n"
	       "\tcomplete -C (string join ' ' -- (string escape -- $words) (commandline -ct))\n"
	       "end\n"
	       "\ncomplete -c container-shell -f\n");
	for (size_t i = 0; i < ROWS; i++)
		print_fish_row(&rows[i]);
}

/* ---- for the test ------------------------------------------------------------------ */

static void print_options(void)
{
	for (size_t i = 0; i < ROWS; i++)
		printf("--%s\t%s\t%s\n", rows[i].name, rows[i].operands, rows[i].help);
}

static void print_keys(void)
{
	for (size_t i = 0; i < cs_conf_keys_count(); i++)
		printf("%s\t%s\n", cs_conf_keys_at(i)->name, cs_conf_keys_at(i)->default_text);
}

int main(int argc, char *argv[])
{
	static const struct {
		const char *word;
		void (*print)(void);
	} prints[] = {
		{ "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish },
		{ "options", print_options }, { "keys", print_keys },
	};

	for (size_t i = 0; argc == 2 && i < sizeof(prints) / sizeof(prints[0]); i++) {
		if (strcmp(argv[1], prints[i].word) != 0)
			continue;
		prints[i].print();
		return fflush(stdout) != 0 || ferror(stdout) ? 1 : 0;
	}
	fprintf(stderr, "usage: completion_make bash|zsh|fish|options|keys\n");
	return 2;
}
