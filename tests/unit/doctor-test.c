/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor-test: each check of shell/doctor_*.c on a small host in a directory,
 * once with what it is to find and once without.
 *
 * The host is a sound one to begin with. A test spoils it in one way, sees the
 * one finding, mends it as the finding says, and sees nothing.
 */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <fcntl.h>

#include "doctor.h"
#include "fd.h"
#include "files.h"
#include "tap.h"

#define ALICE 64321
#define HELPER CS_LIBEXECDIR "/container-shell-helper"

#define GOOD_SSHD                                                                           \
	"usepam yes\n"                                                                      \
	"subsystem sftp /usr/lib/openssh/sftp-server\n"                                     \
	"forcecommand none\npubkeyauthentication yes\n"                                     \
	"authorizedkeysfile /etc/ssh/authorized_keys/%u\n"                                  \
	"allowtcpforwarding no\nallowstreamlocalforwarding no\npermittunnel no\n"           \
	"gatewayports no\ndisableforwarding no\npermituserenvironment no\n"                 \
	"acceptenv LANG\nacceptenv LC_*\nchrootdirectory none\n"

static char top[64];
static struct cs_doctor_host host;
static unsigned long flags_of_mount;
static long missing_call;

/* --- the host ----------------------------------------------------------------------- */

static const char *real(const char *path)
{
	static char full[PATH_MAX + sizeof(top)];

	(void)snprintf(full, sizeof(full), "%s%s", top, path);
	return full;
}

/* The directories above @path. */
static void make_way(const char *path)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		CHECK(mkdir(real(part), 0755) == 0 || errno == EEXIST);
	}
}

static void put(const char *path, const char *text)
{
	make_way(path);
	files_write(real(path), text);
}

static void put_mode(const char *path, mode_t mode)
{
	put(path, "");
	CHECK(chmod(real(path), mode) == 0);
}

static void put_link(const char *path, const char *target)
{
	make_way(path);
	CHECK(symlink(target, real(path)) == 0);
}

static void put_config(const char *text)
{
	files_write(host.main_file, text);
}

static void cut(const char *path)
{
	CHECK(unlink(real(path)) == 0);
}

static bool fake_lacks_call(long number)
{
	return number == missing_call;
}

static unsigned long fake_mount_flags(int fd)
{
	CHECK(fd >= 0);
	return flags_of_mount;
}

static int fake_each_user(const struct cs_doctor_host *of,
			  int (*visit)(const struct passwd *entry, void *data), void *data)
{
	FILE *file = fopen(real("/etc/passwd"), "re");
	struct passwd *entry;
	int status = 0;

	CHECK(of == &host && file);
	while (file && status == 0 && (entry = fgetpwent(file)) != NULL)
		status = visit(entry, data);
	if (file)
		CHECK(fclose(file) == 0);
	return status;
}

/* A second database, which lists nobody. */
static int fake_user_named(const struct cs_doctor_host *of, const char *name,
			   int (*visit)(const struct passwd *entry, void *data), void *data)
{
	FILE *file = fopen(real("/directory"), "re");
	struct passwd *entry;
	int status = 0;

	CHECK(of == &host);
	while (file && status == 0 && (entry = fgetpwent(file)) != NULL) {
		if (strcmp(entry->pw_name, name) == 0)
			status = visit(entry, data);
	}
	if (file)
		CHECK(fclose(file) == 0);
	return status;
}

/* Answers are in files of the host: for a user's own first. */
static int fake_ask_sshd(const struct cs_doctor_host *of, const char *user, char **ret_text)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/sshd-T.%s", user ? user : "");
	if (cs_doctor_read(of, path, ret_text) == 0)
		return 0;
	if (cs_doctor_read(of, "/sshd-says", ret_text) == 0)
		return -EPROTO;
	return cs_doctor_read(of, "/sshd-T", ret_text);
}

static void make_programs(void)
{
	static const char *const programs[] = { "planner", "init", "monitor", "admin" };
	char path[PATH_MAX];

	for (size_t i = 0; i < TAP_COUNT(programs); i++) {
		(void)snprintf(path, sizeof(path), CS_LIBEXECDIR "/container-shell-%s",
			       programs[i]);
		put_mode(path, 0755);
	}
	put_mode(CS_DOCTOR_SHELL, 0755);
	put_mode(HELPER, 04755);
}

static void make_host(void)
{
	static char main_file[128], dropins[128];

	(void)snprintf(top, sizeof(top), "/tmp/doctor-test.XXXXXX");
	CHECK(mkdtemp(top));
	make_programs();
	put("/etc/passwd", "root:x:0:0::/root:/bin/bash\n"
	    "alice:x:64321:64321::/home/alice:" CS_DOCTOR_SHELL "\n"
	    "carol:x:64323:64323::/home/carol:/bin/bash\n");
	put("/etc/debian_version", "13\n");
	put("/etc/shells", "# shells\n/bin/sh\n/bin/bash\n");
	put("/etc/pam.d/sshd", "@include common-auth\n@include common-session\n");
	put("/etc/pam.d/common-auth", "auth required pam_unix.so\n");
	put("/etc/pam.d/common-session", "session optional pam_systemd.so\n");
	put("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n");
	put("/sshd-T", GOOD_SSHD);
	put("/sys/fs/cgroup/cgroup.controllers", "memory\n");
	put("/proc/sys/fs/suid_dumpable", "0\n");
	put("/proc/sys/dev/tty/legacy_tiocsti", "0\n");
	put("/etc/container-shell/unused", "");
	(void)snprintf(main_file, sizeof(main_file), "%s/etc/container-shell/main.conf", top);
	(void)snprintf(dropins, sizeof(dropins), "%s/etc/container-shell/conf.d", top);
	flags_of_mount = 0;
	missing_call = -1;
	host = (struct cs_doctor_host){
		.root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC),
		.owner = getuid(),
		.privileged = true,
		.trusted = false,
		.main_file = main_file,
		.dropin_dir = dropins,
		.release = "6.12.1-amd64",
		.lacks_call = fake_lacks_call,
		.mount_flags = fake_mount_flags,
		.each_user = fake_each_user,
		.user_named = fake_user_named,
		.ask_sshd = fake_ask_sshd,
	};
	CHECK(host.root >= 0);
}

static void remove_host(void)
{
	char command[128];

	cs_fd_close(&host.root);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", top);
	CHECK(system(command) == 0);
}

/* --- what is expected ------------------------------------------------------------------ */

static void show(const struct cs_doctor *doctor)
{
	for (size_t i = 0; tap_failed && i < doctor->count; i++)
		printf("# found: %d %s: %s: %s, fix: %s\n", (int)doctor->findings[i].level,
		       doctor->findings[i].id, doctor->findings[i].where,
		       doctor->findings[i].what, doctor->findings[i].fix);
}

/* There is one finding, and it is this. @what is a part of its words. */
static void expect(const char *id, enum cs_doctor_level level, const char *where, const char *what,
		   const char *fix)
{
	static const int statuses[] = { 0, CS_DOCTOR_FOUND_WARNING, CS_DOCTOR_FOUND_PROBLEM };
	struct cs_doctor doctor;

	cs_doctor_run(&host, &doctor);
	CHECK(!doctor.failed);
	CHECK(doctor.count == 1);
	if (doctor.count > 0) {
		CHECK(strcmp(doctor.findings[0].id, id) == 0);
		CHECK(doctor.findings[0].level == level);
		CHECK(strcmp(doctor.findings[0].where, where) == 0);
		CHECK(strstr(doctor.findings[0].what, what));
		CHECK(strcmp(doctor.findings[0].fix, fix) == 0);
	}
	CHECK(cs_doctor_status(&doctor) == statuses[level]);
	show(&doctor);
	cs_doctor_free(&doctor);
}

static void expect_nothing(void)
{
	struct cs_doctor doctor;

	cs_doctor_run(&host, &doctor);
	CHECK(!doctor.failed && doctor.count == 0);
	CHECK(cs_doctor_status(&doctor) == 0);
	show(&doctor);
	cs_doctor_free(&doctor);
}

/* The first finding of @id is of this level and place. */
static void expect_among(const char *id, enum cs_doctor_level level, const char *where)
{
	struct cs_doctor doctor;
	bool found = false;

	cs_doctor_run(&host, &doctor);
	for (size_t i = 0; i < doctor.count && !found; i++) {
		if (strcmp(doctor.findings[i].id, id) != 0)
			continue;
		found = true;
		CHECK(doctor.findings[i].level == level);
		CHECK(strcmp(doctor.findings[i].where, where) == 0);
	}
	CHECK(found);
	show(&doctor);
	cs_doctor_free(&doctor);
}

/* sshd's answer with one line put before the good ones, so that it is the one that holds. */
static void answer(const char *line)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "%s\n%s", line, GOOD_SSHD);
	put("/sshd-T", text);
}

/* --- the tests --------------------------------------------------------------------------- */

static void run__sound_host(void)
{
	expect_nothing();
}

static void run__no_sshd(void)
{
	cut("/sshd-T");
	put("/etc/ssh/sshrc", "");
	expect_nothing();
}

static void configuration__broken(void)
{
	char where[256];

	put_config("[default]\nno-such-key = 1\n");
	(void)snprintf(where, sizeof(where), "%s:2", host.main_file);
	expect("configuration", CS_DOCTOR_PROBLEM, where, "[default] no-such-key: ",
	       "container-shell --check-config names them all");
	put_config("[default]\n");
	expect_nothing();
}

static void configuration__not_trusted(void)
{
	/* the test's own directory is in /tmp, which all can write */
	host.trusted = true;
	expect_among("configuration", CS_DOCTOR_PROBLEM, host.main_file);
}

static void class_shell__other_shell(void)
{
	char where[256];

	put_config("# one\n[team]\nusers = carol\n");
	(void)snprintf(where, sizeof(where), "%s:2", host.main_file);
	expect("class-shell", CS_DOCTOR_PROBLEM, where, "carol",
	       "usermod -s " CS_DOCTOR_SHELL " carol");
	put_config("[team]\nusers = alice\n");
	expect_nothing();
}

static void class_shell__pam_holds(void)
{
	put_config("[team]\nusers = carol\n");
	put("/etc/pam.d/sshd", "auth required pam_container_shell.so\n@include common-session\n"
	    "session required pam_container_shell.so\n");
	expect_nothing();
}

static void class_shell__many(void)
{
	char config[1024] = "[team]\nusers =", passwd[2048] = "";
	size_t used = strlen(config), have = 0;
	char where[256];

	for (int i = 0; i < 23; i++) {
		used += (size_t)snprintf(config + used, sizeof(config) - used, " u%02d", i);
		have += (size_t)snprintf(passwd + have, sizeof(passwd) - have,
					 "u%02d:x:%d:%d::/home:/bin/sh\n", i, 65000 + i, 65000 + i);
	}
	(void)snprintf(config + used, sizeof(config) - used, "\n");
	put("/etc/passwd", passwd);
	put_config(config);
	(void)snprintf(where, sizeof(where), "%s:1", host.main_file);
	expect("class-shell", CS_DOCTOR_PROBLEM, where, "u18, u19 and 3 more, whose",
	       "usermod -s " CS_DOCTOR_SHELL " u00");
}

static void class_shell__of_a_user_who_is_not_listed(void)
{
	char where[256];

	put("/directory", "dora:x:64399:64399::/home/dora:/bin/bash\n");
	expect_nothing();
	put_config("[team]\nusers = dora nobody-there\n");
	(void)snprintf(where, sizeof(where), "%s:1", host.main_file);
	expect("class-shell", CS_DOCTOR_PROBLEM, where, "names dora,",
	       "usermod -s " CS_DOCTOR_SHELL " dora");
}

static void no_users__seen(void)
{
	put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	expect("no-users", CS_DOCTOR_NOTE, "", "getent passwd",
	       "usermod -s " CS_DOCTOR_SHELL " and the user's name");
}

static void root_shell__ours(void)
{
	const char *alice = "alice:x:64321:64321::/home/alice:" CS_DOCTOR_SHELL "\n";
	char passwd[256];

	(void)snprintf(passwd, sizeof(passwd), "toor:x:0:0::/root:" CS_DOCTOR_SHELL "\n%s", alice);
	put("/etc/passwd", passwd);
	expect("root-shell", CS_DOCTOR_NOTE, "/etc/passwd", "toor", "usermod -s /bin/bash toor");
	(void)snprintf(passwd, sizeof(passwd), "toor:x:0:0::/root:/bin/sh\n%s", alice);
	put("/etc/passwd", passwd);
	expect_nothing();
}

static void etc_shells__listed(void)
{
	put("/etc/shells", "# " CS_DOCTOR_SHELL "\n/bin/sh\n" CS_DOCTOR_SHELL " # ours\n");
	expect("etc-shells", CS_DOCTOR_PROBLEM, "/etc/shells:3", CS_DOCTOR_SHELL,
	       "delete the line " CS_DOCTOR_SHELL " from /etc/shells");
	put("/etc/shells", "# " CS_DOCTOR_SHELL "\n/bin/sh\n");
	expect_nothing();
}

static void etc_shells__by_another_name(void)
{
	put_link("/alias", CS_DOCTOR_SHELL);
	put("/etc/shells", "/alias\n");
	expect("etc-shells", CS_DOCTOR_PROBLEM, "/etc/shells:1", "/alias",
	       "delete the line /alias from /etc/shells");
}

static void sshd_pam__one_line(void)
{
	put("/etc/pam.d/sshd", "@include common-auth\nauth required pam_container_shell.so\n");
	expect("sshd-pam", CS_DOCTOR_PROBLEM, "/etc/pam.d/sshd:2", "session line is not",
	       "/etc/pam.d/sshd, as the last line: session required pam_container_shell.so");
	put("/etc/pam.d/sshd", "session required /lib/security/pam_container_shell.so\n");
	expect("sshd-pam", CS_DOCTOR_PROBLEM, "/etc/pam.d/sshd:1", "auth line is not",
	       "/etc/pam.d/sshd, as the first line: auth optional pam_container_shell.so");
	put("/etc/pam.d/sshd", "#auth required pam_container_shell.so\n");
	expect_nothing();
}

static void sshd_pam__too_early(void)
{
	put("/etc/pam.d/sshd", "auth required pam_container_shell.so\n"
	    "session required pam_container_shell.so\n@include common-session\n");
	expect("sshd-pam", CS_DOCTOR_PROBLEM, "/etc/pam.d/common-session:1", "/etc/pam.d/sshd:2",
	       "/etc/pam.d/sshd, as the last line: session required pam_container_shell.so");
	put("/etc/pam.d/sshd", "auth required pam_container_shell.so\n"
	    "session \\\ninclude common-session\nsession required pam_container_shell.so\n");
	expect_nothing();
	put("/etc/pam.d/sshd", "auth required pam_container_shell.so\n"
	    "session required pam_container_shell.so\nsession substack common-session\n");
	expect_among("sshd-pam", CS_DOCTOR_PROBLEM, "/etc/pam.d/common-session:1");
}

static void sshd_pam__control(void)
{
	put("/etc/pam.d/sshd", "auth optional pam_container_shell.so\n"
	    "-session [success=ok default=ignore] pam_container_shell.so\n");
	expect("sshd-pam", CS_DOCTOR_PROBLEM, "/etc/pam.d/sshd:2", "PAM goes on",
	       "session required pam_container_shell.so");
	put("/etc/pam.d/sshd", "auth optional pam_container_shell.so\n"
	    "session [success=ok default=bad] pam_container_shell.so\n");
	expect_nothing();
}

static void sshd_pam__passed_by(void)
{
	put("/etc/pam.d/common-auth", "auth [success=1 default=ignore] pam_unix.so\n"
	    "auth requisite pam_deny.so\n");
	put("/etc/pam.d/sshd", "@include common-auth\nauth optional pam_container_shell.so\n"
	    "session required pam_container_shell.so\n");
	expect("sshd-pam", CS_DOCTOR_PROBLEM, "/etc/pam.d/common-auth:2", "/etc/pam.d/sshd:2",
	       "/etc/pam.d/sshd, as the first line: auth optional pam_container_shell.so");
	/* A substack ends alone; a control that goes on is none that ends. */
	put("/etc/pam.d/sshd", "auth substack common-auth\nauth optional pam_group.so\n"
	    "auth [success=ok new_authtok_reqd=ok ignore=ignore default=bad] pam_x.so\n"
	    "auth optional pam_container_shell.so\nauth requisite pam_deny.so\n"
	    "session required pam_container_shell.so\n");
	expect_nothing();
	put("/etc/pam.d/sshd", "auth sufficient pam_x.so\nauth optional pam_container_shell.so\n"
	    "session required pam_container_shell.so\n");
	expect("sshd-pam", CS_DOCTOR_PROBLEM, "/etc/pam.d/sshd:1", "outside",
	       "/etc/pam.d/sshd, as the first line: auth optional pam_container_shell.so");
	put("/etc/pam.d/sshd", "auth optional pam_container_shell.so\n"
	    "session [success=1 default=ignore] pam_y.so\nsession requisite pam_z.so\n"
	    "session [success=done default=ignore] pam_x.so\n"
	    "session required pam_container_shell.so\n");
	expect("sshd-pam", CS_DOCTOR_PROBLEM, "/etc/pam.d/sshd:4", "killed",
	       "a control that does not end the group: required, or optional");
}

static void sshd_pam__includes_itself(void)
{
	put("/etc/pam.d/sshd", "@include sshd\n@include no-such-file\n");
	expect_nothing();
}

static void sshd_pam_env__reads_the_users(void)
{
	put("/etc/pam.d/sshd", "session required pam_env.so user_readenv=1 # [1]\n");
	expect("sshd-pam-env", CS_DOCTOR_PROBLEM, "/etc/pam.d/sshd:1", "~/.pam_environment",
	       "the same line without user_readenv=1");
	put("/etc/pam.d/sshd", "session required pam_env.so # user_readenv=1\n");
	expect_nothing();
}

static void sshd_settings__no_answer(void)
{
	put("/sshd-says", "no hostkeys available");
	expect("sshd-settings", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config", "no hostkeys available",
	       "what sshd -t says; /run/sshd is there once sshd runs");
	cut("/sshd-says");
	expect_nothing();
}

static void sshd_settings__not_root(void)
{
	host.privileged = false;
	put("/sshd-T", "allowtcpforwarding yes\n");
	expect_among("sshd-settings", CS_DOCTOR_NOTE, "");
	expect_among("process-outside", CS_DOCTOR_NOTE, "/proc");
}

static void sshd_settings__many_users(void)
{
	char passwd[4096] = "";
	size_t used = 0;

	for (int i = 0; i < 40; i++)
		used += (size_t)snprintf(passwd + used, sizeof(passwd) - used,
					 "u%02d:x:%d:%d::/:" CS_DOCTOR_SHELL "\n", i, 65000 + i,
					 65000 + i);
	put("/etc/passwd", passwd);
	expect("sshd-settings", CS_DOCTOR_NOTE, "", "about 32 users, and not about 8 more", "");
}

static void sshd_use_pam__no(void)
{
	put("/etc/pam.d/sshd", "auth required pam_container_shell.so\n"
	    "session required pam_container_shell.so\n");
	answer("usepam no");
	put("/etc/ssh/sshd_config", "Port 22\n\tusepam\tno\n");
	expect("sshd-use-pam", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config:2", "UsePAM", "UsePAM yes");
	put("/sshd-T", GOOD_SSHD);
	expect_nothing();
}

static void sshd_internal_sftp__subsystem(void)
{
	answer("subsystem sftp /usr/lib/internal-sftp");
	expect_nothing();
	answer("subsystem sftp internal-sftp -l INFO");
	put("/etc/ssh/sshd_config", "include sshd_config.d/*.conf\n");
	put("/etc/ssh/sshd_config.d/10.conf", "#Subsystem sftp internal-sftp\n"
	    "Subsystem sftp internal-sftp -l INFO\n");
	put("/usr/libexec/openssh/sftp-server", "");
	expect("sshd-internal-sftp", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config.d/10.conf:2",
	       "for alice", "Subsystem sftp /usr/libexec/openssh/sftp-server");
	put("/sshd-T", GOOD_SSHD);
	expect_nothing();
}

static void sshd_force_command__internal_sftp(void)
{
	answer("forcecommand internal-sftp");
	expect("sshd-force-command", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config", "ForceCommand",
	       "ForceCommand none");
	answer("forcecommand /usr/bin/true");
	expect_nothing();
}

static void sshd_user_keys__in_the_home(void)
{
	answer("authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2");
	expect("sshd-user-keys", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config", "for alice",
	       "AuthorizedKeysFile /etc/ssh/authorized_keys/%u");
	answer("authorizedkeysfile none");
	expect_nothing();
	answer("authorizedkeysfile /srv/%h/keys");
	expect_among("sshd-user-keys", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config");
	answer("authorizedkeysfile .ssh/authorized_keys\nforcecommand /usr/bin/one");
	expect_nothing();
}

static void sshd_user_keys__the_users_file(void)
{
	put("/etc/ssh/authorized_keys/alice", "");
	expect_nothing();
	if (chown(real("/etc/ssh/authorized_keys/alice"), ALICE, ALICE) < 0)
		SKIP("needs root");
	expect_among("sshd-user-keys", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config");
}

static void sshd_stream_forwarding__allowed(void)
{
	static const char *const values[] = { "yes", "all", "local" };
	char line[64];

	for (size_t i = 0; i < TAP_COUNT(values); i++) {
		(void)snprintf(line, sizeof(line), "allowstreamlocalforwarding %s", values[i]);
		answer(line);
		expect("sshd-stream-forwarding", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config",
		       "sockets", "AllowStreamLocalForwarding no");
	}
	answer("allowstreamlocalforwarding remote");
	expect("sshd-stream-forwarding", CS_DOCTOR_WARNING, "/etc/ssh/sshd_config", "sockets",
	       "AllowStreamLocalForwarding no");
	answer("allowstreamlocalforwarding yes\ndisableforwarding yes");
	expect_nothing();
}

static void sshd_tcp_forwarding__of_one_user(void)
{
	put("/etc/passwd", "alice:x:64321:64321::/home/alice:" CS_DOCTOR_SHELL "\n"
	    "bob:x:64322:64322::/home/bob:" CS_DOCTOR_SHELL "\n");
	put("/sshd-T.bob", "allowtcpforwarding local\n" GOOD_SSHD);
	put("/etc/ssh/sshd_config", "AllowTcpForwarding no\nMatch User bob\n"
	    "AllowTcpForwarding local\n");
	expect("sshd-tcp-forwarding", CS_DOCTOR_WARNING, "/etc/ssh/sshd_config:3",
	       "AllowTcpForwarding is \"local\" for bob: ", "AllowTcpForwarding no");
	cut("/sshd-T.bob");
	expect_nothing();
}

static void sshd_tcp_forwarding__nobody_contained_yet(void)
{
	put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	put("/sshd-T.", "allowtcpforwarding yes\n" GOOD_SSHD);
	expect_among("sshd-tcp-forwarding", CS_DOCTOR_WARNING, "/etc/ssh/sshd_config");
}

static void sshd_tcp_forwarding__pam_holds(void)
{
	answer("allowtcpforwarding yes\nallowstreamlocalforwarding yes\npermitopen any\n"
	       "subsystem sftp internal-sftp\nacceptenv *");
	put("/etc/pam.d/sshd", "auth required pam_container_shell.so\n"
	    "session required pam_container_shell.so\n");
	expect_nothing();
}

static void sshd_gateway_ports__yes(void)
{
	answer("gatewayports clientspecified");
	expect("sshd-gateway-ports", CS_DOCTOR_WARNING, "/etc/ssh/sshd_config", "GatewayPorts",
	       "GatewayPorts no");
	answer("gatewayports no");
	expect_nothing();
}

static void sshd_tunnel__yes(void)
{
	answer("permittunnel point-to-point");
	expect("sshd-tunnel", CS_DOCTOR_WARNING, "/etc/ssh/sshd_config", "PermitTunnel",
	       "PermitTunnel no");
	answer("permittunnel no");
	expect_nothing();
}

static void sshd_user_environment__of_a_loader(void)
{
	answer("permituserenvironment yes");
	expect("sshd-user-environment", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config", "LD_PRELOAD",
	       "PermitUserEnvironment no");
	answer("permituserenvironment LANG,LD_*");
	expect_among("sshd-user-environment", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config");
	answer("permituserenvironment LANG,LC_*");
	expect_nothing();
}

static void sshd_accept_env__of_a_loader(void)
{
	answer("acceptenv EDITOR\nacceptenv *");
	put("/etc/ssh/sshd_config", "AcceptEnv EDITOR *\n");
	expect("sshd-accept-env", CS_DOCTOR_PROBLEM, "/etc/ssh/sshd_config:1", "LD_PRELOAD",
	       "AcceptEnv LANG LC_*");
	answer("acceptenv EDITOR");
	expect_nothing();
}

static void sshd_chroot__set(void)
{
	answer("chrootdirectory /srv/%u");
	expect("sshd-chroot", CS_DOCTOR_WARNING, "/etc/ssh/sshd_config", "ChrootDirectory",
	       "ChrootDirectory none");
	put("/etc/pam.d/sshd", "auth required pam_container_shell.so\n"
	    "session required pam_container_shell.so\n");
	expect_among("sshd-chroot", CS_DOCTOR_WARNING, "/etc/ssh/sshd_config");
	answer("chrootdirectory none");
	expect_nothing();
}

static void sshd_rc__there(void)
{
	put("/etc/ssh/sshrc", "");
	expect("sshd-rc", CS_DOCTOR_WARNING, "/etc/ssh/sshrc", "/bin/sh", "rm /etc/ssh/sshrc");
	cut("/etc/ssh/sshrc");
	expect_nothing();
}

static void user_manager__not_masked(void)
{
	put("/usr/lib/systemd/system/user@.service", "[Service]\n");
	expect("user-manager", CS_DOCTOR_PROBLEM, "user@.service", "for alice,",
	       "systemctl mask --now user@$(id -u alice).service, or mask user@.service for all");
	put_link("/etc/systemd/system/user@64321.service", "/dev/null");
	expect_nothing();
	cut("/etc/systemd/system/user@64321.service");
	put_link("/etc/systemd/system/user@.service", "/dev/null");
	expect_nothing();
	put("/sys/fs/cgroup/user.slice/user-64321.slice/user@64321.service/cgroup.procs", "");
	expect("user-manager", CS_DOCTOR_PROBLEM, "user@64321.service", "still runs",
	       "systemctl stop user@64321.service");
}

static void linger__on(void)
{
	put("/lib/systemd/system/user@.service", "[Service]\n");
	put("/var/lib/systemd/linger/alice", "");
	put("/var/lib/systemd/linger/carol", "");
	expect_among("linger", CS_DOCTOR_PROBLEM, "/var/lib/systemd/linger/alice");
	put_link("/etc/systemd/system/user@64321.service", "/dev/null");
	expect_nothing();
}

static void cron_allow__everybody(void)
{
	put_mode("/usr/bin/crontab", 02755);
	expect("cron-allow", CS_DOCTOR_PROBLEM, "/etc/cron.deny", "used by alice:",
	       "add to /etc/cron.deny, a line each: alice");
	put("/etc/cron.deny", "carol\nalice\n");
	expect_nothing();
	put("/etc/cron.allow", "root\n alice\n");
	expect("cron-allow", CS_DOCTOR_PROBLEM, "/etc/cron.allow:2", "used by alice:",
	       "delete from /etc/cron.allow: alice");
	put("/etc/cron.allow", "root\n");
	expect_nothing();
}

static void cron_pam__one_line(void)
{
	put("/etc/pam.d/cron", "session required pam_container_shell.so\n");
	expect("cron-pam", CS_DOCTOR_PROBLEM, "/etc/pam.d/cron:1", "auth line is not",
	       "/etc/pam.d/cron, as the first line: auth optional pam_container_shell.so");
}

static void cron_pam__holds(void)
{
	put_mode("/usr/bin/crontab", 02755);
	put("/var/spool/cron/crontabs/alice", "@daily date\n");
	put("/etc/pam.d/cron", "auth optional pam_container_shell.so\n@include common-auth\n"
	    "session required pam_container_shell.so\n");
	expect_nothing();
	put("/etc/pam.d/cron", "auth optional pam_container_shell.so\n"
	    "session optional pam_container_shell.so\n");
	expect_among("cron-allow", CS_DOCTOR_PROBLEM, "/etc/cron.deny");
	expect_among("cron-spool", CS_DOCTOR_PROBLEM, "/var/spool/cron/crontabs/alice:1");
}

static void cron_allow__cronie(void)
{
	put_mode("/usr/bin/crontab", 04755);
	cut("/etc/debian_version");
	expect_nothing();
	put("/etc/cron.deny", "");
	expect_among("cron-allow", CS_DOCTOR_PROBLEM, "/etc/cron.deny");
}

static void cron_spool__job(void)
{
	put("/var/spool/cron/crontabs/alice", "# mine\nMAILTO = alice\n\n@daily date\n");
	put("/var/spool/cron/crontabs/carol", "@daily date\n");
	expect("cron-spool", CS_DOCTOR_PROBLEM, "/var/spool/cron/crontabs/alice:4", "alice",
	       "SHELL=" CS_DOCTOR_SHELL);
	put("/var/spool/cron/crontabs/alice", "SHELL = '" CS_DOCTOR_SHELL "'\n@daily a=b date\n");
	expect_nothing();
	put("/var/spool/cron/crontabs/alice", "SHELL=" CS_DOCTOR_SHELL "\n@daily date\n"
	    "SHELL=/bin/sh\n* * * * * a=b date\n");
	expect_among("cron-spool", CS_DOCTOR_PROBLEM, "/var/spool/cron/crontabs/alice:4");
	put("/var/spool/cron/crontabs/alice", "# none\nSHELL=/bin/sh\n");
	expect_nothing();
}

static void cron_spool__of_red_hat(void)
{
	put("/var/spool/cron/alice", "* * * * * date\n");
	expect("cron-spool", CS_DOCTOR_PROBLEM, "/var/spool/cron/alice:1", "alice",
	       "SHELL=" CS_DOCTOR_SHELL);
}

static void at_allow__deny_without_her(void)
{
	put_mode("/usr/bin/at", 06755);
	expect_nothing();
	put("/etc/at.deny", "www-data\n");
	expect("at-allow", CS_DOCTOR_PROBLEM, "/etc/at.deny", "used by alice:",
	       "add to /etc/at.deny, a line each: alice");
	put("/etc/at.deny", "www-data\nalice\n");
	expect_nothing();
}

static void at_spool__job(void)
{
	put("/var/spool/cron/atjobs/a0000101abcdef", "");
	put("/var/spool/cron/atjobs/.SEQ", "");
	expect_nothing();
	if (chown(real("/var/spool/cron/atjobs/a0000101abcdef"), ALICE, ALICE) < 0)
		SKIP("needs root");
	expect("at-spool", CS_DOCTOR_PROBLEM, "/var/spool/cron/atjobs/a0000101abcdef", "alice",
	       "rm /var/spool/cron/atjobs/a0000101abcdef");
}

static void mail_forward__postfix(void)
{
	put("/usr/sbin/postfix", "");
	put("/etc/postfix/main.cf", "myhostname = vm\n");
	expect("mail-forward", CS_DOCTOR_PROBLEM, "/etc/postfix/main.cf", "~/.forward",
	       "allow_mail_to_commands = alias");
	put("/etc/postfix/main.cf", "allow_mail_to_commands = alias\n");
	expect_nothing();
	put("/etc/postfix/main.cf",
	    "allow_mail_to_commands=\nmailbox_command = /usr/bin/procmail -a\n");
	expect("mail-forward", CS_DOCTOR_PROBLEM, "/etc/postfix/main.cf:2", "~/.procmailrc",
	       "mailbox_command =");
}

static void mail_forward__exim(void)
{
	put("/usr/sbin/exim4", "");
	put("/etc/exim4/exim4.conf.template", "one:\n  forbid_pipe\nuserforward:\n"
	    "  file = $home/.forward\n  allow_filter\n\nprocmail:\n  forbid_pipe\n");
	expect("mail-forward", CS_DOCTOR_PROBLEM, "/etc/exim4/exim4.conf.template:3", "~/.forward",
	       "below userforward: forbid_pipe instead of allow_filter");
	put("/etc/exim4/exim4.conf.template", "userforward:\n  forbid_pipe\n\nnext:\n");
	expect_nothing();
}

static void ftp_server__installed(void)
{
	put("/usr/sbin/vsftpd", "");
	expect("ftp-server", CS_DOCTOR_WARNING, "/usr/sbin/vsftpd", "alice",
	       "add to /etc/ftpusers, a line each: alice");
	put("/etc/ftpusers", "root\nalice\n");
	expect_nothing();
}

static void display_manager__enabled(void)
{
	put_link("/etc/systemd/system/display-manager.service", "/lib/systemd/system/gdm3.service");
	expect("display-manager", CS_DOCTOR_WARNING,
	       "/etc/systemd/system/display-manager.service", "gdm3.service",
	       "systemctl disable --now gdm3.service");
	cut("/etc/systemd/system/display-manager.service");
	expect_nothing();
}

static void process_outside__hers(void)
{
	put_link("/proc/self/ns/pid", "pid:[1]");
	put("/proc/77/status", "Name:\ttmux\nUid:\t64321\t64321\t64321\t64321\n");
	put_link("/proc/77/exe", "/usr/bin/tmux");
	put_link("/proc/77/ns/pid", "pid:[1]");
	expect("process-outside", CS_DOCTOR_PROBLEM, "/proc/77",
	       "alice runs on the host: /usr/bin/tmux", "kill 77");
	put("/proc/77/status", "Name:\ttmux\nUid:\t64323\t64323\t64323\t64323\n");
	expect_nothing();
}

static void process_outside__expected(void)
{
	static const char *const programs[] = {
		"/usr/sbin/sshd", "/usr/lib/openssh/sshd-session", HELPER, CS_DOCTOR_SHELL,
	};

	put_link("/proc/self/ns/pid", "pid:[1]");
	put("/proc/77/status", "Name:\tx\nUid:\t64321\t64321\t64321\t64321\n");
	put_link("/proc/77/ns/pid", "pid:[1]");
	for (size_t i = 0; i < TAP_COUNT(programs); i++) {
		put_link("/proc/77/exe", programs[i]);
		expect_nothing();
		cut("/proc/77/exe");
	}
	put_link("/proc/77/exe", "/home/alice/sshd");
	expect_among("process-outside", CS_DOCTOR_PROBLEM, "/proc/77");
	cut("/proc/77/ns/pid");
	put_link("/proc/77/ns/pid", "pid:[2]");	/* a container's */
	expect_nothing();
}

static void helper__spoilt(void)
{
	CHECK(chmod(real(HELPER), 0755) == 0);
	expect("helper", CS_DOCTOR_PROBLEM, HELPER, "not set-uid", "chmod 4755 " HELPER);
	CHECK(chmod(real(HELPER), 04775) == 0);
	expect("helper", CS_DOCTOR_PROBLEM, HELPER, "written by others", "chmod go-w " HELPER);
	cut(HELPER);
	expect("helper", CS_DOCTOR_PROBLEM, HELPER, "is not there",
	       "install container-shell again");
	put_mode(HELPER, 04755);
	expect_nothing();
}

static void helper__second_name(void)
{
	char kept[PATH_MAX + sizeof(top)];

	(void)snprintf(kept, sizeof(kept), "%s", real("/kept"));
	CHECK(link(real(HELPER), kept) == 0);
	expect("helper", CS_DOCTOR_PROBLEM, HELPER, "another name",
	       "remove the other file that this "
	       "shows: find / -xdev -samefile " HELPER);
	cut("/kept");
	expect_nothing();
}

static void helper__mount(void)
{
	flags_of_mount = ST_NOSUID;
	expect("helper", CS_DOCTOR_PROBLEM, HELPER, "nosuid",
	       "mount -o remount,suid what is mounted there: findmnt -T " HELPER);
	flags_of_mount = ST_NOEXEC;
	expect_among("helper", CS_DOCTOR_PROBLEM, HELPER);
	expect_among("programs", CS_DOCTOR_PROBLEM, CS_LIBEXECDIR "/container-shell-planner");
}

static void helper__directory(void)
{
	CHECK(chmod(real(CS_LIBEXECDIR), 0777) == 0);
	expect("helper", CS_DOCTOR_PROBLEM, CS_LIBEXECDIR, "written by others",
	       "chmod go-w " CS_LIBEXECDIR);
}

static void programs__owner(void)
{
	host.owner = getuid() + 1;
	expect_among("helper", CS_DOCTOR_PROBLEM, HELPER);
	expect_among("programs", CS_DOCTOR_PROBLEM, CS_LIBEXECDIR "/container-shell-planner");
}

static void programs__spoilt(void)
{
	CHECK(chmod(real(CS_DOCTOR_SHELL), 0757) == 0);
	expect("programs", CS_DOCTOR_PROBLEM, CS_DOCTOR_SHELL, "written by others",
	       "chmod go-w " CS_DOCTOR_SHELL);
	CHECK(chmod(real(CS_DOCTOR_SHELL), 04755) == 0);
	expect("programs", CS_DOCTOR_PROBLEM, CS_DOCTOR_SHELL, "is set-uid",
	       "chmod 755 " CS_DOCTOR_SHELL);
	CHECK(chmod(real(CS_DOCTOR_SHELL), 0755) == 0);
	expect_nothing();
}

static void kernel_version__old(void)
{
	static const char *const good[] = { "5.14.0", "5.100", "6.1.0-44-amd64", "10.0-rc1" };

	host.release = "5.13.19-generic";
	expect("kernel-version", CS_DOCTOR_PROBLEM, "uname -r", "5.13.19-generic",
	       "boot Linux 5.14 or newer");
	for (size_t i = 0; i < TAP_COUNT(good); i++) {
		host.release = good[i];
		expect_nothing();
	}
}

static void kernel_calls__filtered(void)
{
	missing_call = SYS_mount_setattr;
	expect("kernel-calls", CS_DOCTOR_PROBLEM, "", "has no mount_setattr",
	       "boot Linux 5.14 or newer, or let the filter pass them");
	missing_call = -1;
	expect_nothing();
}

/* Two users have the same ids, in this host's /etc/subuid. */
static int fake_find_ids(const struct cs_doctor_host *of, const struct cs_conf *conf,
			 const struct cs_conf_class *class, const char *name, char *ret_error,
			 size_t error_size)
{
	cs_autofree char *text = NULL;

	CHECK(class->identity != CS_IDENTITY_HOST && conf != NULL);
	if (cs_doctor_read(of, "/etc/subuid", &text) < 0)
		return -EIO;
	if (strstr(text, "bob:100000:") == NULL)
		return 0;
	(void)snprintf(ret_error, error_size, "the subordinate ids of %s are bob's, too", name);
	return -EINVAL;
}

static void subordinate_ids__overlap(void)
{
	put_config("[default]\nidentity = keep\n");
	put("/etc/subuid", "alice:100000:65536\nbob:100000:65536\n");
	host.find_ids = fake_find_ids;
	expect("subordinate-ids", CS_DOCTOR_PROBLEM, "/etc/subuid, /etc/subgid",
	       "alice cannot log in: the subordinate ids of alice are bob's, too",
	       "usermod --add-subuids FIRST-LAST --add-subgids FIRST-LAST alice");
	put("/etc/subuid", "alice:100000:65536\n");
	expect_nothing();
}

/* Of a class that a user is named by, and not of the default one. */
static void subordinate_ids__of_a_class(void)
{
	put_config("[default]\nidentity = keep\n[plain]\nusers = alice\nidentity = host\n");
	host.find_ids = fake_find_ids;	/* without the file it fails */
	expect_nothing();
	put_config("[builders]\nusers = alice\nidentity = root\n");
	expect("subordinate-ids", CS_DOCTOR_PROBLEM, "/etc/subuid, /etc/subgid",
	       "alice cannot log in: Input/output error",
	       "usermod --add-subuids FIRST-LAST --add-subgids FIRST-LAST alice");
}

static void kernel_cgroup__none(void)
{
	cut("/sys/fs/cgroup/cgroup.controllers");
	expect("kernel-cgroup", CS_DOCTOR_WARNING, "/sys/fs/cgroup", "cgroup v2",
	       "on the kernel's command line: systemd.unified_cgroup_hierarchy=1");
	put("/sys/fs/cgroup/unified/cgroup.controllers", "");
	expect_nothing();
}

static void kernel_tiocsti__on(void)
{
	put("/proc/sys/dev/tty/legacy_tiocsti", "1\n");
	expect("kernel-tiocsti", CS_DOCTOR_WARNING, "/proc/sys/dev/tty/legacy_tiocsti", "terminal",
	       "sysctl dev.tty.legacy_tiocsti=0");
	cut("/proc/sys/dev/tty/legacy_tiocsti");
	expect_nothing();
}

static void kernel_dumpable__on(void)
{
	put("/proc/sys/fs/suid_dumpable", "1\n");
	expect("kernel-dumpable", CS_DOCTOR_WARNING, "/proc/sys/fs/suid_dumpable", "core files",
	       "sysctl fs.suid_dumpable=0");
	put("/proc/sys/fs/suid_dumpable", "2\n");
	expect_nothing();
}

/* --- what is printed ------------------------------------------------------------------------ */

static char *printed(void (*print)(const struct cs_doctor *doctor, FILE *out), const char *what)
{
	struct cs_doctor doctor = { .id = "an-id" };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK(out);
	if (what)
		cs_doctor_add(&doctor, CS_DOCTOR_PROBLEM, cs_doctor_text("/f:1"),
			      cs_doctor_text("%s", what), cs_doctor_text("%s", ""));
	print(&doctor, out);
	CHECK(fclose(out) == 0);
	cs_doctor_free(&doctor);
	return text;
}

static void print_json__escapes(void)
{
	static const struct {
		const char *raw, *escaped;
	} cases[] = {
		{ "a \"b\" \\ /", "a \\\"b\\\" \\\\ /" },
		{ "\n\t\r\x01\x1b[31m\x7f", "\\u000a\\u0009\\u000d\\u0001\\u001b[31m\\u007f" },
		{ "\xc3\xa4", "\xc3\xa4" },
		{ "\xc2\x9b", "\\u009b" },
		{ "\xe2\x82\xac", "\xe2\x82\xac" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xff" "a", "\\ufffda" },
		{ "\xc3", "\\ufffd" },
		{ "\xc3" "a", "\\ufffda" },
		{ "\xc0\xaf", "\\ufffd\\ufffd" },		/* too long a form */
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" },	/* a surrogate */
		{ "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
		{ "\xf8\x88\x80\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd" },
	};
	char expected[512];

	for (size_t i = 0; i < TAP_COUNT(cases); i++) {
		char *text = printed(cs_doctor_print_json, cases[i].raw);

		(void)snprintf(expected, sizeof(expected),
			       "[\n  {\"id\": \"an-id\", \"level\": \"problem\", \"what\": \"%s\", "
			       "\"where\": \"/f:1\", \"fix\": \"\"}\n]\n", cases[i].escaped);
		CHECK(text && strcmp(text, expected) == 0);
		if (tap_failed)
			printf("# got %s", text);
		free(text);
	}
}

static void print_json__nothing(void)
{
	char *text = printed(cs_doctor_print_json, NULL);

	CHECK(text && strcmp(text, "[]\n") == 0);
	free(text);
}

static void print_text__escapes(void)
{
	char *text = printed(cs_doctor_print_text, "a\n\x1b[31m\xc2\x9b");

	CHECK(text && strcmp(text, "problem: an-id: /f:1: a\\x0a\\x1b[31m\\xc2\\x9b\n"
				   "1 problem, 0 warnings\n") == 0);
	free(text);
	text = printed(cs_doctor_print_text, NULL);
	CHECK(text && strcmp(text, "nothing found\n") == 0);
	free(text);
}

/* Every id is an item of the manual, and of a test above by its name. */
static void ids__are_in_the_manual(void)
{
	const char *source = getenv("srcdir");
	char path[PATH_MAX], item[128];
	char *manual;

	(void)snprintf(path, sizeof(path), "%s/man/container-shell.1", source ? source : ".");
	manual = files_read(path);
	CHECK(manual);
	for (size_t i = 0; manual && cs_doctor_id_at(i); i++) {
		(void)snprintf(item, sizeof(item), "\n.It Li %s\n", cs_doctor_id_at(i));
		CHECK(strstr(manual, item));
		if (!strstr(manual, item))
			printf("# missing: %s\n", cs_doctor_id_at(i));
	}
	free(manual);
}

/* A file that is not one must not stop us, and a link must not lead out of the root. */
static void read__what_is_no_file(void)
{
	char *text = NULL;

	CHECK(mkfifo(real("/fifo"), 0666) == 0);
	CHECK(cs_doctor_read(&host, "/fifo", &text) == -EINVAL);
	CHECK(cs_doctor_read(&host, "/etc", &text) < 0);
	put_link("/out", "../../../../../../etc/passwd");
	CHECK(cs_doctor_read(&host, "/out", &text) == 0);
	CHECK(text && strstr(text, "64321"));
	free(text);
}

/* Each of these has a host of its own. */
#define ON_HOST(function)                \
	static void on_##function(void)  \
	{                                \
		make_host();             \
		function();              \
		remove_host();           \
	}
#define TESTS(X) \
	X(run__sound_host) \
	X(run__no_sshd) \
	X(configuration__broken) \
	X(configuration__not_trusted) \
	X(class_shell__other_shell) \
	X(class_shell__pam_holds) \
	X(class_shell__many) \
	X(class_shell__of_a_user_who_is_not_listed) \
	X(no_users__seen) \
	X(root_shell__ours) \
	X(etc_shells__listed) \
	X(etc_shells__by_another_name) \
	X(sshd_pam__one_line) \
	X(sshd_pam__too_early) \
	X(sshd_pam__control) \
	X(sshd_pam__passed_by) \
	X(sshd_pam__includes_itself) \
	X(sshd_pam_env__reads_the_users) \
	X(sshd_settings__no_answer) \
	X(sshd_settings__not_root) \
	X(sshd_settings__many_users) \
	X(sshd_use_pam__no) \
	X(sshd_internal_sftp__subsystem) \
	X(sshd_force_command__internal_sftp) \
	X(sshd_user_keys__in_the_home) \
	X(sshd_user_keys__the_users_file) \
	X(sshd_stream_forwarding__allowed) \
	X(sshd_tcp_forwarding__of_one_user) \
	X(sshd_tcp_forwarding__nobody_contained_yet) \
	X(sshd_tcp_forwarding__pam_holds) \
	X(sshd_gateway_ports__yes) \
	X(sshd_tunnel__yes) \
	X(sshd_user_environment__of_a_loader) \
	X(sshd_accept_env__of_a_loader) \
	X(sshd_chroot__set) \
	X(sshd_rc__there) \
	X(user_manager__not_masked) \
	X(linger__on) \
	X(cron_allow__everybody) \
	X(cron_pam__one_line) \
	X(cron_pam__holds) \
	X(cron_allow__cronie) \
	X(cron_spool__job) \
	X(cron_spool__of_red_hat) \
	X(at_allow__deny_without_her) \
	X(at_spool__job) \
	X(mail_forward__postfix) \
	X(mail_forward__exim) \
	X(ftp_server__installed) \
	X(display_manager__enabled) \
	X(process_outside__hers) \
	X(process_outside__expected) \
	X(helper__spoilt) \
	X(helper__second_name) \
	X(helper__mount) \
	X(helper__directory) \
	X(programs__owner) \
	X(programs__spoilt) \
	X(kernel_version__old) \
	X(kernel_calls__filtered) \
	X(subordinate_ids__overlap) \
	X(subordinate_ids__of_a_class) \
	X(kernel_cgroup__none) \
	X(kernel_tiocsti__on) \
	X(kernel_dumpable__on) \
	X(print_json__escapes) \
	X(print_json__nothing) \
	X(print_text__escapes) \
	X(ids__are_in_the_manual) \
	X(read__what_is_no_file)

TESTS(ON_HOST)

#define ROW(function) { #function, on_##function },

static const struct tap_test tests[] = {
	TESTS(ROW)
};

int main(void)
{
	(void)umask(022);
	return tap_run(tests, TAP_COUNT(tests));
}
