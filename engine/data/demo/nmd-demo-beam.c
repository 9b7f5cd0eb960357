/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner of the demo cohort. Random complex scatterers weighted with the phantom's
 * level, plus its coherent reflectors, are convolved with a separable Gaussian
 * point-spread function: short along the beam, wider across it, widening away from the
 * focus. Several looks (spatial compounding) are averaged in intensity, compressed
 * logarithmically and framed. The anatomy comes from nmd-demo-anatomy.c.
 *
 * Source of the model: Goodman, "Some fundamental properties of speckle", JOSA 66, 1976
 * (intensity of fully developed speckle); Trahey, Smith, von Ramm, IEEE Trans. UFFC 33,
 * 1986 (compounding).
 */
#include "engine/data/demo/nmd-demo-private.h"

#include <math.h>
#include <string.h>

#define REACH 20 /* largest radius of the lateral kernel, pixels */
#define AXIAL_REACH 6
#define LANES 32      /* divides DEMO_W */
#define GREY_MARK 204 /* ticks and letters, as on the real scanner */
#define GREY_SHADOW 34

/* Scanner A: the look of an Esaote MyLab Twice as in the published set (108 pixels a cm,
 * measured on its ticks; speckle width and spread measured on one image). B: another
 * maker's habits. */
static const DemoScanner scanners[] = {
  { 108.0, 0.85, 1.9, 0.46, 1.3, 3, 27.0, 43.0, 22.0, 1.05, 208.0 },
  { 96.0, 1.2, 2.6, 0.60, 1.8, 2, 15.0, 53.0, 16.0, 1.25, 200.0 },
};

const DemoScanner *
nmd_demo_scanner (char name)
{
  return &scanners[name == 'B' ? 1 : 0];
}

/* Point-spread function */

typedef struct
{
  int reach;
  float tap[2 * REACH + 1];
  float noise; /* 1/√Σtap²: brings white noise back to unit variance */
} Kernel;

static void
kernel_init (Kernel *self, double sigma, int limit)
{
  double sum = 0, square = 0;

  self->reach = CLAMP ((int)ceil (2.6 * sigma), 1, limit);
  for (int k = -self->reach; k <= self->reach; k++)
    {
      double w = exp (-0.5 * k * k / (sigma * sigma));

      self->tap[k + self->reach] = (float)w;
      sum += w;
    }
  for (int k = 0; k <= 2 * self->reach; k++)
    {
      self->tap[k] = (float)(self->tap[k] / sum);
      square += (double)self->tap[k] * self->tap[k];
    }
  self->noise = (float)(1.0 / sqrt (square));
}

/* @in has REACH more values on each side of its DEMO_W. Blocks of columns keep the sums
 * in registers. */
static void
lateral_filter (const Kernel *kernel, const float *in, float *out)
{
  for (int x0 = 0; x0 < DEMO_W; x0 += LANES)
    {
      float sum[LANES] = { 0 };

      for (int k = 0; k <= 2 * kernel->reach; k++)
        {
          const float *from = in + REACH + x0 + k - kernel->reach;
          float w = kernel->tap[k];

#pragma omp simd
          for (int i = 0; i < LANES; i++)
            sum[i] += w * from[i];
        }
      memcpy (out + x0, sum, sizeof sum);
    }
}

static void
axial_filter (const Kernel *kernel, const float *plane, int y, float scale, float *out)
{
  for (int x0 = 0; x0 < DEMO_W; x0 += LANES)
    {
      float sum[LANES] = { 0 };

      for (int k = -kernel->reach; k <= kernel->reach; k++)
        {
          const float *from = plane + (gsize)CLAMP (y + k, 0, DEMO_H - 1) * DEMO_W + x0;
          float w = kernel->tap[k + kernel->reach] * scale;

#pragma omp simd
          for (int i = 0; i < LANES; i++)
            sum[i] += w * from[i];
        }
      memcpy (out + x0, sum, sizeof sum);
    }
}

/* White noise of unit variance: 16 of the stream's bits a value are plenty, for the
 * filters make it Gaussian. */
static void
white_row (NmdRandom *stream, float *out)
{
  const float scale = (float)(sqrt (12.0) / 65536.0);

  for (int x = 0; x < DEMO_W + 2 * REACH; x += 4)
    {
      guint64 bits = nmd_random_bits (stream);

      for (int i = 0; i < 4; i++, bits >>= 16)
        out[x + i] = ((float)(bits & 0xFFFF) - 32767.5f) * scale;
    }
}

typedef struct
{
  const DemoPhantom *phantom;
  Kernel axial;
  Kernel lateral[DEMO_H];
  float *amplitude; /* DEMO_H × (DEMO_W + 2·REACH) */
  float *fixed[2];  /* filtered reflectors */
  float *plane;     /* noise after the lateral filter */
  float *intensity;
} Beam;

static void
beam_init (Beam *self, const DemoScanner *scanner, const DemoPhantom *phantom)
{
  const gsize wide = DEMO_W + 2 * REACH, n = (gsize)DEMO_W * DEMO_H;

  self->phantom = phantom;
  kernel_init (&self->axial, scanner->axial_sigma, AXIAL_REACH);
  for (int y = 0; y < DEMO_H; y++)
    {
      double away = fabs ((y - DEMO_Y0) / scanner->px_per_cm - scanner->focus_cm);

      kernel_init (&self->lateral[y],
                   scanner->lateral_sigma + scanner->lateral_spread * away, REACH);
    }
  self->amplitude = g_new (float, DEMO_H *wide);
  for (int y = 0; y < DEMO_H; y++)
    {
      float *row = self->amplitude + (gsize)y * wide;

      for (int x = 0; x < DEMO_W; x++)
        row[REACH + x] = demo_amplitude (phantom->level[(gsize)y * DEMO_W + x]);
      for (int x = 0; x < REACH; x++)
        {
          row[x] = row[REACH];
          row[REACH + DEMO_W + x] = row[REACH + DEMO_W - 1];
        }
    }
  self->fixed[0] = g_new0 (float, n);
  self->fixed[1] = g_new0 (float, n);
  self->plane = g_new0 (float, n);
  self->intensity = g_new0 (float, n);
}

static void
beam_clear (Beam *self)
{
  g_free (self->amplitude);
  g_free (self->fixed[0]);
  g_free (self->fixed[1]);
  g_free (self->plane);
  g_free (self->intensity);
}

/* Reflectors keep their phase from look to look, so they are filtered once. A horizontal
 * sheet of amplitude 1 comes out with its peak at 1. */
static void
beam_fix_reflectors (Beam *self, int part)
{
  const float *from = part == 0 ? self->phantom->re : self->phantom->im;
  const float peak = 1.0f / self->axial.tap[self->axial.reach];
  float row[DEMO_W + 2 * REACH];

  for (int y = 0; y < DEMO_H; y++)
    {
      memset (row, 0, sizeof row);
      memcpy (row + REACH, from + (gsize)y * DEMO_W, DEMO_W * sizeof (float));
      lateral_filter (&self->lateral[y], row, self->plane + (gsize)y * DEMO_W);
    }
  for (int y = 0; y < DEMO_H; y++)
    axial_filter (&self->axial, self->plane, y, peak,
                  self->fixed[part] + (gsize)y * DEMO_W);
}

static void
beam_add_look (Beam *self, NmdRandom *stream, int part)
{
  const gsize wide = DEMO_W + 2 * REACH;
  float row[DEMO_W + 2 * REACH];

  for (int y = 0; y < DEMO_H; y++)
    {
      const float *amplitude = self->amplitude + (gsize)y * wide;
      const float scale = self->lateral[y].noise * (float)G_SQRT2 * 0.5f;

      white_row (stream, row);
#pragma omp simd
      for (gsize x = 0; x < wide; x++)
        row[x] *= amplitude[x] * scale;
      lateral_filter (&self->lateral[y], row, self->plane + (gsize)y * DEMO_W);
    }
  for (int y = 0; y < DEMO_H; y++)
    {
      const float *fixed = self->fixed[part] + (gsize)y * DEMO_W;
      float *intensity = self->intensity + (gsize)y * DEMO_W;

      axial_filter (&self->axial, self->plane, y, self->axial.noise, row);
#pragma omp simd
      for (int x = 0; x < DEMO_W; x++)
        {
          float value = row[x] + fixed[x];

          intensity[x] += value * value;
        }
    }
}

/* Compression */

/* What the scanner shows for a level: straight in the middle (a logarithmic scale),
 * flattening into the noise floor below and into saturation above. */
static double
compress (const DemoScanner *scanner, double level)
{
  double t = (level - scanner->centre) / scanner->bend, room = 255 - scanner->knee;
  double out
      = scanner->floor + scanner->slope * scanner->bend * (t > 30 ? t : log1p (exp (t)));

  if (out > scanner->knee)
    out = scanner->knee + room * (1 - exp ((scanner->knee - out) / room));
  return out;
}

#define CURVE_LOW -100
#define CURVE_HIGH 400
#define CURVE_STEPS 4 /* a level */

typedef struct
{
  float shown[(CURVE_HIGH - CURVE_LOW) * CURVE_STEPS + 2];
} Curve;

static void
curve_init (Curve *self, const DemoScanner *scanner)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->shown); i++)
    self->shown[i] = (float)compress (scanner, CURVE_LOW + (double)i / CURVE_STEPS);
}

static inline float
curve_show (const Curve *self, float level)
{
  float at = (CLAMP (level, CURVE_LOW, CURVE_HIGH) - CURVE_LOW) * CURVE_STEPS;
  int i = (int)at;

  return self->shown[i] + (self->shown[i + 1] - self->shown[i]) * (at - (float)i);
}

/* The level to add to the muscle so that scanner A shows the planned echo intensity in
 * the mask. */
static float
solve_echo_intensity (const float *level, const DemoPhantom *phantom, double target)
{
  g_autofree Curve *curve = g_new (Curve, 1);
  double shift = 0;

  curve_init (curve, &scanners[0]);
  for (int round = 0; round < 12; round++)
    {
      double sum = 0;
      gsize n = 0;

      for (gsize i = 0; i < (gsize)DEMO_W * DEMO_H; i++)
        if (phantom->mask->pixels[i] != 0)
          {
            sum += curve_show (curve, level[i] + (float)shift * phantom->belly[i]);
            n++;
          }
      if (n == 0 || fabs (sum / (double)n - target) < 0.05)
        break;
      shift
          += (target - sum / (double)n) * 1.25; /* the curve's mean slope is about 0.8 */
    }
  return (float)shift;
}

/* Words and frame */

/* Capitals 8 × 11, strokes two pixels wide. */
static const char letters[] = "ABCDEGHILMNOPRSTY";
static const guint8 glyphs[][11] = {
  { 0x18, 0x18, 0x3C, 0x24, 0x66, 0x66, 0x66, 0x7E, 0xFF, 0xC3, 0xC3 }, /* A */
  { 0xFC, 0xFE, 0xC3, 0xC3, 0xC6, 0xFC, 0xC6, 0xC3, 0xC3, 0xFE, 0xFC }, /* B */
  { 0x1E, 0x7F, 0x61, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0x61, 0x7F, 0x1E }, /* C */
  { 0xFC, 0xFE, 0xC6, 0xC3, 0xC3, 0xC3, 0xC3, 0xC3, 0xC6, 0xFE, 0xFC }, /* D */
  { 0xFE, 0xFE, 0xC0, 0xC0, 0xC0, 0xFC, 0xFC, 0xC0, 0xC0, 0xFE, 0xFE }, /* E */
  { 0x1E, 0x7F, 0x61, 0xC0, 0xC0, 0xC7, 0xC7, 0xC3, 0x63, 0x7F, 0x1E }, /* G */
  { 0xC3, 0xC3, 0xC3, 0xC3, 0xC3, 0xFF, 0xFF, 0xC3, 0xC3, 0xC3, 0xC3 }, /* H */
  { 0x7E, 0x7E, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x7E, 0x7E }, /* I */
  { 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xC0, 0xFE, 0xFE }, /* L */
  { 0xC3, 0xC3, 0xE7, 0xE7, 0xFF, 0xDB, 0xDB, 0xC3, 0xC3, 0xC3, 0xC3 }, /* M */
  { 0xC3, 0xE3, 0xE3, 0xF3, 0xD3, 0xDB, 0xCB, 0xCF, 0xC7, 0xC7, 0xC3 }, /* N */
  { 0x3C, 0x7E, 0x66, 0xC3, 0xC3, 0xC3, 0xC3, 0xC3, 0x66, 0x7E, 0x3C }, /* O */
  { 0xFC, 0xFE, 0xC3, 0xC3, 0xC3, 0xFE, 0xFC, 0xC0, 0xC0, 0xC0, 0xC0 }, /* P */
  { 0xFC, 0xFE, 0xC3, 0xC3, 0xC6, 0xFC, 0xD8, 0xCC, 0xCE, 0xC7, 0xC3 }, /* R */
  { 0x3E, 0x7F, 0xE1, 0xC0, 0x78, 0x3E, 0x0F, 0x03, 0x87, 0xFE, 0x7C }, /* S */
  { 0xFF, 0xFF, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18 }, /* T */
  { 0xC3, 0xC3, 0x66, 0x66, 0x3C, 0x3C, 0x18, 0x18, 0x18, 0x18, 0x18 }, /* Y */
};

static void
write_word (NmdImage *image, const char *word, int left, int top, int offset, guint8 grey)
{
  for (; *word != '\0'; word++, left += 10)
    {
      const char *at = strchr (letters, *word);

      for (int y = 0; at != NULL && y < 11; y++)
        for (int x = 0; x < 8; x++)
          if (glyphs[at - letters][y] & (0x80 >> x))
            image->pixels[(top + offset + y) * DEMO_W + left + offset + x] = grey;
    }
}

static void
write_frame (NmdImage *image, const DemoScanner *scanner, const NmdDemoFacts *facts)
{
  static const char *const words[] = { "BICEPS BRAC", "GASTROC MED", "TIB ANT" };
  static const char notice[] = "SYNTHETIC";
  g_autofree char *word = NULL;
  int left = DEMO_X1 - 12 - 10 * (int)strlen (notice);
  double step = scanner->px_per_cm / 2.0;

  word = g_strconcat (words[facts->muscle], facts->is_right ? " RE" : " LI", NULL);
  for (int offset = 2; offset >= 0; offset -= 2)
    {
      guint8 grey = offset > 0 ? GREY_SHADOW : GREY_MARK;

      write_word (image, word, 44, 437, offset, grey);
      write_word (image, notice, left, 437, offset, grey);
    }
  for (int i = 0; 20 + step * i < DEMO_W - 2; i++)
    {
      int x = (int)(20 + step * i), height = i % 2 == 0 ? 6 : 3;

      for (int y = DEMO_H - height; y < DEMO_H; y++)
        image->pixels[y * DEMO_W + x] = image->pixels[y * DEMO_W + x + 1] = GREY_MARK;
    }
}

/* The picture */

/* The video filter after detection, (1 6 1)/8 both ways: it fills the black gaps of
 * speckle, as persistence and scan conversion do on a real machine. */
static void
beam_smooth (Beam *self)
{
  float *out = self->plane;

  for (int y = 0; y < DEMO_H; y++)
    {
      const float *at = self->intensity + (gsize)y * DEMO_W;
      const float *up = y > 0 ? at - DEMO_W : at,
                  *down = y < DEMO_H - 1 ? at + DEMO_W : at;
      float row[DEMO_W];

#pragma omp simd
      for (int x = 0; x < DEMO_W; x++)
        row[x] = 0.125f * (up[x] + down[x]) + 0.75f * at[x];
#pragma omp simd
      for (int x = 1; x < DEMO_W - 1; x++)
        out[x] = 0.125f * (row[x - 1] + row[x + 1]) + 0.75f * row[x];
      out[0] = row[0];
      out[DEMO_W - 1] = row[DEMO_W - 1];
      out += DEMO_W;
    }
}

static void
beam_compute (Beam *beam,
              const NmdDemoSettings *settings,
              const NmdDemoFacts *facts,
              int looks)
{
  for (int part = 0; part < 2; part++)
    beam_fix_reflectors (beam, part);
  for (int look = 0; look < looks; look++)
    for (int part = 0; part < 2; part++)
      {
        g_autofree char *what = g_strdup_printf ("speckle %d %d", look, part);
        NmdRandom stream;

        nmd_demo_stream (&stream, settings->seed, facts, TRUE, what);
        beam_add_look (beam, &stream, part);
      }
  beam_smooth (beam);
  for (gsize i = 0; i < (gsize)DEMO_W * DEMO_H; i++)
    {
      const float scale = (float)(10.0 / G_LN10 * DEMO_GREY_PER_DB);

      beam->intensity[i] = scale * logf (beam->plane[i] / (float)looks + 1e-3f);
    }
}

NmdImage *
nmd_demo_expose (const NmdDemoSettings *settings,
                 const NmdDemoFacts *facts,
                 const DemoPhantom *phantom)
{
  const DemoScanner *scanner = nmd_demo_scanner (settings->scanner);
  NmdImage *image = nmd_image_new (DEMO_W, DEMO_H);
  g_autofree Beam *beam = g_new0 (Beam, 1);
  g_autofree Curve *curve = g_new (Curve, 1);
  float shift;

  curve_init (curve, scanner);
  beam_init (beam, scanner, phantom);
  beam_compute (beam, settings, facts, scanner->looks);
  shift = solve_echo_intensity (beam->intensity, phantom, facts->echo_intensity);
  for (int y = DEMO_Y0; y < DEMO_Y1; y++)
    for (int x = DEMO_X0; x < DEMO_X1; x++)
      {
        gsize i = (gsize)y * DEMO_W + x;
        float level = beam->intensity[i] + shift * phantom->belly[i];

        image->pixels[i] = (guint8)(curve_show (curve, level) + 0.5f);
      }
  write_frame (image, scanner, facts);
  image->is_synthetic = TRUE;
  beam_clear (beam);
  return image;
}
