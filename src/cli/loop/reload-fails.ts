import { quoteText, type Diagnostic } from '../../model/diagnostics.ts';

/**
 * The proxy does not take over what its checker accepts, and nobody is to blame: a port that is taken, memory, a file that
 * workers cannot read. `what`: how that is known.
 */
export function reloadFails(complaint: string, what: string): Diagnostic {
  const said = `the proxy's checker accepts the configuration, but the proxy does not take it over: ${quoteText(complaint, 500)}`;
  const todo = 'look for a port that is taken, for memory, and for files that the proxy cannot read';
  const message = `${said}; ${what}, so that no Ingress is blamed; ${todo}; what it ran before stays in force, and it is tried again, with pauses of a minute at most`;
  return { severity: 'error', code: 'ConfigRefused', object: undefined, field: '', location: undefined, message };
}
