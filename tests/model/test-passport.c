/* SPDX-License-Identifier: Apache-2.0
 *
 * The passport: JSON there and back, and damaged JSON.
 */
#include "engine/core/nmd-json.h"
#include "engine/model/nmd-passport.h"

#include <math.h>
#include <string.h>

static NmdPassport *
make_passport (void)
{
  static const double grey[3] = { 40, 70, 110 }, sd[3] = { 15, 25, 35 },
                      size[3] = { 200, 260, 320 };
  NmdPassport *self = nmd_passport_new ();

  g_free (self->organ);
  self->organ = g_strdup ("muscle");
  g_strfreev (self->muscles);
  self->muscles = g_strsplit ("BB,GM", ",", -1);
  self->n_subjects[1] = 12;
  memcpy (self->grey_mean, grey, sizeof grey);
  memcpy (self->grey_sd, sd, sizeof sd);
  memcpy (self->box_width, size, sizeof size);
  return self;
}

static void
test_json (void)
{
  g_autoptr (NmdPassport) a = make_passport ();
  g_autoptr (JsonNode) node = nmd_passport_to_json (a);
  g_autoptr (JsonNode) again = NULL;
  g_autoptr (NmdPassport) b = nmd_passport_from_json (node, NULL);
  g_autofree char *first = nmd_json_to_text (node), *second = NULL;
  g_autoptr (NmdPassport) c = nmd_passport_copy (b);

  again = nmd_passport_to_json (c);
  second = nmd_json_to_text (again);
  g_assert_cmpstr (first, ==, second);
  g_assert_true (isnan (c->box_height[1]));
  g_assert_cmpfloat (c->grey_mean[2], ==, 110);
  g_assert_cmpstr (c->muscles[1], ==, "GM");
  g_assert_null (c->muscles[2]);
}

static void
test_damaged (void)
{
  static const char *const texts[] = { "[]",
                                       "3",
                                       "{\"organ\": 3}",
                                       "{\"muscles\": \"BB\"}",
                                       "{\"muscles\": [1]}",
                                       "{\"grey_mean\": [1, 2]}",
                                       "{\"classes\": [\"a\"]}",
                                       "{\"synthetic\": 1}",
                                       "{\"n_images\": [\"x\", \"y\"]}" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (texts[i], NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (nmd_passport_from_json (node, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
    }
  g_autoptr (JsonNode) none = json_from_string ("{}", NULL);
  g_autoptr (NmdPassport) empty = nmd_passport_from_json (none, NULL);

  g_assert_cmpstr (empty->organ, ==, "unknown");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/passport/json", test_json);
  g_test_add_func ("/passport/damaged", test_damaged);
  return g_test_run ();
}
