/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal under many processes: a cell is held by one, dead holders are taken over, live ones are not.
 */
#include "engine/core/nmd-file.h"
#include "engine/experiment/nmd-journal.h"
#include "tests/train/fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

static char *root;

static NmdJournal *
open_journal (const char *name)
{
  g_autofree char *folder = g_build_filename (root, name, NULL);
  g_autoptr (GError) error = NULL;
  NmdJournal *journal = nmd_journal_open (folder, &error);

  g_assert_no_error (error);
  return journal;
}

static gboolean
claim (NmdJournal *journal, const char *cell)
{
  gboolean claimed = FALSE;
  g_autoptr (GError) error = NULL;

  nmd_journal_claim (journal, cell, &claimed, &error);
  g_assert_no_error (error);
  return claimed;
}

static JsonNode *
make_record (void)
{
  return nmd_json_parse ("{\"cell\": \"a\"}", 13, "record", NULL);
}

/* Claimed once, given up, done. */
static void
test_claim (void)
{
  g_autoptr (NmdJournal) ours = open_journal ("claim");
  g_autoptr (NmdJournal) theirs = open_journal ("claim");
  g_autoptr (JsonNode) record = make_record ();
  g_autoptr (JsonNode) read = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (nmd_journal_get_state (ours, "a"), ==, NMD_CELL_FREE);
  g_assert_true (claim (ours, "a"));
  g_assert_cmpint (nmd_journal_get_state (theirs, "a"), ==, NMD_CELL_HELD);
  g_assert_false (claim (theirs, "a"));
  g_assert_true (claim (theirs, "a.b")); /* another cell, though its name begins alike */
  nmd_journal_release (ours);
  g_assert_true (claim (theirs, "a"));
  g_assert_false (claim (ours, "a"));
  g_assert_true (nmd_journal_touch (theirs));
  nmd_journal_finish (theirs, record, &error);
  g_assert_no_error (error);
  g_assert_cmpint (nmd_journal_get_state (ours, "a"), ==, NMD_CELL_DONE);
  g_assert_false (claim (ours, "a"));
  read = nmd_journal_load (ours, "a");
  g_assert_nonnull (read);
}

/* A holder that was killed is taken over at once on its own machine. */
static void
test_dead (void)
{
  g_autoptr (NmdJournal) ours = open_journal ("dead");
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      NmdJournal *theirs = open_journal ("dead");

      _exit (claim (theirs, "a") ? 0 : 1); /* gives nothing up */
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_cmpint (nmd_journal_get_state (ours, "a"), ==, NMD_CELL_FREE);
  g_assert_true (claim (ours, "a"));
}

/* A holder on another machine keeps its cell while it is heard of, and no longer. */
static void
test_far (void)
{
  g_autoptr (NmdJournal) ours = open_journal ("far");
  g_autofree char *path = g_build_filename (root, "far", "journal", "a.claim-3", NULL);
  struct utimbuf old = { 0, 0 };

  g_assert_true (nmd_file_write_text (
      path, "{\"host\": \"far away\", \"process\": 1, \"began\": \"\", \"token\": \"t\"}",
      NULL));
  g_assert_cmpint (nmd_journal_get_state (ours, "a"), ==, NMD_CELL_HELD);
  old.actime = old.modtime = time (NULL) - NMD_JOURNAL_STALE_SECONDS - 5;
  g_assert_cmpint (utime (path, &old), ==, 0);
  g_assert_cmpint (nmd_journal_get_state (ours, "a"), ==, NMD_CELL_FREE);
  g_assert_true (claim (ours, "a"));
  /* what is no claim at all goes by its age too */
  nmd_journal_release (ours);
  g_assert_true (nmd_file_write_text (path, "{", NULL));
  g_assert_cmpint (nmd_journal_get_state (ours, "a"), ==, NMD_CELL_HELD);
}

/* A holder that was taken over does not finish the cell. */
static void
test_taken_over (void)
{
  g_autoptr (NmdJournal) ours = open_journal ("taken");
  g_autofree char *path = g_build_filename (root, "taken", "journal", "a.claim-2", NULL);
  g_autoptr (JsonNode) record = make_record ();
  g_autoptr (GError) error = NULL;

  g_assert_true (claim (ours, "a"));
  g_assert_true (nmd_file_write_text (path, "{\"host\": \"far away\"}", NULL));
  g_assert_false (nmd_journal_finish (ours, record, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_BUSY);
}

#define N_PROCESSES 6
#define N_CELLS 20

/* One of the processes: takes what it can get and writes who it was. */
static int
compete (int number)
{
  g_autoptr (NmdJournal) journal = open_journal ("race");

  for (int cell = 0; cell < N_CELLS; cell++)
    {
      g_autofree char *name = g_strdup_printf ("c-%d", cell);
      g_autofree char *path = g_strdup_printf ("%s/race/%s.%d", root, name, number);
      g_autoptr (JsonNode) record = make_record ();

      if (!claim (journal, name))
        continue;
      g_assert_true (nmd_file_write_text (path, "mine", NULL));
      g_assert_true (nmd_journal_finish (journal, record, NULL));
    }
  return 0;
}

/* No cell is ever given to two. */
static void
test_race (void)
{
  g_autoptr (NmdJournal) journal = open_journal ("race");
  g_autofree char *folder = g_build_filename (root, "race", NULL);
  pid_t children[N_PROCESSES];

  for (int i = 0; i < N_PROCESSES; i++)
    {
      children[i] = fork ();
      if (children[i] == 0)
        _exit (compete (i));
    }
  for (int i = 0; i < N_PROCESSES; i++)
    {
      int status;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  /* one file a cell, and the folder of the journal */
  g_assert_cmpuint (fixture_count (folder), ==, N_CELLS + 1);
  for (int cell = 0; cell < N_CELLS; cell++)
    {
      g_autofree char *name = g_strdup_printf ("c-%d", cell);

      g_assert_cmpint (nmd_journal_get_state (journal, name), ==, NMD_CELL_DONE);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  root = g_dir_make_tmp ("nmd-journal-XXXXXX", NULL);
  g_test_add_func ("/journal/claim", test_claim);
  g_test_add_func ("/journal/dead", test_dead);
  g_test_add_func ("/journal/far", test_far);
  g_test_add_func ("/journal/taken-over", test_taken_over);
  g_test_add_func ("/journal/race", test_race);
  status = g_test_run ();
  fixture_remove (root);
  g_free (root);
  return status;
}
