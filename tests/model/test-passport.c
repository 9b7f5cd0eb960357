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
  self->organ_source = g_strdup ("user");
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
  const NmdJsonValue top = nmd_json_value_top (node, "run.json");
  g_autoptr (NmdPassport) b = nmd_passport_from_json (&top, NULL);
  g_autofree char *first = nmd_json_to_text (node), *second = NULL;
  g_autoptr (NmdPassport) c = nmd_passport_copy (b);

  again = nmd_passport_to_json (c);
  second = nmd_json_to_text (again);
  g_assert_cmpstr (first, ==, second);
  g_assert_true (isnan (c->box_height[1]));
  g_assert_cmpfloat (c->grey_mean[2], ==, 110);
  g_assert_cmpstr (c->organ_source, ==, "user");
  g_assert_cmpstr (c->muscles[1], ==, "GM");
  g_assert_null (c->muscles[2]);
}

static void
test_damaged (void)
{
  static const struct
  {
    const char *text, *said;
  } cases[] = {
    { "{\"organ\": 3}", "run.json: organ has the wrong type: text expected" },
    { "{\"muscles\": \"BB\"}", "run.json: muscles has the wrong type" },
    { "{\"muscles\": [1]}", "muscles[0] has the wrong type: text expected" },
    { "{\"grey_mean\": [1, 2]}", "grey_mean has 2 elements: 3 expected" },
    { "{\"grey_mean\": [1, 2, \"3\"]}", "grey_mean[2] has the wrong type" },
    { "{\"grey_sd\": [3, 2, 1]}", "grey_sd descends" },
    { "{\"grey_sd\": [3, null, 1]}", "grey_sd has null among its values" },
    { "{\"box_width\": [-3, 2, 4]}", "box_width[0] is -3" },
    { "{\"classes\": [\"a\"]}", "classes has 1 elements" },
    { "{\"classes\": [\"a\", null]}", "classes[1]" },
    { "{\"synthetic\": 1}", "synthetic has the wrong type" },
    { "{\"n_images\": [\"x\", \"y\"]}", "n_images[0] has the wrong type" },
    { "{\"n_images\": [1, -1]}", "n_images[1] is -1" },
    { "{\"n_subjects\": [2.5, 1]}", "n_subjects[0]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = json_from_string (cases[i].text, NULL);
      const NmdJsonValue top = nmd_json_value_top (node, "run.json");
      g_autoptr (GError) error = NULL;

      g_assert_null (nmd_passport_from_json (&top, &error));
      g_assert_error (error, NMD_ERROR, NMD_ERROR_FORMAT);
      if (strstr (error->message, cases[i].said) == NULL)
        g_error ("“%s” does not say “%s”", error->message, cases[i].said);
    }
  g_autoptr (JsonNode) none = json_from_string ("{\"organ\": null, \"new\": 3}", NULL);
  const NmdJsonValue top = nmd_json_value_top (none, "run.json");
  g_autoptr (NmdPassport) empty = nmd_passport_from_json (&top, NULL);

  g_assert_cmpstr (empty->organ, ==, "unknown");
  g_assert_true (isnan (empty->grey_mean[0]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/passport/json", test_json);
  g_test_add_func ("/passport/damaged", test_damaged);
  return g_test_run ();
}
