/* SPDX-License-Identifier: Apache-2.0
 *
 * Foreign bytes as text: what stays, what is escaped, where it is cut.
 */
#include "engine/core/nmd-text.h"

#include <string.h>

static void
test_display (void)
{
  static const struct
  {
    const char *given, *shown;
  } cases[] = {
    { "", "" },
    { "scan 1.png", "scan 1.png" },
    { "Größe/µ/日本.png", "Größe/µ/日本.png" },
    { "a\\b", "a\\b" },
    { "a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd" },
    { "\x1b[31mred\x7f", "\\x1b[31mred\\x7f" },
    { "\xc2\x9b"
      "31m",
      "\\x9b31m" },                                      /* C1: CSI */
    { "M\xfcller", "M\\xfcller" },                       /* Latin-1 */
    { "\xe2\x82", "\\xe2\\x82" },                        /* cut character */
    { "\xed\xa0\x80", "\\xed\\xa0\\x80" },               /* surrogate */
    { "\xc0\xaf", "\\xc0\\xaf" },                        /* overlong */
    { "gnp.\xe2\x80\xaetab.png", "gnp.\\u202etab.png" }, /* right to left */
    { "a\xe2\x80\xa8z", "a\\u2028z" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = nmd_text_display (cases[i].given);

      g_assert_cmpstr (shown, ==, cases[i].shown);
      g_assert_true (g_utf8_validate (shown, -1, NULL));
    }
}

static void
test_length (void)
{
  g_autofree char *whole = nmd_text_display_length ("ab\0c", 4, 0);
  g_autofree char *fits = nmd_text_display_length ("abcdef", 6, 6);
  g_autofree char *cut = nmd_text_display_length ("abcdefg", 7, 6);
  g_autofree char *wide = nmd_text_display_length ("ää日本語", 13, 9);
  g_autofree char *none = nmd_text_display_length (NULL, 0, 5);
  g_autofree char *text = g_strnfill (1000000, '\x01');
  g_autofree char *large = nmd_text_display_length (text, 1000000, 50);

  g_assert_cmpstr (whole, ==, "ab\\x00c");
  g_assert_cmpstr (fits, ==, "abcdef");
  g_assert_cmpstr (cut, ==, "abc…");
  g_assert_cmpstr (wide, ==, "ää…");
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpuint (strlen (large), <=, 50);
  g_assert_true (g_str_has_suffix (large, "…"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/display", test_display);
  g_test_add_func ("/text/length", test_length);
  return g_test_run ();
}
