/* SPDX-License-Identifier: Apache-2.0
 *
 * The demo cohort: synthetic transverse B-mode scans of three muscles in the layout of the
 * published data set, so that everything can be tried without patients' pictures. The scans are
 * computed, not copied: layered anatomy, random scatterers and reflecting sheets, seen through a
 * point-spread function that widens with depth, then compounded, log-compressed and framed. They
 * look plausible and measure nothing: "SYNTHETIC" stands in each picture and in its tEXt chunk.
 *
 * What is simulated. A healthy muscle's echo intensity follows age, sex and body size with a
 * between-subject spread of about 8 grey levels. Disease raises it and, partly independently,
 * replaces fascicle texture by patches (myopathic) or streaks (neurogenic). The folder label is
 * something else: z > 2 of the measured echo intensity against the generator's own normal model,
 * as in the published set. So some healthy scans lie above the line and some diseased ones below
 * it, and neither mean grey nor a network can separate the folders fully.
 *
 * Determinism: every value comes from a random stream named "SEED:demo:SUBJECT:MUSCLE:IMAGE/…", so
 * a scan depends on seed, scanner and its own numbers alone: not on the order, the number of
 * subjects or threads. The same program gives the same bits each time; another processor or C
 * library may differ by one grey level here and there.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

#define NMD_DEMO_WIDTH 512
#define NMD_DEMO_HEIGHT 480
#define NMD_DEMO_IMAGES 3 /* of each muscle of each subject */

typedef enum
{
  NMD_DEMO_BICEPS,          /* "BB" */
  NMD_DEMO_GASTROCNEMIUS,   /* "GM" */
  NMD_DEMO_TIBIALIS,        /* "TA" */
  NMD_DEMO_N_MUSCLES
} NmdDemoMuscle;

typedef enum
{
  NMD_DEMO_NO_DISEASE,
  NMD_DEMO_MYOPATHIC,  /* echogenic patches in which the fascicles are lost, attenuation */
  NMD_DEMO_NEUROGENIC, /* moth-eaten: dark and bright areas, coarse streaks */
} NmdDemoDisease;

typedef struct
{
  guint subjects; /* 1 … 9999; 0 means 60 */
  guint64 seed;
  char scanner;   /* 'A' (0 means 'A') or 'B': other frequency, gain, compression and scale */
  guint threads;  /* of nmd_demo_write(); 0 means one a processor, at most 8 */
} NmdDemoSettings;

#define NMD_DEMO_SETTINGS_INIT { 60, 1, 'A', 0 }

/* What is known about one scan. Levels are 8-bit grey, scanner A. */
typedef struct
{
  guint subject;              /* 1 … */
  NmdDemoMuscle muscle;
  guint image;                /* 1 … NMD_DEMO_IMAGES */
  gboolean is_right;
  int age;                    /* years */
  gboolean is_male;
  double length;              /* body height, cm */
  double weight;              /* kg */
  NmdDemoDisease disease;     /* of the subject */
  double severity;            /* share by which disease raises this muscle's echo intensity, 0 … 1 */
  double texture;             /* how far disease disturbs its texture, 0 … 1 */
  double normal;              /* expected healthy echo intensity of this person */
  double normal_sd;           /* its between-subject standard deviation */
  double echo_intensity;      /* of this image on scanner A; on A its mean grey is within 0.5 of it */
  double z;                   /* of this muscle as simulated, without measurement noise */
  double z_measured;          /* as the examiner measured it */
  gboolean is_pathological;   /* the folder label: z_measured > 2 */
} NmdDemoFacts;

typedef struct
{
  NmdImage *image; /* 512 × 480, is_synthetic set */
  NmdImage *mask;  /* the muscle belly as an examiner outlines it */
  NmdDemoFacts facts;
} NmdDemoScan;

/* "BB", "GM", "TA". */
const char  *nmd_demo_muscle_name  (NmdDemoMuscle          muscle);
/* "none", "myopathic", "neurogenic". */
const char  *nmd_demo_disease_name (NmdDemoDisease         disease);

/* subjects × 3 muscles × NMD_DEMO_IMAGES. */
guint        nmd_demo_count_images (const NmdDemoSettings *settings);

/* The facts of scan @index (0 … count − 1) in the order of generation: all three muscles and, as
 * soon as the cohort has them, both labels come among the first scans. Computes no picture. */
void         nmd_demo_get_facts    (const NmdDemoSettings *settings,
                                    guint                  index,
                                    NmdDemoFacts          *facts);

/* The path below the cohort's folder, "BB/Healthy/Images/SYN_BB_anon_12_1.png"; with @is_mask
 * that of its mask. */
char        *nmd_demo_get_path     (const NmdDemoFacts    *facts,
                                    gboolean               is_mask) G_GNUC_WARN_UNUSED_RESULT;

/* Computes the scan of @facts (from nmd_demo_get_facts()); some tens of milliseconds. Threads: any,
 * several at once. */
NmdDemoScan *nmd_demo_scan_new     (const NmdDemoSettings *settings,
                                    const NmdDemoFacts    *facts) G_GNUC_WARN_UNUSED_RESULT;
void         nmd_demo_scan_free    (NmdDemoScan           *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdDemoScan, nmd_demo_scan_free)

/* Called on nmd_demo_write()'s own thread, in the order of generation, after image @done of @total
 * and its mask are complete at @path (absolute if the folder was given so). */
typedef void (*NmdDemoProgress) (guint       done,
                                 guint       total,
                                 const char *path,
                                 gpointer    user_data);

/**
 * nmd_demo_write:
 *
 * Writes the cohort: DIR/{BB,GM,TA}/{Healthy,Pathological}/{Images,Masks}/SYN_BB_anon_12_1.png,
 * characteristics.csv (ID, age, length, weigth, sex; spelled as in the published set) in each of
 * the six folders, README.txt, and truth.csv at the end. characteristics.csv lie there before the
 * first image, so the folder can be imported while it grows. @dir must be empty or missing, or hold
 * a cohort of the same settings: a complete one is left alone (@callback comes once, with the first
 * image), one that was broken off is written again. @callback may be NULL.
 *
 * Errors: %NMD_ERROR_REFUSED if @dir holds something else; %G_IO_ERROR_CANCELLED, the images so far
 *   stay; #G_FILE_ERROR.
 */
gboolean     nmd_demo_write        (const char            *dir,
                                    const NmdDemoSettings *settings,
                                    NmdDemoProgress        callback,
                                    gpointer               user_data,
                                    GCancellable          *cancellable,
                                    GError               **error);

G_END_DECLS
