/* SPDX-License-Identifier: Apache-2.0
 *
 * Chooses the kernel table for the processor that runs. The tables themselves are
 * nmd-kernels.c, compiled once for each instruction set.
 */
#include "engine/backend/cpu/kernels/nmd-kernels.h"

extern const NmdKernels nmd_kernels_c;
#ifdef NMD_HAVE_X86_KERNELS
extern const NmdKernels nmd_kernels_avx2;
extern const NmdKernels nmd_kernels_avx512;
#endif
#ifdef NMD_HAVE_NEON_KERNELS
extern const NmdKernels nmd_kernels_neon;
#endif

const NmdKernels *
nmd_kernels_named (const char *name)
{
#ifdef NMD_HAVE_X86_KERNELS
  __builtin_cpu_init ();
  if (g_str_equal (name, "avx512"))
    return __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw")
                   && __builtin_cpu_supports ("avx512vl")
                   && __builtin_cpu_supports ("avx512dq")
               ? &nmd_kernels_avx512
               : NULL;
  if (g_str_equal (name, "avx2"))
    return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma")
               ? &nmd_kernels_avx2
               : NULL;
#endif
#ifdef NMD_HAVE_NEON_KERNELS
  if (g_str_equal (name, "neon")) /* every AArch64 processor has it */
    return &nmd_kernels_neon;
#endif
  return g_str_equal (name, "c") ? &nmd_kernels_c : NULL;
}

const NmdKernels *
nmd_kernels_get (void)
{
  static const char *const names[] = { "avx512", "avx2", "neon", "c" };
  static gsize chosen = 0;
  if (g_once_init_enter (&chosen))
    {
      const char *forced = g_getenv ("NMD_CPU_ISA");
      const NmdKernels *k = forced ? nmd_kernels_named (forced) : NULL;
      for (guint i = 0; !k && i < G_N_ELEMENTS (names); i++)
        k = nmd_kernels_named (names[i]);
      g_once_init_leave (&chosen, (gsize)k);
    }
  return (const NmdKernels *)chosen;
}
