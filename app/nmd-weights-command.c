/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd weights`: what is in a safetensors file, and which of our networks takes it.
 */
#include "app/nmd-command.h"

#include "engine/nn/nmd-transfer.h"

#include <stdio.h>
#include <string.h>

/* What all tensors have together. */
typedef struct
{
  gint64 count, bytes;
} Totals;

static Totals
add_up (const GPtrArray *entries)
{
  Totals totals = { 0, 0 };

  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];

      totals.count += entry->count;
      totals.bytes += entry->bytes;
    }
  return totals;
}

/* Width on the screen: letters, not bytes. */
static int
padding (const char *text, int width)
{
  return MAX (width - (int)g_utf8_strlen (text, -1), 0);
}

static void
print_table (const char *path, const GPtrArray *entries, const NmdTransfer *fits)
{
  const Totals totals = add_up (entries);
  g_autofree char *size = g_format_size ((guint64)totals.bytes);
  int width = 4;

  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];

      width = MAX (width, MIN (60, (int)g_utf8_strlen (entry->name, -1)));
    }
  printf ("%-*s  %-5s %12s  shape\n", width, "name", "dtype", "values");
  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];
      g_autofree char *shape = nmd_weights_entry_shape (entry);
      const char *name = nmd_command_shown (entry->name);

      printf ("%s%*s  %-5s %12" G_GINT64_FORMAT "  %s\n", name, padding (name, width), "",
              entry->dtype, entry->count, entry->n_dims == 0 ? "one value" : shape);
    }
  printf ("\n%s: %u tensors, %" G_GINT64_FORMAT " values, %s\n", path, entries->len,
          totals.count, size);
  if (fits == NULL)
    printf ("fits none of the networks\n");
  else if (fits->n_classes > 0)
    printf ("fits %s, %d classes\n", fits->network->name, fits->n_classes);
  else
    printf ("fits %s, without its classifier\n", fits->network->name);
  if (fits != NULL && fits->unknown->len > 0)
    printf ("%u of the tensors are not %s's\n", fits->unknown->len, fits->network->title);
}

static void
add_tensors (JsonBuilder *builder, const GPtrArray *entries)
{
  json_builder_set_member_name (builder, "tensors");
  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    {
      const NmdWeightsEntry *entry = entries->pdata[i];

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "name");
      json_builder_add_string_value (builder, nmd_command_shown (entry->name));
      json_builder_set_member_name (builder, "dtype");
      json_builder_add_string_value (builder, entry->dtype);
      json_builder_set_member_name (builder, "shape");
      json_builder_begin_array (builder);
      for (int d = 0; d < entry->n_dims; d++)
        json_builder_add_int_value (builder, entry->dims[d]);
      json_builder_end_array (builder);
      json_builder_set_member_name (builder, "values");
      json_builder_add_int_value (builder, entry->count);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_meta (JsonBuilder *builder, const NmdWeights *meta)
{
  g_auto (GStrv) keys = nmd_weights_list_meta (meta);

  json_builder_set_member_name (builder, "metadata");
  json_builder_begin_object (builder);
  for (guint i = 0; keys[i] != NULL; i++)
    {
      json_builder_set_member_name (builder, nmd_command_shown (keys[i]));
      json_builder_add_string_value (
          builder, nmd_command_shown (nmd_weights_get_meta (meta, keys[i])));
    }
  json_builder_end_object (builder);
}

static void
print_json (const char *path,
            const GPtrArray *entries,
            const NmdWeights *meta,
            const NmdTransfer *fits)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const Totals totals = add_up (entries);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder, path);
  json_builder_set_member_name (builder, "values");
  json_builder_add_int_value (builder, totals.count);
  json_builder_set_member_name (builder, "bytes");
  json_builder_add_int_value (builder, totals.bytes);
  json_builder_set_member_name (builder, "fits");
  if (fits == NULL)
    json_builder_add_null_value (builder);
  else
    {
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "network");
      json_builder_add_string_value (builder, fits->network->name);
      json_builder_set_member_name (builder, "classes");
      if (fits->n_classes > 0)
        json_builder_add_int_value (builder, fits->n_classes);
      else
        json_builder_add_null_value (builder);
      json_builder_set_member_name (builder, "used");
      json_builder_add_int_value (builder, fits->n_used);
      json_builder_set_member_name (builder, "not_of_the_network");
      json_builder_add_int_value (builder, fits->unknown->len);
      json_builder_end_object (builder);
    }
  add_meta (builder, meta);
  add_tensors (builder, entries);
  json_builder_end_object (builder);
  nmd_command_print_json (json_builder_get_root (builder));
}

int
nmd_command_weights (int argc, char **argv)
{
  g_autoptr (NmdWeights) meta = nmd_weights_new ();
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (NmdTransfer) fits = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = NULL;
  int status = 0;

  if (!nmd_command_parse ("weights", NULL, &argc, &argv, 1, 1, &status))
    return status;
  entries = nmd_weights_list (argv[1], meta, &error);
  if (entries == NULL)
    return nmd_command_fail (error);
  fits = nmd_transfer_find (entries);
  shown = g_strdup (nmd_command_shown (argv[1]));
  if (nmd_command_wants_json ())
    print_json (shown, entries, meta, fits);
  else
    print_table (shown, entries, fits);
  return NMD_EXIT_DONE;
}
