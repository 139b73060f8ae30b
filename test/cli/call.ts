import { checkCommand } from '../../src/cli/check.ts';
import { annotationsCommand } from '../../src/cli/annotations.ts';
import { auditCommand } from '../../src/cli/audit/audit.ts';
import { packCommand } from '../../src/cli/packs/pack.ts';
import { runProgram } from '../../src/cli/program.ts';
import { renderCommand } from '../../src/cli/render.ts';
import { snapshotCommand } from '../../src/cli/snapshot.ts';

export interface Called {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process; not `run`, which does not end. */
export async function call(...argv: readonly string[]): Promise<Called> {
  let [stdout, stderr] = ['', ''];
  const surroundings = {
    environment: {},
    stdout: (text: string) => (stdout += text),
    stderr: (text: string) => (stderr += text),
    signal: new AbortController().signal,
  };
  const run = () => Promise.reject(new Error('not here'));
  const commands = {
    render: renderCommand,
    check: checkCommand,
    run,
    snapshot: snapshotCommand,
    pack: packCommand,
    annotations: annotationsCommand,
    audit: auditCommand,
  };
  const code = await runProgram(argv, commands, surroundings, '0');
  return { code, stdout, stderr };
}
