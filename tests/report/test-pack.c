/* SPDX-License-Identifier: Apache-2.0
 *
 * Evidence packs of a small run: whole ones, ones with a byte changed in each file, damaged and
 * hostile ones.
 */
#include "tests/train/fixture.h"
#include "tests/train/tiny.h"

#include "engine/core/nmd-file.h"
#include "engine/report/nmd-metrics-check.h"
#include "engine/report/nmd-pack.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *folder; /* a whole pack */
static char *zip;    /* the same as a zip */

static char *
read_file (const char *path, gsize *length)
{
  g_autoptr (GError) error = NULL;
  char *data = NULL;

  g_file_get_contents (path, &data, length, &error);
  g_assert_no_error (error);
  return data;
}

static void
write_file (const char *path, const char *data, gsize length)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, data, (gssize)length, &error);
  g_assert_no_error (error);
}

/* @path is refused, with @word in the sentence. */
static void
assert_refused (const char *path, const char *word)
{
  g_auto (NmdPackCheck) check = { 0 };
  g_autoptr (GError) error = NULL;

  if (nmd_pack_verify (path, &check, NULL, &error))
    g_error ("%s was found good, “%s” is wrong with it", path, word);
  g_assert_nonnull (error);
  if (strstr (error->message, word) == NULL)
    g_error ("“%s” does not name “%s”", error->message, word);
  g_assert_null (strchr (error->message, '\n'));
}

static void
assert_good (const char *path)
{
  g_auto (NmdPackCheck) check = { 0 };
  g_autoptr (GError) error = NULL;

  nmd_pack_verify (path, &check, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (check.n_files, ==, 8);
  g_assert_cmpuint (check.n_numbers, >, 100);
  g_assert_cmpuint (strlen (check.sums), ==, 64);
}

static GPtrArray *
make_report (void)
{
  GPtrArray *report = nmd_file_list_new ();

  nmd_file_list_add_text (report, "report.md", "# A card\n");
  return report;
}

static void
make_packs (void)
{
  g_autoptr (GPtrArray) report = make_report ();
  g_autofree char *one = NULL, *other = NULL;
  g_autoptr (GError) error = NULL;

  folder = fixture_path ("pack");
  zip = fixture_path ("pack.zip");
  nmd_pack_write (fixture.unbroken, report, folder, &one, NULL, &error);
  g_assert_no_error (error);
  nmd_pack_write (fixture.unbroken, report, zip, &other, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (one, ==, other);
}

static void
test_whole (void)
{
  g_autoptr (GPtrArray) report = make_report ();
  g_autofree char *sums = NULL, *again = fixture_path ("again.zip"), *last = NULL;
  g_autofree char *a = NULL, *b = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_a = 0, n_b = 0;

  assert_good (folder);
  assert_good (zip);
  /* what only resuming needs is left out; the same files give the same zip */
  last = g_build_filename (folder, "run", "last.safetensors", NULL);
  g_assert_false (g_file_test (last, G_FILE_TEST_EXISTS));
  nmd_pack_write (fixture.unbroken, report, again, &sums, NULL, &error);
  g_assert_no_error (error);
  a = read_file (zip, &n_a);
  b = read_file (again, &n_b);
  g_assert_cmpmem (a, n_a, b, n_b);
  g_clear_pointer (&sums, g_free);
  g_assert_false (nmd_pack_write (fixture.unbroken, report, folder, &sums, NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_REFUSED);
}

/* One byte in each file of the folder: at its start, its middle, its end. */
static void
test_byte_in_folder (void)
{
  static const char *const names[]
      = { "README.txt",           "run/run.json",     "run/history.csv",
          "run/best.safetensors", "run/metrics.json", "run/average.safetensors",
          "run/predictions.csv",  "report/report.md" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      gsize length = 0;
      g_autofree char *data = read_file (path, &length);
      const gsize places[] = { 0, length / 2, length - 1 };

      for (gsize k = 0; k < G_N_ELEMENTS (places); k++)
        {
          data[places[k]] ^= 1;
          write_file (path, data, length);
          assert_refused (folder, names[i]);
          data[places[k]] ^= 1;
        }
      write_file (path, data, length);
    }
  assert_good (folder);
}

/* And each byte of the list of hashes itself. */
static void
test_byte_in_sums (void)
{
  g_autofree char *path = g_build_filename (folder, "SHA256SUMS", NULL);
  g_autofree char *wrong = NULL;
  gsize length = 0;
  g_autofree char *data = read_file (path, &length);
  char last;

  for (gsize i = 0; i < length; i++)
    {
      data[i] ^= 1;
      write_file (path, data, length);
      assert_refused (folder, "SHA256SUMS");
      data[i] ^= 1;
    }
  write_file (path, data, length - 1);
  assert_refused (folder, "SHA256SUMS");
  /* hashes that begin alike are shown whole */
  last = data[63];
  data[63] = last == '0' ? '1' : '0';
  write_file (path, data, length);
  wrong = g_strndup (data, 64);
  assert_refused (folder, wrong);
  data[63] = last;
  write_file (path, data, length);
  assert_good (folder);
}

/* In the zip: headers and contents of each entry, and the whole table of contents. */
static void
test_byte_in_zip (void)
{
  g_autofree char *path = fixture_path ("changed.zip");
  gsize length = 0, n = 0;
  g_autofree char *data = read_file (zip, &length);

  for (gsize i = 0; i < length; i++)
    {
      gboolean head = i + 4 < length && memcmp (data + i, "PK\3\4", 4) == 0;
      gsize last = head ? MIN (i + 60, length) : i;

      /* every byte of headers and of what follows them, a few of the rest */
      if (!head && i + 900 < length && i % 40961 != 0)
        continue;
      for (gsize k = i; k <= last && k < length; k++, n++)
        {
          data[k] ^= 0x10;
          write_file (path, data, length);
          assert_refused (path, "changed.zip");
          data[k] ^= 0x10;
        }
    }
  g_assert_cmpuint (n, >, 1000);
  write_file (path, data, length);
  assert_good (path);
}

static void
copy_pack (const char *to)
{
  static const char *const folders[] = { "run", "report" };
  static const char *const files[] = { "README.txt", "SHA256SUMS" };

  g_assert_true (nmd_file_make_folder (to, NULL));
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *from = g_build_filename (folder, folders[i], NULL);
      g_autofree char *inner = g_build_filename (to, folders[i], NULL);
      g_autofree char *file = g_build_filename (folder, files[i], NULL);
      g_autofree char *copy = g_build_filename (to, files[i], NULL);
      gsize length = 0;
      g_autofree char *data = read_file (file, &length);

      fixture_copy (from, inner);
      write_file (copy, data, length);
    }
}

/* Replaces @from by @to in the file @name of a copy of the pack and lists its new hash. */
static char *
forge (const char *copy, const char *name, const char *from, const char *to)
{
  g_autofree char *forged = fixture_path (copy);
  g_autofree char *path = g_build_filename (forged, name, NULL);
  g_autofree char *sums_path = g_build_filename (forged, "SHA256SUMS", NULL);
  g_autofree char *old = NULL, *sha256 = NULL;
  g_autoptr (GString) text = NULL, sums = NULL;

  copy_pack (forged);
  old = nmd_file_sha256 (path, NULL, NULL);
  {
    g_autofree char *data = read_file (path, NULL), *list = read_file (sums_path, NULL);

    text = g_string_new (data);
    sums = g_string_new (list);
  }
  g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  write_file (path, text->str, text->len);
  sha256 = nmd_file_sha256 (path, NULL, NULL);
  g_assert_cmpuint (g_string_replace (sums, old, sha256, 1), ==, 1);
  write_file (sums_path, sums->str, sums->len);
  return g_steal_pointer (&forged);
}

/* Who changes a number and its hash is found by computing it again. */
static void
test_forged_numbers (void)
{
  g_autofree char *auc = NULL, *threshold = NULL, *scores = NULL, *added = NULL;
  g_autofree char *path = g_build_filename (folder, "run", "predictions.csv", NULL);
  g_autofree char *table = read_file (path, NULL);
  const char *row = strstr (table, ",test,0,");

  auc = forge ("forged-auc", "run/metrics.json", "\"auc\": ", "\"auc\": 0.0");
  assert_refused (auc, "metrics.auc");
  threshold
      = forge ("forged-threshold", "run/metrics.json", "\"value\": 0.", "\"value\": 0.0");
  assert_refused (threshold, "threshold");
  /* what no score gives */
  added = forge ("forged-member", "run/metrics.json",
                 "\"auc\": ", "\"auc_of_experts\": 0.99, \"auc\": ");
  assert_refused (added, "auc_of_experts");
  /* a label of the test part turned round */
  g_assert_nonnull (row);
  scores = forge ("forged-label", "run/predictions.csv", ",test,0,", ",test,1,");
  assert_refused (scores, "predictions.csv gives");
}

static void
test_missing_and_added (void)
{
  g_autofree char *gone = g_build_filename (folder, "report", "report.md", NULL);
  g_autofree char *kept = fixture_path ("kept.md");
  g_autofree char *added = g_build_filename (folder, "run", "extra.csv", NULL);
  g_autofree char *link = g_build_filename (folder, "report", "link", NULL);
  g_autofree char *none = fixture_path ("none");

  g_assert_cmpint (g_rename (gone, kept), ==, 0);
  assert_refused (folder, "report/report.md");
  g_assert_cmpint (symlink (kept, gone), ==, 0);
  assert_refused (folder, "report/report.md"); /* the same bytes, outside the pack */
  g_assert_cmpint (g_unlink (gone), ==, 0);
  g_assert_cmpint (g_rename (kept, gone), ==, 0);
  write_file (added, "x", 1);
  assert_refused (folder, "run/extra.csv");
  g_assert_cmpint (g_unlink (added), ==, 0);
  g_assert_cmpint (symlink ("/etc", link), ==, 0);
  assert_refused (folder, "report/link");
  g_assert_cmpint (g_unlink (link), ==, 0);
  assert_refused (fixture.unbroken, "SHA256SUMS");
  assert_refused (none, "none");
  assert_good (folder);
}

/* Lists that lead out of the pack or are too long. */
static void
test_hostile_sums (void)
{
  static const char hash[]
      = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  static const char *const names[] = { "../outside", "/etc/passwd", "run/../../x", "a//b",
                                       "a\\b",       "./a",         "a\x1b[31m" };
  g_autofree char *place = fixture_path ("hostile");
  g_autofree char *path = g_build_filename (place, "SHA256SUMS", NULL);
  g_autoptr (GString) many = g_string_new (NULL);

  g_assert_cmpint (g_mkdir (place, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *line = g_strdup_printf ("%s  %s\n", hash, names[i]);

      write_file (path, line, strlen (line));
      assert_refused (place, "line 1");
    }
  for (guint i = 0; i < 1100; i++)
    g_string_append_printf (many, "%s  f%u\n", hash, i);
  write_file (path, many->str, many->len);
  assert_refused (place, "line 1001");
  write_file (path, "", 0);
  assert_refused (place, "does not list");
}

/* Zips that are cut short, name files outside, or claim sizes that they do not have. */
static void
test_hostile_zips (void)
{
  static const guint cuts[] = { 0, 3, 29, 40, 200 };
  g_autofree char *path = fixture_path ("hostile.zip");
  gsize length = 0;
  g_autofree char *data = read_file (zip, &length);

  for (gsize i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      write_file (path, data, cuts[i]);
      assert_refused (path, "hostile.zip");
      write_file (path, data, length - cuts[i] - 1);
      assert_refused (path, "hostile.zip");
    }
  memcpy (data + 30, "../ADME.tx", 10); /* README.txt */
  write_file (path, data, length);
  assert_refused (path, "../ADME.tx");
  memcpy (data + 30, "README.txt", 10);
  memset (data + 18, 0xff, 4);
  write_file (path, data, length);
  assert_refused (path, "entry 1");
  memset (data + 26, 0xff, 2);
  write_file (path, data, length);
  assert_refused (path, "entry 1");
  write_file (path, "PK\3\4", 4);
  assert_refused (path, "entry 1");
}

/* The check by itself: nothing of an untouched run differs. */
static void
test_metrics_check (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdRun) run = nmd_run_open (fixture.unbroken, &error);
  guint n = 0;

  g_assert_no_error (error);
  nmd_metrics_check (run, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, >, 100);
}

int
main (int argc, char **argv)
{
  int status;

  nmd_networks_add (&tiny_network);
  nmd_networks_add (&bare_network);
  fixture_open (&argc, &argv);
  make_packs ();
  g_test_add_func ("/pack/metrics-check", test_metrics_check);
  g_test_add_func ("/pack/whole", test_whole);
  g_test_add_func ("/pack/byte-in-folder", test_byte_in_folder);
  g_test_add_func ("/pack/byte-in-sums", test_byte_in_sums);
  g_test_add_func ("/pack/byte-in-zip", test_byte_in_zip);
  g_test_add_func ("/pack/forged-numbers", test_forged_numbers);
  g_test_add_func ("/pack/missing-and-added", test_missing_and_added);
  g_test_add_func ("/pack/hostile-sums", test_hostile_sums);
  g_test_add_func ("/pack/hostile-zips", test_hostile_zips);
  status = g_test_run ();
  g_free (folder);
  g_free (zip);
  return fixture_close (status);
}
