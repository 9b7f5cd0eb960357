/* SPDX-License-Identifier: Apache-2.0
 *
 * What every command of `nmd` has: help, usage, output that is not lost; and the commands
 * about networks and machines.
 */
#include "process.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

/* Every command that `nmd --help` lists has a --help of its own and refuses unknown flags. */
static void
test_help (void)
{
  g_auto (Result) all = nmd ("--help"), none = nmd (""), wrong = nmd ("nonsense");
  char *list = strstr (all.out, "Commands:\n");
  guint n = 0;

  g_assert_cmpint (all.status, ==, 0);
  g_assert_cmpint (none.status, ==, 2);
  g_assert_cmpint (wrong.status, ==, 2);
  g_assert_nonnull (list);
  g_auto (GStrv) lines = g_strsplit (list + strlen ("Commands:\n"), "\n", -1);

  for (; lines[n] != NULL && g_str_has_prefix (lines[n], "  "); n++)
    {
      g_auto (GStrv) words = g_strsplit (lines[n] + 2, " ", 2);
      g_autofree char *help = g_strdup_printf ("%s --help", words[0]);
      g_autofree char *bad = g_strdup_printf ("%s --no-such-flag", words[0]);
      g_auto (Result) shown = nmd (help), refused = nmd (bad);

      g_assert_cmpint (shown.status, ==, 0);
      g_assert_nonnull (strstr (shown.out, "--json"));
      g_assert_cmpint (refused.status, ==, 2);
      g_assert_cmpstr (refused.out, ==, "");
    }
  g_assert_cmpuint (n, >=, 12);
}

static void
test_usage (void)
{
  static const char *const wrong[] = {
    "metrics",
    "metrics a --score-scale log",
    "metrics @/x.csv --threshold 2",
    "preprocess x.png",
    "preprocess x.png --out d --mask m --roi 0,0,1,1",
    "train",
    "train x --batch 1",
    "train x --epochs many",
    "train x --model nonsense",
    "train --resume r --out s",
    "train --resume r --init w",
    "train --resume r --organ muscle",
    "train x --organ unknown",
    "weights",
    "weights a b",
    "dataset",
    "dataset x --caches",
    "bench nmdassistnet --mode sideways",
    "bench nmdassistnet --batch 0",
    "demo d --scanner C",
    "demo d --subjects 10000",
    "explain r i --out map.jpg",
    "segment r i --page -1",
    "predict r",
    "explain r i",
    "predict r i --threads -1",
    "predict r i --weights last",
    "explain r i --out o.png --threads -1",
    "explain r --out o.png",
    "explain r i --out o.png --limit 3",
    "explain r i --cohort --out d",
    "explain r --cohort --out d --organ muscle",
    "explain r --cohort",
    "explain r i --out o.png --method magic",
    "explain r i --out o.png --method ig --layer expand_pw",
    "evaluate r --threads -1",
    "evaluate r --device gpu",
    "train x --device gpu",
    "train x --split no-such-kind-or-file",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (Result) result = nmd (wrong[i]);

      g_assert_cmpint (result.status, ==, 2);
      g_assert_nonnull (strstr (result.err, "--help"));
    }
}

/* What cannot be printed is no success: a full disk, a closed descriptor. */
static void
test_lost_output (void)
{
  static const char *const commands[] = { "--help", "devices --json", "train --help" };
  static const char *const places[] = { ">/dev/full", ">&-" };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (places); j++)
      {
        g_autofree char *quoted = g_shell_quote (process_program ());
        g_autofree char *line
            = g_strdup_printf ("%s %s %s", quoted, commands[i], places[j]);
        g_auto (Result) result = shell (line);

        g_assert_cmpint (result.status, ==, 1);
        g_assert_nonnull (strstr (result.err, "standard output"));
      }
}

static void
test_model (void)
{
  g_auto (Result) result = nmd ("model nmdassistnet --json"),
                  unknown = nmd ("model nonsense");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = parse (&result, &node);
  JsonArray *layers = json_object_get_array_member (object, "layers");
  static const char *const totals[]
      = { "parameters", "multiply_adds", "activation_bytes" };

  g_assert_cmpint (json_object_get_int_member (object, "parameters"), ==, 2395768);
  for (guint t = 0; t < G_N_ELEMENTS (totals); t++)
    {
      gint64 sum = 0;

      for (guint i = 0; i < json_array_get_length (layers); i++)
        sum += json_object_get_int_member (json_array_get_object_element (layers, i),
                                           totals[t]);
      g_assert_cmpint (sum, ==, json_object_get_int_member (object, totals[t]));
    }
  g_assert_cmpint (unknown.status, ==, 1);
  assert_sentence (&unknown, "model", "nonsense", "nmdassistnet");
}

/* Steps, ceilings and the whole network's distance to them, as text and as numbers. */
static void
test_bench (void)
{
  g_auto (Result) text
      = nmd ("bench nmdassistnet --mode infer --batch 1 --seconds 0.05 --layers");
  g_auto (Result) result
      = nmd ("bench nmdassistnet --mode infer --batch 1 --seconds 0.05 --layers --json");
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = parse (&result, &node);
  JsonArray *layers = json_object_get_array_member (object, "layers");
  double flop = 0;

  g_assert_cmpint (text.status, ==, 0);
  g_assert_nonnull (strstr (text.out, "all steps"));
  g_assert_nonnull (strstr (text.out, "whole network: "));
  g_assert_nonnull (strstr (text.out, " % of that product"));
  for (guint i = 0; i < json_array_get_length (layers); i++)
    flop += json_object_get_double_member (json_array_get_object_element (layers, i),
                                           "flop");
  g_assert_cmpfloat (json_object_get_double_member (object, "ceiling_flop_per_second"), >,
                     0);
  /* the steps' operations are the network's, 0.12 GMAC */
  g_assert_cmpfloat (flop, >, 0.2e9);
  g_assert_cmpfloat_with_epsilon (
      flop,
      json_object_get_double_member (object, "flop_per_second")
          * json_object_get_double_member (object, "median_step_seconds"),
      0.05 * flop);
}

static void
test_devices (void)
{
  g_auto (Result) result = nmd ("devices --json");
  g_autoptr (JsonNode) node = NULL;
  JsonArray *devices = json_object_get_array_member (parse (&result, &node), "devices");
  JsonObject *first = json_array_get_object_element (devices, 0);

  g_assert_cmpstr (json_object_get_string_member (first, "name"), ==, "cpu");
  g_assert_true (json_object_get_boolean_member (first, "available"));
}

/* Names of files may be in any encoding and hold what a terminal obeys; neither reaches the
 * output. finish() takes only valid UTF-8. */
static void
test_names (void)
{
  g_auto (Result) made = nmd ("demo @/a\xff\x1b[31m --subjects 2 --json"),
                  absent = nmd ("weights @/b\xff\x1b]0;x\x07.safetensors"),
                  table = nmd ("metrics @/c\x1b[2J\xfe.csv"),
                  text = nmd ("dataset @/a\xff\x1b[31m"),
                  json = nmd ("dataset @/a\xff\x1b[31m --json"),
                  usage = nmd ("demo @/d\x1b[1m too\x1b[2Jmany");
  const Result *all[] = { &made, &absent, &table, &text, &json, &usage };
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) other = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_assert_null (strchr (all[i]->out, '\x1b'));
      g_assert_null (strchr (all[i]->err, '\x1b'));
    }
  g_assert_cmpint (made.status, ==, 0);
  g_assert_cmpint (json.status, ==, 0);
  g_assert_nonnull (strstr (
      json_object_get_string_member (parse (&made, &node), "folder"), "a\\xff\\x1b[31m"));
  g_assert_cmpint (json_object_get_int_member (parse (&json, &other), "images"), ==, 18);
  g_assert_cmpint (absent.status, ==, 1);
  g_assert_cmpint (usage.status, ==, 2);
}

/* Whatever a command is busy with, it ends within five seconds of the first signal and says
 * so: a table that takes a second, tables whose measures take longer than a command is left
 * to itself, and a pipe that nobody writes (which is refused at once). */
static void
test_signals (void)
{
  static const struct
  {
    const char *arguments;
    int number;
    gulong after_ms;
    gboolean may_be_refused;
  } cases[] = {
    { "metrics @/huge.csv", SIGINT, 300, FALSE },
    { "metrics @/huge.csv @/huge.csv @/huge.csv @/huge.csv", SIGTERM, 1500, FALSE },
    { "metrics @/pipe.csv", SIGTERM, 300, TRUE },
    { "dataset @/pipe.csv", SIGTERM, 300, TRUE },
  };
  g_autofree char *pipe = place ("pipe.csv");
  g_autoptr (GString) rows = g_string_new ("subject,label,score\n");

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  for (int i = 0; i < 700000; i++)
    g_string_append_printf (rows, "%d,%d,0.%d\n", i % 50000, i % 50000 % 2, i % 997);
  write_text ("huge.csv", rows->str);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GSubprocess) process = start (cases[i].arguments);
      g_auto (Result) stopped = { 0 };
      gint64 begin;

      g_usleep (cases[i].after_ms * 1000);
      begin = g_get_monotonic_time ();
      g_subprocess_send_signal (process, cases[i].number);
      stopped = finish (process);
      g_test_message ("%s: ended after %.2f s with status %d", cases[i].arguments,
                      (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC,
                      stopped.status);
      g_assert_true (stopped.status == 130
                     || (cases[i].may_be_refused && stopped.status == 1));
      g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_USEC_PER_SEC);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  process_set_up ();
  g_test_add_func ("/nmd/help", test_help);
  g_test_add_func ("/nmd/usage", test_usage);
  g_test_add_func ("/nmd/lost-output", test_lost_output);
  g_test_add_func ("/nmd/model", test_model);
  g_test_add_func ("/nmd/bench", test_bench);
  g_test_add_func ("/nmd/devices", test_devices);
  g_test_add_func ("/nmd/names", test_names);
  g_test_add_func ("/nmd/signals", test_signals);
  status = g_test_run ();
  process_tear_down ();
  return status;
}
