import assert from 'node:assert/strict';
import { alternativeNames, distinguishedName } from '../../../../src/transport/ftp/certificate.ts';
import { certificateAuthorities, contextOptions, isPfx, serverName } from '../../../../src/transport/ftp/tlsSettings.ts';

const modern = { minTlsVersion: 'TLSv1.2', maxTlsVersion: undefined } as const;

describe('TLS settings of FTPS', () => {
  it('allows the versions of the host and no weak cipher', () => {
    assert.deepEqual(contextOptions(modern, undefined, ['CA']), { ca: ['CA'], minVersion: 'TLSv1.2' });
    assert.equal(contextOptions({ ...modern, maxTlsVersion: 'TLSv1.2' }, undefined, []).maxVersion, 'TLSv1.2');
  });

  it('lowers the security level only where old TLS is allowed', () => {
    assert.equal(contextOptions({ ...modern, minTlsVersion: 'TLSv1.1' }, undefined, []).ciphers, 'DEFAULT@SECLEVEL=0');
  });

  it('takes a client certificate as PEM, with the key in it or beside it, and as PFX', () => {
    const pem = Buffer.from('-----BEGIN CERTIFICATE-----');
    const key = Buffer.from('-----BEGIN PRIVATE KEY-----');
    const pfx = Buffer.from([0x30, 0x82]);
    assert.ok(isPfx(pfx) && !isPfx(pem));
    const both = contextOptions(modern, { certificate: pem, key: undefined, passphrase: undefined }, []);
    assert.deepEqual([both.cert, both.key, both.passphrase], [pem, pem, undefined]);
    const beside = contextOptions(modern, { certificate: pem, key, passphrase: 'secret' }, []);
    assert.deepEqual([beside.cert, beside.key, beside.passphrase], [pem, key, 'secret']);
    const bundle = contextOptions(modern, { certificate: pfx, key: undefined, passphrase: 'secret' }, []);
    assert.deepEqual([bundle.pfx, bundle.cert, bundle.passphrase], [pfx, undefined, 'secret']);
  });

  it('knows authorities, each once', () => {
    const authorities = certificateAuthorities();
    assert.ok(authorities.length > 50);
    assert.equal(new Set(authorities).size, authorities.length);
  });

  it('sends a server name only for DNS names', () => {
    assert.equal(serverName('ftp.example.org'), 'ftp.example.org');
    assert.equal(serverName('192.0.2.1'), '');
    assert.equal(serverName('::1'), '');
  });

  it('shows names of certificates', () => {
    assert.equal(distinguishedName({ C: 'DE', OU: ['a', 'b'], CN: 'ftp.example.org' }), 'C=DE, OU=a, OU=b, CN=ftp.example.org');
    assert.equal(distinguishedName(undefined), '');
    assert.deepEqual(alternativeNames('DNS:a.example, IP Address:192.0.2.1, DNS:"b, c"'), ['a.example', '192.0.2.1', '"b, c"']);
    assert.deepEqual(alternativeNames(undefined), []);
    const started = performance.now();
    alternativeNames('"\\'.repeat(100_000));
    assert.ok(performance.now() - started < 5000, 'a certificate stops everything');
  });
});
