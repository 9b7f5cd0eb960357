/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts the built `nmd` and keeps the folder that a suite works in.
 */
#include "process.h"

#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"

#include <glib/gstdio.h>
#include <string.h>

static char *program; /* build/app/nmd */
static char *folder;  /* everything that a suite writes */

void
result_clear (Result *self)
{
  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->err, g_free);
}

GSubprocess *
start (const char *arguments)
{
  g_auto (GStrv) words = g_strsplit (arguments, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  GSubprocess *process = NULL;

  g_ptr_array_add (argv, g_strdup (program));
  for (char **word = words; *word != NULL; word++)
    if (**word == '@')
      g_ptr_array_add (argv, g_strconcat (folder, *word + 1, NULL));
    else if (**word != '\0')
      g_ptr_array_add (argv, g_strdup (*word));
  g_ptr_array_add (argv, NULL);
  process = g_subprocess_newv (
      (const char *const *)argv->pdata,
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  return process;
}

Result
finish (GSubprocess *process)
{
  Result result = { -1, NULL, NULL };
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &result.out, &result.err, &error);
  g_assert_no_error (error);
  if (g_subprocess_get_if_exited (process))
    result.status = g_subprocess_get_exit_status (process);
  return result;
}

Result
nmd (const char *arguments)
{
  g_autoptr (GSubprocess) process = start (arguments);
  Result result = finish (process);

  g_autofree char *shown = nmd_text_display (arguments); /* TAP is UTF-8 */

  g_test_message ("nmd %s: %d\n%s%s", shown, result.status, result.out, result.err);
  return result;
}

JsonObject *
parse (const Result *result, JsonNode **node)
{
  g_autoptr (GError) error = NULL;

  *node = json_from_string (result->out, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (*node));
  return json_node_get_object (*node);
}

char *
place (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

void
write_text (const char *name, const char *text)
{
  g_autofree char *path = place (name);
  g_autoptr (GError) error = NULL;

  nmd_file_write_text (path, text, &error);
  g_assert_no_error (error);
}

void
assert_sentence (const Result *result, const char *command, const char *a, const char *b)
{
  g_autofree char *prefix = g_strdup_printf ("nmd %s: ", command);
  char *line = result->err;

  /* The sentence is the last line; progress may stand before it. */
  g_strchomp (line);
  if (strrchr (line, '\n') != NULL)
    line = strrchr (line, '\n') + 1;
  g_assert_true (g_str_has_prefix (line, prefix));
  g_assert_nonnull (strstr (line, a));
  g_assert_nonnull (strstr (line, b));
  g_assert_cmpstr (result->out, ==, "");
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir
      = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_tree (inner);
    }
  g_remove (path);
}

void
process_set_up (void)
{
  program = g_build_filename (g_getenv ("NMD_BUILDDIR"), "app", "nmd", NULL);
  folder = g_dir_make_tmp ("nmd-app-XXXXXX", NULL);
}

void
process_tear_down (void)
{
  remove_tree (folder);
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&program, g_free);
}

const char *
process_program (void)
{
  return program;
}

Result
shell (const char *line)
{
  const char *argv[] = { "sh", "-c", line, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);

  g_assert_no_error (error);
  return finish (process);
}

void
write_pages (const char *name)
{
  static const char pages[]
      = "\111\111\052\000\010\000\000\000\010\000\000\001\004\000\001\000\000\000\003\000"
        "\000\000\001\001\004\000\001\000\000\000\002\000\000\000\002\001\004\000\001\000"
        "\000\000\010\000\000\000\003\001\004\000\001\000\000\000\001\000\000\000\006\001"
        "\004\000\001\000\000\000\001\000\000\000\021\001\004\000\001\000\000\000\156\000"
        "\000\000\026\001\004\000\001\000\000\000\002\000\000\000\027\001\004\000\001\000"
        "\000\000\006\000\000\000\164\000\000\000\012\013\014\015\016\017\010\000\000\001"
        "\004\000\001\000\000\000\003\000\000\000\001\001\004\000\001\000\000\000\002\000"
        "\000\000\002\001\004\000\001\000\000\000\010\000\000\000\003\001\004\000\001\000"
        "\000\000\001\000\000\000\006\001\004\000\001\000\000\000\001\000\000\000\021\001"
        "\004\000\001\000\000\000\332\000\000\000\026\001\004\000\001\000\000\000\002\000"
        "\000\000\027\001\004\000\001\000\000\000\006\000\000\000\000\000\000\000\132\133"
        "\134\135\136\137";
  g_autofree char *path = place (name);

  g_assert_true (g_file_set_contents (path, pages, sizeof pages - 1, NULL));
}

void
make_cohort_and_run (void)
{
  g_auto (Result) demo = nmd ("demo @/cohort --subjects 8");
  g_auto (Result) train = nmd ("train @/cohort --out @/run --epochs 2 --batch 16");

  g_assert_cmpint (demo.status, ==, 0);
  g_assert_cmpint (train.status, ==, 0);
}
