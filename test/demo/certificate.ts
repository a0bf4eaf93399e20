import { generate } from 'selfsigned';

/** PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** For localhost and the loopback addresses, signed by itself, good for a year. */
export async function makeCertificate(): Promise<Certificate> {
  const extensions = [
    { name: 'basicConstraints' as const, cA: false },
    {
      name: 'subjectAltName' as const,
      altNames: [
        { type: 2 as const, value: 'localhost' },
        { type: 7 as const, ip: '127.0.0.1' },
        { type: 7 as const, ip: '::1' },
      ],
    },
  ];
  const made = await generate([{ name: 'commonName', value: 'Ferry demo server' }], { algorithm: 'sha256', keySize: 2048, extensions });
  return { certificate: made.cert, key: made.private };
}
