/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf-test: several files become one configuration, and a user gets a class.
 * What one file may hold is tests/conf/conf-corpus-test.c's.
 */
#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "conf_keys.h"
#include "fd.h"
#include "sys.h"
#include "tap.h"

/* A directory with main.conf and conf.d, and what was loaded from it. */
struct place {
	char path[64];
	char main_file[96];
	char dropins[96];
	struct cs_conf *conf;
	struct cs_conf_problems problems;
	int result;
};

static struct place enter(void)
{
	struct place place = { .path = "/tmp/conf-test.XXXXXX" };

	CHECK(mkdtemp(place.path));
	(void)snprintf(place.main_file, sizeof(place.main_file), "%s/main.conf", place.path);
	(void)snprintf(place.dropins, sizeof(place.dropins), "%s/conf.d", place.path);
	CHECK(mkdir(place.dropins, 0755) == 0);
	return place;
}

static void put(const struct place *place, const char *name, const char *text)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", place->path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CHECK(fd >= 0 && cs_fd_write_all(fd, text, strlen(text)) == 0);
	cs_fd_close(&fd);
}

static void load(struct place *place)
{
	cs_conf_free(place->conf);
	cs_conf_problems_free(&place->problems);
	place->conf = NULL;
	place->result = cs_conf_load(place->main_file, place->dropins, false, &place->conf,
				     &place->problems);
	CHECK((place->result == 0) == (place->conf != NULL));
	CHECK((place->result == -EINVAL) == (place->problems.count > 0));
}

static void remove_all(const char *pattern)
{
	glob_t found;

	if (glob(pattern, GLOB_PERIOD, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		(void)remove(found.gl_pathv[i]);	/* . and .. stay, of course */
	globfree(&found);
}

static void leave(struct place *place)
{
	char pattern[128];

	cs_conf_free(place->conf);
	cs_conf_problems_free(&place->problems);
	(void)snprintf(pattern, sizeof(pattern), "%s/*", place->dropins);
	remove_all(pattern);
	(void)snprintf(pattern, sizeof(pattern), "%s/*", place->path);
	remove_all(pattern);
	CHECK(rmdir(place->path) == 0);
}

static const struct cs_conf_class *class_named(const struct place *place, const char *name)
{
	const struct cs_conf_class *class = NULL;

	for (size_t i = 0; place->conf && (class = cs_conf_class_at(place->conf, i)); i++) {
		if (strcmp(class->name, name) == 0)
			return class;
	}
	return NULL;
}

/* Is problem @index of @place "PATH/@file:@rest"? */
static bool problem_is(const struct place *place, size_t index, const char *rest)
{
	size_t length = strlen(place->path);
	const char *line = index < place->problems.count ? place->problems.lines[index] : "";
	bool same = strncmp(line, place->path, length) == 0 && strcmp(line + length, rest) == 0;

	if (!same)
		printf("# %s\n", line);
	return same;
}

static void load__no_file_is_a_valid_config(void)
{
	struct place place = enter();

	CHECK(rmdir(place.dropins) == 0);
	load(&place);
	CHECK(place.result == 0);
	CHECK(class_named(&place, "default"));
	CHECK(place.conf && !cs_conf_class_at(place.conf, 1));
	leave(&place);
}

static void load__defaults_are_what_the_table_says(void)
{
	struct place place = enter();
	const struct cs_conf_class *class;

	load(&place);
	class = class_named(&place, "default");
	CHECK(class && strcmp(class->shell, cs_conf_keys_at(CS_KEY_SHELL)->default_text) == 0);
	CHECK(class && class->tmp_size == UINT64_C(1) << 30 && class->stop_timeout_ms == 2000);
	CHECK(class && class->users.count == 0 && class->pass_environment.count == 0);
	for (size_t i = 0; class && i < CS_KEY_COUNT; i++)
		CHECK(!class->origin[i].file);
	leave(&place);
}

static void load__later_files_replace_keys(void)
{
	struct place place = enter();
	const struct cs_conf_class *class;

	put(&place, "main.conf", "[a]\nusers = alice bob\nshell = /bin/sh\n");
	put(&place, "conf.d/20.conf", "[a]\nusers = carol\n");
	put(&place, "conf.d/10.conf", "[b]\nusers = dave\n[a]\n\nusers = erin\ntmp-size = 2M\n");
	load(&place);
	CHECK(place.result == 0);
	class = class_named(&place, "a");
	CHECK(class && class->users.count == 1 && strcmp(class->users.names[0], "carol") == 0);
	CHECK(class && strcmp(class->shell, "/bin/sh") == 0);
	CHECK(class && class->tmp_size == UINT64_C(2) << 20);
	CHECK(class && class->where.line == 1);
	CHECK(class && class->origin[CS_KEY_TMP_SIZE].line == 6);
	CHECK(class && class->origin[CS_KEY_USERS].line == 2);
	CHECK(class && strstr(class->origin[CS_KEY_USERS].file, "/conf.d/20.conf"));
	leave(&place);
}

static void load__classes_stand_in_order_of_appearance(void)
{
	struct place place = enter();

	put(&place, "main.conf", "[b]\nusers = x\n");
	put(&place, "conf.d/10.conf", "[c]\nusers = x\n[b]\n[a]\nusers = x\n");
	load(&place);
	CHECK(place.result == 0);
	if (place.conf) {
		CHECK(strcmp(cs_conf_class_at(place.conf, 0)->name, "b") == 0);
		CHECK(strcmp(cs_conf_class_at(place.conf, 1)->name, "c") == 0);
		CHECK(strcmp(cs_conf_class_at(place.conf, 2)->name, "a") == 0);
		CHECK(strcmp(cs_conf_class_at(place.conf, 3)->name, "default") == 0);
	}
	leave(&place);
}

static void load__only_plain_conf_files_are_dropins(void)
{
	struct place place = enter();

	put(&place, "conf.d/.hidden.conf", "nonsense");
	put(&place, "conf.d/a.conf~", "nonsense");
	put(&place, "conf.d/a.conf.dpkg-new", "nonsense");
	put(&place, "conf.d/.conf", "nonsense");
	put(&place, "conf.d/README", "nonsense");
	load(&place);
	CHECK(place.result == 0);
	leave(&place);
}

static void load__problems_of_all_files_come_at_once(void)
{
	struct place place = enter();

	put(&place, "main.conf", "[a]\nusers = alice\nwhat = ever\n[nobody]\n");
	put(&place, "conf.d/a.conf", "[a]\n\nshell = sh\n");
	CHECK(mkdir(strcat(strcpy((char[128]){ 0 }, place.dropins), "/b.conf"), 0755) == 0);
	load(&place);
	CHECK(place.result == -EINVAL && place.problems.count == 4);
	CHECK(problem_is(&place, 0, "/main.conf:3: [a] what: there is no such key"));
	CHECK(problem_is(&place, 1, "/conf.d/a.conf:3: [a] shell: must be an absolute path "
				    "without .., such as /bin/bash"));
	CHECK(problem_is(&place, 2, "/conf.d/b.conf: is not a regular file"));
	CHECK(problem_is(&place, 3, "/main.conf:4: [nobody]: serves nobody: it has neither "
				    "users nor groups"));
	leave(&place);
}

static void load__a_later_file_can_say_whom_a_class_serves(void)
{
	struct place place = enter();

	put(&place, "main.conf", "[a]\nshell = /bin/sh\n");
	put(&place, "conf.d/a.conf", "[a]\ngroups = staff\n");
	load(&place);
	CHECK(place.result == 0);
	leave(&place);
}

static void load__a_name_with_control_characters_is_escaped(void)
{
	struct place place = enter();

	put(&place, "conf.d/a\x1b[2J\n.conf", "x\n");
	load(&place);
	CHECK(problem_is(&place, 0, "/conf.d/a\\x1b[2J\\x0a.conf:1: is no comment, no [section] "
				    "and no key = value"));
	leave(&place);
}

static void load__refuses_a_large_file(void)
{
	struct place place = enter();
	size_t size = CS_CONF_FILE_MAX;
	char *text = malloc(size + 2);

	CHECK(text);
	memset(text, '\n', size + 1);
	text[size] = '\0';
	put(&place, "main.conf", text);
	load(&place);
	CHECK(place.result == 0);
	text[size] = '\n';
	text[size + 1] = '\0';
	put(&place, "main.conf", text);
	load(&place);
	CHECK(problem_is(&place, 0, "/main.conf: is larger than 256K"));
	free(text);
	leave(&place);
}

static void load__refuses_a_fifo_without_waiting(void)
{
	struct place place = enter();

	CHECK(mkfifo(place.main_file, 0600) == 0);
	load(&place);
	CHECK(problem_is(&place, 0, "/main.conf: is not a regular file"));
	leave(&place);
}

static void load__refuses_a_dropin_that_leads_nowhere(void)
{
	struct place place = enter();
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/a.conf", place.dropins);
	CHECK(symlink("/no/such/file", path) == 0);
	load(&place);
	CHECK(problem_is(&place, 0,
			 "/conf.d/a.conf: cannot be read: No such file or directory"));
	leave(&place);
}

static void load__refuses_too_many_dropins(void)
{
	struct place place = enter();
	char name[32];

	for (int i = 0; i < CS_CONF_FILES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "conf.d/%03d.conf", i);
		put(&place, name, "");
	}
	load(&place);
	CHECK(place.problems.count == 1);
	CHECK(problem_is(&place, 0, "/conf.d: has more than 255 files"));
	leave(&place);
}

static void load__trusted_refuses_files_below_tmp(void)
{
	struct place place = enter();

	put(&place, "main.conf", "");
	place.result = cs_conf_load(place.main_file, place.dropins, true, &place.conf,
				    &place.problems);
	CHECK(place.result == -EINVAL && place.problems.count == 2);
	CHECK(problem_is(&place, 0, "/main.conf: can be written by others than root"));
	CHECK(problem_is(&place, 1, "/conf.d: can be written by others than root"));
	leave(&place);
}

static bool same_stamp(struct cs_conf_stamp left, struct cs_conf_stamp right)
{
	return left.hash[0] == right.hash[0] && left.hash[1] == right.hash[1];
}

static struct cs_conf_stamp stamp(const struct place *place)
{
	struct cs_conf_stamp stamp = { { 0, 0 } };

	CHECK(cs_conf_stamp_now(place->main_file, place->dropins, &stamp) == 0);
	return stamp;
}

static void stamp_now__changes_with_every_file(void)
{
	struct place place = enter();
	struct cs_conf_stamp before, after;

	before = stamp(&place);
	CHECK(same_stamp(before, stamp(&place)));
	put(&place, "main.conf", "");
	CHECK(!same_stamp(before, after = stamp(&place)));
	put(&place, "main.conf", "#");
	CHECK(!same_stamp(after, before = stamp(&place)));
	put(&place, "conf.d/a.conf", "");
	CHECK(!same_stamp(before, after = stamp(&place)));
	put(&place, "conf.d/a.conf", "#");
	CHECK(!same_stamp(after, before = stamp(&place)));
	put(&place, "conf.d/b.conf", "");
	CHECK(!same_stamp(before, stamp(&place)));
	load(&place);
	CHECK(place.conf && same_stamp(cs_conf_stamp_of(place.conf), stamp(&place)));
	leave(&place);
}

/* The class of @name, a user whose only group is @gid. */
static const char *class_of(const struct place *place, const char *name, gid_t gid,
			    enum cs_conf_match match, const char *matched)
{
	struct cs_user user = { .uid = 4711, .gid = gid };
	const struct cs_conf_class *class;
	enum cs_conf_match got = CS_MATCH_DEFAULT;
	const char *got_name = NULL;

	(void)snprintf(user.name, sizeof(user.name), "%s", name);
	if (!place->conf)
		return "";
	class = cs_conf_class_of(place->conf, &user, &got, &got_name);
	CHECK(class);
	CHECK(got == match);
	CHECK(matched ? got_name && strcmp(got_name, matched) == 0 : !got_name);
	return class ? class->name : "";
}

static void class_of__user_beats_group_beats_default(void)
{
	struct place place = enter();
	const struct group *root = getgrgid(0);

	if (!root) {
		leave(&place);
		SKIP("group 0 has no name");
	}
	put(&place, "main.conf",
	    "[default]\n[by-group]\ngroups = no-such-group root\n"
	    "[group-again]\ngroups = root\n[by-user]\nusers = alice bob\n[again]\nusers = bob\n");
	load(&place);
	CHECK(strcmp(class_of(&place, "bob", 0, CS_MATCH_USER, "bob"), "by-user") == 0);
	CHECK(strcmp(class_of(&place, "eve", 0, CS_MATCH_GROUP, "root"), "by-group") == 0);
	CHECK(strcmp(class_of(&place, "eve", 4711, CS_MATCH_DEFAULT, NULL), "default") == 0);
	CHECK(strcmp(class_of(&place, "Bob", 4711, CS_MATCH_DEFAULT, NULL), "default") == 0);
	CHECK(strcmp(class_of(&place, "alic", 4711, CS_MATCH_DEFAULT, NULL), "default") == 0);
	leave(&place);
}

static void user_of_process__takes_the_callers_own_ids(void)
{
	static const gid_t groups[] = { 7, 8 };
	struct cs_user user;

	CHECK(cs_user_of_process(0, 4711, groups, 2, &user) == 0);
	CHECK(strcmp(user.name, "root") == 0 && user.uid == 0 && user.gid == 4711);
	CHECK(user.group_count == 2 && user.groups[1] == 8 && user.home[0] == '/');
	cs_user_free(&user);
	CHECK(cs_user_of_process(4294967000U, 0, NULL, 0, &user) == -ENOENT);
}

static void user_by_name__finds_ids_and_groups(void)
{
	struct cs_user user;

	CHECK(cs_user_by_name("root", &user) == 0);
	CHECK(user.uid == 0 && user.gid == 0 && user.group_count >= 1);
	CHECK(cs_user_in_group(&user, "root") == 1);
	CHECK(cs_user_in_group(&user, "no-such-group") == 0);
	cs_user_free(&user);
	CHECK(cs_user_by_name("no-such-user", &user) == -ENOENT);
}

static void keys__each_row_is_whole(void)
{
	for (size_t i = 0; i < cs_conf_keys_count(); i++) {
		const struct cs_conf_row *row = cs_conf_keys_at(i);

		CHECK(row->key == i && row->convert && row->default_text && row->what &&
		      row->help);
		CHECK(cs_conf_keys_find(row->name) == row);
	}
	CHECK(!cs_conf_keys_at(cs_conf_keys_count()));
	CHECK(!cs_conf_keys_find("no-such-key"));
}

static const struct tap_test tests[] = {
	TAP_TEST(load__no_file_is_a_valid_config),
	TAP_TEST(load__defaults_are_what_the_table_says),
	TAP_TEST(load__later_files_replace_keys),
	TAP_TEST(load__classes_stand_in_order_of_appearance),
	TAP_TEST(load__only_plain_conf_files_are_dropins),
	TAP_TEST(load__problems_of_all_files_come_at_once),
	TAP_TEST(load__a_later_file_can_say_whom_a_class_serves),
	TAP_TEST(load__a_name_with_control_characters_is_escaped),
	TAP_TEST(load__refuses_a_large_file),
	TAP_TEST(load__refuses_a_fifo_without_waiting),
	TAP_TEST(load__refuses_a_dropin_that_leads_nowhere),
	TAP_TEST(load__refuses_too_many_dropins),
	TAP_TEST(load__trusted_refuses_files_below_tmp),
	TAP_TEST(stamp_now__changes_with_every_file),
	TAP_TEST(class_of__user_beats_group_beats_default),
	TAP_TEST(user_of_process__takes_the_callers_own_ids),
	TAP_TEST(user_by_name__finds_ids_and_groups),
	TAP_TEST(keys__each_row_is_whole),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
