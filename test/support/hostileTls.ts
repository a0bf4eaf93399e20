import { testCertificate, type Certificate } from '../servers/certificates.ts';
import type { HostileScript } from '../servers/hostileFtp.ts';
import { requireServer } from '../servers/server.ts';
import type { Entering } from './hostile.ts';

/** TLS with a certificate that nobody vouches for. */
export const selfSigned = (): NonNullable<HostileScript['tls']> => ({ certificate: testCertificate('selfSigned') });

/** A careful person who accepts `certificate` and no other. */
export const admitting = (certificate: Certificate = testCertificate('selfSigned')): Entering => ({
  script: { admit: certificate.fingerprint },
});

const kinds = ['selfSigned', 'anotherSelfSigned', 'expired', 'wrongName', 'signed'] as const;
/** A suite that has its certificates: making one would stop the clock that servers and client share. */
export function describeWithCertificates(title: string, tests: () => void): void {
  describe(title, () => {
    before(async function () {
      await requireServer(this, () => Promise.resolve(kinds.map(testCertificate)));
    });
    tests();
  });
}
