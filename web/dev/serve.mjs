// @ts-check
// Serves a folder on this machine only: node serve.mjs FOLDER [PORT]. Right MIME types, the page's security
// policy as a header (a <meta> does not reach workers), no caching beyond revalidation.
import {createHash} from 'node:crypto';
import {readFile, stat} from 'node:fs/promises';
import {createServer} from 'node:http';
import {extname, join, normalize, resolve, sep} from 'node:path';
import {pathToFileURL} from 'node:url';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.fasta': 'text/plain; charset=utf-8',
  '.fa': 'text/plain; charset=utf-8',
  '.tsv': 'text/tab-separated-values; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.otf': 'font/otf',
  '.ttf': 'font/ttf',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types ribostep',
].join('; ');

/**
 * @param {string} folder
 * @param {number} port 0: any free one
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export function serve(folder, port) {
  const root = resolve(folder);
  const server = createServer(async (request, response) => {
    response.setHeader('Content-Security-Policy', POLICY);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-cache');
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
      let file = normalize(join(root, path));
      if (file !== root && !file.startsWith(root + sep)) return void response.writeHead(403).end();
      if ((await stat(file)).isDirectory()) {
        if (!path.endsWith('/')) return void response.writeHead(301, {Location: path + '/'}).end();
        file = join(file, 'index.html');
      }
      const body = await readFile(file);
      const tag = '"' + createHash('sha256').update(body).digest('base64url').slice(0, 22) + '"';
      response.setHeader('ETag', tag);
      if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end();
      response.setHeader('Content-Type', TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream');
      response.setHeader('Content-Length', body.length);
      response.writeHead(200).end(request.method === 'HEAD' ? undefined : body);
    } catch {
      response.writeHead(404, {'Content-Type': 'text/plain; charset=utf-8'}).end('not found\n');
    }
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      const address = /** @type {import('node:net').AddressInfo} */ (server.address());
      done({
        url: `http://localhost:${address.port}/`,
        close: () => new Promise(closed => {
          server.close(() => closed());
          server.closeAllConnections?.();
        }),
      });
    });
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const [folder = 'dist', port = '8080'] = process.argv.slice(2);
  try {
    const {url} = await serve(folder, Number(port));
    console.log(`\nRibostep is at ${url}   (Ctrl+C stops the server)`);
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    console.error(code === 'EADDRINUSE' ? `Port ${port} is in use; try PORT=8081 ./build_wasm.sh` : String(error));
    process.exit(1);
  }
}
