import { quoteText } from '../../model/diagnostics.ts';
import type { AuditedIngress, AuditReport, KeyUse } from './report.ts';
import { VERDICTS } from './report.ts';

/** For a terminal: the keys that are used, every Ingress of which something is to be said, and the sum. */
export function toText(report: AuditReport): string {
  const { keys, ingresses, general, unread, ignored } = report;
  const spoken = ingresses.filter((ingress) => linesOf(ingress).length > 0);
  const sections = [
    section('Annotations in use', keys.length === 0 ? [] : keyTable(keys)),
    section('Ingresses, the worst first', spoken.flatMap(ingressLines)),
    section(
      'Besides Ingresses',
      general.map(({ severity, code, object, field, note }) => {
        const where = [object, field].filter((part) => part !== '').join(' ');
        return `${severity} ${code} ${where}${where === '' ? '' : ': '}${note}`;
      }),
    ),
    section(
      'Secrets that were not read: what is in them is not judged',
      unread.map((key) => `Secret ${key}`),
    ),
    section(
      'Ingresses of others',
      ignored.map(({ namespace, name, reason }) => `Ingress ${namespace}/${name}: ${reason}`),
    ),
  ];
  return `${[...sections.filter((text) => text !== ''), summaryLines(report)].join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}:\n${lines.map((line) => `  ${printable(line)}\n`).join('')}`;
}

function keyTable(keys: readonly KeyUse[]): readonly string[] {
  const width = Math.min(60, Math.max(...keys.map(({ key }) => key.length)));
  return keys.map(({ key, ingresses, status, since, note }) => {
    const gate = since === '' ? '' : ` [from ${since}]`;
    return `${key.padEnd(width)}  ${status.padEnd(8)}  ${String(ingresses).padStart(5)}  ${gate}${gate === '' ? '' : ' '}${note}`.trimEnd();
  });
}

function ingressLines(ingress: AuditedIngress): readonly string[] {
  const { namespace, name, verdict, hosts } = ingress;
  const on = hosts.length === 0 ? '' : ` (${hosts.slice(0, 4).join(', ')}${hosts.length > 4 ? ', …' : ''})`;
  return [`${verdict.toUpperCase()} ${namespace}/${name}${on}`, ...linesOf(ingress).map((line) => `  ${line}`)];
}

function linesOf({ annotations, problems, quirks }: AuditedIngress): readonly string[] {
  return [
    ...annotations
      .filter(({ status }) => status !== 'honoured')
      .map(({ status, key, since, note }) =>
        `${status.padEnd(8)} ${key}${since === '' ? '' : ` [from ${since}]`}: ${note}`.replace(/: $/, ''),
      ),
    ...problems.map(({ status, code, field, note }) => `${status.padEnd(8)} ${field} ${code}: ${note}`),
    ...quirks.map(({ id, status, note }) => `${(status === 'differs' ? status : 'quirk').padEnd(8)} ${id}: ${note}`),
  ];
}

function summaryLines({ proxy, summary, ignored }: AuditReport): string {
  const { ingresses, verdicts } = summary;
  const counts = VERDICTS.map((verdict) => `${verdicts[verdict]} ${verdict}`).join(', ');
  const others = ignored.length === 0 ? '' : `; ${ignored.length} of other classes`;
  return `${ingresses} ${ingresses === 1 ? 'Ingress' : 'Ingresses'} on ${proxy.name} ${proxy.version}: ${counts}${others}`;
}

const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** A line of a terminal stays one line, and does not paint: names of annotations in files may be anything. */
function printable(line: string): string {
  return HIDDEN.test(line) ? quoteText(line, 4000) : line;
}
