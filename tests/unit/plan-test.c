/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan-test: what must hold for every plan. What a plan looks like is in
 * tests/plan.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf_keys.h"
#include "plan.h"
#include "strict.h"
#include "tap.h"

/* A plan for alice with @home, @network and @root; the result of cs_plan_make(). */
static int make_with_root(const char *home, enum cs_network network, const char *root,
			  struct cs_plan *ret_plan, char *ret_error)
{
	struct cs_conf_class class = { .name = "default" };
	struct cs_user user = { .uid = 1000, .gid = 1000, .name = "alice" };
	int err;

	CHECK(cs_conf_keys_set_defaults(&class) == 0);
	class.network.kind = network;
	CHECK(cs_conf_keys_set(cs_conf_keys_find("root"), root, &class) == 0);
	user.home = strdup(home);
	CHECK(user.home);
	err = cs_plan_make(&class, &user, ret_plan, ret_error, 256);
	cs_user_free(&user);
	cs_conf_keys_free(&class);
	return err;
}

static int make_with(const char *home, enum cs_network network, struct cs_plan *ret_plan,
		     char *ret_error)
{
	return make_with_root(home, network, "host", ret_plan, ret_error);
}

static int make(const char *home, struct cs_plan *ret_plan, char *ret_error)
{
	return make_with(home, CS_NETWORK_HOST, ret_plan, ret_error);
}

static const struct cs_mount *find(const struct cs_plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->mount_count; i++) {
		if (strcmp(plan->mounts[i].target, target) == 0)
			return &plan->mounts[i];
	}
	return NULL;
}

static void make__parents_stand_before_children(void)
{
	struct cs_plan plan;
	char error[256];

	CHECK(make("/var/lib/alice", &plan, error) == 0);
	for (size_t i = 0; i < plan.mount_count; i++) {
		CHECK(cs_strict_is_path(plan.mounts[i].target));
		for (size_t j = 0; j < i; j++)
			CHECK(!cs_strict_path_within(plan.mounts[j].target,
						     plan.mounts[i].target));
	}
}

static void make__no_bind_is_writable_but_home_and_terminals(void)
{
	struct cs_plan plan;
	char error[256];

	CHECK(make("/home/alice", &plan, error) == 0);
	for (size_t i = 0; i < plan.mount_count; i++) {
		const struct cs_mount *mount = &plan.mounts[i];

		if (mount->kind == CS_MOUNT_DIR)
			continue;
		CHECK(mount->flags & CS_MOUNT_NOSUID);
		if (mount->kind != CS_MOUNT_BIND && mount->kind != CS_MOUNT_BIND_OR_LINK)
			continue;
		CHECK(strcmp(mount->source, mount->target) == 0);
		CHECK((mount->flags & CS_MOUNT_RO) || strcmp(mount->target, "/dev/pts") == 0 ||
		      strcmp(mount->target, "/home/alice") == 0);
		CHECK((mount->flags & CS_MOUNT_NODEV) || strcmp(mount->target, "/dev/pts") == 0);
	}
}

/* The sockets by which a process could be started outside. */
static void make__shows_no_way_out(void)
{
	static const char *const never[] = {
		"/run/dbus/system_bus_socket", "/run/systemd/private", "/run/systemd/notify",
		"/run/user/1000/bus", "/run/crond.reboot", "/var/spool/cron/atjobs",
		"/run/docker.sock", "/var/lib/sss/pipes/private", "/run/container-shell",
		"/root/.ssh", "/home/bob", "/proc/1", "/tmp/.X11-unix", "/dev/mem",
	};
	struct cs_plan plan;
	char error[256];

	CHECK(make("/home/alice", &plan, error) == 0);
	for (size_t i = 0; i < plan.mount_count; i++) {
		for (size_t j = 0; plan.mounts[i].source[0] && j < TAP_COUNT(never); j++)
			CHECK(!cs_strict_path_within(never[j], plan.mounts[i].source));
	}
}

/* Who serves these sockets asks the name servers for us, from the host's network. */
static void make__shows_the_resolvers_of_the_host_with_its_network_alone(void)
{
	static const char *const resolvers[] = {
		"/run/systemd/resolve/io.systemd.Resolve", "/run/nscd/socket",
	};
	struct cs_plan plan;
	char error[256];

	for (size_t j = 0; j < TAP_COUNT(resolvers); j++) {
		bool shown = false;

		CHECK(make("/home/alice", &plan, error) == 0);
		for (size_t i = 0; i < plan.mount_count; i++)
			shown = shown || (plan.mounts[i].source[0] &&
					  cs_strict_path_within(resolvers[j], plan.mounts[i].source));
		CHECK(shown);
		CHECK(make_with("/home/alice", CS_NETWORK_NONE, &plan, error) == 0);
		for (size_t i = 0; plan.mount_count > 0 && i < plan.mount_count; i++)
			CHECK(!plan.mounts[i].source[0] ||
			      !cs_strict_path_within(resolvers[j], plan.mounts[i].source));
	}
}

static void make__a_home_in_the_way_is_left_out(void)
{
	static const char *const homes[] = { "/", "/usr", "/var", "/var/lib", "/home", "/root",
					     "/run/user", "/dev", "/dev/null", "/proc/1/root",
					     "/sys/fs", "/run/user/1000", "/run/dbus", "/etc",
					     "/var/lib/sss", "/bin" };

	for (size_t i = 0; i < TAP_COUNT(homes); i++) {
		struct cs_plan plan;
		char error[256];

		CHECK(make(homes[i], &plan, error) == 0);
		CHECK(cs_plan_home_obstacle(&plan));
		CHECK(strcmp(plan.home, homes[i]) == 0);
		for (size_t j = 0; j < plan.mount_count; j++)
			CHECK(!(plan.mounts[j].flags & CS_MOUNT_AS_USER));
		/* An image has the same there, if not as a mount. */
		CHECK(make_with_root(homes[i], CS_NETWORK_HOST, "/srv/image", &plan, error) == 0);
		CHECK(cs_plan_home_obstacle(&plan));
		for (size_t j = 0; j < plan.mount_count; j++)
			CHECK(!(plan.mounts[j].flags & CS_MOUNT_AS_USER));
	}
}

/* What is made by name is made where no link of the image's can be met. */
static void make__in_an_image_makes_by_name_in_run_alone(void)
{
	struct cs_plan plan;
	char error[256];

	CHECK(make_with_root("/home/alice", CS_NETWORK_HOST, "/srv/image.erofs", &plan, error) == 0);
	CHECK(plan.root == CS_ROOT_EROFS && strcmp(plan.image, "/srv/image.erofs") == 0);
	CHECK(plan.link_count == 0);
	for (size_t i = 0; i < plan.mount_count; i++) {
		const struct cs_mount *mount = &plan.mounts[i];

		CHECK(mount->kind != CS_MOUNT_DIR ||
		      cs_strict_path_within(mount->target, "/run"));
		CHECK(mount->kind != CS_MOUNT_BIND || (mount->flags & CS_MOUNT_AS_USER) ||
		      strcmp(mount->target, "/dev/pts") == 0);
		CHECK((mount->flags & CS_MOUNT_NOSUID) || mount->kind == CS_MOUNT_DIR);
	}
}

/* More groups than have room for their names: the others have numbers. */
static void make__in_an_image_names_as_many_groups_as_fit(void)
{
	struct cs_conf_class class = { .name = "default" };
	struct cs_user user = { .uid = 1000, .gid = 1000, .name = "alice", .group_count = 300 };
	static struct cs_plan plan;
	size_t lines = 0;
	char error[256];

	CHECK(cs_conf_keys_set_defaults(&class) == 0);
	CHECK(cs_conf_keys_set(cs_conf_keys_find("root"), "/srv/image", &class) == 0);
	user.home = strdup("/home/alice");
	user.groups = calloc(300, sizeof(*user.groups));
	user.group_names = calloc(301, sizeof(*user.group_names));
	CHECK(user.home && user.groups && user.group_names);
	for (unsigned int i = 0; i <= 300; i++) {
		if (i > 0)
			user.groups[i - 1] = 5000 + i;
		CHECK(asprintf(&user.group_names[i], "a-group-with-a-long-name-%03u", i) > 0);
	}
	CHECK(cs_plan_make(&class, &user, &plan, error, sizeof(error)) == 0);
	for (const char *line = plan.group; *line; line = strchr(line, '\n') + 1)
		lines++;
	CHECK(lines > 100 && lines < 300 && strlen(plan.group) < CS_PLAN_GROUP_MAX);
	cs_user_free(&user);
	cs_conf_keys_free(&class);
}

static void make__a_home_elsewhere_is_mounted_last(void)
{
	static const char *const homes[] = { "/home/alice", "/usr/local/alice", "/var/www",
					     "/var/library", "/srv/a", "/data/home/alice",
					     "/usrs", "/runner/alice", "/homes", "/etc/alice" };

	for (size_t i = 0; i < TAP_COUNT(homes); i++) {
		struct cs_plan plan;
		const struct cs_mount *mount;
		char error[256];

		CHECK(make(homes[i], &plan, error) == 0);
		mount = &plan.mounts[plan.mount_count - 1];
		CHECK(find(&plan, homes[i]) == mount);
		CHECK(mount->kind == CS_MOUNT_BIND && mount->flags & CS_MOUNT_AS_USER);
		CHECK(!(mount->flags & CS_MOUNT_RO));
		CHECK(!cs_plan_home_obstacle(&plan));
	}
}

static void make__refuses_a_home_that_is_too_long(void)
{
	struct cs_plan plan;
	char home[CS_PLAN_PATH_MAX + 1], error[256] = "";

	memset(home, 'a', sizeof(home));
	home[0] = '/';
	home[CS_PLAN_PATH_MAX] = '\0';
	CHECK(make(home, &plan, error) == -EINVAL);
	CHECK(strcmp(error, "the home directory's name is longer than 1023 bytes") == 0);
	home[CS_PLAN_PATH_MAX - 1] = '\0';
	CHECK(make(home, &plan, error) == 0);
}

static void make__refuses_an_unknown_class(void)
{
	struct cs_user user = { 0 };
	struct cs_plan plan;
	char error[256] = "";

	CHECK(cs_plan_make(NULL, &user, &plan, error, sizeof(error)) == -EINVAL);
	CHECK(error[0]);
}

static const struct tap_test tests[] = {
	TAP_TEST(make__parents_stand_before_children),
	TAP_TEST(make__no_bind_is_writable_but_home_and_terminals),
	TAP_TEST(make__shows_no_way_out),
	TAP_TEST(make__shows_the_resolvers_of_the_host_with_its_network_alone),
	TAP_TEST(make__a_home_in_the_way_is_left_out),
	TAP_TEST(make__in_an_image_makes_by_name_in_run_alone),
	TAP_TEST(make__in_an_image_names_as_many_groups_as_fit),
	TAP_TEST(make__a_home_elsewhere_is_mounted_last),
	TAP_TEST(make__refuses_a_home_that_is_too_long),
	TAP_TEST(make__refuses_an_unknown_class),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
