import type { Service } from '../model/objects.ts';
import type { TranslateOptions } from '../model/options.ts';
import { quoteText } from '../model/diagnostics.ts';
import { lowerAscii, parseHost, type Parsed } from './grammar.ts';

/**
 * The name that an ExternalName Service stands for. Off by default: it lets whoever may write a Service reach whatever
 * the proxy reaches. Names of the proxy's own machine are always refused, as in ingress-nginx.
 */
export function parseExternalName(service: Service, options: TranslateOptions): Parsed {
  const { namespace, name } = service.metadata;
  const subject = `Service ${namespace}/${name} is of type ExternalName`;
  if (!options.allowExternalName) {
    return { ok: false, problem: `${subject}, which is off; --allow-external-name turns it on` };
  }
  if (!options.hasResolver) {
    return { ok: false, problem: `${subject} and no DNS server is known; name one with --resolver` };
  }
  const host = lowerAscii(service.externalName ?? '').replace(/\.$/, '');
  const parsed = parseHost(host);
  if (!parsed.ok || host.startsWith('*.') || host === 'localhost' || host.endsWith('.localhost')) {
    return { ok: false, problem: `${subject} with the unusable name ${quoteText(service.externalName ?? '')}` };
  }
  return parsed;
}
