/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Makes a program believe that its processor has AVX2 and nothing newer; for programs without a
 * switch of their own, such as ONNX Runtime. Linux on x86-64, where the processor can make CPUID
 * fault (arch_prctl(2), ARCH_SET_CPUID): each CPUID raises SIGSEGV, whose handler asks the processor
 * and clears AVX-512, AVX-VNNI, AMX and what came with them. Where that is impossible the program
 * is ended, so that no figure is taken for one of AVX2.
 *
 *     cc -O2 -shared -fPIC -o avx2-only.so avx2-only.c
 *     LD_PRELOAD=./avx2-only.so PROGRAM
 */

#define _GNU_SOURCE
#include <asm/prctl.h>
#include <cpuid.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* Leaf 7: features in EBX, ECX and EDX; its subleaf 1: features in EAX and EDX. */
static const unsigned hidden_ebx = 1u << 16 | 1u << 17 | 1u << 21 | 7u << 26 | 3u << 30;
static const unsigned hidden_ecx = 1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14;
static const unsigned hidden_edx = 3u << 2 | 1u << 8 | 7u << 22 | 1u << 25;

static void
let_cpuid_work (int works)
{
  if (syscall (SYS_arch_prctl, ARCH_SET_CPUID, (unsigned long)works) != 0)
    {
      fputs ("avx2-only: this processor cannot hide its instruction sets\n", stderr);
      _exit (1);
    }
}

static void
answer_cpuid (int number, siginfo_t *info, void *data)
{
  greg_t *registers = ((ucontext_t *)data)->uc_mcontext.gregs;
  const unsigned char *code = (const unsigned char *)registers[REG_RIP];
  unsigned leaf = (unsigned)registers[REG_RAX], subleaf = (unsigned)registers[REG_RCX];
  unsigned a, b, c, d;

  (void)info;
  if (code[0] != 0x0f || code[1] != 0xa2)
    {
      signal (number,
              SIG_DFL); /* a fault of the program's own happens again, and ends it */
      return;
    }
  let_cpuid_work (1);
  __cpuid_count (leaf, subleaf, a, b, c, d);
  let_cpuid_work (0);
  if (leaf == 7 && subleaf == 0)
    {
      b &= ~hidden_ebx;
      c &= ~hidden_ecx;
      d &= ~hidden_edx;
    }
  else if (leaf == 7)
    a = b = c = d = 0;
  registers[REG_RAX] = a;
  registers[REG_RBX] = b;
  registers[REG_RCX] = c;
  registers[REG_RDX] = d;
  registers[REG_RIP] += 2;
}

/* GCC's compiler proper (not its driver, which answers -march=native) installs a handler of its own
 * for faults; torch.compile runs it. */
static int
is_compiler (void)
{
  return strncmp (program_invocation_short_name, "cc1", 3) == 0;
}

__attribute__ ((constructor)) static void
hide_instruction_sets (void)
{
  struct sigaction action
      = { .sa_sigaction = answer_cpuid, .sa_flags = SA_SIGINFO | SA_NODEFER };

  if (is_compiler ())
    return;
  sigaction (SIGSEGV, &action, NULL);
  let_cpuid_work (0);
}
