/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in files: shortest text, exact round trip, and no locale.
 */
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-random.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
test_shortest (void)
{
  static const struct
  {
    double value;
    const char *text;
  } cases[] = {
    { 0.1, "0.1" },
    { 1.0 / 3.0, "0.3333333333333333" },
    { 1e-3, "0.001" },
    { 100, "100" },
    { -0.0, "-0" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 9007199254740992.0, "9007199254740992" },
    { NAN, "nan" },
    { INFINITY, "inf" },
    { -INFINITY, "-inf" },
    { 1e-5, "1e-05" },
  };
  char buffer[NMD_NUMBER_LENGTH];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (nmd_number_format (buffer, cases[i].value), ==, cases[i].text);
  g_assert_cmpstr (nmd_number_format_float (buffer, 0.1f), ==, "0.1");
  g_assert_cmpstr (nmd_number_format_float (buffer, 16777216.0f), ==, "16777216");
}

static void
test_round_trip (void)
{
  NmdRandom stream;
  char buffer[NMD_NUMBER_LENGTH];

  nmd_random_init (&stream, "numbers");
  for (int i = 0; i < 20000; i++)
    {
      guint64 bits = nmd_random_bits (&stream);
      guint32 half = (guint32)bits;
      double value, back;
      float single;

      memcpy (&value, &bits, sizeof value);
      memcpy (&single, &half, sizeof single);
      if (isfinite (value))
        {
          g_assert_true (
              nmd_number_parse (nmd_number_format (buffer, value), &back, NULL));
          g_assert_cmpmem (&value, sizeof value, &back, sizeof back);
          g_assert_cmpuint (strlen (buffer), <, NMD_NUMBER_LENGTH);
        }
      if (isfinite (single))
        {
          g_assert_true (
              nmd_number_parse (nmd_number_format_float (buffer, single), &back, NULL));
          g_assert_true ((float)back == single);
        }
    }
}

static void
test_parse (void)
{
  static const char *const bad[]
      = { "", " ", "1,5", "1.5x", "0x10", "1e999", "1 2", "--1" };
  double value = 7;
  gint64 whole = 7;

  g_assert_true (nmd_number_parse ("  2.5e1 \n", &value, NULL));
  g_assert_cmpfloat (value, ==, 25);
  g_assert_true (nmd_number_parse ("nan", &value, NULL));
  g_assert_true (isnan (value));
  value = 7;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (nmd_number_parse (bad[i], &value, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, bad[i]));
      g_assert_cmpfloat (value, ==, 7);
    }
  g_assert_true (nmd_number_parse_int (" -12 ", &whole, NULL));
  g_assert_cmpint (whole, ==, -12);
  g_assert_false (nmd_number_parse_int ("1.0", &whole, NULL));
  g_assert_false (nmd_number_parse_int ("99999999999999999999", &whole, NULL));
}

static void
test_locale (void)
{
  char buffer[NMD_NUMBER_LENGTH];
  double value;

  if (setlocale (LC_NUMERIC, "nl_NL.UTF-8") == NULL
      && setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL
      && setlocale (LC_NUMERIC, "fr_FR.UTF-8") == NULL)
    {
      g_test_skip ("no locale with a decimal comma is installed");
      return;
    }
  g_assert_cmpstr (nmd_number_format (buffer, 1.5), ==, "1.5");
  g_assert_true (nmd_number_parse ("1.5", &value, NULL));
  g_assert_cmpfloat (value, ==, 1.5);
  setlocale (LC_NUMERIC, "C");
}

/* Numbers in order, NaNs behind them whatever their sign, equal ones equal. */
static void
test_compare (void)
{
  double values[] = { 2, NAN, -INFINITY, 0, INFINITY, -NAN, -1, 2 };
  const double zeros[] = { 0.0, -0.0 };

  qsort (values, G_N_ELEMENTS (values), sizeof *values, nmd_number_compare);
  g_assert_cmpfloat (values[0], ==, -INFINITY);
  g_assert_cmpfloat (values[1], ==, -1);
  g_assert_cmpfloat (values[2], ==, 0);
  g_assert_cmpfloat (values[3], ==, 2);
  g_assert_cmpfloat (values[4], ==, 2);
  g_assert_cmpfloat (values[5], ==, INFINITY);
  g_assert_true (isnan (values[6]) && isnan (values[7]));
  g_assert_cmpint (nmd_number_compare (&zeros[0], &zeros[1]), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/number/shortest", test_shortest);
  g_test_add_func ("/number/round-trip", test_round_trip);
  g_test_add_func ("/number/parse", test_parse);
  g_test_add_func ("/number/compare", test_compare);
  g_test_add_func ("/number/locale", test_locale);
  return g_test_run ();
}
