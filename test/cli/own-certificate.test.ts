import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { makeOwnCertificate, ownCertificateFor } from '../../src/cli/own-certificate.ts';
import { parseCertificate } from '../../src/translate/certificates.ts';

const NOW = Date.UTC(2026, 10, 24, 18, 7, 9);

describe('the certificate that is made at a start', () => {
  it('is that of ingress-nginx: of the same names, for a year, and for a server only', async () => {
    const secret = await makeOwnCertificate(NOW);
    const pem = Buffer.from(secret.data['tls.crt'] ?? '', 'base64').toString();
    const key = createPrivateKey(Buffer.from(secret.data['tls.key'] ?? '', 'base64').toString());
    const certificate = new X509Certificate(pem);
    assert.equal(certificate.subject, 'O=Acme Co\nCN=Kubernetes Ingress Controller Fake Certificate');
    assert.equal(certificate.issuer, certificate.subject);
    assert.equal(certificate.subjectAltName, 'DNS:ingress.local');
    assert.equal(certificate.validFromDate.getTime(), NOW);
    assert.equal(certificate.validToDate.getTime(), NOW + 365 * 24 * 3600 * 1000);
    assert.equal(certificate.ca, false);
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.ok(certificate.verify(certificate.publicKey) && certificate.checkPrivateKey(key));
    assert.ok(parseCertificate(secret).ok);
  });

  it('is another one every time', async () => {
    const serials = await Promise.all([1, 2].map(async () => (await makeOwnCertificate(NOW)).data['tls.crt']));
    assert.notEqual(serials[0], serials[1]);
  });

  it('is made for --compat ingress-nginx only', async () => {
    assert.equal(await ownCertificateFor(undefined, NOW), undefined);
    assert.equal((await ownCertificateFor('ingress-nginx', NOW))?.kind, 'Secret');
  });
});
