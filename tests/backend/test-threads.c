/* SPDX-License-Identifier: Apache-2.0
 *
 * Cores are counted by their siblings; of a thread for each core and one for each processor the faster is taken.
 */
#include "engine/backend/nmd-threads.h"

#include <glib/gstdio.h>

/* A processor that the process may use, below @folder, with these siblings. */
static void
write_processor (const char *folder, int processor, const char *siblings)
{
  g_autofree char *dir = g_strdup_printf ("%s/cpu%d/topology", folder, processor),
                  *path = g_build_filename (dir, "thread_siblings_list", NULL);

  g_assert_cmpint (g_mkdir_with_parents (dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, siblings, -1, NULL));
}

static void
remove_processor (const char *folder, int processor)
{
  g_autofree char *path
      = g_strdup_printf ("%s/cpu%d/topology/thread_siblings_list", folder, processor);

  g_remove (path);
  for (int up = 0; up < 2; up++)
    {
      *g_strrstr (path, "/") = '\0';
      g_rmdir (path);
    }
}

static void
test_cores (void)
{
  g_autofree char *folder = g_dir_make_tmp ("nmd-threads-XXXXXX", NULL);
  const int n = MIN ((int)g_get_num_processors (), 2);

  g_assert_cmpint (nmd_threads_count_cores (folder), ==, 0);
  g_assert_cmpint (nmd_threads_count_cores ("/no/such/folder"), ==, 0);
  for (int i = 0; i < n; i++)
    write_processor (folder, i, "0-1\n");
  write_processor (folder, 1000, "1000\n"); /* no affinity has it */
  g_assert_cmpint (nmd_threads_count_cores (folder), ==, 1);
  if (n == 2)
    write_processor (folder, 1, "1\n");
  g_assert_cmpint (nmd_threads_count_cores (folder), ==, n);
  for (int i = 0; i < n; i++)
    remove_processor (folder, i);
  remove_processor (folder, 1000);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

typedef struct
{
  double cores, processors; /* milliseconds, in the best turn */
  int n;
} Machine;

static double
measure (int threads, gpointer user_data)
{
  Machine *machine = user_data;

  machine->n++;
  /* the second turn is the quiet one */
  return (threads == 4 ? machine->cores : machine->processors)
         + (machine->n == 3 || machine->n == 4 ? 0 : 50);
}

static void
test_choice (void)
{
  Machine faster = { 20, 15, 0 }, slower = { 20, 24, 0 }, alike = { 20, 19.9, 0 },
          none = { 20, 15, 0 };

  g_assert_cmpint (nmd_threads_choose (4, 8, measure, &faster), ==, 8);
  g_assert_cmpint (nmd_threads_choose (4, 8, measure, &slower), ==, 4);
  g_assert_cmpint (nmd_threads_choose (4, 8, measure, &alike), ==, 4);
  g_assert_cmpint (nmd_threads_choose (4, 4, measure, &none), ==, 4);
  g_assert_cmpint (faster.n, ==, 6);
  g_assert_cmpint (none.n, ==, 0);
}

/* On a core with two threads steps of training are measured, once; a number kept for another machine is not taken. */
static void
test_measured (void)
{
  g_autofree char *folder = g_dir_make_tmp ("nmd-threads-XXXXXX", NULL);
  g_autofree char *kept = g_build_filename (folder, "cache", "threads", NULL);
  g_autofree char *cache = g_path_get_dirname (kept), *text = NULL, *again = NULL;
  const int n = (int)g_get_num_processors ();
  int threads;

  if (n < 2)
    {
      g_test_skip ("one processor: there is nothing to choose");
      return;
    }
  write_processor (folder, 0, "0-1\n");
  write_processor (folder, 1, "0-1\n");
  threads = nmd_threads_find (folder, kept);
  g_assert_true (threads == 1 || threads == n);
  g_assert_true (g_file_get_contents (kept, &text, NULL, NULL)); /* it was measured */
  again = g_strdup_printf ("1 cores with %d threads: %d\n", n, threads);
  g_assert_cmpstr (text, ==, again);
  g_assert_true (g_file_set_contents (kept, "7 cores with 14 threads: 7\n", -1, NULL));
  g_assert_cmpint (nmd_threads_find (folder, kept), <=, n);
  for (int other = 1; other <= 2; other++)
    {
      g_autofree char *line = g_strdup_printf ("1 cores with %d threads: %d\n", n, other);

      g_assert_true (g_file_set_contents (kept, line, -1, NULL));
      g_assert_cmpint (nmd_threads_find (folder, kept), ==, other);
    }
  g_remove (kept);
  g_rmdir (cache);
  remove_processor (folder, 0);
  remove_processor (folder, 1);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_usual (void)
{
  const int usual = nmd_threads_get_usual ();

  g_assert_cmpint (usual, >=, 1);
  g_assert_cmpint (usual, <=, (int)g_get_num_processors ());
  g_assert_cmpint (nmd_threads_get_usual (), ==, usual);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threads/cores", test_cores);
  g_test_add_func ("/threads/choice", test_choice);
  g_test_add_func ("/threads/measured", test_measured);
  g_test_add_func ("/threads/usual", test_usual);
  return g_test_run ();
}
