import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { DataStream } from '../../../../src/transport/ftp/dataStream.ts';
import { endOrderly } from '../../../../src/transport/ftp/orderlyEnd.ts';
import { RecordTap } from '../../../../src/transport/ftp/recordTap.ts';
import { testCertificate } from '../../../servers/certificates.ts';
import { describeWithCertificates } from '../../../support/hostileTls.ts';

async function listening(accept: (socket: Socket) => void): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(accept).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/**
 * A server that gives its "go on" on another connection in the moment in which it gives its part of the handshake, so that the client reads both in
 * one turn of its event loop and `end` runs while the last word of its own part is being written. Whether TLS ended before TCP did.
 */
async function endsInOrder(end: (secure: tls.TLSSocket) => Promise<void> | void): Promise<boolean> {
  const { certificate, key } = testCertificate('selfSigned');
  const secureContext = tls.createSecureContext({ cert: readFileSync(certificate), key: readFileSync(key) });
  const control = Promise.withResolvers<Socket>();
  const outcome = Promise.withResolvers<boolean>();
  const controls = await listening((socket) => control.resolve(socket));
  const other = connect(controls.port, '127.0.0.1');
  const goOn = await control.promise;
  const datas = await listening((raw) => {
    const write = raw.write.bind(raw) as (...given: unknown[]) => boolean;
    raw.write = (...given: unknown[]) => {
      const flowing = write(...given);
      goOn.write('150 Go on\r\n');
      return flowing;
    };
    const tap = new RecordTap(raw);
    const secure = new tls.TLSSocket(tap, { isServer: true, secureContext });
    secure.on('error', outcome.reject).resume();
    secure.on('end', () => {
      outcome.resolve(tap.endsWithAlert);
      secure.end();
    });
  });
  const raw = connect(datas.port, '127.0.0.1');
  const secure = tls.connect({ socket: raw, rejectUnauthorized: false, host: 'localhost' });
  secure.resume();
  try {
    await Promise.all([once(secure, 'secureConnect'), once(other, 'data')]);
    await end(secure);
    const orderly = await outcome.promise;
    await once(secure, 'close');
    return orderly;
  } finally {
    for (const socket of [secure, other, goOn]) socket.destroy();
    for (const { server } of [controls, datas]) server.close();
  }
}

const ways: Readonly<Record<string, (secure: tls.TLSSocket) => Promise<void> | void>> = {
  'an empty upload': (secure) => new DataStream(secure, 10_000, new AbortController().signal).send(new Uint8Array(0), undefined),
  'an upload of one byte': (secure) => new DataStream(secure, 10_000, new AbortController().signal).send(Buffer.from('x'), undefined),
  'our end of a short download': (secure) => endOrderly(secure),
};

describeWithCertificates('the end of TLS on a data connection', () => {
  for (const [title, end] of Object.entries(ways)) {
    it(`${title}, right after the handshake: TLS ends before TCP does`, async () => assert.equal(await endsInOrder(end), true));
  }
});
