/* SPDX-License-Identifier: Apache-2.0
 *
 * What tests of the window share: a session and its window in a folder of their own, waiting by the
 * main loop, and finding widgets by what they show.
 */
#pragma once

#include "ui/widgets/nmd-grey-view.h"
#include "ui/window/nmd-window.h"

/* Sanitizers make everything slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWNESS 10
#else
#define SLOWNESS 1
#endif

/* The session under test and its parts. */
typedef struct
{
  char *folder;               /* for runs and data; removed at the end */
  NmdAppSession *session;
  NmdNotices *notices;
  NmdDataSession *data;
  NmdScanSession *scan;
  NmdRunsSession *runs;
  NmdRecipeSession *recipe;
  NmdDeviceSession *devices;
  NmdTrainingSession *training;
  NmdExplanationSession *explanation;
  NmdProposalSession *proposals;
  NmdWindow *window;
  guint n_problems;           /* told since it was last set to 0 */
  char *last_problem;
  char *last_message;
} Screen;

extern Screen screen;

/* Starts the test program. FALSE where there is no display; it has said so then. */
gboolean   screen_init         (int            *argc,
                                char         ***argv);
/* Removes what was made. Returns: @status. */
int        screen_end          (int             status);

/* Under LeakSanitizer: fails if anything is lost so far, and what is lost later is not looked for. */
void       screen_check_leaks  (void);

/* Makes a session; without a window. */
void       screen_start        (void);
/* Makes a session with its window of that size, and shows it. */
void       screen_open         (int             width,
                                int             height);
/* Destroys window and session; both must go. */
void       screen_close        (void);

/* Writes a demo cohort of @n_subjects with 9 images each. Returns: its folder. */
char      *screen_write_cohort (const char     *name,
                                int             n_subjects);

/* Writes BB_left.png, 160 × 120 pixels without an outline, and opens it. */
void       screen_open_scan    (void);
/* Gives it a box as its outline, and a length. */
void       screen_outline_scan (void);

/* Turns the main loop until @done or @seconds have passed. Returns: whether it is done. */
gboolean   screen_wait         (gboolean      (*done) (void),
                                double          seconds);
/* Turns the main loop until the jobs under way have ended, and those that they lead to; trainings and imports
 * are not waited for. */
void       screen_settle       (void);
/* Turns the main loop for @seconds, also under a sanitizer, and settles: a busy machine may need longer. */
void       screen_pause        (double          seconds);
/* A widget's height once nothing moves it any more. */
int        screen_height_at_rest (GtkWidget    *widget);

/* Conditions for screen_wait(). */
gboolean   screen_has_dataset  (void);
gboolean   screen_has_scan     (void);
/* The scan has a path that ends with screen_wanted. */
gboolean   screen_has_wanted   (void);
extern const char *screen_wanted;
gboolean   screen_has_mask     (void);
gboolean   screen_has_no_mask  (void);
gboolean   screen_has_problem  (void);
gboolean   screen_has_model    (void);
gboolean   screen_has_run      (void);
gboolean   screen_training_ended (void);

/* Whether @widget or one below it that is on screen shows a text that starts with @start. */
gboolean   screen_shows        (GtkWidget      *widget,
                                const char     *start);
/* The same for a text that has @part in it. */
gboolean   screen_shows_part   (GtkWidget      *widget,
                                const char     *part);
/* Opens every folded group of settings at or below @widget; their rows are made then. */
void       screen_unfold       (GtkWidget      *widget);
/* The first of @type on screen at or below @widget, with @label if that is given (a button's). */
GtkWidget *screen_find         (GtkWidget      *widget,
                                GType           type,
                                const char     *label);
/* The first label on screen with that text at or below @widget; NULL if there is none. */
GtkWidget *screen_find_label   (GtkWidget      *widget,
                                const char     *text);
/* How far down the window a label stands, once it is laid out. */
float      screen_place_of    (const char      *text);
/* A dialog of the window (nullable): another toplevel on screen. */
GtkWindow *screen_find_dialog  (void);
/* Runs xdotool. Returns: whether it is there and did it. */
gboolean   screen_xdotool      (const char     *arguments);
/* Moves the pointer to a pixel of @view's image. */
void       screen_point_at     (NmdGreyView    *view,
                                double          x,
                                double          y);
/* Presses the primary button, or lets go of it. */
void       screen_press        (gboolean        down);
/* The window needs no more room than this. */
void       screen_assert_fits  (int             width,
                                int             height);
