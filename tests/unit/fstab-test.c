/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fstab-test: what is said of each line that is wrong. What right ones come to is
 * in tests/plan, and what they do in mounts-test.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_keys.h"
#include "conf_mounts.h"
#include "fstab.h"
#include "tap.h"

#define FILE_NAME "/etc/container-shell/fstab"

static void start(struct cs_conf_class *ret_class)
{
	memset(ret_class, 0, sizeof(*ret_class));
	memcpy(ret_class->name, "some", 5);
	CHECK(cs_conf_keys_set_defaults(ret_class) == 0);
	CHECK(cs_conf_keys_set(cs_conf_keys_find("fstab"), FILE_NAME, ret_class) == 0);
}

static void end(struct cs_conf_class *class, struct cs_conf_problems *problems)
{
	cs_conf_mounts_free(class);
	cs_conf_keys_free(class);
	cs_conf_problems_free(problems);
}

static void check(const char *data, size_t size, const char *expected)
{
	struct cs_conf_problems problems = { 0 };
	struct cs_conf_class class;
	char line[512];

	start(&class);
	CHECK(cs_fstab_take(&class, data, size, &problems) == 0);
	(void)snprintf(line, sizeof(line), FILE_NAME ":%s", expected);
	if (problems.count != 1 || strcmp(problems.lines[0], line) != 0)
		printf("# %zu problems for %s\n# got  %s\n# want %s\n", problems.count, data,
		       problems.count > 0 ? problems.lines[0] : "none", line);
	CHECK(problems.count == 1 && strcmp(problems.lines[0], line) == 0);
	end(&class, &problems);
}

static void take__names_line_and_field(void)
{
	static const struct {
		const char *text, *problem;
	} lines[] = {
		{ "x", "1: [some]: has fewer than four fields: device, mount point, type, options" },
		{ "\n\n/a /b none\n",
		  "3: [some]: has fewer than four fields: device, mount point, type, options" },
		{ "/a /b none bind 0 0 0", "1: [some]: has more than six fields" },
		{ "/a /b none bind x", "1: [some]: the fifth and sixth field, dump and pass, are numbers" },
		{ "/a /b none bind 0 -1",
		  "1: [some]: the fifth and sixth field, dump and pass, are numbers" },
		{ "/a /b none bind 0 0 # it is", "1: [some]: the fifth and sixth field, dump and pass, are numbers" },
		{ "/a /b none bind\r\n", "1: [some]: has a control character" },
		{ "# \033[2J", "1: [some]: has a control character" },
		{ "a /b none bind",
		  "1: [some] device: a is not an absolute path without .., // and control characters" },
		{ "/a/../b /b none bind",
		  "1: [some] device: /a/../b is not an absolute path without .., // and control characters" },
		{ "/a\\012 /b none bind",
		  "1: [some] device: /a\\x0a is not an absolute path without .., // and control characters" },
		{ "/proc /b none bind", "1: [some] device: /proc shows the processes outside" },
		{ "LABEL=x /b none bind",
		  "1: [some] device: LABEL=x is not an absolute path without .., // and control characters" },
		{ "/a b none bind",
		  "1: [some] mount point: b is not an absolute path without .., // and control characters" },
		{ "/a none none bind",
		  "1: [some] mount point: none is not an absolute path without .., // and control characters" },
		{ "/a /b/ none bind",
		  "1: [some] mount point: /b/ is not an absolute path without .., // and control characters" },
		{ "/a /b\\011 none bind",
		  "1: [some] mount point: /b\\x09 is not an absolute path without .., // and control characters" },
		{ "/a /proc/b none bind", "1: [some] mount point: /proc/b is the container's own" },
		{ "/a / none bind", "1: [some] mount point: / is the root of all mounts" },
		{ "/a /%x none bind", "1: [some] mount point: /%x has a % that is none of %u, %h, %U and %%" },
		{ "/dev/sda1 /b ext4 defaults", "1: [some] type: ext4 is no type that is known here" },
		{ "server:/x /b nfs ro", "1: [some] type: nfs is no type that is known here" },
		{ "image /b squashfs ro",
		  "1: [some] device: image is not an absolute path without .., // and control characters" },
		{ "/dev/loop0 /b squashfs ro", "1: [some] device: /dev/loop0 has the devices of the host" },
		{ "/a /b iso9660 size=1m", "1: [some] type: iso9660 has neither size nor mode: tmpfs does" },
		{ "/a /b none ro", "1: [some] type: none needs bind or rbind among the options" },
		{ "/a /b tmpfs bind", "1: [some] type: tmpfs is not for bind: that has the type none" },
		{ "/a /b none bind,size=1m",
		  "1: [some] type: none has neither size nor mode: tmpfs does" },
		{ "/a /b proc mode=700", "1: [some] type: proc has neither size nor mode: tmpfs does" },
		{ "/a /b none bind,lowerdir=/x",
		  "1: [some] type: none has neither lowerdir, upperdir nor workdir: overlay does" },
		{ "/a /b overlay ro", "1: [some] type: overlay needs lowerdir among the options" },
		{ "/a /b overlay lowerdir=/x,upperdir=/y",
		  "1: [some] type: overlay needs upperdir and workdir together" },
		{ "/a /b overlay lowerdir=/x",
		  "1: [some] type: overlay needs two paths in lowerdir, or upperdir and workdir" },
		{ "/a /b overlay lowerdir=/y:x",
		  "1: [some] options: x is not an absolute path without .., // and control characters" },
		{ "/a /b overlay lowerdir=/x:/y:,ro",
		  "1: [some] options:  is not an absolute path without .., // and control characters" },
		{ "/a /b overlay lowerdir=/proc:/x", "1: [some] options: /proc shows the processes outside" },
		{ "/a /b overlay lowerdir=/1:/2:/3:/4:/5:/6:/7:/8:/9",
		  "1: [some] options: lowerdir has more than 8 paths" },
		{ "/a /b none bind,suid", "1: [some] options: suid is not given to anybody" },
		{ "/a /b none bind,dev", "1: [some] options: dev is not given to anybody" },
		{ "/a /b none bind,noatime", "1: [some] options: noatime is no option that is known here" },
		{ "/a /b none bind,,ro", "1: [some] options:  is no option that is known here" },
		{ "/a /b none bind,RO", "1: [some] options: RO is no option that is known here" },
		{ "/a /b none bind,ro=1", "1: [some] options: ro has no value" },
		{ "/a /b tmpfs size", "1: [some] options: size has to have a value" },
		{ "/a /b tmpfs size=50%",
		  "1: [some] options: size must be a number of bytes, or one with k, m or g" },
		{ "/a /b tmpfs size=", "1: [some] options: size must be a number of bytes, or one with k, m or g" },
		{ "/a /b tmpfs size=0", "1: [some] options: size must be a number of bytes, or one with k, m or g" },
		{ "/a /b tmpfs mode=17777",
		  "1: [some] options: mode must be three or four digits, as for chmod" },
		{ "/a /b tmpfs mode=rwx", "1: [some] options: mode must be three or four digits, as for chmod" },
	};

	for (size_t i = 0; i < TAP_COUNT(lines); i++)
		check(lines[i].text, strlen(lines[i].text), lines[i].problem);
	check("/a /b none bind\0,ro", 20, "1: [some]: has a control character");
}

static void take__refuses_a_line_that_is_too_long(void)
{
	static char text[4100];

	memset(text, ' ', sizeof(text));
	check(text, sizeof(text), "1: [some]: is longer than 4000 bytes");
}

static void take__refuses_one_mount_too_many(void)
{
	struct cs_conf_problems problems = { 0 };
	struct cs_conf_class class;
	static char text[257 * 32];
	size_t used = 0;

	start(&class);
	for (int i = 0; i < 257; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "/a /b%d none bind\n", i);
	CHECK(cs_fstab_take(&class, text, used, &problems) == 0);
	CHECK(class.mount_count == 256 && problems.count == 1);
	CHECK(strcmp(problems.lines[0], FILE_NAME ":257: [some]: is one mount too many: "
		     "a class has at most 256") == 0);
	end(&class, &problems);
}

static void take__of_comments_and_blank_lines_alone(void)
{
	static const char text[] = "# one\n\n \t\n\t# two\n  #";
	struct cs_conf_problems problems = { 0 };
	struct cs_conf_class class;

	start(&class);
	CHECK(cs_fstab_take(&class, text, strlen(text), &problems) == 0);
	CHECK(class.mount_count == 0 && problems.count == 0 && class.fstab_taken);
	end(&class, &problems);
}

static void load__refuses_what_is_not_roots(void)
{
	struct cs_conf_problems problems = { 0 };
	struct cs_conf_class class;
	char name[] = "/tmp/fstab-test.XXXXXX";
	int fd = mkstemp(name);

	start(&class);
	CHECK(fd >= 0);
	(void)close(fd);
	CHECK(cs_conf_keys_set(cs_conf_keys_find("fstab"), name, &class) == 0);
	CHECK(cs_fstab_load(&class, &problems) == 0);
	/* /tmp is writable by others, whoever runs this */
	CHECK(problems.count == 1 && strstr(problems.lines[0], "can be written by others than root"));
	CHECK(!class.fstab_taken);
	(void)unlink(name);
	end(&class, &problems);
}

static const struct tap_test tests[] = {
	TAP_TEST(take__names_line_and_field),
	TAP_TEST(take__refuses_a_line_that_is_too_long),
	TAP_TEST(take__refuses_one_mount_too_many),
	TAP_TEST(take__of_comments_and_blank_lines_alone),
	TAP_TEST(load__refuses_what_is_not_roots),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
