/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd audit`: printed results looked after. What is found is engine/eval's.
 */
#include "app/nmd-command.h"

#include "engine/core/nmd-json.h"
#include "engine/core/nmd-number.h"
#include "engine/eval/nmd-audit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "240,21,24,498". */
static gboolean
parse_counts (const char *text, guint *counts, guint least, guint most, guint *n)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  *n = 0;
  for (char **word = words; *word != NULL; word++)
    {
      gint64 value;

      if (*n == most || !nmd_number_parse_int (g_strstrip (*word), &value, NULL)
          || !(value >= 0 && value <= 100000000))
        return FALSE;
      counts[(*n)++] = (guint)value;
    }
  return *n >= least;
}

static void
print_audit (const NmdAudit *audit)
{
  const NmdMatrix *m = &audit->matrix;

  if (m->tp + m->fn + m->fp + m->tn > 0)
    printf ("  TP %u  FN %u  FP %u  TN %u\n", m->tp, m->fn, m->fp, m->tn);
  for (guint i = 0; i < audit->rows->len; i++)
    {
      const NmdAuditRow *row = &g_array_index (audit->rows, NmdAuditRow, i);

      printf ("  %-18s", row->name);
      if (isfinite (row->value))
        printf (" %s", nmd_command_number (row->value, 4));
      if (isfinite (row->ci.low))
        printf (" [%s, %s]", nmd_command_number (row->ci.low, 3),
                nmd_command_number (row->ci.high, 3));
      if (row->text != NULL)
        printf ("%s%s", isfinite (row->value) ? "; " : " ", row->text);
      puts ("");
    }
  for (char **note = audit->notes; *note != NULL; note++)
    printf ("  %s\n", *note);
}

static JsonObject *
audit_to_json (const NmdAudit *audit)
{
  JsonObject *object = json_object_new ();
  JsonArray *rows = json_array_new (), *notes = json_array_new ();

  for (guint i = 0; i < audit->rows->len; i++)
    {
      const NmdAuditRow *row = &g_array_index (audit->rows, NmdAuditRow, i);
      JsonObject *one = json_object_new ();

      json_object_set_string_member (one, "name", row->name);
      nmd_json_set_number (one, "value", row->value);
      nmd_json_set_number (one, "low", row->ci.low);
      nmd_json_set_number (one, "high", row->ci.high);
      nmd_json_set_number (one, "printed", row->printed);
      json_object_set_boolean_member (one, "reproducible", row->agrees);
      nmd_json_set_text (one, "how", row->how);
      nmd_json_set_text (one, "text", row->text);
      json_array_add_object_element (rows, one);
    }
  for (char **note = audit->notes; *note != NULL; note++)
    json_array_add_string_element (notes, *note);
  json_object_set_array_member (object, "metrics", rows);
  json_object_set_array_member (object, "notes", notes);
  return object;
}

/* One table of printed numbers: printed, or added to @tables. */
static gboolean
audit_one (const char *title,
           const NmdMatrix *matrix,
           const char *const *words,
           const guint *parts,
           guint n_parts,
           guint total,
           JsonArray *tables,
           GError **error)
{
  g_autoptr (GArray) printed = g_array_new (FALSE, FALSE, sizeof (NmdPrinted));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *split = NULL;
  g_autoptr (NmdAudit) audit = NULL;

  for (; *words != NULL; words++)
    {
      NmdPrinted one;
      char *name = NULL;

      if (!nmd_printed_parse (*words, &one, &name, error))
        return FALSE;
      g_array_append_val (printed, one);
      g_ptr_array_add (names, name);
    }
  audit = nmd_audit_new (matrix, (const NmdPrinted *)(void *)printed->data, printed->len);
  if (n_parts > 0)
    split = nmd_audit_parts (parts, n_parts, total);
  if (nmd_command_wants_json ())
    {
      JsonObject *object = audit_to_json (audit);

      nmd_json_set_text (object, "title", title);
      nmd_json_set_text (object, "parts", split);
      json_array_add_object_element (tables, object);
      return TRUE;
    }
  puts (title);
  print_audit (audit);
  if (split != NULL)
    printf ("  %s\n", split);
  return TRUE;
}

static gboolean
audit_paper (JsonArray *tables, GError **error)
{
  guint n;
  const NmdAuditTable *known = nmd_audit_get_paper (&n);

  if (!nmd_command_wants_json ())
    puts ("Xie and Zhang, Frontiers in Neurology 2025, doi 10.3389/fneur.2025.1640428");
  for (guint i = 0; i < n; i++)
    {
      guint n_parts = 0;

      while (n_parts < G_N_ELEMENTS (known[i].parts) && known[i].parts[n_parts] > 0)
        n_parts++;
      if (!audit_one (known[i].title, &known[i].matrix, known[i].printed, known[i].parts,
                      n_parts, known[i].total, tables, error))
        return FALSE;
    }
  return TRUE;
}

int
nmd_command_audit (int argc, char **argv)
{
  g_autofree char *matrix = NULL, *parts = NULL;
  int total = 0, status = 0;
  const GOptionEntry entries[] = {
    { "matrix", 0, 0, G_OPTION_ARG_STRING, &matrix, "The printed confusion matrix",
      "TP,FN,FP,TN" },
    { "parts", 0, 0, G_OPTION_ARG_STRING, &parts, "Printed numbers of images by part",
      "N,N,…" },
    { "total", 0, 0, G_OPTION_ARG_INT, &total, "Images in all, for --parts", "N" },
    { NULL },
  };
  g_autoptr (JsonArray) tables = json_array_new ();
  g_autoptr (GError) error = NULL;
  guint cells[4] = { 0 }, sizes[16] = { 0 }, n = 0, n_parts = 0;
  gboolean done;

  if (!nmd_command_parse ("audit", entries, &argc, &argv, 0, -1, &status))
    return status;
  if (matrix != NULL && !parse_counts (matrix, cells, 4, 4, &n))
    return nmd_command_usage ("--matrix is four counts, TP,FN,FP,TN, not “%s”", matrix);
  if (parts != NULL
      && (!parse_counts (parts, sizes, 1, G_N_ELEMENTS (sizes), &n_parts) || total <= 0))
    return nmd_command_usage ("--parts is up to 16 counts and needs --total");
  if (argc == 2 && strcmp (argv[1], "paper") == 0 && matrix == NULL && parts == NULL)
    done = audit_paper (tables, &error);
  else if (argc > 1 || matrix != NULL || parts != NULL)
    {
      const NmdMatrix given = { cells[0], cells[1], cells[2], cells[3] };

      done = audit_one ("Printed numbers", &given, (const char *const *)argv + 1, sizes,
                        n_parts, (guint)total, tables, &error);
    }
  else
    return nmd_command_usage ("Say what is printed: paper, --matrix, or NAME=VALUE");
  if (!done)
    return nmd_command_usage ("%s", error->message);
  if (nmd_command_wants_json ())
    {
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);
      JsonObject *object = json_object_new ();

      json_object_set_array_member (object, "tables", g_steal_pointer (&tables));
      json_node_take_object (node, object);
      nmd_command_print_json (node);
    }
  else
    puts (
        "Intervals are Wilson's, images as if independent. A number that the matrix does "
        "not give may\nhave been made in a way that is not printed.");
  return NMD_EXIT_DONE;
}
