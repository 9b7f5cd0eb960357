/* SPDX-License-Identifier: Apache-2.0
 *
 * `nmd`, the headless twin of the window: the same engine, the same results, no GTK. This
 * file lists the commands and finds the one that is asked for.
 */
#include "config.h"

#include "app/nmd-command.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

const NmdCommand nmd_commands[] = {
  { "demo", "DIR",
    "Write the synthetic demo cohort, muscle scans in the paper's folder layout.", NULL,
    nmd_command_demo },
  { "dataset", "PATH",
    "Read a data set and report what is in it: a folder, a zip, or a manifest .csv.",
    "A manifest has the columns image, mask, subject, label; other header names can be "
    "given.\n"
    "Labels 1, pathological, abnormal, malignant are positive, 0, healthy, normal, "
    "benign\n"
    "negative; for any other words say which one is positive.\n"
    "“nmd dataset --caches” lists what data sets have left in the cache, with its size.",
    nmd_command_dataset },
  { "preprocess", "IMAGE --out DIR",
    "Write what preprocessing does to one image: roi, resize, median, clahe .png.",
    "Without --mask or --roi the whole frame is taken.", nmd_command_preprocess },
  { "model", "NAME", "Print a network's layers: output shape, parameters, multiply-adds.",
    NULL, nmd_command_model },
  { "train", "DATASET --out RUN",
    "Train a network on a data set and evaluate it; the run folder RUN must be empty or "
    "new.",
    "“nmd train --resume RUN” alone goes on with a stopped run. Ctrl-C stops after the "
    "batch;\n"
    "the run folder is then complete up to the last whole epoch. Without --out a folder\n"
    "run-DATE-TIME is made here.\n"
    "--init takes a file with the names of the PyTorch module, as timm's "
    "model.safetensors;\n"
    "its classifier is left out if it is for another number of classes.",
    nmd_command_train },
  { "evaluate", "RUN",
    "Score every image of a run's data set, or of another one, and print the measures.",
    NULL, nmd_command_evaluate },
  { "predict", "RUN IMAGE…", "Score single images with a trained run.",
    "A score is the network's softmax for the positive class, not a probability of "
    "disease.\n"
    "With --masks, the outline of scan.png is sought in DIR as scan.png, scan_mask.png,\n"
    "mask_scan.png, and for prefix_scan.png as mask_scan.png. Without an outline there "
    "is no\n"
    "score. An image that does not fit what the run was trained on gets none either;\n"
    "--override gives one all the same, marked as not meaningful.",
    nmd_command_predict },
  { "explain", "RUN IMAGE --out PNG",
    "Draw Grad-CAM over an image: where the network was sensitive, not where disease is.",
    NULL, nmd_command_explain },
  { "metrics", "CSV",
    "Measures with their intervals for a table of scores: subject, image, label, score.",
    "Labels are 0 and 1, scores lie between 0 and 1; an image is called positive if its "
    "score\n"
    "is at least the threshold.",
    nmd_command_metrics },
  { "weights", "FILE",
    "List a weights file (safetensors): name, dtype, shape; and which network it fits.",
    "The file is checked from end to end of its header, but no values are read. A file "
    "that\n"
    "fits a network can be the start of its training: nmd train … --init FILE.",
    nmd_command_weights },
  { "bench", "MODEL", "Measure a network's speed and memory on this machine.", NULL,
    nmd_command_bench },
  { "devices", "", "List what can compute here, and why something cannot.", NULL,
    nmd_command_devices },
  { NULL },
};

static void
print_help (FILE *out)
{
  fputs (
      "Usage: nmd COMMAND [ARGUMENTS]\n\n"
      "Classification of muscle ultrasound images with NMD-AssistNet, for research and\n"
      "teaching; not a medical device. Works offline.\n\nCommands:\n",
      out);
  for (const NmdCommand *command = nmd_commands; command->name != NULL; command++)
    fprintf (out, "  %-11s %s\n", command->name, command->summary);
  fputs (
      "\nEach command has --help and --json (one object on standard output). Progress "
      "goes\n"
      "to standard error. Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped.\n",
      out);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_set_prgname ("nmd");
  nmd_command_guard_descriptors ();
  if (argc < 2)
    {
      print_help (stderr);
      return NMD_EXIT_USAGE;
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0
      || strcmp (argv[1], "help") == 0)
    {
      print_help (stdout);
      return nmd_command_finish (NMD_EXIT_DONE);
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      puts ("nmd " NMD_VERSION);
      return nmd_command_finish (NMD_EXIT_DONE);
    }
  for (const NmdCommand *command = nmd_commands; command->name != NULL; command++)
    if (strcmp (command->name, argv[1]) == 0)
      {
        nmd_command_catch_signals ();
        return nmd_command_finish (command->run (argc - 1, argv + 1));
      }
  nmd_command_say ("nmd: There is no command “%s”. Try “nmd --help”.", argv[1]);
  return NMD_EXIT_USAGE;
}
