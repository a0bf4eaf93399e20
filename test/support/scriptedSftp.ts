import { Duplex } from 'node:stream';
import { encodePacket, PacketReader, PacketSplitter, type Field } from '../../src/transport/sftp/packets.ts';
import { packetType, statusCode } from '../../src/transport/sftp/protocol.ts';

export interface ScriptedRequest {
  readonly type: number;
  readonly id: number;
  readonly reader: PacketReader;
}

/** The client's end of a channel whose server says what a test wants: answers what opens a session itself, hands over the rest. */
export class ScriptedSftp extends Duplex {
  readonly requests: ScriptedRequest[] = [];
  onRequest: (request: ScriptedRequest) => void = () => {};
  /** What REALPATH of `.` gives. */
  home = Buffer.from('/home/me');
  /** Takes no more bytes. */
  stalled = false;
  readonly #splitter = new PacketSplitter();
  readonly #extensions: readonly string[];
  /** REALPATH and the three questions for abilities. */
  #opening = 4;

  constructor(extensions: readonly string[] = []) {
    super();
    this.#extensions = extensions;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    if (this.stalled) return;
    callback();
    this.#splitter.push(chunk, (packet) => {
      const reader = new PacketReader(Buffer.from(packet));
      this.#take(reader.byte(), reader);
    });
  }

  reply(type: number, id: number, ...fields: Field[]): void {
    this.push(encodePacket(type, id, fields));
  }

  status(id: number, status: number, text = ''): void {
    this.reply(packetType.STATUS, id, status, Buffer.from(text), Buffer.from(''));
  }

  /** The requests of this type so far. */
  of(type: number): ScriptedRequest[] {
    return this.requests.filter((request) => request.type === type);
  }

  #take(type: number, reader: PacketReader): void {
    if (type === packetType.INIT) {
      this.push(
        encodePacket(packetType.VERSION, undefined, [3, ...this.#extensions.flatMap((name) => [Buffer.from(name), Buffer.from('1')])]),
      );
      return;
    }
    const request = { type, id: reader.uint32(), reader };
    if (this.#opening > 0) this.#answerOpening(request);
    else {
      this.requests.push(request);
      this.onRequest(request);
    }
  }

  #answerOpening({ type, id }: ScriptedRequest): void {
    this.#opening--;
    if (type === packetType.REALPATH) this.reply(packetType.NAME, id, 1, this.home, Buffer.from(''), 0);
    else this.status(id, statusCode.NO_SUCH_FILE);
  }
}
