#!/usr/bin/env -S node --max-semi-space-size=4 --heap-growing-percent=50 --expose-gc
// A small young generation, and at most half as much garbage as is in use: with 5,000 Ingresses the first saves 100 MB, the
// second 150 MB of the peak, and no time is lost that could be measured. `gc` gives back what only the start needed.
import { checkCommand } from './check.ts';
import { runProgram } from './program.ts';
import { renderCommand } from './render.ts';
import { runCommand } from './run.ts';
import { readVersion } from './version.ts';

const controller = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    // The second time, whoever asks does not want to wait. Said here, because the first process of a container has no default.
    if (controller.signal.aborted) process.exit(1);
    controller.abort(name);
  });
}

process.exitCode = await runProgram(
  process.argv.slice(2),
  {
    render: renderCommand,
    check: checkCommand,
    run: runCommand,
    // Loaded when asked for: a sidecar needs none of it.
    snapshot: async (...given) => (await import('./snapshot.ts')).snapshotCommand(...given),
    annotations: async (...given) => (await import('./annotations.ts')).annotationsCommand(...given),
    audit: async (...given) => (await import('./audit/audit.ts')).auditCommand(...given),
    pack: async (...given) => (await import('./packs/pack.ts')).packCommand(...given),
  },
  {
    environment: process.env,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    signal: controller.signal,
  },
  readVersion(),
);
