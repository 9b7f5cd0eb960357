/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks about the scan under study and keeps the newest answer.
 */
#include "ui/session/nmd-proposal-session.h"

#include <glib/gi18n.h>

struct _NmdProposalSession
{
  GObject parent_instance;

  NmdNotices *notices;
  NmdScanSession *scan;
  NmdRunsSession *runs;
  NmdDeviceSession *devices;
  NmdTrainingSession *training;
  NmdExplanationSession *explanation;

  gboolean is_active;
  NmdJob *job;             /* (nullable): the newest question */
  NmdScanProposal *answer; /* (nullable) */
  char *problem;           /* (nullable): why there is no answer */
  NmdImage *image;         /* (nullable): what the prompts are about */
  NmdPrompts prompts;
};

enum
{
  PROP_0,
  PROP_ACTIVE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];
static guint changed;

G_DEFINE_FINAL_TYPE (NmdProposalSession, nmd_proposal_session, G_TYPE_OBJECT)

static void
set_problem (NmdProposalSession *self, const char *problem)
{
  g_free (self->problem);
  self->problem = g_strdup (problem);
}

static gboolean
has_prompts (NmdProposalSession *self)
{
  return self->prompts.has_box || self->prompts.n_clicks > 0;
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdProposalSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NmdScanProposal) answer = nmd_job_finish (NMD_JOB (source), result, &error);

  if (self->job != NMD_JOB (source) || nmd_notices_is_closed (self->notices))
    return;
  g_autoptr (NmdJob) job = g_steal_pointer (&self->job);
  nmd_scan_proposal_free (self->answer);
  self->answer = g_steal_pointer (&answer);
  gboolean stopped = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  set_problem (self, error != NULL && !stopped ? error->message : NULL);
  g_signal_emit (self, changed, 0);
}

/* What was shown and answered is of one image. */
static void
follow_image (NmdProposalSession *self, NmdScan *scan)
{
  NmdImage *image = scan != NULL ? scan->image : NULL;

  if (image == self->image)
    return;
  g_clear_pointer (&self->image, nmd_image_unref);
  self->image = image != NULL ? nmd_image_ref (image) : NULL;
  self->prompts = (NmdPrompts){ 0 };
  g_clear_pointer (&self->answer, nmd_scan_proposal_free);
}

static void
ask (NmdProposalSession *self)
{
  NmdScan *scan = nmd_scan_session_get_scan (self->scan);

  g_clear_object (&self->job);
  follow_image (self, scan);
  set_problem (self, NULL);
  if (!self->is_active || scan == NULL || nmd_notices_is_closed (self->notices))
    {
      g_clear_pointer (&self->answer, nmd_scan_proposal_free);
      g_signal_emit (self, changed, 0);
      return;
    }
  nmd_runs_session_want_outline_run (self->runs);
  NmdModel *model = nmd_runs_session_get_outline_model (self->runs);
  if (self->answer != NULL && self->answer->model != model)
    g_clear_pointer (&self->answer, nmd_scan_proposal_free);
  if (nmd_runs_session_get_outline_run (self->runs) == NULL)
    set_problem (self, _ ("No network here finds outlines: train one on the page Train, "
                          "task “Find outlines”, or draw the outline"));
  else if (model != NULL)
    {
      const NmdProposalRequest request = {
        .scan = scan,
        .model = model,
        .prompts = has_prompts (self) ? &self->prompts : NULL,
        .stated = nmd_explanation_session_get_stated (self->explanation),
        .device = nmd_device_session_get (self->devices),
        .busy = nmd_training_session_get_job (self->training) != NULL,
      };
      self->job = nmd_scan_proposal_start (&request, on_answer, g_object_ref (self));
    }
  g_signal_emit (self, changed, 0);
}

static void
on_scan (NmdProposalSession *self)
{
  if (self->is_active)
    ask (self);
  else
    follow_image (self, nmd_scan_session_get_scan (self->scan));
}

static void
ask_if_active (NmdProposalSession *self)
{
  if (self->is_active)
    ask (self);
}

static void
on_runs (NmdProposalSession *self)
{
  if (self->is_active && nmd_runs_session_get_outline_run (self->runs) == NULL)
    ask (self);
}

gboolean
nmd_proposal_session_is_active (NmdProposalSession *self)
{
  g_return_val_if_fail (NMD_IS_PROPOSAL_SESSION (self), FALSE);
  return self->is_active;
}

const NmdScanProposal *
nmd_proposal_session_get_answer (NmdProposalSession *self)
{
  g_return_val_if_fail (NMD_IS_PROPOSAL_SESSION (self), NULL);
  return self->answer;
}

char *
nmd_proposal_session_get_text (NmdProposalSession *self)
{
  g_return_val_if_fail (NMD_IS_PROPOSAL_SESSION (self), NULL);

  if (self->problem != NULL)
    return g_strdup (self->problem);
  if (self->answer != NULL)
    return nmd_scan_proposal_to_text (self->answer);
  if (self->job != NULL)
    return g_strdup (_ ("Finding the outline…"));
  return g_strdup (nmd_runs_session_get_outline_model (self->runs) == NULL
                       ? _ ("The run's weights are being read, or it has none yet")
                       : "");
}

const NmdPrompts *
nmd_proposal_session_get_prompts (NmdProposalSession *self)
{
  g_return_val_if_fail (NMD_IS_PROPOSAL_SESSION (self), NULL);
  return &self->prompts;
}

void
nmd_proposal_session_show_box (
    NmdProposalSession *self, double x0, double y0, double x1, double y1)
{
  g_return_if_fail (NMD_IS_PROPOSAL_SESSION (self));

  follow_image (self, nmd_scan_session_get_scan (self->scan));
  self->prompts.has_box = TRUE;
  self->prompts.x0 = MIN (x0, x1);
  self->prompts.y0 = MIN (y0, y1);
  self->prompts.x1 = MAX (x0, x1);
  self->prompts.y1 = MAX (y0, y1);
  ask (self);
}

void
nmd_proposal_session_show_click (NmdProposalSession *self,
                                 double x,
                                 double y,
                                 gboolean belongs)
{
  g_return_if_fail (NMD_IS_PROPOSAL_SESSION (self));

  follow_image (self, nmd_scan_session_get_scan (self->scan));
  if (self->prompts.n_clicks == NMD_PROMPTS_MAX_CLICKS)
    return;
  guint i = self->prompts.n_clicks++;
  self->prompts.clicks[i].x = x;
  self->prompts.clicks[i].y = y;
  self->prompts.clicks[i].is_positive = belongs;
  ask (self);
}

void
nmd_proposal_session_take_back (NmdProposalSession *self)
{
  g_return_if_fail (NMD_IS_PROPOSAL_SESSION (self));

  if (!has_prompts (self))
    return;
  if (self->prompts.n_clicks > 0)
    self->prompts.n_clicks--;
  else
    self->prompts.has_box = FALSE;
  ask (self);
}

gboolean
nmd_proposal_session_use (NmdProposalSession *self)
{
  g_return_val_if_fail (NMD_IS_PROPOSAL_SESSION (self), FALSE);

  NmdScan *scan = nmd_scan_session_get_scan (self->scan);
  if (self->answer == NULL || self->answer->proposal.mask == NULL || scan == NULL
      || scan->image != self->answer->scan->image)
    return FALSE;
  g_autoptr (NmdImage) mask = nmd_image_ref (self->answer->proposal.mask);
  nmd_scan_session_set_mask (self->scan, mask);
  return TRUE;
}

/* Object */

static void
nmd_proposal_session_get_property (GObject *object,
                                   guint id,
                                   GValue *value,
                                   GParamSpec *pspec)
{
  if (id == PROP_ACTIVE)
    g_value_set_boolean (value, NMD_PROPOSAL_SESSION (object)->is_active);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_proposal_session_set_property (GObject *object,
                                   guint id,
                                   const GValue *value,
                                   GParamSpec *pspec)
{
  NmdProposalSession *self = NMD_PROPOSAL_SESSION (object);

  if (id != PROP_ACTIVE)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  if (self->is_active == g_value_get_boolean (value))
    return;
  self->is_active = g_value_get_boolean (value);
  g_object_notify_by_pspec (object, pspec);
  ask (self);
}

static void
nmd_proposal_session_finalize (GObject *object)
{
  NmdProposalSession *self = NMD_PROPOSAL_SESSION (object);

  g_clear_object (&self->notices);
  g_clear_object (&self->scan);
  g_clear_object (&self->runs);
  g_clear_object (&self->devices);
  g_clear_object (&self->training);
  g_clear_object (&self->explanation);
  g_clear_object (&self->job);
  g_clear_pointer (&self->answer, nmd_scan_proposal_free);
  g_free (self->problem);
  g_clear_pointer (&self->image, nmd_image_unref);
  G_OBJECT_CLASS (nmd_proposal_session_parent_class)->finalize (object);
}

static void
nmd_proposal_session_class_init (NmdProposalSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = nmd_proposal_session_get_property;
  object_class->set_property = nmd_proposal_session_set_property;
  object_class->finalize = nmd_proposal_session_finalize;
  properties[PROP_ACTIVE] = g_param_spec_boolean (
      "active", NULL, NULL, FALSE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  changed = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
nmd_proposal_session_init (NmdProposalSession *self)
{
}

NmdProposalSession *
nmd_proposal_session_new (NmdNotices *notices,
                          NmdScanSession *scan,
                          NmdRunsSession *runs,
                          NmdDeviceSession *devices,
                          NmdTrainingSession *training,
                          NmdExplanationSession *explanation)
{
  g_return_val_if_fail (NMD_IS_NOTICES (notices) && NMD_IS_SCAN_SESSION (scan), NULL);
  g_return_val_if_fail (NMD_IS_RUNS_SESSION (runs) && NMD_IS_DEVICE_SESSION (devices),
                        NULL);
  g_return_val_if_fail (NMD_IS_TRAINING_SESSION (training), NULL);
  g_return_val_if_fail (NMD_IS_EXPLANATION_SESSION (explanation), NULL);

  NmdProposalSession *self = g_object_new (NMD_TYPE_PROPOSAL_SESSION, NULL);
  self->notices = g_object_ref (notices);
  self->scan = g_object_ref (scan);
  self->runs = g_object_ref (runs);
  self->devices = g_object_ref (devices);
  self->training = g_object_ref (training);
  self->explanation = g_object_ref (explanation);
  g_signal_connect_object (scan, "notify::scan", G_CALLBACK (on_scan), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (runs, "notify::has-outline-model", G_CALLBACK (ask_if_active),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (explanation, "stated-changed", G_CALLBACK (ask_if_active),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (nmd_runs_session_get_runs (runs), "items-changed",
                           G_CALLBACK (on_runs), self, G_CONNECT_SWAPPED);
  return self;
}
