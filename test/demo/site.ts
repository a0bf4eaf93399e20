import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync, crc32 } from 'node:zlib';

/** What every demo server shows: a small web site, a nested tree, a dotfile, an image and, where the system may, a symbolic link. */
const files: Readonly<Record<string, string | (() => Buffer)>> = {
  'index.html': `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>The harbour</title>
    <link rel="stylesheet" href="css/style.css">
    <script src="js/main.js" defer></script>
  </head>
  <body>
    <h1>The harbour</h1>
    <img src="images/harbour.png" alt="The sea at dusk" width="320" height="160">
    <p>Next ferry: <span id="next">…</span></p>
  </body>
</html>
`,
  'css/style.css': `body {
  font-family: system-ui, sans-serif;
  max-width: 40rem;
  margin: 2rem auto;
  color: #0b3a53;
}
`,
  'js/main.js': `const timetable = ['07:10', '09:40', '12:10', '14:40', '17:10'];

function nextFerry(now) {
  const time = now.toTimeString().slice(0, 5);
  return timetable.find((departure) => departure > time) ?? timetable[0];
}

document.getElementById('next').textContent = nextFerry(new Date());
`,
  'images/harbour.png': dusk,
  'articles/2026/spring/first-crossing.md': '# First crossing\n\nThe ice is gone; the first ferry leaves on Monday.\n',
  'articles/2026/spring/prices.md': '# Prices\n\n| | one way | return |\n|---|---|---|\n| on foot | 4 | 7 |\n| bicycle | 6 | 10 |\n',
  'articles/2026/summer/night-boat.md': '# Night boat\n\nFrom June on there is a boat at 23:00.\n',
  'articles/drafts/café.md': '# Café at the pier\n\nNames need not be plain ASCII.\n',
  '.htaccess': 'Options -Indexes\nErrorDocument 404 /index.html\n',
  'README.md': '# The harbour\n\nA small site on a demo server of Ferry. Change what you like.\n',
};

/** Fills `folder`, which is made if it is missing. Dates are in the past, as on a server that has run for a while. */
export async function seedSite(folder: string): Promise<void> {
  const written = new Date(Date.now() - 30 * 24 * 3_600_000);
  for (const [path, content] of Object.entries(files)) {
    const local = join(folder, ...path.split('/'));
    await mkdir(dirname(local), { recursive: true });
    await writeFile(local, typeof content === 'string' ? content : content());
    await utimes(local, written, written);
  }
  /* Windows lets only some people make one. */
  await symlink(join('articles', '2026'), join(folder, 'latest'), 'dir').catch(() => {});
}

/** A PNG of 320 by 160 pixels: sky, sun and sea. */
function dusk(): Buffer {
  const [width, height] = [320, 160];
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(colour(x / width, y / height), y * (width * 3 + 1) + 1 + x * 3);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function colour(x: number, y: number): [number, number, number] {
  if (Math.hypot((x - 0.7) * 2, y - 0.45) < 0.12 && y < 0.6) return [255, 214, 120];
  if (y < 0.6) return [Math.round(60 + 280 * y), Math.round(70 + 120 * y), Math.round(130 - 20 * y)];
  const wave = Math.sin(x * 40 + y * 90) * 10;
  return [Math.round(20 + wave), Math.round(70 + wave), Math.round(100 + wave)];
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
