/* SPDX-License-Identifier: Apache-2.0
 *
 * Reference values of echo intensity: what is expected of a healthy person of this age, sex, height and weight, and
 * how far a measured muscle is from it (z). Reference models are files of the user's; none is shipped, because they hold
 * for one device and its settings.
 *
 * For each muscle a linear model in x = (1, terms), of n healthy subjects with echo intensities y:
 *
 *     b = (XᵀX)⁻¹ Xᵀy    MSE = Σ(y − Xb)²/(n − p)    C = MSE (XᵀX)⁻¹
 *     expected = x·b     SD = √(MSE + xᵀCx)          z = (EI − expected)/SD
 *
 * SD is that of a new person's value, not of the mean. Terms are Age (years), Male (1 or 0), Length (body height in
 * cm), Weight (kg) and BMI (kg/m²), each also with ^2 and ^3.
 *
 * Source: the method of the muscle-ultrasound laboratory in Nijmegen as its published code has it (prediction interval
 * of an ordinary least-squares fit). There the echo intensity of a muscle is the mean over its images.
 *
 * A file is JSON: {"name", "device", "models": {MUSCLE: {"terms", "b", "mse", "dfe", "C", "n", "range": {"Age": [18,
 * 85]}}}}; name, device, n and range may be missing. Bounds: 512 muscles, 8 terms. Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

G_BEGIN_DECLS

#define NMD_REFERENCE_MAX_TERMS 8

typedef enum
{
  NMD_COVARIATE_AGE,
  NMD_COVARIATE_MALE,
  NMD_COVARIATE_LENGTH,
  NMD_COVARIATE_WEIGHT,
  NMD_COVARIATE_BMI,
  NMD_N_COVARIATES,
} NmdCovariate;

/* A person's covariates; NaN: not known. BMI follows from length and weight where it is NaN. */
typedef struct
{
  double value[NMD_N_COVARIATES];
} NmdPerson;

#define NMD_PERSON_UNKNOWN { { NAN, NAN, NAN, NAN, NAN } }

typedef struct
{
  NmdCovariate covariate;
  int power;               /* 1 to 3 */
} NmdReferenceTerm;

typedef struct
{
  char *muscle;
  guint n;                 /* healthy subjects; 0: not stated */
  guint dfe;               /* n − p; 0: not stated */
  guint n_terms;
  NmdReferenceTerm terms[NMD_REFERENCE_MAX_TERMS];
  double b[NMD_REFERENCE_MAX_TERMS + 1];
  double mse;
  double c[(NMD_REFERENCE_MAX_TERMS + 1) * (NMD_REFERENCE_MAX_TERMS + 1)]; /* p × p, by rows */
  double low[NMD_N_COVARIATES], high[NMD_N_COVARIATES]; /* NaN: not stated */
} NmdReferenceModel;

typedef struct
{
  char *name;
  char *device;            /* (nullable) */
  GPtrArray *models;       /* of NmdReferenceModel */
} NmdReference;

typedef struct
{
  double expected, sd, z;
  const NmdReferenceModel *model; /* borrowed from the reference */
} NmdZScore;

/* Without models; @device is nullable. */
NmdReference *nmd_reference_new      (const char          *name,
                                      const char          *device) G_GNUC_WARN_UNUSED_RESULT;
/* Errors: %NMD_ERROR_FORMAT naming file, member and what is wrong; those of nmd_json_load(). */
NmdReference *nmd_reference_load     (const char          *path,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes it whole or not at all (errors of nmd_file_write()). */
gboolean      nmd_reference_save     (const NmdReference  *self,
                                      const char          *path,
                                      GError             **error);
void          nmd_reference_free     (NmdReference        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdReference, nmd_reference_free)

/* The name of a covariate in files: "Age" … Static. */
const char   *nmd_covariate_get_name (NmdCovariate         covariate);

/* Reads "Age", "Age^2" …. Errors: %NMD_ERROR_FORMAT. */
gboolean      nmd_reference_parse_term (const char        *text,
                                        NmdReferenceTerm  *term,
                                        GError           **error);

/* The value of @term for @person; NaN where it is not known. */
double        nmd_reference_term_value (const NmdReferenceTerm *term,
                                        const NmdPerson   *person);

/**
 * nmd_reference_score:
 * @muscle: a name of the reference; letters' case, blanks and underscores do not count, and BB, TA and GM stand for
 *   biceps brachii, tibialis anterior and gastrocnemius medialis
 * @person: what is known of the person
 * @echo: measured echo intensity
 * @result: (out): expected value, SD and z
 * @error: return location for an error
 *
 * Errors: %NMD_ERROR_NO_FIT with the reason: the muscle has no model, a covariate is not known ("Weight is not
 *   stated"), or it lies outside the range of the healthy subjects ("Age 12 lies outside 18 to 85").
 *
 * Returns: %FALSE with @error set: there is no z
 */
gboolean      nmd_reference_score    (const NmdReference  *self,
                                      const char          *muscle,
                                      const NmdPerson     *person,
                                      double               echo,
                                      NmdZScore           *result,
                                      GError             **error);

/**
 * nmd_reference_fit:
 * @muscle: its name
 * @terms: @n_terms of them, at most %NMD_REFERENCE_MAX_TERMS
 * @persons: @n healthy persons, all covariates of the terms known
 * @echo: their echo intensities
 *
 * Ordinary least squares by Householder reflections.
 *
 * Errors: %NMD_ERROR_FORMAT naming the muscle: fewer than p + 2 persons, a covariate that is missing, or terms that
 *   these persons do not tell apart (all of one sex).
 *
 * Returns: (transfer full): the model, to be owned by a reference; %NULL with @error set
 */
NmdReferenceModel *nmd_reference_fit (const char          *muscle,
                                      const NmdReferenceTerm *terms,
                                      guint                n_terms,
                                      const NmdPerson     *persons,
                                      const double        *echo,
                                      guint                n,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
