import type { Diagnostic } from '../../model/diagnostics.ts';
import { mentions, NOT_READ } from './annotations.ts';
import type { AuditedProblem, Status } from './report.ts';

/** What ingress-nginx makes no better: it answers 503, too, or takes it as we do. */
const SAME: ReadonlySet<string> = new Set([
  'AnnotationIgnored',
  'CertificateExpired',
  'DefaultBackendConflict',
  'InvalidEndpoint',
  'PathTypeMissing',
  'ResourceBackend',
  'ServiceMissing',
  'ServicePortMissing',
  'TargetPortUsed',
]);

/** ingress-nginx presents its own certificate in these cases. */
const CERTIFICATES: ReadonlySet<string> = new Set([
  'CertificateHostMismatch',
  'InvalidCertificate',
  'SecretMissing',
  'TlsWithoutCertificate',
]);

/** What is wrong with an Ingress outside of its annotations; conflicts of paths are quirks. */
export function judgeProblems(
  diagnostics: readonly Diagnostic[],
  unread: readonly string[],
): readonly AuditedProblem[] {
  return diagnostics
    .filter(({ field, code }) => !field.startsWith('metadata.annotations[') && code !== 'PathConflict')
    .map((diagnostic) => {
      const { code, field, message } = diagnostic;
      const status = statusOf(diagnostic, unread);
      return { code, field, status, note: status === 'unread' ? NOT_READ : message };
    });
}

function statusOf({ code, severity, message }: Diagnostic, unread: readonly string[]): Status {
  if (unread.some((key) => mentions(message, key))) return 'unread';
  if (code === 'RouteClosed') return 'closed';
  if (SAME.has(code)) return 'same';
  if (CERTIFICATES.has(code)) return 'differs';
  return severity === 'error' ? 'lost' : 'differs';
}
