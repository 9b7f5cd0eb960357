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
 * replaces fascicle texture by patches (myopathic) or streaks (neurogenic).
 *
 * What is measured. The folder label follows from the pictures, as in the published set: the mean grey
 * within the mask, averaged over the three images of a muscle, against the normal value that this
 * scanner has for this person and muscle, z = (mean − normal)/normal_sd; pathological where z > 2
 * (nmd_demo_measure(); truth.csv holds every number of it). So some healthy scans lie above the line
 * and some diseased ones below it, and neither mean grey nor a network can separate the folders fully.
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

/* What is known about one scan before it is made. Levels are 8-bit grey. */
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
  double severity;            /* share by which disease raises this muscle's echo intensity, 0 … 1.15 */
  double texture;             /* how far disease disturbs its texture, 0 … 1.25 */
  double normal;              /* this scanner's expected healthy echo intensity of this person */
  double normal_sd;           /* its between-subject standard deviation; both to 4 decimals */
  double echo_intensity;      /* planned for this image on scanner A: its mean grey there is within 0.5 */
  double z_simulated;         /* of this muscle as drawn, without what differs between images */
} NmdDemoFacts;

typedef struct
{
  NmdImage *image; /* 512 × 480, is_synthetic set */
  NmdImage *mask;  /* the muscle belly as an examiner outlines it */
  NmdDemoFacts facts;
} NmdDemoScan;

/* What the three scans of one muscle say. */
typedef struct
{
  double echo_intensity;    /* mean grey within the masks, averaged over the images of the muscle */
  double z;                 /* (echo_intensity − normal)/normal_sd */
  gboolean is_pathological; /* the folder label: z > 2 */
} NmdDemoMeasure;

/* "BB", "GM", "TA". */
const char  *nmd_demo_muscle_name  (NmdDemoMuscle          muscle);

/* "none", "myopathic", "neurogenic". */
const char  *nmd_demo_disease_name (NmdDemoDisease         disease);

/* subjects × 3 muscles × NMD_DEMO_IMAGES. */
guint        nmd_demo_count_images (const NmdDemoSettings *settings);

/* The facts of scan @index (0 … count − 1) in the order of generation, the images of one muscle in
 * turn: all three muscles and, as soon as the cohort has them, both labels come among the first nine.
 * Computes no picture. */
void         nmd_demo_get_facts    (const NmdDemoSettings *settings,
                                    guint                  index,
                                    NmdDemoFacts          *facts);

/**
 * nmd_demo_measure:
 * @facts: of any image of the muscle: its normal values are used
 * @echo_intensity: mean grey within the mask of its images 1, 2 and 3
 * @measure: (out): mean m of the three, z = (m − normal)/normal_sd, label z > 2
 *
 * Measures a muscle. Sums and quotients are of doubles in the order written, so that anyone gets the
 * same bits from truth.csv.
 */
void         nmd_demo_measure      (const NmdDemoFacts    *facts,
                                    const double           echo_intensity[NMD_DEMO_IMAGES],
                                    NmdDemoMeasure        *measure);

/* The path below the cohort's folder, "BB/Healthy/Images/SYN_BB_anon_12_1.png"; with @is_mask
 * that of its mask. */
char        *nmd_demo_get_path     (const NmdDemoFacts    *facts,
                                    gboolean               is_pathological,
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
 * @dir: empty or missing, or a cohort of the same settings
 * @settings: (nullable): %NULL for the defaults
 * @callback: (nullable): called for each image once it and its mask are there
 *
 * Writes the cohort: DIR/{BB,GM,TA}/{Healthy,Pathological}/{Images,Masks}/SYN_BB_anon_12_1.png,
 * characteristics.csv (ID, age, length, weigth, sex; spelled as in the published set) in each of
 * the six folders, README.txt first and truth.csv last. A complete cohort, also one of an earlier
 * version, is left alone (@callback comes once, with the first image); one that was broken off by a
 * crash is written again.
 *
 * Whole or not at all: after an error or a cancellation what was written is removed, and @dir too if it
 * was missing.
 *
 * Errors: %NMD_ERROR_REFUSED if @dir holds something else; %G_IO_ERROR_CANCELLED; #G_FILE_ERROR.
 */
gboolean     nmd_demo_write        (const char            *dir,
                                    const NmdDemoSettings *settings,
                                    NmdDemoProgress        callback,
                                    gpointer               user_data,
                                    GCancellable          *cancellable,
                                    GError               **error);

G_END_DECLS
