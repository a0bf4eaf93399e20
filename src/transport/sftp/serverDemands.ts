import { t } from '../../core/l10n.ts';
import type { Ssh2Protocol } from './ssh2Protocol.ts';

/** A server asks for an answer when it looks whether we live; so many in a row that it takes no answer to are an attack on our memory. */
const mostUnanswered = 10_000;
/** Bytes; every server takes 32 KB in a packet (RFC 4254 §5.1). One that takes none would have `ssh2` send empty packets for ever. */
export const leastPacket = 1024;

/**
 * Refuses what a server may ask of a client on its own (RFC 4254 §4), and calls `fail`, with words for the person, where it asks on and
 * on without taking the answers, or takes no content. `untaken` tells the bytes that wait to be sent.
 */
export function boundDemands({ _handlers: handlers }: Ssh2Protocol, untaken: () => number, fail: (message: string) => void): void {
  let unanswered = 0;
  const bounded = (): boolean => {
    unanswered = untaken() === 0 ? 0 : unanswered + 1;
    if (unanswered > mostUnanswered) fail(t('The server asks on and on and takes no answer.'));
    return unanswered <= mostUnanswered;
  };
  /* ssh2 takes an offer of further host keys apart and ends the connection over a key that it can't read. None is wanted. */
  handlers['GLOBAL_REQUEST'] = (protocol, _name: string, wantsReply: boolean) => {
    if (wantsReply && bounded()) protocol.requestFailure();
  };
  const confirmed = handlers['CHANNEL_OPEN_CONFIRMATION'];
  handlers['CHANNEL_OPEN_CONFIRMATION'] = (protocol, confirmation: { readonly packetSize: number }) => {
    if (confirmation.packetSize < leastPacket) fail(t('The server takes no content.'));
    else confirmed?.(protocol, confirmation as never);
  };
  for (const name of ['CHANNEL_OPEN', 'CHANNEL_REQUEST']) {
    const handle = handlers[name];
    handlers[name] = (protocol, ...values: never[]) => {
      if (bounded()) handle?.(protocol, ...values);
    };
  }
}
