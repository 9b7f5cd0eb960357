/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands of `nmd` share: the table of commands, the option parser and exit statuses. What
 * they print is nmd-output.h's, Ctrl-C nmd-signals.h's.
 */
#pragma once

#include "app/nmd-output.h"
#include "app/nmd-signals.h"
#include "engine/image/nmd-preprocess.h"

/* Exit statuses, as --help says. */
#define NMD_EXIT_DONE 0
#define NMD_EXIT_FAILED 1  /* one sentence on standard error names the file and the reason */
#define NMD_EXIT_USAGE 2
#define NMD_EXIT_STOPPED 130 /* Ctrl-C; what was finished until then is whole */

/* GOption entries of a command that computes: char **, char **, int *. */
#define NMD_DEVICE_ENTRIES(device, numerics, threads)                                           \
  { "device", 0, 0, G_OPTION_ARG_STRING, device,                                                \
    "Device: " NMD_DEVICE_FORMS " [" NMD_DEVICE_DEFAULT "]", "NAME" },                          \
  { "numerics", 0, 0, G_OPTION_ARG_STRING, numerics,                                            \
    "Arithmetic: " NMD_NUMERICS_FORMS " [strict]", "NAME" },                            \
  { "threads", 0, 0, G_OPTION_ARG_INT, threads, "Processor threads; 0: as many as are fastest here [0]", "N" }

typedef struct
{
  const char *name;      /* "train" */
  const char *arguments; /* "DATASET --out RUN" */
  const char *summary;   /* one line */
  const char *more;      /* (nullable) further paragraphs of its --help */
  int (*run) (int argc, char **argv);
} NmdCommand;

/* Every command, in the order of --help; ended by a NULL name. */
extern const NmdCommand nmd_commands[];

int nmd_command_demo (int argc, char **argv);
int nmd_command_dataset (int argc, char **argv);
int nmd_command_outlines (int argc, char **argv);
int nmd_command_preprocess (int argc, char **argv);
int nmd_command_model (int argc, char **argv);
int nmd_command_train (int argc, char **argv);
int nmd_command_evaluate (int argc, char **argv);
int nmd_command_crossval (int argc, char **argv);
int nmd_command_compare (int argc, char **argv);
int nmd_command_ablate (int argc, char **argv);
int nmd_command_leaks (int argc, char **argv);
int nmd_command_leak_gap (int argc, char **argv);
int nmd_command_experiment (int argc, char **argv);
int nmd_command_predict (int argc, char **argv);
int nmd_command_segment (int argc, char **argv);
int nmd_command_explain (int argc, char **argv);
int nmd_command_metrics (int argc, char **argv);
int nmd_command_audit (int argc, char **argv);
int nmd_command_report (int argc, char **argv);
int nmd_command_verify (int argc, char **argv);
int nmd_command_runs (int argc, char **argv);
int nmd_command_weights (int argc, char **argv);
int nmd_command_zscore (int argc, char **argv);
int nmd_command_bench (int argc, char **argv);
int nmd_command_devices (int argc, char **argv);

/**
 * nmd_command_parse:
 * @entries: the command's options, GOption table without --json and --help, which every command has
 * @min, @max: number of arguments that must be left; @max −1 for any
 *
 * Returns: TRUE to go on. FALSE with @status set to NMD_EXIT_USAGE (a message was printed) or
 *   NMD_EXIT_DONE (--help was printed).
 */
gboolean nmd_command_parse (const char         *name,
                            const GOptionEntry *entries,
                            int                *argc,
                            char             ***argv,
                            int                 min,
                            int                 max,
                            int                *status);

/* The options of @table that the command line gives, but for those named in @but: "--epochs, --lr"; NULL if there
 * are none. To be called before nmd_command_parse(), which takes them away. */
char *nmd_command_list_given (const GOptionEntry *table,
                              const char *const  *but,
                              int                 argc,
                              char              **argv) G_GNUC_WARN_UNUSED_RESULT;

/* "nmd train: Epochs must be …" and a pointer to --help; returns NMD_EXIT_USAGE. */
int nmd_command_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Prints @error's message as the command's one sentence; returns NMD_EXIT_FAILED or, for a
 * cancelled operation, NMD_EXIT_STOPPED. */
int nmd_command_fail (const GError *error);

/* Checks the options that name where and with what a network computes, before anything is read:
 * *@device "cpu", "reference", "cuda", "cuda:N", *@device NULL is made "cpu"; @numerics "strict", "fast",
 * "bf16" (nullable), which goes into *@device; @threads, @weights "average" or "best" (nullable). FALSE
 * with *status set if one is wrong. */
gboolean nmd_command_check_compute (char      **device,
                                    const char *numerics,
                                    int         threads,
                                    const char *weights,
                                    int        *status);

/* FALSE with the number of pages and the option that names one, if @path has several and @page is 0. */
gboolean nmd_command_check_page (const char *path, int page, GError **error);

/* "x0,y0,x1,y1" in pixels, x1 and y1 exclusive. */
gboolean nmd_command_parse_box (const char *text, NmdBox *box, GError **error);

/* The outline that the user gave for @image: @mask_path, or @roi, or none (*mask NULL). Checks
 * that it fits the image. */
gboolean nmd_command_load_outline (const char     *mask_path,
                                   const char     *roi,
                                   const NmdImage *image,
                                   NmdImage      **mask,
                                   GError        **error);

/* "mask", "drawn", "frame", "model": where the region of interest came from. */
const char *nmd_command_roi_source (NmdRoiSource source);
