// @ts-check
// Serves the bench page on this machine only: several folders under one roof, isolated from other origins, so that
// the browser's clock is fine-grained and TensorFlow.js may use threads.
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {extname, join, normalize, sep} from 'node:path';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm',
};

/**
 * @param {Record<string, string>} folders '/prefix/' -> folder; the longest prefix wins
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export function serveFolders(folders) {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = createServer(async (request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader('Cache-Control', 'no-store');
    try {
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
      const prefix = prefixes.find(p => path.startsWith(p)) ?? '/';
      const file = normalize(join(folders[prefix], path.slice(prefix.length) || 'bench.html'));
      if (!file.startsWith(normalize(folders[prefix] + sep))) return void response.writeHead(403).end();
      const body = await readFile(file);
      response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
      response.writeHead(200).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const {port} = /** @type {import('node:net').AddressInfo} */ (server.address());
      done({
        url: `http://localhost:${port}/`,
        close: () => new Promise(closed => {
          server.close(() => closed());
          server.closeAllConnections();
        }),
      });
    });
  });
}
