/* SPDX-License-Identifier: Apache-2.0
 *
 * What the suites of whole trainings share: a small data set in a temporary folder, one run of it
 * that nothing disturbed, and comparing runs with that.
 */
#pragma once

#include "engine/train/nmd-train.h"

#define FIXTURE_SUBJECTS 20
#define FIXTURE_IMAGES (2 * FIXTURE_SUBJECTS)
#define FIXTURE_EPOCHS 4

typedef struct
{
  gboolean real;         /* NMD-AssistNet on the CPU backend instead of the tiny network */
  const char *program;   /* of main(), for starting it again */
  char *root;            /* temporary folder */
  char *manifest;        /* of the data set: 20 subjects with two images each */
  NmdDataset *dataset;
  char *unbroken;        /* folder of a finished run */
} Fixture;

extern Fixture fixture;

/* g_test_init(), data set and the unbroken run; fixture.real is set before. */
void              fixture_open            (int                    *argc,
                                           char                 ***argv);
/* Removes everything; returns @status. */
int               fixture_close           (int                     status);

char             *fixture_path            (const char             *name); /* under the root */
void              fixture_remove          (const char             *path); /* a folder and all in it */
guint             fixture_count           (const char             *folder); /* entries */

/* 48 × 40 pixels of 90 grey levels (subjects of even number, healthy) or 120, plus @shift and noise
 * of 0 to 59. */
void              fixture_write_image     (const char             *folder,
                                           int                     subject,
                                           int                     number,
                                           int                     shift);
/* A data set in folder @name; the path of its manifest. */
char             *fixture_make_data       (const char             *name,
                                           int                     shift);
NmdDataset       *fixture_import          (const char             *path);

void              fixture_set             (NmdTrainSettings       *settings,
                                           const char             *name,
                                           const char             *text);
NmdTrainSettings *fixture_settings        (const char             *folder);

/* What a training told, and when it is to be stopped. */
typedef struct
{
  int n_epochs, n_steps, n_warnings, n_finish;
  int stop_at_step, stop_at_finish; /* counted from 1; 0 never */
  double last_fraction;
  GCancellable *cancellable;
  void (*at_epoch) (int epoch, gpointer data);
  gpointer data;
} FixtureTold;

void              fixture_told            (const NmdTrainEvent    *event,
                                           gpointer                told);

/* Trains into @folder; fails unless it ends well or is stopped by @told. */
void              fixture_train           (const char             *folder,
                                           FixtureTold            *told);
void              fixture_resume          (const char             *folder);
/* A copy of a run that was stopped after two epochs. */
char             *fixture_stopped         (const char             *name);
void              fixture_copy            (const char             *from,
                                           const char             *to);

GArray           *fixture_history         (const char             *folder);
/* The area under the curve, by trapezia. */
double            fixture_area_under      (const NmdRoc           *roc);

/* Everything but the clock. */
void              fixture_assert_same_run (const char             *a,
                                           const char             *b);
