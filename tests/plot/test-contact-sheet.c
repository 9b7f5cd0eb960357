/* SPDX-License-Identifier: Apache-2.0
 *
 * A contact sheet's pages: how many there are, and that each picture is one.
 */
#include "ui/plot/nmd-contact-sheet.h"

#include "tests/plot/fixture.h"

#include <string.h>

/* How often @what stands in @bytes. */
static guint
count (GBytes *bytes, const char *what)
{
  gsize length = 0, n = strlen (what);
  const char *data = g_bytes_get_data (bytes, &length);
  guint found = 0;

  for (gsize i = 0; i + n <= length; i++)
    found += memcmp (data + i, what, n) == 0;
  return found;
}

static GBytes *
make (const Data *data, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdContactSheet) sheet
      = nmd_contact_sheet_new ("A cohort", "A model", NMD_COLOURS_JET, n);

  for (guint i = 0; i < n; i++)
    {
      NmdContactCell cell
          = { .overlay = data->overlay,
              .name = "a/very/long/name/of/an/image/that/ends_17_3.png",
              .lines = { "0.91 for “pathological” · label pathological" } };
      if (i == 1) /* one that could not be read */
        cell.overlay.image = NULL;
      nmd_contact_sheet_add (sheet, &cell);
    }
  GBytes *bytes = nmd_contact_sheet_finish (sheet, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), 4, "%PDF", 4);
  return bytes;
}

/* Twelve on a page. */
static void
test_pages (void)
{
  const struct
  {
    guint n, pages;
  } sheets[] = { { 1, 1 }, { 12, 1 }, { 13, 2 }, { 25, 3 } };
  g_autoptr (Data) data = data_new ();

  for (guint i = 0; i < G_N_ELEMENTS (sheets); i++)
    {
      g_autoptr (GBytes) bytes = make (data, sheets[i].n);

      g_assert_cmpuint (count (bytes, "/Type /Page %"), ==, sheets[i].pages);
    }
}

/* A sheet is no larger than its pictures ask for, and one given up leaves nothing. */
static void
test_size (void)
{
  g_autoptr (Data) data = data_new ();
  g_autoptr (GBytes) few = make (data, 2), many = make (data, 22);
  NmdContactSheet *given_up
      = nmd_contact_sheet_new ("A cohort", "A model", NMD_COLOURS_UNIFORM, 3);

  g_assert_cmpuint ((g_bytes_get_size (many) - g_bytes_get_size (few)) / 20, <, 600000);
  nmd_contact_sheet_free (given_up);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/contact-sheet/pages", test_pages);
  g_test_add_func ("/contact-sheet/size", test_size);
  return g_test_run ();
}
