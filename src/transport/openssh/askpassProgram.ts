/* The program that `ssh` runs for its questions (SSH_ASKPASS): a file of its own in the package. It knows nothing but how to pass them on. */
import { connect } from 'node:net';

const { FERRY_ASKPASS_PLACE: place = '', FERRY_ASKPASS_TOKEN: token = '', SSH_ASKPASS_PROMPT: hint = '' } = process.env;

const socket = connect(place);
let answer = '';
socket
  .setEncoding('utf8')
  .on('data', (chunk: string) => (answer += chunk))
  .on('error', () => process.exit(1))
  .on('end', () => {
    if (answer === '') process.exit(1);
    const { text } = JSON.parse(answer) as { text: string };
    // `ssh` takes the first line.
    process.stdout.write(`${text}\n`, () => process.exit(0));
  });
socket.write(`${JSON.stringify({ token, prompt: process.argv.at(-1) ?? '', hint, parent: process.ppid })}\n`);
