import { quoteText } from '../../model/diagnostics.ts';
import { isRecord } from '../../model/record.ts';

/*
 * Errors of the official client hold what it has read: the lines of a kubeconfig around a fault, all that a plugin for
 * credentials said. Of these only what cannot be a secret is told, and the originals are not kept as a cause.
 */

/** Why a kubeconfig cannot be read. */
export function kubeconfigFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name !== 'YAMLException') return error.message;
  const mark = 'mark' in error && isRecord(error.mark) ? error.mark['line'] : undefined;
  return typeof mark === 'number' ? `line ${mark + 1} is not valid YAML` : 'it is not valid YAML';
}

/** Of a user in a kubeconfig. */
interface Credentials {
  readonly name: string;
  readonly exec?: unknown;
}

/** Why a user's credentials cannot be had. */
export function credentialFailure(user: Credentials | null, error: unknown): Error {
  const isOfSystem = error instanceof Error && 'syscall' in error;
  const exec = user?.exec;
  const command = isRecord(exec) ? exec['command'] : undefined;
  if (typeof command === 'string') {
    const how = isOfSystem ? `cannot be run (${error.message})` : 'failed; run it by hand to see why';
    return new Error(`the plugin for credentials ${quoteText(command)} ${how}`);
  }
  const reason = isOfSystem ? error.message : 'the kubeconfig says how, and it did not work';
  return new Error(`there are no credentials for user ${quoteText(user?.name ?? '')}: ${reason}`);
}
