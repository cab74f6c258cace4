/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf-corpus-test: each file in hostile/ is refused, for the reasons in the
 * .problems file beside it; each file in good/ is accepted, and means what the
 * .classes file beside it says.
 */
#include <errno.h>

#include "conf.h"
#include "files.h"

static void check_hostile(const char *path)
{
	cs_autofree char *text = NULL;
	struct cs_conf_problems problems;
	struct cs_conf *conf = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK(cs_conf_load(path, "no-such-directory", false, &conf, &problems) == -EINVAL);
	CHECK(!conf && problems.count > 0);
	for (size_t i = 0; i < problems.count; i++)
		(void)fprintf(out, "%s\n", problems.lines[i]);
	(void)fclose(out);
	files_expect(path, ".problems", text);
	cs_conf_problems_free(&problems);
	cs_conf_free(conf);
}

static void print_list(const char *name, const struct cs_conf_list *list, FILE *out)
{
	(void)fprintf(out, " %s", name);
	for (size_t i = 0; i < list->count; i++)
		(void)fprintf(out, " <%s>", list->names[i]);
	(void)fprintf(out, "\n");
}

static void print_class(const struct cs_conf_class *class, FILE *out)
{
	(void)fprintf(out, "[%s] line %u\n", class->name, class->where.line);
	print_list("users", &class->users, out);
	print_list("groups", &class->groups, out);
	print_list("pass-environment", &class->pass_environment, out);
	(void)fprintf(out, " root <%s>, writable %u, writable-size %llu\n", class->root,
		      class->writable, (unsigned long long)class->writable_size);
	(void)fprintf(out, " identity %u, shell <%s>, tmp-size %llu, stop-timeout %llu\n",
		      class->identity, class->shell,
		      (unsigned long long)class->tmp_size,
		      (unsigned long long)class->stop_timeout_ms);
}

static void check_good(const char *path)
{
	cs_autofree char *text = NULL;
	struct cs_conf_problems problems;
	struct cs_conf *conf = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK(cs_conf_load(path, "no-such-directory", false, &conf, &problems) == 0);
	for (size_t i = 0; i < problems.count; i++)
		printf("# %s\n", problems.lines[i]);
	for (size_t i = 0; conf && cs_conf_class_at(conf, i); i++)
		print_class(cs_conf_class_at(conf, i), out);
	(void)fclose(out);
	files_expect(path, ".classes", text);
	cs_conf_problems_free(&problems);
	cs_conf_free(conf);
}

int main(void)
{
	size_t number = 0;
	int status;

	files_enter("tests/conf");
	status = files_run("hostile/*.conf", check_hostile, &number);
	status |= files_run("good/*.conf", check_good, &number);
	printf("1..%zu\n", number);
	return status;
}
